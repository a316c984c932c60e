"""Workers as processes: killed, stopped, told to end, told to hurry."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import psycopg
from django.db import connections

from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.jobs import operations
from kairo.platform.jobs.contracts import JobState
from kairo.platform.jobs.slots import run_due
from kairo.platform.telemetry.contracts import EventType
from tests.integration.jobs.conftest import (
    WorkerProcess,
    ask,
    events,
    is_alive,
    job_of,
    ledger,
    wait_for,
    wait_for_state,
)
from tests.integration.jobs.kinds import Note

StartWorker = Callable[..., WorkerProcess]
LEASE_S = 2.0
POLL_S = 0.5


def first_runner(file: Path) -> int:
    """Wait for a handler to say which process it runs in."""
    return int(wait_for(lambda: file.exists() and file.read_text().split())[0])  # type: ignore[index]


def take_over(tenant: UUID, job_id: UUID) -> None:
    """Be the other worker, until the job is done."""

    def work() -> bool:
        run_due()
        return job_of(tenant, job_id).state is JobState.SUCCEEDED

    wait_for(work)


def test_each_job_is_run_once_by_one_of_several_workers(
    tenant: UUID, stranger: UUID, start_worker: StartWorker
) -> None:
    asked = {owner: [ask(owner, "tests.note", Note(text=str(n))) for n in range(60)] for owner in (tenant, stranger)}

    workers = [start_worker("--once", "--concurrency", "2") for _ in range(2)]

    assert [worker.end() for worker in workers] == [0, 0]
    for owner, jobs in asked.items():
        assert sorted(ledger(owner), key=int) == [str(n) for n in range(60)]
        assert {job_of(owner, job_id).attempts for job_id in jobs} == {1}
    endings = [line for worker in workers for line in worker.printed if line.startswith("succeeded")]
    assert len(endings) == 120


def test_a_killed_worker_s_job_is_back_and_done_within_one_and_a_half_leases(
    tenant: UUID, start_worker: StartWorker, tmp_path: Path
) -> None:
    gate = tmp_path / "gate"
    job_id = ask(tenant, "tests.gate", Note(file=str(gate)))
    killed = start_worker("--concurrency", "1")
    slot = first_runner(gate)
    start_worker("--poll-interval", str(POLL_S))
    wait_for_state(tenant, ask(tenant, "tests.nothing"), JobState.SUCCEEDED)

    killed.kill()
    os.kill(slot, signal.SIGKILL)
    killed_at = time.monotonic()

    job = wait_for_state(tenant, job_id, JobState.SUCCEEDED)
    assert time.monotonic() - killed_at < 1.5 * LEASE_S + POLL_S
    assert (job.attempts, job.worker_losses) == (1, 1)
    assert ledger(tenant) == ["by attempt 2"]


def test_a_slot_that_dies_is_replaced_and_its_job_goes_on(
    tenant: UUID, start_worker: StartWorker, tmp_path: Path
) -> None:
    gate = tmp_path / "gate"
    job_id = ask(tenant, "tests.gate", Note(file=str(gate)))
    worker = start_worker("--concurrency", "1")
    slot = first_runner(gate)

    os.kill(slot, signal.SIGKILL)

    job = wait_for_state(tenant, job_id, JobState.SUCCEEDED)
    assert (job.attempts, job.worker_losses) == (1, 1)
    assert [pid for pid in worker.slots() if pid != slot] == worker.slots() != []


def test_a_stopped_worker_whose_lease_ended_cannot_complete(
    tenant: UUID, start_worker: StartWorker, tmp_path: Path
) -> None:
    gate = tmp_path / "gate"
    job_id = ask(tenant, "tests.gate", Note(file=str(gate)))
    zombie = start_worker("--concurrency", "1")
    slot = first_runner(gate)
    os.kill(slot, signal.SIGSTOP)
    take_over(tenant, job_id)

    Path(f"{gate}.open").touch()
    os.kill(slot, signal.SIGCONT)

    wait_for(lambda: any(line.startswith("lost tests.gate") for line in zombie.printed))
    assert ledger(tenant) == ["by attempt 2"]
    assert job_of(tenant, job_id).attempts == 1


def test_a_worker_stopped_in_the_middle_of_its_effects_does_not_keep_the_job(
    tenant: UUID, start_worker: StartWorker, tmp_path: Path
) -> None:
    gate = tmp_path / "gate"
    job_id = ask(tenant, "tests.gate_in_effects", Note(file=str(gate)))
    start_worker("--concurrency", "1")
    slot = first_runner(gate)
    os.kill(slot, signal.SIGSTOP)
    take_over(tenant, job_id)

    Path(f"{gate}.open").touch()
    os.kill(slot, signal.SIGCONT)
    time.sleep(0.5)
    assert ledger(tenant) == ["by attempt 2"]


def test_an_attempt_over_its_time_limit_is_ended_with_all_it_started(
    tenant: UUID, database: str, start_worker: StartWorker, tmp_path: Path
) -> None:
    job_id = ask(tenant, "tests.endless", Note(file=str(tmp_path / "sleeper")))
    worker = start_worker("--concurrency", "1")
    sleeper = first_runner(tmp_path / "sleeper")

    job = wait_for_state(tenant, job_id, JobState.PENDING)

    assert (job.attempts, job.worker_losses, job.error) == (1, 0, "time limit of 1 s exceeded")
    assert not is_alive(sleeper)
    with psycopg.connect(database, autocommit=True) as server:
        server.execute("UPDATE job SET available_at = now(), attempts = 3 WHERE id = %s", [job_id])
    wait_for_state(tenant, job_id, JobState.FAILED)
    assert ledger(tenant) == ["failed time_limit after 4: time limit of 1 s exceeded"]
    worker.ask_to_stop()
    assert worker.end() == 0


def test_a_running_job_stops_at_its_next_report_after_a_cancel(
    tenant: UUID, start_worker: StartWorker, tmp_path: Path
) -> None:
    job_id = ask(tenant, "tests.patient", Note(file=str(tmp_path / "started")))
    worker = start_worker("--concurrency", "1")
    wait_for((tmp_path / "started").exists)

    with tenant_transaction(tenant):
        asked = operations.request_cancel(job_id)

    assert (asked.state, asked.cancel_requested) == (JobState.RUNNING, True)
    wait_for_state(tenant, job_id, JobState.CANCELLED)
    assert ledger(tenant) == []
    assert any(line.startswith(f"cancelled tests.patient {job_id}") for line in worker.printed)


def test_a_job_that_does_not_heed_a_cancel_is_ended_at_the_deadline(
    tenant: UUID, database: str, start_worker: StartWorker, tmp_path: Path
) -> None:
    job_id = ask(tenant, "tests.gate", Note(file=str(tmp_path / "gate")))
    start_worker("--concurrency", "1")
    slot = first_runner(tmp_path / "gate")

    with psycopg.connect(database, autocommit=True) as server:
        server.execute("UPDATE job SET cancel_requested_at = now() - interval '29 s' WHERE id = %s", [job_id])

    wait_for_state(tenant, job_id, JobState.CANCELLED)
    assert not is_alive(slot)


def test_a_worker_told_to_end_lets_its_job_finish(tenant: UUID, start_worker: StartWorker, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    job_id = ask(tenant, "tests.gate", Note(file=str(gate)))
    waiting = ask(tenant, "tests.note", priority=9)
    worker = start_worker("--concurrency", "1")
    first_runner(gate)
    wait_for(lambda: shown_events(tenant, job_id) == [(1, EventType.RUN_START)])

    worker.ask_to_stop()
    wait_for(lambda: "stopping" in worker.printed)
    Path(f"{gate}.open").touch()

    assert worker.end() == 0
    assert job_of(tenant, job_id).state is JobState.SUCCEEDED
    assert job_of(tenant, waiting).state is JobState.PENDING


def shown_events(tenant: UUID, job_id: UUID) -> list[tuple[int, EventType]]:
    run_id = job_of(tenant, job_id).run_id
    return events(tenant, run_id)


def test_jobs_around_a_slow_one_do_not_wait_for_it(tenant: UUID, start_worker: StartWorker, tmp_path: Path) -> None:
    with tenant_transaction(tenant):
        before = [operations.enqueue("tests.nothing", Note()).id for _ in range(30)]
        operations.enqueue("tests.gate", Note(file=str(tmp_path / "gate")))
        after = [operations.enqueue("tests.nothing", Note()).id for _ in range(4)]
    start_worker("--concurrency", "1")
    first_runner(tmp_path / "gate")

    def all_but_the_slow_one_are_done() -> bool:
        run_due()
        return {job_of(tenant, job_id).state for job_id in before + after} == {JobState.SUCCEEDED}

    wait_for(all_but_the_slow_one_are_done)
    assert {job_of(tenant, job_id).attempts for job_id in before + after} == {1}


def test_a_job_that_does_not_finish_in_the_grace_period_goes_back_without_an_attempt(
    tenant: UUID, start_worker: StartWorker, tmp_path: Path
) -> None:
    job_id = ask(tenant, "tests.gate", Note(file=str(tmp_path / "gate")))
    worker = start_worker("--concurrency", "2", "--grace", "0.2")
    slot = first_runner(tmp_path / "gate")

    worker.ask_to_stop()
    assert worker.end() == 0

    job = job_of(tenant, job_id)
    assert (job.state, job.attempts, job.worker_losses, job.started_at) == (JobState.PENDING, 0, 0, None)
    assert not is_alive(slot)


def test_slots_do_not_outlive_a_killed_supervisor(tenant: UUID, start_worker: StartWorker, tmp_path: Path) -> None:
    job_id = ask(tenant, "tests.gate", Note(file=str(tmp_path / "gate")))
    worker = start_worker("--concurrency", "2")
    first_runner(tmp_path / "gate")
    slots = worker.slots()

    worker.kill()

    wait_for(lambda: not any(is_alive(slot) for slot in slots))
    job = job_of(tenant, job_id)
    assert (job.state, job.attempts) == (JobState.PENDING, 0)


def test_a_job_that_kills_ten_workers_fails(tenant: UUID, database: str, start_worker: StartWorker) -> None:
    job_id = ask(tenant, "tests.deadly")
    with psycopg.connect(database, autocommit=True) as server:
        server.execute("UPDATE job SET worker_losses = 9 WHERE id = %s", [job_id])
    start_worker("--concurrency", "1")

    job = wait_for_state(tenant, job_id, JobState.FAILED)

    assert job.worker_losses == 10
    assert ledger(tenant) == ["failed worker_losses after 0: The job lost its worker 10 times."]


def test_a_worker_stops_after_the_jobs_it_was_asked_for(tenant: UUID, start_worker: StartWorker) -> None:
    for n in range(5):
        ask(tenant, "tests.note", Note(text=str(n)))

    worker = start_worker("--max-jobs", "3", "--concurrency", "2")

    assert worker.end() == 0
    assert len(ledger(tenant)) == 3, worker.printed


def test_a_dry_run_says_what_is_due_and_changes_nothing(tenant: UUID, start_worker: StartWorker) -> None:
    job_id = ask(tenant, "tests.note")
    before = job_of(tenant, job_id)

    worker = start_worker("--dry-run")

    assert worker.end() == 0
    assert worker.printed == [f"claimed tests.note {job_id} attempt 1 of 4", f"released tests.note {job_id}"]
    assert job_of(tenant, job_id) == before


def test_the_doorbell_wakes_a_worker_long_before_its_poll(tenant: UUID, start_worker: StartWorker) -> None:
    start_worker("--poll-interval", "600", "--concurrency", "1")
    warm = ask(tenant, "tests.note")
    wait_for_state(tenant, warm, JobState.SUCCEEDED)
    time.sleep(1.5)

    job_id = ask(tenant, "tests.note")

    # A tenth of the time to its next look.
    job = wait_for_state(tenant, job_id, JobState.SUCCEEDED, within_s=60)
    assert job.started_at is not None
    assert (job.started_at - job.created_at).total_seconds() < 60


def test_a_worker_survives_the_loss_of_its_connections(tenant: UUID, database: str, start_worker: StartWorker) -> None:
    worker = start_worker("--concurrency", "1", "--poll-interval", "0.2")
    wait_for_state(tenant, ask(tenant, "tests.note"), JobState.SUCCEEDED)
    slots = worker.slots()

    with psycopg.connect(database, autocommit=True) as server:
        server.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    connections.close_all()

    wait_for_state(tenant, ask(tenant, "tests.note"), JobState.SUCCEEDED)
    assert worker.slots() == slots
