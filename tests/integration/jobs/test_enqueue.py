"""Asking for work: it exists if and only if the change that asked for it does."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.db import IntegrityError, connection

from kairo.platform.database.ids import new_id
from kairo.platform.database.sessions import NoTenant, tenant_transaction
from kairo.platform.jobs import operations, queries
from kairo.platform.jobs.contracts import JobNotCancellable, JobNotFound, JobNotRetryable, JobState
from kairo.platform.jobs.registry import UnknownJobKind
from kairo.platform.jobs.slots import run_due
from kairo.platform.telemetry.context import run_context
from tests.integration.jobs.conftest import ask, events, job_of, ledger
from tests.integration.jobs.kinds import Note, note_down


def test_work_and_the_change_that_asks_for_it_are_committed_together(tenant: UUID) -> None:
    with tenant_transaction(tenant):
        note_down("the change")
        job_id = operations.enqueue("tests.note", Note(text="the work")).id

    assert run_due() == 1
    assert ledger(tenant) == ["the change", "the work"]
    assert job_of(tenant, job_id).state is JobState.SUCCEEDED


def test_work_asked_for_by_a_change_that_fails_is_never_done(tenant: UUID) -> None:
    def change() -> None:
        with tenant_transaction(tenant):
            operations.enqueue("tests.note", Note(text="the work"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        change()

    assert run_due() == 0
    with tenant_transaction(tenant):
        assert queries.jobs() == ([], None)


def test_work_needs_a_tenant_and_a_kind_that_somebody_does(tenant: UUID) -> None:
    with pytest.raises(NoTenant):
        operations.enqueue("tests.note", Note())
    with pytest.raises(UnknownJobKind), tenant_transaction(tenant):
        operations.enqueue("tests.unheard_of", Note())


def test_a_live_job_with_the_same_key_is_returned_instead_of_a_second_one(tenant: UUID, stranger: UUID) -> None:
    first = ask(tenant, "tests.note", dedupe_key="board:1")

    assert ask(tenant, "tests.note", dedupe_key="board:1") == first
    assert ask(tenant, "tests.note", dedupe_key="board:2") != first
    assert ask(stranger, "tests.note", dedupe_key="board:1") != first
    run_due()
    second = ask(tenant, "tests.note", dedupe_key="board:1")
    assert second != first
    with tenant_transaction(tenant):
        assert queries.newest_job("board:1") == queries.live_job("board:1") == queries.job(second)
        assert queries.live_job("board:2") is None


def test_many_at_the_same_moment_get_one_job(tenant: UUID) -> None:
    asked: list[UUID] = []
    together = threading.Barrier(8)

    def ask_once() -> None:
        together.wait()
        asked.append(ask(tenant, "tests.note", dedupe_key="board:1"))
        connection.close()

    threads = [threading.Thread(target=ask_once) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(asked) == 8
    assert len(set(asked)) == 1


def test_a_job_goes_on_with_the_run_that_asked_for_it(tenant: UUID) -> None:
    with run_context() as run_id:
        inside = ask(tenant, "tests.note")
    outside = ask(tenant, "tests.note")
    given = new_id()

    assert job_of(tenant, inside).run_id == run_id
    assert job_of(tenant, outside).run_id not in {run_id, outside}
    assert job_of(tenant, ask(tenant, "tests.note", run_id=given)).run_id == given


def test_a_job_for_later_waits(tenant: UUID) -> None:
    job_id = ask(tenant, "tests.note", available_at=datetime.now(UTC) + timedelta(minutes=5))

    assert run_due() == 0
    assert job_of(tenant, job_id).state is JobState.PENDING


def test_a_pending_job_is_cancelled_at_once_and_an_ended_one_not_at_all(tenant: UUID) -> None:
    pending, ended = ask(tenant, "tests.note", dedupe_key="board:1"), ask(tenant, "tests.thin")

    with tenant_transaction(tenant):
        cancelled = operations.request_cancel(pending)
    assert (cancelled.state, cancelled.finished_at is not None) == (JobState.CANCELLED, True)
    assert run_due() == 1
    assert ask(tenant, "tests.note", dedupe_key="board:1") != pending
    for job_id in (pending, ended):
        with pytest.raises(JobNotCancellable), tenant_transaction(tenant):
            operations.request_cancel(job_id)


def test_a_failed_or_cancelled_job_can_be_started_over_and_no_other(tenant: UUID) -> None:
    failed, done, thin = (ask(tenant, kind) for kind in ("tests.permanent", "tests.note", "tests.thin"))
    run_due()
    cancelled = ask(tenant, "tests.note", dedupe_key="board:1")
    with tenant_transaction(tenant):
        operations.request_cancel(cancelled)

    with tenant_transaction(tenant):
        again = operations.retry(failed)
        operations.retry(cancelled)
    assert (again.state, again.attempts, again.error, again.finished_at) == (JobState.PENDING, 0, None, None)
    for job_id in (failed, done, thin):
        with pytest.raises(JobNotRetryable), tenant_transaction(tenant):
            operations.retry(job_id)
    assert run_due() == 2
    assert job_of(tenant, cancelled).state is JobState.SUCCEEDED
    assert [entry.attempt for entry in job_of(tenant, failed).error_history] == [1, 1]


def test_a_job_whose_work_a_newer_one_does_is_not_started_over(tenant: UUID) -> None:
    older = ask(tenant, "tests.note", dedupe_key="board:1")
    with tenant_transaction(tenant):
        operations.request_cancel(older)
    ask(tenant, "tests.note", dedupe_key="board:1")

    with pytest.raises(JobNotRetryable, match="newer"), tenant_transaction(tenant):
        operations.retry(older)


def test_another_tenant_cannot_see_cancel_or_start_over_a_job(tenant: UUID, stranger: UUID) -> None:
    job_id = ask(tenant, "tests.note", dedupe_key="board:1")

    for touch in (queries.job, operations.request_cancel, operations.retry):
        with pytest.raises(JobNotFound), tenant_transaction(stranger):
            touch(job_id)
    with tenant_transaction(stranger):
        assert queries.jobs() == ([], None)
        assert queries.newest_job("board:1") is None
    assert job_of(tenant, job_id).state is JobState.PENDING


def test_lists_are_newest_first_and_page_to_the_end(tenant: UUID) -> None:
    asked = [ask(tenant, "tests.note") for _ in range(5)]
    ask(tenant, "tests.thin")

    listed: list[UUID] = []
    cursor: str | None = None
    while True:
        with tenant_transaction(tenant):
            page, cursor = queries.jobs(kind="tests.note", state=JobState.PENDING, cursor=cursor, limit=2)
        listed += [job.id for job in page]
        if cursor is None:
            break
    assert listed == asked[::-1]


def test_jobs_of_one_run_may_begin_at_the_same_moment(tenant: UUID) -> None:
    together = threading.Barrier(2)

    def run_both() -> None:
        together.wait()
        run_due()
        connection.close()

    with run_context() as run_id:
        jobs = [ask(tenant, "tests.steps") for _ in range(10)]
    threads = [threading.Thread(target=run_both) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert {job_of(tenant, job_id).state for job_id in jobs} == {JobState.SUCCEEDED}
    assert [seq for seq, _ in events(tenant, run_id)] == list(range(1, 51))


def test_a_priority_out_of_range_is_refused(tenant: UUID) -> None:
    with pytest.raises(IntegrityError, match="job_priority_in_range"):
        ask(tenant, "tests.note", priority=10, dedupe_key="board:1")
