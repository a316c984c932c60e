"""Whoever follows a run is told of its end, also where it was written down together with the ends of others."""

from __future__ import annotations

from uuid import UUID

import psycopg

from kairo.platform.jobs.slots import run_due
from kairo.platform.telemetry.doorbell import CHANNEL
from tests.integration.jobs.conftest import ask, job_of

ENDS = "SELECT count(*) FROM run_event WHERE run_id = %s AND type = 'run_complete'"


def test_each_run_of_a_group_is_rung_for_after_its_end_was_committed(tenant: UUID, database: str) -> None:
    jobs = [ask(tenant, "tests.nothing") for _ in range(20)]
    runs = {str(job_of(tenant, job_id).run_id) for job_id in jobs}
    told: dict[str, int] = {}
    with psycopg.connect(database, autocommit=True) as follower, psycopg.connect(database, autocommit=True) as reader:
        follower.execute(f"LISTEN {CHANNEL}")

        run_due()

        for notice in follower.notifies(timeout=5, stop_after=len(runs)):
            ends = reader.execute(ENDS, [notice.payload]).fetchone()
            told[notice.payload] = ends[0] if ends else 0
    assert told == dict.fromkeys(runs, 1)
