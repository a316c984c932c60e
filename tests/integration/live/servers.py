"""The web server as a process of its own, over the test's database."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import psutil
from psycopg.conninfo import make_conninfo

from kairo.platform.database.roles import APP_ROLE

STARTED_WITHIN_S = 90.0
STOPPED_WITHIN_S = 10.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class WebServer:
    """The web server as `kairo run` starts it; it can be stopped and started again at the same address."""

    def __init__(self, database_url: str, log: Path) -> None:
        self.port = free_port()
        self.address = f"127.0.0.1:{self.port}"
        self._database_url = make_conninfo(database_url, user=APP_ROLE)
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [sys.executable, "-m", "kairo.interfaces.cli.web_server", "--host", "127.0.0.1"]
        with self._log.open("a") as output:
            self._process = subprocess.Popen(
                [*command, "--port", str(self.port)],
                env=os.environ | {"DATABASE_URL": self._database_url},
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        assert self._process.stdin is not None
        self._process.stdin.write(b"go on\n")
        self._process.stdin.close()
        deadline = time.monotonic() + STARTED_WITHIN_S
        while not self._answers():
            assert self._process.poll() is None, self.log
            assert time.monotonic() < deadline, "The server did not start."
            time.sleep(0.05)

    def _answers(self) -> bool:
        try:
            return httpx.get(f"http://{self.address}/healthz").status_code == 200
        except httpx.TransportError:
            return False

    def stop(self, how: signal.Signals) -> float:
        """Stop the server, and return how many seconds it took."""
        assert self._process is not None
        since = time.monotonic()
        self._process.send_signal(how)
        self._process.wait(STOPPED_WITHIN_S)
        return time.monotonic() - since

    def kill(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait()

    @property
    def log(self) -> str:
        return self._log.read_text()

    @property
    def memory_bytes(self) -> int:
        assert self._process is not None
        size: int = psutil.Process(self._process.pid).memory_info().rss
        return size
