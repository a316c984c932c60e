"""A worker that is told to stop: at first it finishes its job, told to hurry it puts the job back."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest

from kairo.platform.jobs.contracts import JobState
from tests.integration.celery.conftest import Fleet, OwnRedis
from tests.integration.celery.kinds import Errand
from tests.integration.celery.test_losses import ask, at_gate
from tests.integration.jobs.conftest import is_alive, job_of, wait_for, wait_for_state


@pytest.mark.long
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGQUIT])
def test_a_stopped_worker_finishes_its_job_or_puts_it_back(
    number: signal.Signals,
    tenant: UUID,
    own_redis: OwnRedis,
    fleet_of: Callable[[str], Fleet],
    ring_through: Callable[[str], None],
    tmp_path: Path,
) -> None:
    ring_through(own_redis.url)
    worker = fleet_of(own_redis.url).worker(queues="cpu_intensive")
    calls = tmp_path / "calls"
    job_id = ask(tenant, Errand(calls=str(calls), waits=True))
    pids = at_gate(calls)

    os.kill(worker.pid, number)

    if number is signal.SIGTERM:
        calls.with_suffix(".open").touch()
        wait_for_state(tenant, job_id, JobState.SUCCEEDED, within_s=20)
    else:
        job = wait_for_state(tenant, job_id, JobState.PENDING, within_s=20)
        assert (job.attempts, job.worker_losses) == (0, 0)
    wait_for(lambda: not any(is_alive(pid) for pid in [worker.pid, *pids]), within_s=20)
    assert job_of(tenant, job_id).worker_losses == 0
