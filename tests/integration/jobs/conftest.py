"""Workers as real processes, and short ways to ask for work and to look at it."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar
from uuid import UUID

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.jobs import operations, queries
from kairo.platform.jobs.contracts import JobDTO, JobState
from kairo.platform.telemetry.contracts import EventType, RunNotFound
from kairo.platform.telemetry.models import Run
from kairo.platform.telemetry.runs import events_of
from tests.integration.jobs.kinds import Note, ledger_of
from tests.integration.jobs.worker_entry import run_worker

Found = TypeVar("Found")
PATIENCE_S = 60
"""What a busy machine may take; who waits ends when what is waited for is there."""

_WORKERS = multiprocessing.get_context("forkserver")
_WORKERS.set_forkserver_preload(["__main__", "tests.integration.jobs.worker_entry"])


def ask(tenant: UUID, kind: str, note: Note | None = None, **options: object) -> UUID:
    """Enqueue a job in a transaction of its own."""
    with tenant_transaction(tenant):
        Run.objects.bulk_create([Run(id=ledger_of(tenant), tenant_id=tenant, kind="ledger")], ignore_conflicts=True)
        return operations.enqueue(kind, note or Note(), **options).id  # type: ignore[arg-type]


def job_of(tenant: UUID, job_id: UUID) -> JobDTO:
    with tenant_transaction(tenant):
        return queries.job(job_id)


def ledger(tenant: UUID) -> list[str]:
    """List the effects that were committed, in order."""
    with tenant_transaction(tenant):
        try:
            return [str(event.data["text"]) for event in events_of(ledger_of(tenant))]
        except RunNotFound:
            return []


def events(tenant: UUID, run_id: UUID) -> list[tuple[int, EventType]]:
    with tenant_transaction(tenant):
        try:
            return [(event.seq, event.type) for event in events_of(run_id)]
        except RunNotFound:
            return []


def wait_for(look: Callable[[], Found], *, within_s: float = PATIENCE_S) -> Found:
    """Look until something is found, and fail if nothing is in time."""
    deadline = time.monotonic() + within_s
    while True:
        found = look()
        if found:
            return found
        assert time.monotonic() < deadline, "It did not happen in time."
        time.sleep(0.02)


def wait_for_state(tenant: UUID, job_id: UUID, state: JobState, *, within_s: float = PATIENCE_S) -> JobDTO:
    def look() -> JobDTO | None:
        job = job_of(tenant, job_id)
        return job if job.state is state else None

    return wait_for(look, within_s=within_s)  # type: ignore[return-value]


def make_due(url: str, job_id: UUID) -> None:
    """Let the time pass until a job may run again."""
    with psycopg.connect(url, autocommit=True) as server:
        server.execute("UPDATE job SET available_at = now() WHERE id = %s", [job_id])


class WorkerProcess:
    """`kairo worker` as a process of its own, with what it prints; forked from one that has loaded everything."""

    def __init__(self, database: str, output: Path, *arguments: str) -> None:
        self._output = output
        output.touch()
        self._process = _WORKERS.Process(target=run_worker, args=(database, str(output), arguments))
        self._process.start()

    @property
    def printed(self) -> list[str]:
        return self._output.read_text().splitlines()

    def slots(self) -> list[int]:
        """List the process ids of its slots."""
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children")
        return [int(pid) for pid in children.read_text().split()] if children.exists() else []

    def ask_to_stop(self) -> None:
        self._process.terminate()

    def kill(self) -> None:
        self._process.kill()

    def end(self, *, within_s: float = 15) -> int | None:
        """Wait for its end, and return its exit code."""
        self._process.join(within_s)
        return self._process.exitcode


@pytest.fixture
def start_worker(database: str, tmp_path: Path) -> Iterator[Callable[..., WorkerProcess]]:
    """Start workers; whatever the test leaves running is killed after it."""
    started: list[WorkerProcess] = []

    def start(*arguments: str) -> WorkerProcess:
        name = str(conninfo_to_dict(database)["dbname"])
        started.append(WorkerProcess(name, tmp_path / f"worker-{len(started)}.out", *arguments))
        return started[-1]

    yield start
    for worker in started:
        for slot in worker.slots():
            os.kill(slot, signal.SIGKILL)
        worker.kill()
        worker.end()


def is_alive(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text().rsplit(")", 1)[1].split()[0] != "Z"
