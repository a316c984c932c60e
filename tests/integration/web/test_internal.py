"""The internal pages: whom they are there for, and what the inspector of runs shows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from django.test import Client, override_settings
from pytest_django import Settings

from kairo.platform.database.ids import new_id
from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.jobs import operations as jobs
from kairo.platform.jobs.contracts import JobState
from kairo.platform.jobs.models import Job
from kairo.platform.jobs.queries import job
from kairo.platform.llm.contracts import Outcome, RecordedCall, Usage
from kairo.platform.llm.records import AttemptRecord, keep, write_down
from kairo.platform.telemetry.contracts import EventType
from kairo.platform.telemetry.runs import record
from kairo.platform.tenancy.contracts import Role
from kairo.stages.opportunities.contracts import GenerateBoard
from tests.factories.board_jobs import regenerate_now
from tests.factories.boards import make_board, make_brand
from tests.integration.web.conftest import at_most, sign_in

TOKEN = "an-operators-token"
OPERATOR = {"X-Kairo-Internal-Token": TOKEN}
PAGES = "/hero/internal"
LISTS = [f"{PAGES}/runs/", f"{PAGES}/jobs/", f"{PAGES}/brands/", f"{PAGES}/evals/"]


@pytest.fixture(autouse=True)
def _token_is_set(settings: Settings) -> None:
    settings.KAIRO_INTERNAL_ADMIN_TOKEN = TOKEN


@pytest.fixture
def operator() -> Client:
    return Client(headers=OPERATOR)


def run_of(tenant: UUID, *, kind: str = "insights.analyze", failing: bool = False) -> UUID:
    """Make a run with a model call of which the answer is kept."""
    run_id = new_id()
    with tenant_transaction(tenant):
        record(run_id, kind=kind, events=[(EventType.STEP, {"step": "retrieve", "done": 0, "total": 4})])
        write_down(
            AttemptRecord(
                run_id=run_id, task="sentiment", model="openai:small", prompt="sentiment@1", attempt=1,
                outcome=Outcome.OK, usage=Usage(tokens_in=1_200, tokens_out=20), cost_microdollars=12_345,
                latency_ms=1_840,
            )
        )  # fmt: skip
        call = RecordedCall(
            key="k", task="sentiment", prompt="sentiment@1", model="openai:small",
            inputs={"text": "<script>alert(1)</script>"}, reply='{"mood": "good"}',
        )  # fmt: skip
        keep(new_id(), run_id, call, inputs_json='{"text": "<script>alert(1)</script>"}', days=1)
        record(run_id, kind=kind, events=[(EventType.RUN_FAIL if failing else EventType.RUN_COMPLETE, {})])
    return run_id


def failed_job(tenant: UUID) -> UUID:
    brand = make_brand(tenant)
    with tenant_transaction(tenant):
        made = jobs.enqueue("opportunities.generate", GenerateBoard(brand_id=brand.id))
        Job.objects.filter(id=made.id).update(state=JobState.FAILED, attempts=4, error="The <network> was away.")
    return made.id


def statuses(client: Client, *paths: str) -> list[int]:
    return [client.get(path).status_code for path in paths]


def test_who_is_neither_operator_nor_owner_finds_nothing(tenant: UUID, settings: Settings, operator: Client) -> None:
    run_id = run_of(tenant)
    paths = [*LISTS, f"{PAGES}/runs/{run_id}/", f"{PAGES}/runs/{run_id}.json"]
    editor = sign_in(tenant, email="ed@example.com", role=Role.EDITOR)
    owner = sign_in(tenant)
    nothing = [404] * len(paths)

    assert statuses(Client(), *paths) == nothing
    assert statuses(Client(headers={"X-Kairo-Internal-Token": "wrong"}), *paths) == nothing
    assert statuses(editor, *paths) == nothing
    assert statuses(owner, *paths) == [200] * len(paths)
    assert statuses(operator, *paths) == [200] * len(paths)

    settings.KAIRO_INTERNAL_ADMIN_TOKEN = None
    assert statuses(owner, *paths) == nothing
    assert statuses(operator, *paths) == nothing


def test_an_owner_finds_nothing_of_another_account_and_nothing_of_the_installation(
    tenant: UUID, stranger: UUID
) -> None:
    run_id, job_id = run_of(tenant), failed_job(tenant)
    brand_id = make_brand(tenant, slug="second").id
    other = sign_in(stranger, email="eve@example.com")

    run_paths = [f"{PAGES}/runs/{run_id}/", f"{PAGES}/runs/{run_id}.json"]
    assert statuses(other, *run_paths, f"{PAGES}/brands/{brand_id}/", f"{PAGES}/evals/") == [404] * 4
    assert other.post(f"{PAGES}/jobs/{job_id}/retry").status_code == 404
    for path in LISTS[:3]:
        page = other.get(f"{path}?account=acme").content.decode()
        assert [told for told in (str(run_id), str(job_id), "second") if told in page] == []
    with tenant_transaction(tenant):
        assert job(job_id).state is JobState.FAILED


def test_the_operator_sees_one_account_at_a_time(tenant: UUID, stranger: UUID, operator: Client) -> None:
    ours, theirs = run_of(tenant), run_of(stranger)

    with at_most(10):
        first = operator.get(f"{PAGES}/runs/").content.decode()
    second = operator.get(f"{PAGES}/runs/?account=stranger").content.decode()

    assert (str(ours) in first, str(theirs) in first) == (True, False)
    assert (str(ours) in second, str(theirs) in second) == (False, True)
    assert operator.get(f"{PAGES}/runs/?account=nobody").status_code == 404
    assert statuses(operator, f"{PAGES}/runs/{ours}/", f"{PAGES}/runs/{theirs}/") == [200, 200]


def test_before_there_is_an_account_the_lists_are_empty(database: str, operator: Client) -> None:
    assert statuses(operator, *LISTS[:3]) == [200] * 3
    assert "No runs yet" in operator.get(f"{PAGES}/runs/").content.decode()


def test_runs_are_narrowed_by_kind_and_health_and_paged(client: Client, tenant: UUID) -> None:
    failed = run_of(tenant, failing=True)
    other = run_of(tenant, kind="search")

    by_health = client.get(f"{PAGES}/runs/?health=failed").content.decode()
    by_kind = client.get(f"{PAGES}/runs/?kind=search").content.decode()
    older = client.get(f"{PAGES}/runs/?before={other}").content.decode()

    assert (str(failed) in by_health, str(other) in by_health) == (True, False)
    assert (str(failed) in by_kind, str(other) in by_kind) == (False, True)
    assert (f"/{failed}/" in older, f"/{other}/" in older) == (True, False)
    assert "No such run" in client.get(f"{PAGES}/runs/?kind=none").content.decode()
    assert client.get(f"{PAGES}/runs/?before=x").status_code == 404


def test_a_run_shows_its_steps_calls_costs_and_what_was_kept(client: Client, tenant: UUID) -> None:
    run_id = run_of(tenant)

    with at_most(10):
        page = client.get(f"{PAGES}/runs/{run_id}/").content.decode()

    assert "1.234\N{NO-BREAK SPACE}¢" in page or "1.235\N{NO-BREAK SPACE}¢" in page
    assert "openai:small" in page
    assert "1,200" in page
    assert "1.8 s" in page
    assert "&quot;mood&quot;: &quot;good&quot;" in page
    assert "<script>alert" not in page
    assert "In order" in page


def test_a_run_is_had_as_json_too(client: Client, tenant: UUID) -> None:
    run_id = run_of(tenant, failing=True)

    told = client.get(f"{PAGES}/runs/{run_id}.json").json()

    assert (told["run"]["id"], told["run"]["obs_health"], told["job"]) == (str(run_id), "failed", None)
    assert [event["type"] for event in told["events"]] == ["step", "llm_call", "run_fail"]
    assert told["calls"][0]["cost_microdollars"] == told["cost_microdollars"] == 12_345
    assert told["kept"][0]["reply"] == '{"mood": "good"}'
    later = client.get(f"{PAGES}/runs/{run_id}.json?after_seq=2").json()
    assert [event["seq"] for event in later["events"]] == [3]


def test_a_runs_job_stands_beside_it(client: Client, tenant: UUID) -> None:
    ended = regenerate_now(tenant_id=tenant, brand_id=make_brand(tenant).id)

    with at_most(10):
        page = client.get(f"{PAGES}/runs/{ended.run_id}/").content.decode()

    assert "Today board" in page
    assert "insufficient_items" in page


def test_a_failed_job_is_started_over(tenant: UUID, operator: Client) -> None:
    job_id = failed_job(tenant)

    with at_most(10):
        page = operator.get(f"{PAGES}/jobs/?state=failed").content.decode()
    answer = operator.post(f"{PAGES}/jobs/{job_id}/retry?account=acme")

    assert "The &lt;network&gt; was away." in page
    assert (answer.status_code, answer["Location"]) == (302, f"{PAGES}/jobs/?account=acme")
    with tenant_transaction(tenant):
        assert job(job_id).state is JobState.PENDING
    assert operator.post(f"{PAGES}/jobs/{new_id()}/retry").status_code == 404


def test_a_strange_page_cannot_make_an_owners_browser_start_a_job_over(tenant: UUID) -> None:
    job_id = failed_job(tenant)
    owner = sign_in(tenant)
    owner.handler.enforce_csrf_checks = True

    assert owner.post(f"{PAGES}/jobs/{job_id}/retry").status_code == 403
    with tenant_transaction(tenant):
        assert job(job_id).state is JobState.FAILED


def test_a_brand_shows_what_is_listened_to_and_its_boards(tenant: UUID, operator: Client) -> None:
    brand = make_brand(tenant)
    make_board(tenant, brand_id=brand.id)

    assert brand.name in operator.get(f"{PAGES}/brands/").content.decode()
    with at_most(10):
        page = operator.get(f"{PAGES}/brands/{brand.id}/?account=acme").content.decode()
    assert brand.name in page
    assert operator.get(f"{PAGES}/brands/{new_id()}/").status_code == 404


@pytest.fixture
def reports(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "eval" / "hero_loop"
    folder.mkdir(parents=True)
    with override_settings(KAIRO_DATA_DIR=tmp_path):
        yield folder


def test_reports_of_evaluations_are_listed_and_shown(client: Client, reports: Path) -> None:
    (reports / "glow-2026.json").write_text('{"quality":"good"}')
    (reports / "glow-2026.md").write_text("# Good <b>")
    (reports / "notes.txt").write_text("not a report")

    listed = client.get(f"{PAGES}/evals/").content.decode()
    shown = client.get(f"{PAGES}/evals/glow-2026.json").content.decode()

    assert ("glow-2026.json" in listed, "glow-2026.md" in listed, "notes.txt" in listed) == (True, True, False)
    assert "  &quot;quality&quot;: &quot;good&quot;" in shown
    assert "# Good &lt;b&gt;" in client.get(f"{PAGES}/evals/glow-2026.md").content.decode()


@pytest.mark.parametrize(
    "name", ["..%2f..%2fsecret.json", "../../secret.json", "%2e%2e%2fsecret.json", "link.json", "notes.txt", ".x.json"]
)
def test_a_report_is_reached_by_its_name_alone(client: Client, reports: Path, name: str) -> None:
    secret = reports.parent.parent / "secret.json"
    secret.write_text('{"secret": 1}')
    (reports / "link.json").symlink_to(secret)
    (reports / "notes.txt").write_text("x")

    assert client.get(f"{PAGES}/evals/{name}").status_code == 404
