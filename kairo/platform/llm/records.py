"""Writing down what was asked: a row and a run event for every attempt, and accepted answers word for word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from pydantic import JsonValue

from kairo.platform.database.sessions import current_tenant
from kairo.platform.database.sql import execute, first_row, rows
from kairo.platform.llm.contracts import MICRODOLLARS_PER_CENT, NOT_ASKED, Outcome, RecordedCall, Usage
from kairo.platform.llm.models import LlmAnswer, LlmCall
from kairo.platform.llm.rules import FAILURES_TO_REST
from kairo.platform.telemetry.contracts import EventType
from kairo.platform.telemetry.runs import record

_LONGEST_DETAIL = 300
_RECENT = """
SELECT outcome, extract(epoch FROM now() - at)::float8 FROM llm_call
WHERE tenant_id = %s AND model = %s AND NOT from_cache AND outcome <> ALL (%s) ORDER BY id DESC LIMIT %s
"""
_BEING_TRIED = """
SELECT EXISTS (SELECT FROM llm_reservation WHERE tenant_id = %s AND model = %s AND expires_at > now())
"""
_KEPT = """
SELECT model, reply FROM llm_answer
WHERE tenant_id = %s AND key = %s AND model = ANY (%s)
  AND made_at > now() - make_interval(secs => %s) AND expires_at > now()
ORDER BY id DESC LIMIT 1
"""
_KEEP = """
INSERT INTO llm_answer (id, tenant_id, run_id, key, task, prompt, model, inputs, reply, expires_at)
VALUES (%(id)s, %(tenant)s, %(run)s, %(key)s, %(task)s, %(prompt)s, %(model)s, %(inputs)s::jsonb, %(reply)s,
    now() + make_interval(days => %(days)s))
"""


@dataclass(frozen=True)
class AttemptRecord:
    """What one attempt came to."""

    run_id: UUID
    task: str
    model: str
    prompt: str
    attempt: int
    outcome: Outcome
    usage: Usage = field(default_factory=Usage)
    cost_microdollars: int = 0
    latency_ms: int = 0
    detail: str = ""
    fallback_reason: str = ""
    from_cache: bool = False
    budget_warning: str = ""


def write_down(attempt: AttemptRecord) -> None:
    """Store an attempt and add it to its run, in the caller's transaction."""
    LlmCall.objects.create(
        run_id=attempt.run_id,
        task=attempt.task,
        model=attempt.model,
        prompt=attempt.prompt,
        attempt=attempt.attempt,
        outcome=attempt.outcome,
        fallback_reason=attempt.fallback_reason,
        detail=attempt.detail[:_LONGEST_DETAIL],
        tokens_in=attempt.usage.tokens_in,
        tokens_out=attempt.usage.tokens_out,
        cost_microdollars=attempt.cost_microdollars,
        latency_ms=attempt.latency_ms,
        from_cache=attempt.from_cache,
    )
    record(attempt.run_id, kind=attempt.task, events=[(EventType.LLM_CALL, _event(attempt))])


def last_attempts(model: str) -> tuple[list[tuple[Outcome, float]], bool]:
    """Return how a model's last attempts ended and how many seconds ago, newest first, and whether one is under way."""
    tenant_id = current_tenant()
    found = rows(_RECENT, [tenant_id, model, sorted(NOT_ASKED), FAILURES_TO_REST])
    [is_being_tried] = first_row(_BEING_TRIED, [tenant_id, model]) or (False,)
    return [(Outcome(outcome), age_s) for outcome, age_s in found], bool(is_being_tried)


def kept_reply(key: str, *, models: Sequence[str], not_older_than_s: float) -> tuple[str, str] | None:
    """Return the model and the words of the newest answer of these models to the same question, if young enough."""
    found = first_row(_KEPT, [current_tenant(), key, list(models), not_older_than_s])
    return (str(found[0]), str(found[1])) if found else None


def keep(answer_id: UUID, run_id: UUID, call: RecordedCall, *, inputs_json: str, days: int) -> None:
    """Keep an accepted answer for so many days."""
    parameters = {
        "id": answer_id,
        "tenant": current_tenant(),
        "run": run_id,
        "key": call.key,
        "task": call.task,
        "prompt": call.prompt,
        "model": call.model,
        "inputs": inputs_json,
        "reply": call.reply,
        "days": days,
    }
    execute(_KEEP, parameters)


def recorded_calls(run_id: UUID) -> list[RecordedCall]:
    """List the answers that were kept of a run, in their order."""
    return [answer.to_recorded() for answer in LlmAnswer.objects.filter(run_id=run_id).order_by("id")]


def _event(attempt: AttemptRecord) -> dict[str, JsonValue]:
    event: dict[str, JsonValue] = {
        "task": attempt.task,
        "model": attempt.model,
        "prompt": attempt.prompt,
        "attempt": attempt.attempt,
        "outcome": attempt.outcome.value,
        "tokens_in": attempt.usage.tokens_in,
        "tokens_out": attempt.usage.tokens_out,
        "cost_cents": attempt.cost_microdollars / MICRODOLLARS_PER_CENT,
        "latency_ms": attempt.latency_ms,
        "cache": attempt.from_cache,
    }
    told = {"fallback_reason": attempt.fallback_reason, "budget_warning": attempt.budget_warning}
    return event | {name: text for name, text in told.items() if text}
