"""What a kind does when one of its jobs is cancelled: in that very transaction, and never in its way."""

from __future__ import annotations

from uuid import UUID

from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.jobs import endings, operations
from kairo.platform.jobs.claims import claim_by_id
from kairo.platform.jobs.contexts import Completion, JobContext
from kairo.platform.jobs.contracts import JobCancellation, JobState
from kairo.platform.jobs.registry import handles
from kairo.platform.jobs.runner import worker_name
from tests.integration.jobs.conftest import ask, job_of, ledger
from tests.integration.jobs.kinds import Note, note_down


def _note_cancellation(note: Note, cancellation: JobCancellation) -> None:
    note_down(f"cancelled {note.text}")
    if note.text == "faulty":
        raise ValueError("The handler of the cancellation is broken.")


@handles("tests.cancelled", payload=Note, when_cancelled=_note_cancellation)
def do_nothing(note: Note, job: JobContext) -> Completion:
    return Completion()


def cancelled(tenant: UUID, job_id: UUID) -> JobState:
    with tenant_transaction(tenant):
        operations.request_cancel(job_id)
    return job_of(tenant, job_id).state


def test_a_waiting_job_tells_its_kind_once(tenant: UUID) -> None:
    job_id = ask(tenant, "tests.cancelled", Note(text="one"))

    assert cancelled(tenant, job_id) is JobState.CANCELLED
    assert ledger(tenant) == ["cancelled one"]


def test_a_running_job_tells_its_kind_when_it_has_stopped(tenant: UUID) -> None:
    job_id = ask(tenant, "tests.cancelled", Note(text="two"))
    claimed = claim_by_id(job_id, worker=worker_name())
    assert claimed is not None
    asked_for = cancelled(tenant, job_id)
    before = ledger(tenant)

    endings.cancel(claimed.fence)

    assert (asked_for, before) == (JobState.RUNNING, [])
    assert job_of(tenant, job_id).state is JobState.CANCELLED
    assert ledger(tenant) == ["cancelled two"]


def test_a_job_is_cancelled_even_where_its_kind_cannot_take_it(tenant: UUID) -> None:
    job_id = ask(tenant, "tests.cancelled", Note(text="faulty"))

    assert cancelled(tenant, job_id) is JobState.CANCELLED
    assert ledger(tenant) == []
