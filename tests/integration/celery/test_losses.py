"""Workers killed in the middle of a job, brokers that stop: each job is done once, and no step is paid for twice."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

import pytest

from kairo.platform.jobs.contracts import JobDTO, JobState
from tests.integration.celery.conftest import CeleryProcess, Fleet, OwnBroker, OwnRabbitMQ, OwnRedis, rabbitmq
from tests.integration.celery.kinds import Errand
from tests.integration.jobs.conftest import ask as ask_for_note
from tests.integration.jobs.conftest import is_alive, job_of, ledger, wait_for, wait_for_state

RingThrough = Callable[[str], None]
FleetOf = Callable[[str], Fleet]
CPU_ONLY = "cpu_intensive"


def ask(tenant: UUID, errand: Errand) -> UUID:
    return ask_for_note(tenant, "tests.errand", errand)  # type: ignore[arg-type]


def at_gate(calls: Path) -> list[int]:
    """Wait until a job has paid for its first step; return its process and the one that this belongs to."""
    place = calls.with_suffix(".pid")
    return [int(pid) for pid in wait_for(lambda: place.exists() and place.read_text().split(), within_s=30) or []]


def kill_child(worker: CeleryProcess, pids: list[int]) -> None:
    """Kill the process of Celery's pool; the job's own hears of it and goes."""
    os.kill(pids[1], signal.SIGKILL)


def kill_main(worker: CeleryProcess, pids: list[int]) -> None:
    worker.kill_main()


def lose_machine(worker: CeleryProcess, pids: list[int]) -> None:
    worker.kill()


def kill_in_the_middle(
    fleet: Fleet, tenant: UUID, calls: Path, kill: Callable[[CeleryProcess, list[int]], None]
) -> JobDTO:
    """Have a worker killed between the two steps of a job, and see another one finish it."""
    first = fleet.worker(queues=CPU_ONLY)
    job_id = ask(tenant, Errand(calls=str(calls), waits=True))
    pids = at_gate(calls)
    fleet.worker(queues=CPU_ONLY)
    fleet.beat()

    kill(first, pids)

    job = wait_for_state(tenant, job_id, JobState.SUCCEEDED, within_s=40)
    wait_for(lambda: not any(is_alive(pid) for pid in pids))
    return job


CASES = [
    pytest.param("redis", kill_child, id="redis-child"),
    pytest.param("rabbitmq", kill_main, id="rabbitmq-main"),
    pytest.param("redis", kill_main, id="redis-main", marks=pytest.mark.long),
    pytest.param("redis", lose_machine, id="redis-machine", marks=pytest.mark.long),
    pytest.param("rabbitmq", kill_child, id="rabbitmq-child", marks=pytest.mark.long),
    pytest.param("rabbitmq", lose_machine, id="rabbitmq-machine", marks=pytest.mark.long),
]


@pytest.mark.parametrize(("kind", "kill"), CASES)
def test_a_killed_worker_s_job_is_finished_once_by_another(
    kind: str,
    kill: Callable[[CeleryProcess, list[int]], None],
    tenant: UUID,
    own_redis: OwnRedis,
    fleet_of: FleetOf,
    ring_through: RingThrough,
    tmp_path: Path,
) -> None:
    url = own_redis.url if kind == "redis" else rabbitmq()
    ring_through(url)

    job = kill_in_the_middle(fleet_of(url), tenant, tmp_path / "calls", kill)

    assert job.attempts == 1
    assert (tmp_path / "calls").read_text().split() == ["first", "second"]
    assert ledger(tenant) == [str(job.id)]


@pytest.fixture(params=[OwnRedis, pytest.param(OwnRabbitMQ, marks=pytest.mark.long)])
def broker(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[OwnBroker]:
    """A broker that may be stopped."""
    directory = tmp_path / "broker"
    directory.mkdir()
    own: OwnBroker = request.param(directory)
    try:
        own.start()
        yield own
    finally:
        own.stop()


def test_jobs_outlive_a_broker_that_stops_and_comes_back(
    broker: OwnBroker, tenant: UUID, fleet_of: FleetOf, ring_through: RingThrough, tmp_path: Path
) -> None:
    ring_through(broker.url)
    fleet = fleet_of(broker.url)
    fleet.worker("-c", "2", queues=CPU_ONLY)
    fleet.beat()
    gate = tmp_path / "running"
    running = ask(tenant, Errand(calls=str(gate), waits=True))
    at_gate(gate)

    broker.stop()
    asked = [ask(tenant, Errand(calls=str(tmp_path / f"asked-{n}"))) for n in range(3)]
    gate.with_suffix(".open").touch()
    meanwhile = wait_for_state(tenant, running, JobState.SUCCEEDED)
    waiting = [job_of(tenant, job_id).state for job_id in asked]
    broker.start()
    for job_id in asked:
        wait_for_state(tenant, job_id, JobState.SUCCEEDED, within_s=60)

    assert meanwhile.attempts == 1, "A job goes on while the broker is away."
    assert waiting == [JobState.PENDING] * 3, "Who asks does not mind the broker."
    assert sorted(ledger(tenant)) == sorted(str(job_id) for job_id in (running, *asked))
