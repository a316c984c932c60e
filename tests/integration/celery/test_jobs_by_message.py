"""Jobs that Celery's workers run, over Redis and over RabbitMQ: messages lost or doubled change nothing."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.jobs import operations
from kairo.platform.jobs.contracts import JobState
from kairo.platform.jobs.fleet.application import RUN_JOB, fleet_app
from kairo.platform.jobs.fleet.ringing import ring_due
from tests.integration.celery.conftest import CeleryProcess, Fleet, OwnRedis, make_tenant, rabbitmq
from tests.integration.jobs.conftest import ask, is_alive, job_of, ledger, wait_for, wait_for_state
from tests.integration.jobs.kinds import Note

_numbers = count()
RingThrough = Callable[[str], None]


@pytest.fixture(scope="module", params=["redis", "rabbitmq"])
def broker(request: pytest.FixtureRequest, own_redis: OwnRedis) -> str:
    return own_redis.url if request.param == "redis" else rabbitmq()


@pytest.fixture(scope="module")
def worker(broker: str, lasting_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[CeleryProcess]:
    """One worker for all tests over a broker."""
    fleet = Fleet(str(conninfo_to_dict(lasting_database)["dbname"]), broker, tmp_path_factory.mktemp("fleet"))
    yield fleet.worker("-c", "2")
    fleet.end()


@pytest.fixture
def account(worker: CeleryProcess, broker: str, ring_through: RingThrough) -> UUID:
    """A tenant whose jobs are run by the worker, as soon as they are asked for."""
    ring_through(broker)
    return make_tenant(f"acme-{next(_numbers)}")


@pytest.fixture
def silent_account(worker: CeleryProcess) -> UUID:
    """A tenant whose messages are all lost."""
    return make_tenant(f"silent-{next(_numbers)}")


def send(broker: RingThrough, url: str, job_id: UUID, *, times: int) -> None:
    broker(url)
    for _ in range(times):
        fleet_app().send_task(RUN_JOB, args=[str(job_id)], queue="default")


def test_more_jobs_than_messages_are_sent_for_are_each_run_once(account: UUID) -> None:
    jobs = [ask(account, "tests.note", Note(text=str(n))) for n in range(40)]

    # As beat does, for those that were asked for when every message that had been sent was used up.
    wait_for(lambda: ring_due() and len(ledger(account)) == len(jobs))

    assert sorted(ledger(account), key=int) == [str(n) for n in range(40)]
    assert {job_of(account, job_id).attempts for job_id in jobs} == {1}


def test_a_message_that_comes_five_times_runs_its_job_once(
    silent_account: UUID, broker: str, ring_through: RingThrough, worker: CeleryProcess
) -> None:
    job_id = ask(silent_account, "tests.note", Note(text="once", sleep_s=0.2))

    send(ring_through, broker, job_id, times=5)

    worker.await_line(f"nothing to do for {job_id}", times=4)
    wait_for_state(silent_account, job_id, JobState.SUCCEEDED)
    assert ledger(silent_account) == ["once"]
    assert job_of(silent_account, job_id).attempts == 1


def test_a_job_whose_message_was_lost_is_found_by_the_next_ring(
    silent_account: UUID, broker: str, ring_through: RingThrough
) -> None:
    job_id = ask(silent_account, "tests.note", Note(text="found"))

    ring_through(broker)
    ring_due()

    wait_for_state(silent_account, job_id, JobState.SUCCEEDED)
    assert ledger(silent_account) == ["found"]


def test_a_cancelled_job_is_left_alone_when_its_message_comes(
    silent_account: UUID, broker: str, ring_through: RingThrough, worker: CeleryProcess
) -> None:
    job_id = ask(silent_account, "tests.note", Note(text="never"))
    with tenant_transaction(silent_account):
        operations.request_cancel(job_id)

    send(ring_through, broker, job_id, times=1)

    worker.await_line(f"nothing to do for {job_id}")
    assert job_of(silent_account, job_id).state is JobState.CANCELLED
    assert ledger(silent_account) == []


def test_an_account_that_runs_as_much_as_it_may_is_made_to_wait(
    silent_account: UUID, broker: str, ring_through: RingThrough, worker: CeleryProcess, lasting_database: str
) -> None:
    with psycopg.connect(lasting_database, autocommit=True) as server:
        server.execute("UPDATE tenant SET settings = '{\"running_jobs\": 0}' WHERE id = %s", [silent_account])
        job_id = ask(silent_account, "tests.note", Note(text="later"))

        send(ring_through, broker, job_id, times=1)
        worker.await_line(f"nothing to do for {job_id}")
        waited = job_of(silent_account, job_id)
        server.execute("UPDATE tenant SET settings = '{}' WHERE id = %s", [silent_account])
    ring_due()

    assert (waited.state, waited.attempts) == (JobState.PENDING, 0)
    wait_for_state(silent_account, job_id, JobState.SUCCEEDED)


def test_a_running_job_stops_when_it_is_cancelled(account: UUID, tmp_path: Path) -> None:
    started = tmp_path / "started"
    job_id = ask(account, "tests.patient", Note(file=str(started)))
    wait_for(started.exists)

    with tenant_transaction(account):
        operations.request_cancel(job_id)

    wait_for_state(account, job_id, JobState.CANCELLED)
    assert ledger(account) == []


def test_a_job_past_its_time_is_ended_with_what_it_started_and_the_worker_goes_on(
    account: UUID, tmp_path: Path
) -> None:
    file = tmp_path / "sleeper"
    job_id = ask(account, "tests.endless", Note(file=str(file)))

    job = wait_for(lambda: (found := job_of(account, job_id)).error and found)

    assert job
    assert (job.state, job.attempts, job.worker_losses) == (JobState.PENDING, 1, 0)
    assert job.error == "time limit of 1 s exceeded"
    assert not is_alive(int(file.read_text()))
    wait_for_state(account, ask(account, "tests.nothing"), JobState.SUCCEEDED)


def test_a_producer_s_task_becomes_one_job_however_often_its_message_comes(
    account: UUID, worker: CeleryProcess
) -> None:
    wish = {"task_data": {"text": "asked by name"}, "tenant": str(account)}
    message_id = f"message-{account}"

    for _ in range(3):
        fleet_app().send_task("tests.note", kwargs=wish, queue="default", task_id=message_id)

    worker.await_line(f"Task tests.note[{message_id}] succeeded", times=3)
    wait_for(lambda: ledger(account))
    fleet_app().send_task("tests.note", kwargs=wish, queue="default", task_id=message_id)
    worker.await_line(f"Task tests.note[{message_id}] succeeded", times=4)
    assert ledger(account) == ["asked by name"]


def test_a_producer_s_task_that_says_too_little_fails_and_makes_no_job(account: UUID, worker: CeleryProcess) -> None:
    wishes: list[dict[str, object]] = [{}, {"task_data": {"sleep_s": "long"}}]
    for place, wish in enumerate(wishes):
        wish["tenant"] = str(account)
        fleet_app().send_task("tests.note", kwargs=wish, queue="default", task_id=f"unclear-{place}-{account}")
        worker.await_line(f"Task tests.note[unclear-{place}-{account}] raised unexpected")

    fleet_app().send_task("tests.note", args=[{}, "nobody"], queue="default", task_id=f"nobody-{account}")

    worker.await_line("There is no tenant 'nobody'.")
    assert ledger(account) == []


def test_embedded_workers_and_celery_s_run_each_job_once_from_one_table(
    silent_account: UUID, broker: str, ring_through: RingThrough, lasting_database: str, tmp_path: Path
) -> None:
    fleet = Fleet(str(conninfo_to_dict(lasting_database)["dbname"]), broker, tmp_path)
    beside = fleet.embedded_worker("--poll-interval", "0.05", "--concurrency", "1")
    try:
        wait_for_state(silent_account, ask(silent_account, "tests.nothing"), JobState.SUCCEEDED, within_s=30)
        ring_through(broker)
        notes = [Note(text=str(n), sleep_s=0.02) for n in range(60)]
        jobs = [ask(silent_account, "tests.note", note) for note in notes]
        wait_for(lambda: ring_due() and len(ledger(silent_account)) == len(jobs), within_s=20)
    finally:
        beside.stop()

    assert sorted(ledger(silent_account), key=int) == [note.text for note in notes]
    assert {job_of(silent_account, job_id).attempts for job_id in jobs} == {1}
    assert 0 < beside.printed.count("succeeded tests.note") < 60


def test_the_worker_tells_which_tasks_it_has(account: UUID) -> None:
    deadline = time.monotonic() + 20
    while not (found := fleet_app().control.inspect(timeout=2).registered()):
        assert time.monotonic() < deadline

    [tasks] = found.values()
    assert {RUN_JOB, "kairo.ring_due", "tests.note"} <= set(tasks)
