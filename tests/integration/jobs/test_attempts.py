"""How attempts end: with their effects, with another try, or for good."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from pytest_django import Settings

from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.jobs.contracts import JobState
from kairo.platform.jobs.runner import run_job_by_id
from kairo.platform.jobs.slots import run_due
from kairo.platform.telemetry.context import run_context
from kairo.platform.telemetry.contracts import EventType
from kairo.platform.telemetry.runs import events_of
from tests.integration.jobs.conftest import ask, events, job_of, ledger, make_due
from tests.integration.jobs.kinds import Note


def test_a_job_is_completed_together_with_its_effects(tenant: UUID) -> None:
    job_id = ask(tenant, "tests.note", Note(text="done"))

    run_due()

    job = job_of(tenant, job_id)
    assert (job.state, job.attempts, job.outcome, job.result_url) == (
        JobState.SUCCEEDED,
        1,
        {"text": "done"},
        "/notes/done",
    )
    assert job.started_at is not None
    assert job.finished_at is not None
    assert job.created_at <= job.started_at <= job.finished_at
    assert ledger(tenant) == ["done"]


def test_effects_that_fail_are_rolled_back_with_the_completion(tenant: UUID) -> None:
    job_id = ask(tenant, "tests.broken_effects")

    run_due()

    job = job_of(tenant, job_id)
    assert (job.state, job.error, job.outcome) == (JobState.PENDING, "ValueError: the other half", {})
    assert ledger(tenant) == []


def test_a_failing_job_tries_again_after_30_60_and_120_seconds_and_then_fails(tenant: UUID, database: str) -> None:
    job_id = ask(tenant, "tests.error", Note(text="it"))

    for attempt, delay_s in enumerate((30, 60, 120), start=1):
        assert run_due() == 1
        assert run_due() == 0
        job = job_of(tenant, job_id)
        assert (job.state, job.attempts, job.available_at) == (
            JobState.PENDING,
            attempt,
            job.error_history[-1].at + timedelta(seconds=delay_s),
        )
        assert ledger(tenant) == []
        make_due(database, job_id)
    assert run_due() == 1

    job = job_of(tenant, job_id)
    assert (job.state, job.attempts, job.error) == (JobState.FAILED, 4, "ValueError: cannot do it")
    assert [(entry.attempt, entry.retryable) for entry in job.error_history] == [(n, True) for n in range(1, 5)]
    assert ledger(tenant) == ["failed errors_used_up after 4: ValueError: cannot do it"]
    make_due(database, job_id)
    assert run_due() == 0


def test_a_handler_may_say_when_to_try_again(tenant: UUID) -> None:
    job_id = ask(tenant, "tests.later")

    run_due()

    job = job_of(tenant, job_id)
    assert job.available_at == job.error_history[0].at + timedelta(seconds=7)
    assert job.error == "The source is resting."


@pytest.mark.parametrize(
    ("kind", "error"), [("tests.permanent", "The source is gone."), ("tests.invalid", "The file has no rows.")]
)
def test_an_error_that_will_not_pass_fails_the_job_at_once(tenant: UUID, kind: str, error: str) -> None:
    job_id = ask(tenant, kind)

    run_due()

    job = job_of(tenant, job_id)
    assert (job.state, job.attempts, job.error) == (JobState.FAILED, 1, error)


def test_too_little_evidence_is_an_end_with_effects_and_without_another_try(tenant: UUID) -> None:
    job_id = ask(tenant, "tests.thin")

    run_due()

    assert job_of(tenant, job_id).state is JobState.INSUFFICIENT_EVIDENCE
    assert ledger(tenant) == ["too little"]
    assert run_due() == 0


def test_a_failure_that_cannot_be_told_is_a_failure_all_the_same(tenant: UUID) -> None:
    job_id = ask(tenant, "tests.broken_failure")

    run_due()

    assert job_of(tenant, job_id).state is JobState.FAILED
    assert ledger(tenant) == []


def test_a_payload_that_no_longer_fits_fails_the_job(tenant: UUID, database: str) -> None:
    job_id = ask(tenant, "tests.note")
    with psycopg.connect(database, autocommit=True) as server:
        server.execute("""UPDATE job SET payload = '{"sleep_s": "long"}' WHERE id = %s""", [job_id])

    run_due()

    job = job_of(tenant, job_id)
    assert job.state is JobState.FAILED
    assert "The payload does not fit Note" in (job.error or "")


def test_secrets_in_an_error_are_not_kept(tenant: UUID) -> None:
    job_id = ask(tenant, "tests.error", Note(text="postgresql://kairo:hunter2@db/kairo"))

    run_due()

    assert job_of(tenant, job_id).error == "ValueError: cannot do postgresql://kairo:[hidden]@db/kairo"


def test_a_later_attempt_goes_on_from_the_checkpoint_whose_effects_are_kept(tenant: UUID, database: str) -> None:
    job_id = ask(tenant, "tests.checkpoints")

    run_due()
    make_due(database, job_id)
    run_due()

    assert ledger(tenant) == ["pages 1 and 2", "went on from {'page': 2}"]
    assert job_of(tenant, job_id).state is JobState.SUCCEEDED


def test_what_was_paid_for_is_not_paid_for_again(tenant: UUID, database: str, tmp_path: Path) -> None:
    calls = tmp_path / "calls"
    job_id = ask(tenant, "tests.paid", Note(text="why now?", file=str(calls)))

    run_due()
    make_due(database, job_id)
    run_due()

    model, idempotency_key = calls.read_text().splitlines()
    assert (model, UUID(idempotency_key).version) == ("model", 7)
    assert job_of(tenant, job_id).state is JobState.SUCCEEDED


def test_progress_and_events_are_in_order_from_the_start_to_the_end(tenant: UUID) -> None:
    job_id = ask(tenant, "tests.steps")

    run_due()

    job = job_of(tenant, job_id)
    assert (job.progress.step, job.progress.done, job.progress.total) == ("step 3", 3, 3)
    assert events(tenant, job.run_id) == [
        (1, EventType.RUN_START),
        (2, EventType.STEP),
        (3, EventType.STEP),
        (4, EventType.STEP),
        (5, EventType.RUN_COMPLETE),
    ]


def test_each_failed_attempt_is_an_event_with_its_error(tenant: UUID) -> None:
    job_id = ask(tenant, "tests.error", Note(text="it"))

    run_due()

    job = job_of(tenant, job_id)
    with tenant_transaction(tenant):
        started, failed = events_of(job.run_id)
    assert started.type is EventType.RUN_START
    assert failed.type is EventType.RUN_FAIL
    assert (failed.data["error"], failed.data["retryable"]) == ("ValueError: cannot do it", True)


def test_a_transport_that_brings_a_job_s_id_runs_it_once(tenant: UUID) -> None:
    job_id = ask(tenant, "tests.note", Note(text="once"))

    first, second = run_job_by_id(job_id), run_job_by_id(job_id)

    assert (first.state if first else None, second) == (JobState.SUCCEEDED, None)
    assert ledger(tenant) == ["once"]


def test_a_result_that_cannot_be_stored_fails_its_own_job_only(tenant: UUID) -> None:
    odd = ask(tenant, "tests.odd_result")
    others = [ask(tenant, "tests.nothing") for _ in range(3)]

    run_due()

    assert job_of(tenant, odd).state is JobState.PENDING
    assert {job_of(tenant, job_id).state for job_id in others} == {JobState.SUCCEEDED}


def test_jobs_of_one_run_number_their_events_one_after_the_other(tenant: UUID) -> None:
    with run_context() as run_id:
        for _ in range(20):
            ask(tenant, "tests.nothing")

    run_due()

    recorded = events(tenant, run_id)
    assert [seq for seq, _ in recorded] == list(range(1, 41))
    assert [kind for _, kind in recorded] == [EventType.RUN_START, EventType.RUN_COMPLETE] * 20


def test_events_are_written_to_files_too_where_that_is_wanted(tenant: UUID, tmp_path: Path, settings: Settings) -> None:
    settings.KAIRO_OBS_ENABLED = True
    settings.KAIRO_OBS_DIR = tmp_path
    job_id = ask(tenant, "tests.nothing")

    run_due()

    written = tmp_path / str(job_of(tenant, job_id).run_id)
    assert sorted(file.name for file in written.iterdir()) == ["run_complete.jsonl", "run_start.jsonl"]
