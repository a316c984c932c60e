"""The embedded PostgreSQL: one owner, clean start and stop, clear refusals."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from kairo.platform.database.embedded import ROOT_HOME, DataDirectoryInUse, UnableToStart, own_server, use_server

HOLD = """
import sys, time
from pathlib import Path
from kairo.platform.database.embedded import own_server
with own_server(Path(sys.argv[1])):
    print("up", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def directory() -> Iterator[Path]:
    """A short path that the server's own user can reach, also where the tests run as root."""
    parent = ROOT_HOME if os.geteuid() == 0 else None
    if parent:
        parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix="e-", dir=parent))
    made.chmod(0o755)
    yield made / "data"
    shutil.rmtree(made, ignore_errors=True)


def servers_of(directory: Path) -> list[psutil.Process]:
    return [
        process
        for process in psutil.process_iter(["cmdline"])
        if str(directory / "postgres") in " ".join(process.info["cmdline"] or [])
    ]


def test_the_server_runs_for_its_owner_and_leaves_no_process(directory: Path) -> None:
    with own_server(directory) as address, psycopg.connect(address.app_url) as connection:
        assert connection.execute("SELECT current_user").fetchone() == ("kairo_app",)
        assert servers_of(directory)

    assert servers_of(directory) == []


def test_what_was_written_is_there_at_the_next_start(directory: Path) -> None:
    with own_server(directory) as address, psycopg.connect(address.owner_url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS number")

    with own_server(directory) as address, psycopg.connect(address.owner_url) as connection:
        assert connection.execute("SELECT number FROM kept").fetchone() == (7,)


def test_a_second_owner_is_told_who_has_the_directory(directory: Path) -> None:
    with own_server(directory), pytest.raises(DataDirectoryInUse, match=str(os.getpid())), own_server(directory):
        pass


def test_others_use_the_owners_server(directory: Path) -> None:
    with own_server(directory), use_server(directory) as address, psycopg.connect(address.app_url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_command_owns_the_server_where_nobody_does(directory: Path) -> None:
    with use_server(directory) as address, psycopg.connect(address.app_url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)

    assert servers_of(directory) == []


def test_a_killed_owners_server_is_taken_over(directory: Path) -> None:
    owner = subprocess.Popen([sys.executable, "-c", HOLD, str(directory)], stdout=subprocess.PIPE)
    assert owner.stdout is not None
    assert owner.stdout.readline() == b"up\n"
    owner.send_signal(signal.SIGKILL)
    owner.wait()

    with own_server(directory, wait_s=5) as address, psycopg.connect(address.app_url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)

    deadline = time.monotonic() + 5
    while servers_of(directory) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert servers_of(directory) == []


def test_a_path_too_long_for_a_socket_is_refused(directory: Path) -> None:
    with pytest.raises(UnableToStart, match="--data-dir"), own_server(directory / ("x" * 100)):
        pass


@pytest.mark.skipif(os.geteuid() != 0, reason="only root needs a server user of its own")
def test_as_root_no_folder_above_is_widened(directory: Path) -> None:
    closed = Path(tempfile.mkdtemp(prefix="closed-", dir=ROOT_HOME))
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700

    with pytest.raises(UnableToStart, match="cannot reach"), own_server(closed / "data"):
        pass

    assert stat.S_IMODE(closed.stat().st_mode) == 0o700
    shutil.rmtree(closed)
    before = stat.S_IMODE(Path("/root").stat().st_mode)
    with own_server(directory):
        assert stat.S_IMODE((directory / "postgres").stat().st_mode) == 0o700
    assert stat.S_IMODE(Path("/root").stat().st_mode) == before
