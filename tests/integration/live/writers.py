"""Those who add events to runs: several at once, each on a connection of its own."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from uuid import UUID

from django.db import connections

from kairo.platform.database.ids import new_id
from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.jobs.contracts import JobState
from kairo.platform.jobs.models import Job
from kairo.platform.telemetry import doorbell
from kairo.platform.telemetry.contracts import EventType
from kairo.platform.telemetry.runs import record

KIND = "tests.live"


def append(tenant: UUID, run_id: UUID, *types: EventType, text: str = "") -> None:
    """Add events to a run in one transaction."""
    with tenant_transaction(tenant):
        record(run_id, kind=KIND, events=[(event_type, {"text": text}) for event_type in types])


def started_run(tenant: UUID, events: int = 1) -> UUID:
    """Make a run with some events."""
    run_id = new_id()
    append(tenant, run_id, *[EventType.STEP] * events)
    return run_id


def append_from_several(tenant: UUID, run_id: UUID, *, writers: int, events: int, longest_pause_s: float) -> None:
    """Add events one by one from several threads, with random pauses, until there are that many more."""

    def write(seed: int) -> None:
        dice = random.Random(seed)
        try:
            for _ in range(events // writers):
                append(tenant, run_id, EventType.STEP)
                time.sleep(dice.uniform(0, longest_pause_s))
        finally:
            connections.close_all()

    with ThreadPoolExecutor(writers) as threads:
        list(threads.map(write, range(writers)))


def on_own_connection(work: Callable[[], None]) -> None:
    """Do something in a thread that nobody closes the connection of."""
    try:
        work()
    finally:
        connections.close_all()


@contextmanager
def doorbell_unhung() -> Iterator[None]:
    """Let every ring of this process be lost."""
    before = doorbell.hang(lambda run_id: None)
    try:
        yield
    finally:
        doorbell.hang(before)


def started_job(tenant: UUID, run_id: UUID) -> UUID:
    """Make a job that is running for a run."""
    with tenant_transaction(tenant):
        job = Job.objects.create(kind=KIND, payload={}, time_limit_s=60, state=JobState.RUNNING, run_id=run_id)
        return job.id


def complete_job(tenant: UUID, job_id: UUID, *, steps: int = 0) -> None:
    """End a job together with its last events."""
    with tenant_transaction(tenant):
        Job.objects.filter(id=job_id).update(state=JobState.SUCCEEDED)
        run_id = Job.objects.get(id=job_id).run_id
        record(run_id, kind=KIND, events=[(EventType.STEP, {})] * steps + [(EventType.RUN_COMPLETE, {})])
