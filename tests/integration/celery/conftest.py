"""Celery's processes and brokers as the tests need them: Redis and RabbitMQ, both real."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import psutil
import pytest
from django.db import connections
from kombu.connection import Connection
from kombu.exceptions import OperationalError as BrokerError
from psycopg.conninfo import conninfo_to_dict
from pytest_django import DjangoDbBlocker
from pytest_django.fixtures import Settings

from kairo.platform.jobs.fleet import application, bell, broker
from kairo.platform.tenancy.operations import create_tenant
from tests.conftest import empty_database
from tests.integration.celery.fleet_entry import run_celery, run_worker_beside
from tests.integration.jobs.conftest import wait_for

_PROCESSES = multiprocessing.get_context("forkserver")
ALL_QUEUES = "default,io,cpu_intensive"
READY_WITHIN_S = 90
Target = Callable[[str, str, str, list[str]], None]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class OwnRedis:
    """A Redis of the test's own, which may be stopped and started again; it keeps nothing on disk."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        program = shutil.which("redis-server")
        assert program is not None, "These tests need redis-server."
        quiet = ["--save", "", "--appendonly", "no", "--logfile", "redis.log"]
        self._process = subprocess.Popen([program, "--port", str(self.port), *quiet], cwd=self._directory)
        wait_for(lambda: socket.socket().connect_ex(("127.0.0.1", self.port)) == 0)

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


class OwnRabbitMQ:
    """A RabbitMQ of the test's own, beside the machine's, which may be stopped and started again."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._port = free_port()
        self.url = f"amqp://guest:guest@127.0.0.1:{self._port}//"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        program = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
        assert program.exists(), "This test needs RabbitMQ's server."
        (self._directory / "plugins").write_text("[].")
        places = {
            "HOME": self._directory,
            "RABBITMQ_NODENAME": f"kairo{self._port}@localhost",
            "RABBITMQ_NODE_PORT": self._port,
            "RABBITMQ_DIST_PORT": free_port(),
            "RABBITMQ_MNESIA_BASE": self._directory / "mnesia",
            "RABBITMQ_LOG_BASE": self._directory / "log",
            "RABBITMQ_ENABLED_PLUGINS_FILE": self._directory / "plugins",
            "RABBITMQ_CONFIG_FILE": self._directory / "none",
            "RABBITMQ_CONF_ENV_FILE": "/dev/null",
        }
        environment = os.environ | {name: str(place) for name, place in places.items()}
        with (self._directory / "server.out").open("ab") as output:
            self._process = subprocess.Popen([program], env=environment, stdout=output, start_new_session=True)
        wait_for(self._answers, within_s=90)

    def _answers(self) -> bool:
        try:
            with Connection(self.url, connect_timeout=1) as connection:  # type: ignore[no-untyped-call]
                connection.ensure_connection(max_retries=1, interval_start=0)
        except (OSError, BrokerError):
            return False
        return True

    def stop(self) -> None:
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None


OwnBroker = OwnRedis | OwnRabbitMQ


@dataclass
class CeleryProcess:
    """One command of Celery, with what it prints."""

    database: str
    broker: str
    output: Path
    arguments: list[str]
    target: Target = field(default=run_celery)

    def __post_init__(self) -> None:
        self.output.touch()
        where = (self.database, self.broker, str(self.output), self.arguments)
        self._process = _PROCESSES.Process(target=self.target, args=where)
        self._process.start()

    @property
    def pid(self) -> int:
        return self._process.pid or 0

    @property
    def printed(self) -> str:
        return self.output.read_text()

    def await_line(self, words: str, *, times: int = 1) -> None:
        """Wait until it has printed some words so often."""

        def look() -> bool:
            assert self._process.is_alive(), self.printed
            return self.printed.count(words) >= times

        wait_for(look, within_s=READY_WITHIN_S)

    def children(self) -> list[int]:
        """List its processes and theirs, of which the jobs' are."""
        with suppress(psutil.NoSuchProcess):
            return [child.pid for child in psutil.Process(self.pid).children(recursive=True)]
        return []

    def kill(self) -> None:
        """End it as the loss of its machine would."""
        pids = [self.pid, *self.children()]
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._process.join()

    def kill_main(self) -> None:
        """End the process that the others belong to, and none of them."""
        self._process.kill()
        self._process.join()

    def stop(self) -> None:
        """Ask it to stop, and make it where it does not."""
        self._process.terminate()
        self._process.join(15)
        self.kill()


