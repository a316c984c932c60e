"""Jobs: throughput of one durable worker, start latency when idle, and enqueues of 16 writers.

    python -m bench.jobs        BENCH_SCALE=.1 (default): 2,000 jobs; 1: 20,000

All sides that use PostgreSQL use the same server, with fsync and synchronous commits on, one after the other.
"""

from __future__ import annotations

import multiprocessing
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.synchronize import Barrier
from uuid import UUID, uuid4

import psycopg

from bench.table import SCALE, Line, a_redis, ask_peer, at_share, beside, durable_server, report

JOBS = round(20_000 * SCALE)
# The others take longer for each: fewer of theirs give the same rate.
PEER_JOBS = min(JOBS, 3_000)
DJANGO_TASKS_JOBS = min(JOBS, 1_500)
ROUNDS = max(20, round(200 * SCALE))
WORKER_READY_WITHIN_S = 120
WRITERS = 16
EACH_WRITES = max(10, round(500 * SCALE))
SLOW_FLUSH_MS = 3
"""What a commit waits for on volumes that are reached over a network; a local NVMe disk takes a twentieth of it."""


def main() -> None:
    """Measure ours and the others in turn and report them."""
    with durable_server() as url:
        with psycopg.connect(url, autocommit=True) as server:
            server.execute("CREATE DATABASE peer_procrastinate")
            server.execute("CREATE DATABASE peer_django_tasks")
        ours = jobs_a_second(url)
        waits_ms = start_waits_ms(url)
        counts = (str(PEER_JOBS), str(ROUNDS))
        procrastinate = ask_peer("with_procrastinate.py", *counts, url=_beside(url, "procrastinate"))
        django_tasks = ask_peer("with_django_tasks.py", str(DJANGO_TASKS_JOBS), url=_beside(url, "django_tasks"))
        with a_redis() as redis_url:
            celery = ask_peer("with_celery.py", str(PEER_JOBS), redis_url=redis_url)
        quiet = enqueues_a_second(notify_inside=False)
        noisy = enqueues_a_second(notify_inside=True)
        with slow_flushes(url):
            quiet_there = enqueues_a_second(notify_inside=False)
            noisy_there = enqueues_a_second(notify_inside=True)
    p95 = at_share(waits_ms, 0.95)
    inside, there = "NOTIFY inside the transaction", f"flushes {SLOW_FLUSH_MS} ms slower"
    throughput = "jobs, one worker with one slot"
    report(
        "jobs",
        [
            beside(throughput, ours, "procrastinate", procrastinate, "a_second", "a second", "≥ 5"),
            beside(throughput, ours, "django-tasks-db", django_tasks, "a_second", "a second", ""),
            beside(throughput, ours, "Celery + Redis, not durable", celery, "a_second", "a second", ""),
            beside("enqueue → start, idle, p95", p95, "procrastinate", procrastinate, "p95_ms", "ms", "≤ 1, ≤ 50 ms"),
            Line("enqueue, 16 writers", quiet, inside, noisy, "a second", "≥ 4"),
            Line(f"enqueue, 16 writers, {there}", quiet_there, inside, noisy_there, "a second", ""),
        ],
    )


def jobs_a_second(url: str) -> float:
    """Let one worker with one slot do jobs that do nothing, and return how many it ended a second."""
    _enqueue_in_one_transaction()
    with _worker("--once"):
        pass
    [[done, took_s]] = _rows(
        url,
        "SELECT count(*), extract(epoch FROM max(finished_at) - min(started_at)) FROM job WHERE state = 'succeeded'",
    )
    assert done == JOBS, f"{done} of {JOBS} jobs were done"
    return done / float(took_s)


def start_waits_ms(url: str) -> list[float]:
    """Ask an idle worker for one job at a time and return the milliseconds from each enqueue to its start."""
    from kairo.platform.database.sessions import tenant_transaction
    from kairo.platform.jobs import operations
    from tests.integration.jobs.kinds import Note

    tenant = _tenant("idle")
    with _worker() as worker:
        _await_first_job(url, tenant)
        for _ in range(ROUNDS):
            time.sleep(0.2)
            with tenant_transaction(tenant):
                operations.enqueue("tests.nothing", Note(text="timed"))
        time.sleep(1)
        worker.terminate()
    timed = "SELECT extract(epoch FROM started_at - created_at) * 1000 FROM job WHERE payload ->> 'text' = 'timed'"
    return [float(ms) for (ms,) in _rows(url, timed)]


