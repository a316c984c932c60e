"""`kairo run`: one process owns the database server, the web server and the worker, and leaves none of them behind.

Imported before Django is set up: the web server's start, which takes longest, goes on beside everything else.
"""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import webbrowser
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from threading import Event
from types import FrameType

import typer

from kairo.config.env import JobsEngine, environment
from kairo.errors import Unavailable
from kairo.interfaces.cli.installation import (
    data_directory,
    database,
    lasting_secret_key,
    migrate,
    uses_embedded_server,
)
from kairo.platform.database.embedded import own_server

WAIT_FOR_SHORT_COMMAND_S = 10
WEB_READY_TIMEOUT_S = 60
STOP_GRACE_S = 15
WEB_SERVER = "web server"
WATCH_EVERY_S = 0.2
LOCAL_OWNER = "owner@kairo.local"
PR_SET_PDEATHSIG = 1
METRICS_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""Read by the web server's metrics library, where it is first imported."""


class PortInUse(Unavailable):
    """Something else listens where the web server was to listen."""

    code = "port_in_use"


class ChildStopped(Unavailable):
    """The web server or the worker ended by itself."""

    code = "child_stopped"


class _StopAsked(Exception):
    """SIGTERM or SIGINT arrived."""


@dataclass
class _Children:
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, name: str, *arguments: str, stdin: int | None = None) -> None:
        # A session of its own: Ctrl-C reaches the supervisor alone, which stops everything in order.
        self.processes[name] = subprocess.Popen(
            [sys.executable, "-m", *arguments],
            stdin=stdin,
            start_new_session=True,
            preexec_fn=_die_with_parent if sys.platform == "linux" else None,
        )

    def tell(self, name: str) -> None:
        """Give a child the line that it waits for; one that has ended is met by `require_alive`."""
        line = self.processes[name].stdin
        if line is not None:
            with suppress(BrokenPipeError):
                line.write(b"go on\n")
                line.flush()

    def require_alive(self) -> None:
        for name, process in self.processes.items():
            if process.poll() is not None:
                raise ChildStopped(f"The {name} ended with code {process.returncode}; its log is above.")

    def stop(self) -> None:
        for process in reversed(self.processes.values()):
            if process.poll() is None:
                process.terminate()
        deadline = time.monotonic() + STOP_GRACE_S
        for process in self.processes.values():
            try:
                process.wait(timeout=max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def run(*, host: str, port: int, demo: bool, workers: int, browser: bool) -> None:
    """Serve until Ctrl-C or SIGTERM; then everything that was started here is stopped.

    Raises:
        PortInUse, DataDirectoryInUse, UnableToStart, ChildStopped: with what to do.
    """
    environment()
    _require_free(host, port)
    os.environ["KAIRO_SECRET_KEY"] = lasting_secret_key()
    children = _Children()
    with _stop_signals() as stop_asked, ExitStack() as stack:
        with suppress(_StopAsked):
            # Left out, each web process would tell of its own requests alone, and forget those of one that has ended.
            os.environ[METRICS_FOLDER] = stack.enter_context(tempfile.TemporaryDirectory(prefix="kairo-metrics-"))
            stack.callback(children.stop)  # Once more, for a database that does not start.
            children.start(
                WEB_SERVER, "kairo.interfaces.cli.web_server", "--host", host, "--port", str(port),
                stdin=subprocess.PIPE,
            )  # fmt: skip
            stack.enter_context(_owned_database())
            stack.callback(children.stop)
            if demo:
                _bring_demo_brand()
            address = f"http://{'127.0.0.1' if host == '0.0.0.0' else host}:{port}"  # noqa: S104
            children.tell(WEB_SERVER)
            _await_web(address, children)
            # After the web server: on two cores each would have to wait for the other.
            if environment().KAIRO_JOBS_ENGINE is JobsEngine.EMBEDDED:
                children.start("worker", "kairo.interfaces.cli.main", "worker", "--concurrency", str(workers))
            else:
                typer.echo("Jobs are left to Celery: `celery -A kairo worker` and `celery -A kairo beat`.")
            _greet(address, browser=browser)
            while not stop_asked.wait(WATCH_EVERY_S):
                children.require_alive()
        typer.echo("Stopping …")


@contextmanager
def _owned_database() -> Iterator[None]:
    """Hold the database, migrated, and have Django set up on it."""
    import django

    if not uses_embedded_server():
        django.setup()
        with database():
            yield
        return
    with own_server(data_directory(), wait_s=WAIT_FOR_SHORT_COMMAND_S):
        django.setup()
        migrate()
        yield


def _bring_demo_brand() -> None:
    from kairo.interfaces.cli.demo import seed_demo_brand
    from kairo.platform.database.clock import now

    seed_demo_brand(at=now())


@contextmanager
def _stop_signals() -> Iterator[Event]:
    """Have a signal break off whatever goes on, and set the event that is yielded."""
    asked = Event()

    def ask(number: int, frame: FrameType | None) -> None:
        # A second signal must not cut the stopping short: what is left behind would hold the data directory.
        for name in (signal.SIGINT, signal.SIGTERM):
            signal.signal(name, signal.SIG_IGN)
        # Python drops what is raised while it forks or clears up: then the event is what is left.
        asked.set()
        raise _StopAsked

    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, ask)
    yield asked


def _require_free(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise PortInUse(
                f"{host}:{port} cannot be listened on ({error.strerror}): choose another --port."
            ) from error


def _await_web(address: str, children: _Children) -> None:
    deadline = time.monotonic() + WEB_READY_TIMEOUT_S
    while True:
        children.require_alive()
        try:
            with urllib.request.urlopen(f"{address}/readyz", timeout=5):  # noqa: S310 - our own address
                return
        except (urllib.error.URLError, OSError) as error:
            if time.monotonic() > deadline:
                raise ChildStopped(f"The web server did not get ready within {WEB_READY_TIMEOUT_S} s.") from error
            time.sleep(0.05)


def _greet(address: str, *, browser: bool) -> None:
    from django.utils import timezone

    from kairo.platform.tenancy.lookups import tenants
    from kairo.platform.tenancy.operations import issue_sign_in_link

    accounts = tenants()
    if not accounts:
        typer.echo(
            f"Kairo is ready at {address}. Make an account with `kairo tenant create SLUG --owner-email E-MAIL`."
        )
        return
    token = issue_sign_in_link(tenant_id=accounts[0].id, email=LOCAL_OWNER, at=timezone.now())
    link = f"{address}/sign-in?token={token}"
    typer.echo(f"Kairo is ready. Sign in (works once, for 15 minutes): {link}\nStop it with Ctrl-C.")
    if browser and sys.stdout.isatty():
        webbrowser.open(link)
