"""A worker outlives the database server that it works on."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from kairo.platform.database.embedded import ROOT_HOME, ServerAddress, own_server
from tests.database_server import FAST
from tests.integration.jobs.conftest import wait_for

NEW_TENANT = "INSERT INTO tenant (id, slug, name, settings) VALUES (gen_random_uuid(), 'acme', 'acme', '{}')"
NEW_JOB = """
INSERT INTO job (id, tenant_id, kind, queue, priority, payload, state, max_attempts, time_limit_s, run_id)
SELECT gen_random_uuid(), id, 'tests.note', 'default', 5, %s::jsonb, 'pending', 4, 300, gen_random_uuid() FROM tenant
"""
ALL_DONE = "SELECT bool_and(state = 'succeeded' AND attempts = 1 AND worker_losses = 0) FROM job"


@pytest.fixture
def data_directory() -> Iterator[Path]:
    # Short, since the server's socket is in it, and reachable for the server's own user where the tests run as root.
    root = ROOT_HOME if os.geteuid() == 0 else None
    with tempfile.TemporaryDirectory(prefix="r-", dir=root) as name:
        Path(name).chmod(0o755)
        yield Path(name)


def _environment(address: ServerAddress) -> dict[str, str]:
    urls = {"DATABASE_URL": address.app_url, "KAIRO_OWNER_DATABASE_URL": address.owner_url}
    return os.environ | urls | {"PYTHONUNBUFFERED": "1", "DJANGO_SETTINGS_MODULE": "kairo.config.settings"}


def _execute(address: ServerAddress, statement: str, *parameters: str) -> None:
    with psycopg.connect(address.url("postgres"), autocommit=True) as server:
        server.execute(statement, parameters)


def _all_done(address: ServerAddress) -> bool:
    with psycopg.connect(address.url("postgres")) as server:
        return server.execute(ALL_DONE).fetchone() == (True,)


@pytest.mark.long
def test_a_worker_survives_a_restart_of_the_database_and_so_does_its_job(data_directory: Path, tmp_path: Path) -> None:
    printed = tmp_path / "worker.out"
    with own_server(data_directory, settings=FAST) as address:
        environment = _environment(address)
        migrate = [sys.executable, "-m", "django", "migrate", "--database", "owner", "--verbosity", "0"]
        subprocess.run(migrate, env=environment, check=True)
        with printed.open("wb") as output:
            command = [sys.executable, "-m", "tests.integration.jobs.worker_entry", "--poll-interval", "0.5"]
            worker = subprocess.Popen(command, env=environment | {"KAIRO_JOB_LEASE_S": "30"}, stdout=output)
        _execute(address, NEW_TENANT)
        _execute(address, NEW_JOB, "{}")
        wait_for(lambda: _all_done(address))
        _execute(address, NEW_JOB, '{"sleep_s": 6}')
        wait_for(lambda: printed.read_text().count("claimed") == 2)

    wait_for(lambda: "the database is away" in printed.read_text())

    with own_server(data_directory, settings=FAST) as address:
        _execute(address, NEW_JOB, "{}")
        wait_for(lambda: _all_done(address), within_s=20)
        assert worker.poll() is None
        assert "the database is back" in printed.read_text()
        worker.terminate()
        assert worker.wait(15) == 0
