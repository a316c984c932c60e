"""The database server dies in the middle of the work, and nothing of it is lost or done twice."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from kairo.platform.database.embedded import ROOT_HOME, ServerAddress, own_server
from tests.verification.jobs.provider import counting_provider
from tests.verification.jobs.storm import WORKERS, make_storm_table
from tests.verification.jobs.storm_kinds import STEPS

JOBS = 200
# A crash of the server alone loses nothing that it has written: only synchronous commits must stay on.
CRASH_SAFE = {"fsync": "off", "full_page_writes": "off"}
NEW_TENANT = "INSERT INTO tenant (id, slug, name, settings) VALUES (gen_random_uuid(), 'acme', 'acme', '{}')"
NEW_JOBS = """
INSERT INTO job (id, tenant_id, kind, queue, priority, payload, state, max_attempts, time_limit_s, run_id)
SELECT gen_random_uuid(), tenant.id, 'storm.work', 'default', 5,
       jsonb_build_object('provider_port', %s::integer, 'work_s', 0.05), 'pending', 4, 300, gen_random_uuid()
FROM tenant, generate_series(1, %s)
"""
DONE = "SELECT count(*) FROM job WHERE state = 'succeeded'"
ROWS = "SELECT count(*), count(DISTINCT (job_id, step)) FROM storm_row"


@pytest.fixture
def data_directory() -> Iterator[Path]:
    # Short, since the server's socket is in it, and reachable for the server's own user where the tests run as root.
    root = ROOT_HOME if os.geteuid() == 0 else None
    with tempfile.TemporaryDirectory(prefix="c-", dir=root) as name:
        Path(name).chmod(0o755)
        yield Path(name)


def environment(address: ServerAddress) -> dict[str, str]:
    urls = {"DATABASE_URL": address.app_url, "KAIRO_OWNER_DATABASE_URL": address.owner_url}
    return os.environ | urls | {"PYTHONUNBUFFERED": "1", "DJANGO_SETTINGS_MODULE": "kairo.config.settings"}


def prepare(address: ServerAddress, provider_port: int) -> None:
    migrate = [sys.executable, "-m", "django", "migrate", "--database", "owner", "--verbosity", "0"]
    subprocess.run(migrate, env=environment(address), check=True)
    make_storm_table(address.url("postgres"))
    with psycopg.connect(address.url("postgres"), autocommit=True) as server:
        server.execute(NEW_TENANT)
        server.execute(NEW_JOBS, [provider_port, JOBS])


def start_workers(address: ServerAddress) -> list[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "tests.verification.jobs.storm_worker", "--concurrency", "1"]
    quiet = subprocess.DEVNULL
    every = [*command, "--poll-interval", "0.2"]
    return [subprocess.Popen(every, env=environment(address), stdout=quiet, stderr=quiet) for _ in range(WORKERS)]


def wait_until_done(address: ServerAddress, jobs: int, *, within_s: float) -> None:
    deadline = time.monotonic() + within_s
    while (done := ask(address, DONE)[0]) < jobs:
        assert time.monotonic() < deadline, f"{done} of {jobs} jobs are done after {within_s:g} s."
        time.sleep(0.1)


def ask(address: ServerAddress, question: str) -> tuple[int, ...]:
    with psycopg.connect(address.url("postgres")) as server:
        found = server.execute(question.encode()).fetchone()
    assert found is not None
    return tuple(found)


def crash(data_directory: Path) -> None:
    """End the server as `pg_ctl stop -m immediate` does."""
    os.kill(json.loads((data_directory / "server.json").read_text())["server_pid"], signal.SIGQUIT)


@pytest.mark.long
def test_an_immediate_restart_of_the_server_loses_and_repeats_nothing(data_directory: Path) -> None:
    workers: list[subprocess.Popen[bytes]] = []
    with counting_provider() as provider:
        try:
            with own_server(data_directory, settings=CRASH_SAFE) as address:
                prepare(address, provider.port)
                workers = start_workers(address)
                wait_until_done(address, JOBS // 4, within_s=60)
                crash(data_directory)
            with own_server(data_directory, settings=CRASH_SAFE) as address:
                done_before = ask(address, DONE)[0]
                wait_until_done(address, JOBS, within_s=90)
                rows = ask(address, ROWS)
        finally:
            for worker in workers:
                worker.terminate()
            codes = [worker.wait(20) for worker in workers]

    assert JOBS // 4 <= done_before < JOBS
    assert rows == (JOBS * len(STEPS), JOBS * len(STEPS))
    sent = [count for wish, count in provider.acts.items() if wish.startswith("/send/")]
    assert sent == [1] * JOBS
    assert codes == [0] * WORKERS
