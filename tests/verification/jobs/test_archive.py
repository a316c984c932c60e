"""Jobs that ended long ago leave the hot table, and can still be read."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import psycopg
import pytest

from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.jobs import queries
from kairo.platform.jobs.archive import archive_batch
from kairo.platform.jobs.claims import tenant_of
from kairo.platform.jobs.contracts import JobNotFound, JobState
from kairo.platform.jobs.jobs import ARCHIVE, ArchiveOrder
from kairo.platform.jobs.operations import enqueue
from kairo.platform.jobs.slots import run_due
from tests.integration.jobs.conftest import ask, job_of
from tests.integration.jobs.kinds import Note

WEEK = timedelta(days=7)


def let_days_pass(url: str, days: int) -> None:
    with psycopg.connect(url, autocommit=True) as server:
        server.execute("UPDATE job SET finished_at = finished_at - make_interval(days => %s)", [days])


def in_the_hot_table(tenant: UUID) -> set[UUID]:
    with tenant_transaction(tenant):
        found, _ = queries.jobs()
    return {job.id for job in found}


def run_archive(tenant: UUID) -> UUID:
    with tenant_transaction(tenant):
        job_id = enqueue(ARCHIVE, ArchiveOrder()).id
    run_due()
    return job_id


def test_what_ended_more_than_a_week_ago_moves_to_the_archive_and_is_read_there(
    tenant: UUID, stranger: UUID, database: str
) -> None:
    old = ask(tenant, "tests.note", Note(text="old"))
    run_due()
    let_days_pass(database, 8)
    recent = ask(tenant, "tests.note", Note(text="recent"))
    run_due()
    before = job_of(tenant, old)

    archiving = run_archive(tenant)

    assert in_the_hot_table(tenant) == {recent, archiving}
    assert job_of(tenant, old) == before
    assert job_of(tenant, archiving).outcome == {"archived": 1}
    assert tenant_of(old) == tenant
    with pytest.raises(JobNotFound):
        job_of(stranger, old)


def test_a_live_job_is_never_archived(tenant: UUID) -> None:
    job_id = ask(tenant, "tests.note")

    assert archive_batch(tenant, ended_before=timedelta(0), size=10) == 0

    assert job_of(tenant, job_id).state is JobState.PENDING


def test_another_tenant_s_jobs_stay(tenant: UUID, stranger: UUID, database: str) -> None:
    job_id = ask(stranger, "tests.note")
    run_due()
    let_days_pass(database, 8)

    run_archive(tenant)

    assert job_id in in_the_hot_table(stranger)


def test_a_job_with_kept_steps_and_effects_is_archived_in_batches(
    tenant: UUID, database: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    calls = tmp_path_factory.mktemp("paid") / "calls"
    paid = [ask(tenant, "tests.paid", Note(file=str(calls))) for _ in range(3)]
    run_due()
    with psycopg.connect(database, autocommit=True) as server:
        server.execute("UPDATE job SET available_at = now()")
    run_due()
    let_days_pass(database, 8)

    sizes = [archive_batch(tenant, ended_before=WEEK, size=2) for _ in range(3)]

    assert sizes == [2, 1, 0]
    assert {job_of(tenant, job_id).state for job_id in paid} == {JobState.SUCCEEDED}
    assert in_the_hot_table(tenant) == set()
