"""Work that comes round by the clock is enqueued once, however many workers look."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from tests.integration.jobs.conftest import wait_for
from tests.verification.jobs.cron_worker import run_cron_worker
from tests.verification.jobs.storm import WORKERS, StormWorker

# A due time may pass while the test runs: what counts is one job a tenant and minute.
JOBS = (
    "SELECT count(*), count(DISTINCT (tenant_id, date_bin('1 min', created_at, 'epoch')))"
    " FROM job WHERE kind = 'tests.nothing'"
)
SEEN = "SELECT count(*) FROM job_cron WHERE kind = 'tests.nothing'"
FIRED = f"{SEEN} AND fired_at IS NOT NULL"


@pytest.fixture
def workers(database: str, tmp_path: Path) -> Iterator[list[StormWorker]]:
    name = str(conninfo_to_dict(database)["dbname"])
    started = [StormWorker(name, tmp_path / f"worker-{n}.out", target=run_cron_worker) for n in range(WORKERS)]
    yield started
    for worker in started:
        worker.end()


def test_three_workers_enqueue_what_has_come_due_once_a_tenant(
    tenant: UUID, stranger: UUID, database: str, workers: list[StormWorker]
) -> None:
    with psycopg.connect(database, autocommit=True) as server:
        wait_for(lambda: server.execute(SEEN).fetchone() == (2,), within_s=20)
        if time.time() % 60 < 50:
            assert server.execute("SELECT count(*) FROM job").fetchone() == (0,), "A tenant's first time is the next."

        server.execute("UPDATE job_cron SET due_at = due_at - interval '3 min' WHERE kind = 'tests.nothing'")

        wait_for(lambda: server.execute(FIRED).fetchone() == (2,), within_s=10)
        time.sleep(2)
        enqueued, due_times = server.execute(JOBS).fetchone() or (0, 0)
    assert enqueued == due_times >= 2
