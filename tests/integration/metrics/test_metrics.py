"""GET /metrics: who is answered, in figures that follow from the rows of all accounts or of one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

import pytest
from django.test import Client
from django.utils import timezone
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families
from pytest_django import Settings

from kairo.interfaces.api.metric_names import COUNTERS, GAUGES, HISTOGRAMS
from kairo.platform.database.ids import new_id
from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.jobs.contracts import JobState
from kairo.platform.jobs.models import Job
from kairo.platform.jobs.operations import enqueue
from kairo.platform.llm.contracts import CapScope, Outcome, Usage
from kairo.platform.llm.models import LlmBudget
from kairo.platform.llm.records import AttemptRecord, write_down
from kairo.platform.telemetry.contracts import EventType
from kairo.platform.telemetry.runs import record
from kairo.platform.tenancy.contracts import Role
from kairo.stages.opportunities.contracts import GenerateBoard
from tests.factories.analyses import make_analysis
from tests.factories.board_jobs import regenerate_now
from tests.factories.boards import make_brand, make_item
from tests.integration.web.conftest import at_most, sign_in

TOKEN = "an-operators-token"
OPERATOR = {"X-Kairo-Internal-Token": TOKEN}


@pytest.fixture(autouse=True)
def _token_is_set(settings: Settings) -> None:
    settings.KAIRO_INTERNAL_ADMIN_TOKEN = TOKEN


def scraped(client: Client | None = None, **headers: str) -> dict[str, Metric]:
    answer = (client or Client()).get("/metrics", headers=headers or (OPERATOR if client is None else {}))
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/plain; version=")
    return {family.name: family for family in text_string_to_metric_families(answer.content.decode())}


def value(families: Mapping[str, Metric], name: str, /, **labels: str) -> float | None:
    """Return the one sample of this name that has these labels, among others."""
    found = [
        sample.value
        for family in families.values()
        for sample in family.samples
        if sample.name == name and labels.items() <= sample.labels.items()
    ]
    assert len(found) <= 1, found
    return found[0] if found else None


def call(tenant: UUID, outcome: Outcome = Outcome.OK, **changes: object) -> None:
    given: dict[str, object] = {
        "run_id": new_id(), "task": "sentiment", "model": "openai:small", "prompt": "sentiment@1", "attempt": 1,
        "outcome": outcome, "usage": Usage(tokens_in=100, tokens_out=20), "cost_microdollars": 15_000,
        "latency_ms": 700,
    }  # fmt: skip
    with tenant_transaction(tenant):
        write_down(AttemptRecord(**{**given, **changes}))  # type: ignore[arg-type]


def test_without_the_token_nobody_is_told_that_anything_is_there(tenant: UUID, settings: Settings) -> None:
    owner, editor = sign_in(tenant), sign_in(tenant, email="ed@example.com", role=Role.EDITOR)

    assert [
        Client().get("/metrics").status_code,
        Client().get("/metrics", headers={"X-Kairo-Internal-Token": "wrong"}).status_code,
        Client().get("/metrics", headers={"Authorization": "Bearer wrong"}).status_code,
        editor.get("/metrics").status_code,
    ] == [404] * 4
    assert Client().get("/metrics", headers=OPERATOR).status_code == 200
    assert Client().get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 200
    assert owner.get("/metrics").status_code == 200

    settings.KAIRO_INTERNAL_ADMIN_TOKEN = None
    assert [owner.get("/metrics").status_code, Client().get("/metrics", headers=OPERATOR).status_code] == [404, 404]


def test_guessing_is_slowed_down_and_does_not_lock_the_operator_out(tenant: UUID) -> None:
    assert Client().get("/metrics", headers=OPERATOR).status_code == 200

    guesses = [Client().get("/metrics", headers={"X-Kairo-Internal-Token": f"guess-{n}"}) for n in range(20)]

    assert {guess.status_code for guess in guesses} == {404}
    assert Client().get("/metrics", headers=OPERATOR).status_code == 200


def test_every_metric_is_there_before_anything_has_happened(database: str) -> None:
    families = scraped()

    assert {*COUNTERS, *GAUGES, *HISTOGRAMS} <= set(families)
    assert value(families, "kairo_job_queue_depth", queue="cpu_intensive") == 0
    assert value(families, "orchestrator_requests_total", command="insights.analyze") == 0
    assert value(families, "orchestrator_errors_total", command="insights.analyze") == 0
    assert value(families, "orchestrator_budget_limit_cents", scope="day") == 1_000


def test_jobs_are_counted_by_queue_and_commands_by_kind(tenant: UUID, stranger: UUID) -> None:
    brands = {owner: make_brand(owner).id for owner in (tenant, stranger)}
    asked = timezone.now() - timedelta(minutes=10)
    started = asked + timedelta(seconds=3)
    ended = {"state": JobState.SUCCEEDED, "attempts": 2, "created_at": asked, "available_at": asked,
             "started_at": started, "finished_at": started + timedelta(seconds=8), "stale_releases": 1}  # fmt: skip
    for owner, changes in ((tenant, ended), (tenant, {"available_at": asked}), (stranger, ended)):
        with tenant_transaction(owner):
            job = enqueue("opportunities.generate", GenerateBoard(brand_id=brands[owner]))
            Job.objects.filter(id=job.id).update(**changes)

    families = scraped()

    queue = {"queue": job.queue}
    assert value(families, "kairo_job_queue_depth", **queue) == 1
    assert 600 <= (value(families, "kairo_job_oldest_age_seconds", **queue) or 0) < 660
    assert value(families, "kairo_jobs_ended_total", state="succeeded") == 2
    assert value(families, "kairo_job_attempts_total", kind="opportunities.generate") == 4
    assert value(families, "kairo_job_stale_releases_total", **queue) == 2
    assert value(families, "orchestrator_requests_total", command="opportunities.generate") == 3
    of_command = {"command": "opportunities.generate", "agent": "", "node": ""}
    assert value(families, "orchestrator_latency_seconds_bucket", le="10.0", **of_command) == 0
    assert value(families, "orchestrator_latency_seconds_bucket", le="12.0", **of_command) == 2
    assert value(families, "orchestrator_latency_seconds_bucket", le="+Inf", **of_command) == 2
    assert value(families, "orchestrator_latency_seconds_sum", **of_command) == 22
    assert value(families, "kairo_job_wait_seconds_sum", **queue) == 6
    assert value(families, "kairo_job_run_seconds_count", **queue) == 2


def test_an_owner_is_told_of_his_own_account_alone(tenant: UUID, stranger: UUID) -> None:
    call(tenant)
    call(stranger, cost_microdollars=990_000)

    own, all_of_them = scraped(sign_in(tenant)), scraped()

    assert value(own, "kairo_llm_cost_cents_total", task="sentiment") == 1.5
    assert value(all_of_them, "kairo_llm_cost_cents_total", task="sentiment") == 100.5
    assert "kairo_http_requests" not in own
    assert "kairo_http_requests" in all_of_them


def test_the_owner_of_the_only_account_is_its_operator(tenant: UUID) -> None:
    assert "kairo_http_requests" in scraped(sign_in(tenant))


def test_model_calls_are_counted_with_what_they_cost(tenant: UUID) -> None:
    call(tenant)
    call(tenant, Outcome.WRONG_SHAPE, attempt=2)
    call(tenant, fallback_reason="timed_out", attempt=3)
    call(tenant, attempt=0, from_cache=True, usage=Usage(), cost_microdollars=0)
    for _ in range(3):
        call(tenant, Outcome.TIMED_OUT, model="openai:away", usage=Usage(), cost_microdollars=0)

    families = scraped()

    small = {"model": "openai:small", "task": "sentiment"}
    assert value(families, "kairo_llm_tokens_total", direction="in", **small) == 300
    assert value(families, "kairo_llm_cost_cents_total", **small) == 4.5
    assert value(families, "kairo_llm_schema_pass_ratio", **small) == pytest.approx(2 / 3)
    assert value(families, "kairo_llm_calls_total", outcome="timed_out") == 3
    assert value(families, "orchestrator_fallback_total", task="sentiment", reason="timed_out") == 1
    assert value(families, "orchestrator_cache_hits_total", cache="model") == 1
    assert value(families, "orchestrator_cache_requests_total", cache="model") == 5
    assert value(families, "kairo_model_available", model="openai:small") == 1
    assert value(families, "kairo_model_available", model="openai:away") == 0
    assert value(families, "kairo_llm_latency_seconds_bucket", le="1.0", **small) == 3


def test_the_fullest_budget_of_a_scope_is_told(tenant: UUID, stranger: UUID) -> None:
    for owner, spent in ((tenant, 4_000_000), (stranger, 9_000_000)):
        with tenant_transaction(owner):
            LlmBudget.objects.create(
                scope=CapScope.DAY, key="today", cap_microdollars=10_000_000, spent_microdollars=spent
            )

    families = scraped()

    assert value(families, "orchestrator_budget_used_cents", scope="day") == 900
    assert value(families, "orchestrator_budget_limit_cents", scope="day") == 1_000


def test_events_of_runs_give_errors_gates_and_the_time_of_agents(tenant: UUID) -> None:
    events: list[tuple[EventType, dict[str, object]]] = [
        (EventType.GATE, {"code": "insufficient_items", "verdict": "failed"}),
        (EventType.GATE, {"code": "few_urls", "verdict": "passed"}),
        (EventType.ACTION, {"agents_ms": {"sentiment": 300, "topics": 1_200}}),
        (EventType.RUN_FAIL, {"code": "TIMEOUT", "retry_at": "2026-06-01T12:00:30Z"}),
        (EventType.RUN_FAIL, {"code": "TIMEOUT", "retry_at": None}),
    ]
    with tenant_transaction(tenant):
        record(new_id(), kind="insights.analyze", events=events)  # type: ignore[arg-type]

    families = scraped()

    assert value(families, "orchestrator_errors_total", code="TIMEOUT", command="insights.analyze") == 1
    assert value(families, "kairo_gate_failures_total", code="insufficient_items") == 1
    assert value(families, "kairo_gate_failures_total", code="few_urls") is None
    assert value(families, "orchestrator_latency_seconds_sum", agent="topics") == pytest.approx(1.2)


def test_a_job_that_runs_leaves_how_long_its_steps_took(tenant: UUID) -> None:
    ended = regenerate_now(tenant_id=tenant, brand_id=make_brand(tenant).id)
    assert ended.state is JobState.INSUFFICIENT_EVIDENCE

    families = scraped()

    assert (value(families, "kairo_gate_failures_total", code="insufficient_items") or 0) >= 1
    assert value(families, "orchestrator_latency_seconds_count", agent="", node="evidence") == 1


def test_answers_tell_their_insights_coverage_and_cache(tenant: UUID) -> None:
    brand = make_brand(tenant)
    item = make_item(tenant, brand_id=brand.id, text="How do I descale my machine?")
    make_analysis(tenant, brand_id=brand.id, item_id=item, at=timezone.now())

    families = scraped()

    assert sum(sample.value for sample in families["kairo_analyses"].samples) == 1
    assert value(families, "orchestrator_cache_requests_total", cache="analysis") == 1
    assert [s.value for s in families["kairo_insights_per_response"].samples if s.name.endswith("_count")] == [1]


def test_http_requests_are_counted_by_route_never_by_path(tenant: UUID) -> None:
    for _ in range(2):
        Client().get(f"/api/jobs/{new_id()}")
    Client().get("/no/such/place")

    families = scraped()

    routes = {sample.labels["route"] for sample in families["kairo_http_requests"].samples}
    assert {"api/jobs/<job_id>", "other"} <= routes
    assert "/no/such/place" not in routes
    assert (value(families, "kairo_http_requests_total", route="api/jobs/<job_id>", status="401") or 0) >= 2


def test_no_label_names_an_account_or_a_brand(tenant: UUID) -> None:
    brand = make_brand(tenant)
    regenerate_now(tenant_id=tenant, brand_id=brand.id)

    with at_most(6):
        text = Client().get("/metrics", headers=OPERATOR).content.decode()

    assert [told for told in (str(tenant), "acme", brand.slug, brand.name, str(brand.id)) if told in text] == []
