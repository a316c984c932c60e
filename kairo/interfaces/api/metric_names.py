"""The metrics that /metrics answers with: names, what they mean, and the bounds of their buckets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

# What people and programs ask for and wait for; work that the clock brings round would water their figures down.
COMMANDS: Final = (
    "opportunities.generate",
    "insights.analyze",
    "content.make_package",
    "content.make_variants",
    "automated_gather_creation",
    "evaluate_department",
    "telegram.answer",
    "evidence.import",
    "evidence.capture",
)
OF_COMMANDS: Final = frozenset({"orchestrator_requests", "orchestrator_errors", "orchestrator_latency_seconds"})

PLATFORMS: Final = frozenset(
    {"instagram", "tiktok", "youtube", "reddit", "mastodon", "bluesky", "hackernews", "producthunt", "x", "rss", "web"}
)
OTHER: Final = "other"

COUNTERS: Final[Mapping[str, str]] = {
    "orchestrator_requests": "Commands asked for, by kind of job",
    "orchestrator_errors": "Commands that failed for good, by code",
    "orchestrator_fallback": "Model calls made because another model failed, by task and reason",
    "orchestrator_cache_requests": "Questions that a cache could have answered",
    "orchestrator_cache_hits": "Questions that a cache has answered",
    "kairo_llm_calls": "Attempts at a model, by outcome",
    "kairo_llm_tokens": "Tokens by model, task and direction",
    "kairo_llm_cost_cents": "Cents spent on model calls, by model and task",
    "kairo_llm_answers": "Answers of models whose form was checked",
    "kairo_llm_answers_valid": "Answers of models that had the asked form and passed the caller's check",
    "kairo_jobs_ended": "Jobs that have ended, by queue, kind and state",
    "kairo_job_attempts": "Attempts at jobs, by queue and kind",
    "kairo_job_stale_releases": "Jobs released because their worker was lost, by queue",
    "kairo_gate_failures": "Evidence gates that were not passed, by code",
    "kairo_capture_runs": "Captures and imports, by platform and kind of surface",
    "kairo_capture_items": "Items read by captures, by platform and kind of surface",
    "kairo_capture_new_items": "Items read for the first time, by platform and kind of surface",
    "kairo_capture_rejected_records": "Records that a capture refused, by platform and kind of surface",
    "kairo_capture_errors": "Captures that failed, by platform and kind of surface",
    "kairo_analyses": "Analyses by mode, state and code of the reason for no answer",
    "kairo_gathers": "Gathers of a brand's knowledge, by state",
    "kairo_gather_iterations": "Iterations of gathers, by who wrote the items",
    "kairo_gather_items": "Items of gathers by who wrote them: generated, created, and duplicates of others",
}
"""As Prometheus names them, without the _total that its text format adds."""

GAUGES: Final[Mapping[str, str]] = {
    "orchestrator_budget_used_cents": "Cents spent or set aside of the fullest current budget of a scope",
    "orchestrator_budget_limit_cents": "The cap of that budget in cents",
    "kairo_model_available": "1 unless a model's last three attempts within the hour came to nothing",
    "kairo_llm_schema_pass_ratio": "Share of a model's answers that had the asked form, over all time",
    "kairo_job_queue_depth": "Jobs that wait, by queue",
    "kairo_jobs_running": "Jobs that run, by queue",
    "kairo_job_oldest_age_seconds": "Seconds for which the oldest due job has waited, by queue",
    "kairo_gather_duplicate_ratio": "Share of generated items that said what another item says",
}
QUEUE_GAUGES: Final = ("kairo_job_queue_depth", "kairo_jobs_running", "kairo_job_oldest_age_seconds")

_COMMAND_SECONDS = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 12, 20, 30, 60, 120, 300)
_JOB_SECONDS = (0.05, 0.1, 0.5, 1, 5, 15, 60, 300, 900, 3600)
HISTOGRAMS: Final[Mapping[str, tuple[str, tuple[float, ...]]]] = {
    "orchestrator_latency_seconds": (
        "Seconds from asking to the end of a command; of its agents and nodes, how long they ran",
        _COMMAND_SECONDS,
    ),
    "kairo_llm_latency_seconds": (
        "Seconds of an attempt at a model, by model and task",
        (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30),
    ),
    "kairo_job_wait_seconds": ("Seconds that jobs waited for a worker, by queue", _JOB_SECONDS),
    "kairo_job_run_seconds": ("Seconds from the first start of jobs to their end, by queue", _JOB_SECONDS),
    "kairo_insights_per_response": ("Insights in an answer, by mode", (1, 2, 3, 4, 5, 6, 8, 10)),
    "kairo_gather_iterations_per_department": ("Iterations that departments took", (1, 2, 3, 5, 8, 13, 21, 50)),
    "kairo_gather_items_per_iteration": ("New items an iteration brought", (0, 1, 2, 3, 5, 8, 10)),
    "kairo_gather_quality_score": (
        "Quality of departments after each iteration",
        (10, 20, 30, 40, 50, 60, 70, 80, 90, 100),
    ),
    "kairo_gather_score_gain": ("Points that an iteration added to the quality", (0, 1, 2, 5, 10, 20, 40)),
    "kairo_gather_threshold_seconds": (
        "Seconds from a department's start until its quality reached the threshold",
        (1, 5, 15, 60, 120, 300, 600),
    ),
    "kairo_gather_step_seconds": (
        "Seconds of an iteration's steps: model, generate, deduplicate, score, brain, database",
        (0.01, 0.05, 0.1, 0.5, 1, 2.5, 5, 10, 30),
    ),
    "kairo_evidence_coverage": (
        "Share of an answer's insights whose every citation leads to stored evidence, by mode",
        (0.5, 0.8, 0.9, 0.95, 0.99, 1),
    ),
}
"""The bounds are those by which the database functions sort values into buckets."""
