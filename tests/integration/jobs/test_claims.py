"""Who gets which job, and what becomes of a claim whose holder is silent."""

from __future__ import annotations

import threading
from datetime import timedelta
from itertools import pairwise
from uuid import UUID

import psycopg
import pytest
from django.db import connection

from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.jobs import endings, operations
from kairo.platform.jobs.claims import ClaimedJob, beat, claim, release_stale
from kairo.platform.jobs.contexts import Completion
from kairo.platform.jobs.contracts import JobState
from kairo.platform.jobs.fences import FenceLost, JobCancelled
from kairo.platform.jobs.rules import MAX_WORKER_LOSSES, TENANT_RUNNING_CAP
from kairo.platform.jobs.slots import ALL_QUEUES, run_due
from tests.integration.jobs.conftest import ask, job_of, ledger
from tests.integration.jobs.kinds import Note, note_down

KINDS = {"tests.note", "tests.nothing"}


def take(
    wanted: int = 1, *, worker: str = "w", queues: tuple[str, ...] = ALL_QUEUES, last_turn: int = 0
) -> list[ClaimedJob]:
    return claim(worker=worker, queues=queues, kinds=KINDS, wanted=wanted, last_turn=last_turn)


def silence(url: str, *jobs: ClaimedJob) -> None:
    """Let the lease of claims end."""
    with psycopg.connect(url, autocommit=True) as server:
        for job in jobs:
            server.execute("UPDATE job SET heartbeat_at = now() - %s WHERE id = %s", [timedelta(minutes=5), job.id])


def test_jobs_are_claimed_by_priority_then_due_time_then_id(tenant: UUID) -> None:
    low, first, second = ask(tenant, "tests.note", priority=9), ask(tenant, "tests.note"), ask(tenant, "tests.note")
    high = ask(tenant, "tests.note", priority=1)

    assert [job.id for job in take(4)] == [high, first, second, low]
    assert take(4) == []


def test_a_worker_claims_from_its_queues_and_only_what_it_can_do(tenant: UUID) -> None:
    ask(tenant, "tests.note", queue="io")
    ask(tenant, "tests.thin")
    wanted = ask(tenant, "tests.note", queue="cpu_intensive")

    assert [job.id for job in take(9, queues=("default", "cpu_intensive"))] == [wanted]


def test_a_tenant_with_many_jobs_does_not_delay_another_s_one(tenant: UUID, stranger: UUID) -> None:
    many = [ask(tenant, "tests.note") for _ in range(100)]
    one = ask(stranger, "tests.note")

    run_due()

    started_at = job_of(stranger, one).started_at
    before = sum(job_of(tenant, job_id).started_at < started_at for job_id in many)  # type: ignore[operator]
    assert before <= 2


def test_a_tenant_s_running_jobs_are_capped_by_a_setting(tenant: UUID, stranger: UUID, database: str) -> None:
    for _ in range(TENANT_RUNNING_CAP + 10):
        ask(tenant, "tests.note")
        ask(stranger, "tests.note")
    with psycopg.connect(database, autocommit=True) as server:
        server.execute("""UPDATE tenant SET settings = '{"running_jobs": 3}' WHERE id = %s""", [stranger])

    claimed = [job.fence.tenant_id for job in take(200)]

    assert claimed.count(tenant) == TENANT_RUNNING_CAP
    assert claimed.count(stranger) == 3
    assert take(200) == []


def test_the_turn_goes_round_among_tenants(tenant: UUID, stranger: UUID) -> None:
    for _ in range(4):
        ask(tenant, "tests.nothing")
        ask(stranger, "tests.nothing")

    served: list[UUID] = []
    turn = 0
    for _ in range(8):
        (job,) = take(last_turn=turn)
        endings.complete(job, Completion())
        served.append(job.fence.tenant_id)
        turn = job.turn

    assert all(one != following for one, following in pairwise(served))