@dataclass
class Fleet:
    """Everything that works on one database through one broker."""

    database: str
    broker: str
    directory: Path
    started: list[CeleryProcess] = field(default_factory=list)

    def worker(self, *options: str, queues: str = ALL_QUEUES, target: Target = run_celery) -> CeleryProcess:
        """Start a worker and wait until it takes messages."""
        name = f"w{len(self.started)}-{os.getpid()}@%h"
        arguments = ["worker", "-n", name, "-Q", queues, "--without-gossip", "--without-mingle", "-l", "info", *options]
        if "-c" not in options:
            arguments += ["-c", "1"]
        started = self._start(arguments, target)
        started.await_line(" ready.")
        return started

    def beat(self, target: Target = run_celery) -> CeleryProcess:
        return self._start(["beat", "-l", "info"], target)

    def embedded_worker(self, *options: str) -> CeleryProcess:
        return self._start(list(options), run_worker_beside)

    def run(self, *arguments: str) -> CeleryProcess:
        return self._start(list(arguments), run_celery)

    def end(self) -> None:
        for process in self.started:
            process.kill()

    def _start(self, arguments: list[str], target: Target) -> CeleryProcess:
        output = self.directory / f"{len(self.started)}.out"
        self.started.append(CeleryProcess(self.database, self.broker, output, arguments, target))
        return self.started[-1]


def rabbitmq() -> str:
    """Return the address of the RabbitMQ of this machine, with nothing in the queues of the fleet."""
    url = os.environ.get("KAIRO_TEST_AMQP_URL", "amqp://guest:guest@127.0.0.1:5672//")
    with Connection(url) as connection:  # type: ignore[no-untyped-call]
        channel = connection.default_channel
        for queue in ALL_QUEUES.split(","):
            channel.queue_delete(queue)
    return url


@pytest.fixture(scope="module")
def lasting_database(migrated_database: str, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """The real database for all tests of a module, so that they share workers; emptied after them."""
    with django_db_blocker.unblock():
        yield migrated_database
        connections.close_all()
    empty_database(migrated_database)


def make_tenant(slug: str) -> UUID:
    return create_tenant(slug=slug).id


@pytest.fixture(scope="module")
def own_redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnRedis]:
    redis = OwnRedis(tmp_path_factory.mktemp("redis"))
    redis.start()
    yield redis
    redis.stop()


@pytest.fixture
def ring_through(settings: Settings) -> Iterator[Callable[[str], None]]:
    """Have this process ring through a broker, as an installation with a fleet does."""

    def use(url: str) -> None:
        settings.KAIRO_JOBS_ENGINE = "celery"
        settings.CELERY_BROKER_URL = url
        _forget()

    yield use
    _forget()


def _forget() -> None:
    application.fleet_app.cache_clear()
    broker.LINE.hang_up()
    bell.forget()


@pytest.fixture
def fleet_of(database: str, tmp_path: Path) -> Iterator[Callable[[str], Fleet]]:
    """Make a fleet over a broker; whatever the test leaves running is killed after it."""
    fleets: list[Fleet] = []

    def make(url: str) -> Fleet:
        fleets.append(Fleet(str(conninfo_to_dict(database)["dbname"]), url, tmp_path))
        return fleets[-1]

    yield make
    for fleet in fleets:
        fleet.end()


def eventually(look: Callable[[], bool], *, within_s: float = 20) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + within_s
    while not look():
        assert time.monotonic() < deadline, "It did not happen in time."
        time.sleep(0.05)
