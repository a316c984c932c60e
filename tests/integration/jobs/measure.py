"""Measure jobs a second and the time from enqueue to start: `python -m tests.integration.jobs.measure [JOBS] [SLOTS]`.

Runs on an embedded server of its own with every guarantee on (fsync, synchronous commits).
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from kairo.platform.database.embedded import ROOT_HOME, ServerAddress, own_server

ROUNDS = 100


def main(jobs: int, slots: int) -> None:
    root = ROOT_HOME if os.geteuid() == 0 else None
    with tempfile.TemporaryDirectory(prefix="m-", dir=root) as directory:
        Path(directory).chmod(0o755)
        with own_server(Path(directory)) as address:
            measure(address, jobs, slots)


def measure(address: ServerAddress, jobs: int, slots: int) -> None:
    os.environ |= {"DATABASE_URL": address.app_url, "KAIRO_OWNER_DATABASE_URL": address.owner_url}
    os.environ["DJANGO_SETTINGS_MODULE"] = "kairo.config.settings"
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", database="owner", verbosity=0)
    throughput(address, jobs, slots)
    latency(address)


def throughput(address: ServerAddress, jobs: int, slots: int) -> None:
    from kairo.platform.database.sessions import tenant_transaction
    from kairo.platform.jobs import operations
    from kairo.platform.tenancy.operations import create_tenant
    from tests.integration.jobs.kinds import Note

    tenant = create_tenant(slug="measured").id
    with tenant_transaction(tenant):
        for _ in range(jobs):
            operations.enqueue("tests.nothing", Note())
    _start_worker(address, "--once", "--concurrency", str(slots)).wait()
    ((done, seconds),) = _rows(
        address,
        "SELECT count(*), extract(epoch FROM max(finished_at) - min(started_at)) FROM job WHERE state = 'succeeded'",
    )
    print(f"{done} jobs that do nothing, {slots} slots: {done / float(seconds):.0f} a second")


def latency(address: ServerAddress) -> None:
    from kairo.platform.database.sessions import tenant_transaction
    from kairo.platform.jobs import operations
    from kairo.platform.tenancy.operations import create_tenant
    from tests.integration.jobs.kinds import Note

    tenant = create_tenant(slug="idle").id
    worker = _start_worker(address, "--concurrency", "1")
    time.sleep(4)
    for _ in range(ROUNDS):
        with tenant_transaction(tenant):
            operations.enqueue("tests.nothing", Note(text="timed"))
        time.sleep(0.2)
    time.sleep(1)
    worker.terminate()
    worker.wait()
    rows = _rows(
        address,
        "SELECT extract(epoch FROM started_at - created_at) * 1000 FROM job WHERE payload ->> 'text' = 'timed'",
    )
    waits = sorted(float(ms) for (ms,) in rows)
    p95 = waits[int(len(waits) * 0.95)]
    print(f"{len(waits)} jobs one by one: start after {statistics.median(waits):.1f} ms (median), {p95:.1f} ms (p95)")


def _start_worker(address: ServerAddress, *arguments: str) -> subprocess.Popen[bytes]:
    with (address.socket_directory.parent / "worker.out").open("wb") as output:
        return subprocess.Popen(
            [sys.executable, "-m", "tests.integration.jobs.worker_entry", *arguments], stdout=output, stderr=output
        )


def _rows(address: ServerAddress, query: str) -> list[tuple[float, ...]]:
    import psycopg

    with psycopg.connect(address.url("postgres")) as server:
        return server.execute(query).fetchall()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5000, int(sys.argv[2]) if len(sys.argv) > 2 else 1)
