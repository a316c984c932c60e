"""Beat, twice over, and what Flower shows of the fleet."""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Callable
from uuid import UUID

import psycopg

from kairo.platform.jobs.contracts import JobState
from kairo.platform.jobs.fleet.application import RUN_JOB
from kairo.platform.jobs.fleet.sightings import answering_workers, beat_silent_s
from tests.integration.celery.conftest import Fleet, OwnRedis, free_port
from tests.integration.celery.fleet_entry import run_celery_with_crons
from tests.integration.jobs.conftest import ask, job_of, ledger, wait_for, wait_for_state
from tests.integration.jobs.kinds import Note

RingThrough = Callable[[str], None]
FleetOf = Callable[[str], Fleet]
# A due time may pass while the test runs: what counts is one job a tenant and minute.
JOBS = (
    "SELECT count(*), count(DISTINCT (tenant_id, date_bin('1 min', created_at, 'epoch')))"
    " FROM job WHERE kind = 'tests.nothing'"
)
SEEN = "SELECT count(*) FROM job_cron WHERE kind = 'tests.nothing'"
FIRED = f"{SEEN} AND fired_at IS NOT NULL"


def test_two_beats_enqueue_what_has_come_due_once_a_tenant(
    tenant: UUID, stranger: UUID, database: str, own_redis: OwnRedis, fleet_of: FleetOf, ring_through: RingThrough
) -> None:
    fleet = fleet_of(own_redis.url)
    beats = [fleet.beat(target=run_celery_with_crons) for _ in range(2)]
    with psycopg.connect(database, autocommit=True) as server:
        wait_for(lambda: server.execute(SEEN).fetchone() == (2,), within_s=40)

        server.execute("UPDATE job_cron SET due_at = due_at - interval '3 min' WHERE kind = 'tests.nothing'")

        wait_for(lambda: server.execute(FIRED).fetchone() == (2,), within_s=20)
        ring_through(own_redis.url)
        wait_for(lambda: (beat_silent_s() or 99) < 10)
        enqueued, due_times = server.execute(JOBS).fetchone() or (0, 0)
    assert enqueued == due_times >= 2
    assert all("Traceback" not in beat.printed for beat in beats)


def test_a_job_without_a_message_is_run_by_beat_s_ring_and_shown_by_flower(
    tenant: UUID, own_redis: OwnRedis, fleet_of: FleetOf, ring_through: RingThrough
) -> None:
    fleet = fleet_of(own_redis.url)
    port = free_port()
    flower = fleet.run("flower", f"--port={port}", "--address=127.0.0.1", "--persistent=False")
    fleet.worker()
    flower.await_line("Visit me")
    wait_for(lambda: answers(f"http://127.0.0.1:{port}/api/workers?refresh=1"), within_s=30)
    job_id = ask(tenant, "tests.note", Note(text="shown"))

    fleet.beat()

    wait_for_state(tenant, job_id, JobState.SUCCEEDED, within_s=30)
    ring_through(own_redis.url)
    shown = wait_for(
        lambda: [
            task
            for task in answers(f"http://127.0.0.1:{port}/api/tasks").values()
            if task["state"] == "SUCCESS" and str(job_id) in task["args"]
        ]
    )
    [queues] = answering_workers().values()
    assert [task["name"] for task in shown][:1] == [RUN_JOB]
    assert queues == ["cpu_intensive", "default", "io"]
    assert ledger(tenant) == ["shown"]
    assert job_of(tenant, job_id).attempts == 1


def answers(address: str) -> dict[str, dict[str, str]]:
    try:
        with urllib.request.urlopen(address, timeout=10) as answer:
            found: dict[str, dict[str, str]] = json.load(answer)
            return found
    except OSError:
        time.sleep(0.1)
        return {}
