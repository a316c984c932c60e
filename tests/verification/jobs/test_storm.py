"""Whatever happens to the workers, each job is done once: nothing is lost, nothing takes effect twice."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from django.conf import settings
from django.db import connections
from psycopg.conninfo import conninfo_to_dict

from tests.verification.jobs.open_fence import close_fence, open_fence
from tests.verification.jobs.provider import CountingProvider, counting_provider
from tests.verification.jobs.storm import Storm, drop_storm_table, enqueue_work, make_storm_table
from tests.verification.jobs.storm_kinds import STEPS, Work

ENDED = "SELECT state, count(*) FROM job GROUP BY state"
TWICE = "SELECT job_id, step FROM storm_row GROUP BY job_id, step HAVING count(*) > 1"
ROWS = "SELECT count(*) FROM storm_row"
LONG = pytest.mark.long


@pytest.fixture
def provider() -> Iterator[CountingProvider]:
    with counting_provider() as running:
        yield running


@pytest.fixture
def storm(database: str, tmp_path: Path) -> Iterator[Storm]:
    make_storm_table(database)
    blowing = Storm(database, str(conninfo_to_dict(database)["dbname"]), tmp_path, seed=20, lease_s=lease_s())
    yield blowing
    blowing.calm()
    drop_storm_table(database)


@pytest.fixture
def fence_is_open(database: str) -> Iterator[None]:
    connections.close_all()
    open_fence(database)
    yield
    connections.close_all()
    close_fence(database)


def lease_s() -> float:
    return float(settings.KAIRO_JOB_LEASE_S)


@pytest.mark.parametrize(
    ("jobs", "within_s"),
    [(300, 240), pytest.param(1500, 400, marks=LONG), pytest.param(10_000, 2400, marks=LONG)],
)
def test_in_a_storm_nothing_is_lost_and_nothing_takes_effect_twice(
    tenant: UUID, storm: Storm, provider: CountingProvider, jobs: int, within_s: float
) -> None:
    wanted = enqueue_work(tenant, jobs, Work(provider_port=provider.port, work_s=0.02))

    took_s = storm.blow(strikes=max(10, jobs // 50), within_s=within_s)

    print(f"{jobs} jobs in {took_s:.1f} s: {dict(storm.deeds)}, {storm.refused} refused")
    assert storm.ask(ENDED) == [("succeeded", jobs)]
    assert (storm.ask(TWICE), storm.ask(ROWS)) == ([], [(jobs * len(STEPS),)])
    sent = {wish: count for wish, count in provider.acts.items() if wish.startswith("/send/")}
    assert sent == {f"/send/{job_id}": 1 for job_id in wanted}
    assert storm.deeds["workers killed"] > 0
    assert storm.refused >= 1, "No stopped worker came back to complete what another had taken over."


def test_the_same_storm_without_the_fence_shows_duplicates(
    tenant: UUID, fence_is_open: None, storm: Storm, provider: CountingProvider
) -> None:
    enqueue_work(tenant, 200, Work(provider_port=provider.port, work_s=0.1))

    storm.blow(strikes=30, within_s=160, until=lambda: bool(storm.ask(TWICE)))

    assert len(storm.ask(TWICE)) >= 1


def test_a_killed_worker_s_job_runs_again_within_one_and_a_half_leases(
    tenant: UUID, storm: Storm, provider: CountingProvider
) -> None:
    (job_id,) = enqueue_work(tenant, 1, Work(provider_port=provider.port, work_s=1.5 * lease_s()))

    waited_s = storm.kill_holder_of(job_id)

    assert waited_s < 1.5 * lease_s()


def test_a_crash_after_a_paid_step_does_not_pay_again(tenant: UUID, storm: Storm, provider: CountingProvider) -> None:
    wanted = enqueue_work(tenant, 3, Work(provider_port=provider.port), kind="storm.crash")

    deadline = time.monotonic() + 60
    while not storm.nothing_left() and time.monotonic() < deadline:
        time.sleep(0.05)

    assert storm.ask(ENDED) == [("succeeded", 3)]
    assert storm.ask("SELECT min(lock_token), min(worker_losses) FROM job") == [(2, 1)]
    assert provider.calls == {f"/price/{job_id}": 1 for job_id in wanted}