def test_two_claims_at_the_same_moment_never_get_the_same_job(tenant: UUID) -> None:
    wanted = {ask(tenant, "tests.note") for _ in range(24)}
    claimed: list[UUID] = []
    together = threading.Barrier(4)

    def take_six(name: str) -> None:
        together.wait()
        claimed.extend(job.id for _ in range(6) for job in take(worker=name))
        connection.close()

    threads = [threading.Thread(target=take_six, args=[f"w{number}"]) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(claimed) == sorted(wanted)


def test_a_silent_worker_s_job_goes_back_at_once_without_an_attempt(tenant: UUID, database: str) -> None:
    job_id = ask(tenant, "tests.note")
    (lost,) = take(worker="silent")
    assert release_stale() == []
    silence(database, lost)

    assert release_stale() == [(job_id, "default")]

    job = job_of(tenant, job_id)
    assert (job.state, job.attempts, job.worker_losses) == (JobState.PENDING, 0, 1)
    (again,) = take(worker="other")
    assert (again.attempt, again.fence.lock_token) == (1, 2)


def test_a_dead_worker_s_jobs_go_back_without_waiting_for_the_lease(tenant: UUID) -> None:
    ask(tenant, "tests.note")
    ask(tenant, "tests.note")
    take(worker="dead")
    take(worker="alive")

    assert len(release_stale(dead_worker="dead")) == 1


def test_who_lost_the_claim_can_neither_complete_nor_fail_nor_release_the_job(tenant: UUID, database: str) -> None:
    job_id = ask(tenant, "tests.note")
    (lost,) = take(worker="zombie")
    silence(database, lost)
    release_stale()

    for taken_over in (False, True):
        if taken_over:
            take(worker="other")
        with pytest.raises(FenceLost):
            endings.complete(lost, Completion(effects=lambda: note_down("by a zombie")))
        with pytest.raises(FenceLost):
            endings.begin(lost)
        assert endings.release(lost.fence) is False
    assert ledger(tenant) == []
    assert job_of(tenant, job_id).state is JobState.RUNNING


def test_a_claim_number_given_out_twice_does_not_open_the_fence(tenant: UUID, database: str) -> None:
    ask(tenant, "tests.note")
    (forgotten,) = take(worker="before the crash")
    with psycopg.connect(database, autocommit=True) as server:
        server.execute("UPDATE job SET state = 'pending', lock_token = 0, locked_by = NULL")
    (again,) = take(worker="after it")
    assert again.fence.lock_token == forgotten.fence.lock_token

    with pytest.raises(FenceLost):
        endings.complete(forgotten, Completion())


def test_a_heartbeat_says_which_claims_stand_and_which_should_stop(tenant: UUID, database: str) -> None:
    for _ in range(3):
        ask(tenant, "tests.note")
    kept, lost, cancelled = take(3)
    silence(database, kept, lost)
    endings.release(lost.fence)
    with tenant_transaction(tenant):
        operations.request_cancel(cancelled.id)

    standing = beat([kept.fence, lost.fence, cancelled.fence])

    assert standing.keys() == {kept.id, cancelled.id}
    assert standing[kept.id] is None
    assert 0 <= (standing[cancelled.id] or 0) < 5
    assert release_stale() == []


def test_a_job_that_is_being_completed_delays_no_heartbeat_and_is_not_lost(tenant: UUID, database: str) -> None:
    ask(tenant, "tests.note")
    (job,) = take()
    silence(database, job)

    with psycopg.connect(database) as completing:
        completing.execute("SELECT 1 FROM job WHERE id = %s FOR UPDATE", [job.id])
        assert beat([job.fence]).keys() == {job.id}
        assert release_stale() == []


def test_a_released_claim_costs_no_attempt_and_leaves_no_trace(tenant: UUID) -> None:
    before = ask(tenant, "tests.note")
    shown = job_of(tenant, before)
    (job,) = take()

    assert endings.release(job.fence) is True
    assert job_of(tenant, before) == shown


def test_a_job_that_has_lost_a_worker_travels_alone(tenant: UUID, database: str) -> None:
    risky = ask(tenant, "tests.note")
    (lost,) = take(worker="gone")
    for _ in range(3):
        ask(tenant, "tests.note")
    silence(database, lost)
    release_stale()

    assert [job.id for job in take(4)] == [risky]
    assert len(take(4)) == 3


def test_a_job_that_has_lost_ten_workers_fails_without_another(tenant: UUID, database: str) -> None:
    job_id = ask(tenant, "tests.note", Note(text="never"))
    for _ in range(MAX_WORKER_LOSSES):
        (lost,) = take()
        silence(database, lost)
        release_stale()

    run_due()

    job = job_of(tenant, job_id)
    assert (job.state, job.attempts, job.worker_losses) == (JobState.FAILED, 0, 10)
    assert ledger(tenant) == ["failed worker_losses after 0: The job lost its worker 10 times."]


def test_a_job_cancelled_while_its_worker_was_silent_does_not_run_again(tenant: UUID, database: str) -> None:
    job_id = ask(tenant, "tests.note", Note(text="never"))
    (lost,) = take()
    with tenant_transaction(tenant):
        operations.request_cancel(job_id)
    with pytest.raises(JobCancelled):
        endings.complete(lost, Completion(effects=lambda: note_down("too late")))
    silence(database, lost)
    release_stale()

    run_due()

    assert job_of(tenant, job_id).state is JobState.CANCELLED
    assert ledger(tenant) == []