def _await_first_job(url: str, tenant: UUID) -> None:
    """Wait until the worker has ended a job: before that its own start would be measured."""
    from kairo.platform.database.sessions import tenant_transaction
    from kairo.platform.jobs import operations
    from tests.integration.jobs.kinds import Note

    with tenant_transaction(tenant):
        operations.enqueue("tests.nothing", Note(text="first"))
    ended = "SELECT 1 FROM job WHERE payload ->> 'text' = 'first' AND state = 'succeeded'"
    deadline = time.monotonic() + WORKER_READY_WITHIN_S
    while not _rows(url, ended):
        assert time.monotonic() < deadline, f"the worker did nothing within {WORKER_READY_WITHIN_S} s"
        time.sleep(0.1)
    time.sleep(1)


def enqueues_a_second(*, notify_inside: bool) -> float:
    """Let 16 processes enqueue, a transaction a job, and return how many were committed a second."""
    from django.db import connections

    tenant = _tenant(f"writers-{uuid4().hex}")
    connections.close_all()
    forked = multiprocessing.get_context("fork")
    ready = forked.Barrier(WRITERS + 1)
    writers = [forked.Process(target=_write, args=(tenant, ready, notify_inside)) for _ in range(WRITERS)]
    for writer in writers:
        writer.start()
    ready.wait(timeout=120)
    started = time.perf_counter()
    for writer in writers:
        writer.join()
    assert not any(writer.exitcode for writer in writers), "a writer failed"
    return WRITERS * EACH_WRITES / (time.perf_counter() - started)


@contextmanager
def slow_flushes(url: str) -> Iterator[None]:
    """Have every flush to disk begin a little later, for the block: those who commit meanwhile share it."""
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(f"ALTER SYSTEM SET commit_delay = {SLOW_FLUSH_MS * 1000}")
        server.execute("ALTER SYSTEM SET commit_siblings = 0")
        server.execute("SELECT pg_reload_conf()")
        yield
        server.execute("ALTER SYSTEM RESET commit_delay")
        server.execute("ALTER SYSTEM RESET commit_siblings")
        server.execute("SELECT pg_reload_conf()")


def _write(tenant: UUID, ready: Barrier, notify_inside: bool) -> None:
    """Enqueue as Kairo does, or with the doorbell rung inside every transaction instead of after it."""
    from kairo.platform.database.sessions import tenant_transaction
    from kairo.platform.jobs import doorbell, operations
    from tests.integration.jobs.kinds import Note

    if notify_inside:
        doorbell.BELLS["embedded"] = lambda queue, job_id: None
    with tenant_transaction(tenant):
        operations.enqueue("tests.nothing", Note())
    ready.wait(timeout=120)
    for _ in range(EACH_WRITES):
        with tenant_transaction(tenant):
            operations.enqueue("tests.nothing", Note())
            if notify_inside:
                doorbell.notify("default")


def _enqueue_in_one_transaction() -> None:
    from kairo.platform.database.sessions import tenant_transaction
    from kairo.platform.jobs import operations
    from tests.integration.jobs.kinds import Note

    with tenant_transaction(_tenant("measured")):
        for _ in range(JOBS):
            operations.enqueue("tests.nothing", Note())


def _tenant(slug: str) -> UUID:
    from kairo.platform.tenancy.operations import create_tenant

    return create_tenant(slug=slug).id


def _worker(*arguments: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tests.integration.jobs.worker_entry", "--concurrency", "1", *arguments]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL)


def _beside(url: str, peer: str) -> str:
    return url.replace("/kairo?", f"/peer_{peer}?")


def _rows(url: str, query: str) -> list[tuple[float, ...]]:
    with psycopg.connect(url) as server:
        return server.execute(query).fetchall()


if __name__ == "__main__":
    main()
