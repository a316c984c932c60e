"""GET /today of the demo brand, with its answer cached and not, beside a path of the same server with a constant.

    python -m bench.today        BENCH_SCALE=.1 (default): 150 requests a client and side; 1: 1,500

The constant passes the same middleware with the same bearer token. Both sides take turns in short rounds.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection
from uuid import UUID

import psycopg

from bench.table import SCALE, Line, at_share, durable_server, free_port, report

REQUESTS = max(40, round(1_500 * SCALE))
ROUND = 20
CONSTANT = "/bench/constant"


def main() -> None:
    """Measure at 1 and 8 clients, cached first, then with the cache emptied (a look does not fill it again)."""
    lines: list[Line] = []
    with durable_server() as url:
        tenant_id, brand_id = a_brand_with_a_board(url)
        with served(a_token(tenant_id)) as ask:
            for kind, reach in (("cached", "≤ 1.3"), ("not cached", "≤ 2")):
                if kind == "not cached":
                    _execute(url, "DELETE FROM today_board_cache")
                for clients in (1, 8):
                    lines += latencies(ask, f"/api/brands/{brand_id}/today", kind, clients, reach)
    report("today", lines)


def latencies(ask: Asking, path: str, kind: str, clients: int, reach: str) -> list[Line]:
    """Ask for the board and the constant in turn, and return p50 and p95 of both in milliseconds."""
    with ThreadPoolExecutor(clients) as pool:
        for warm_up in (CONSTANT, path):
            list(pool.map(lambda _, warm=warm_up: ask.milliseconds(warm), range(clients)))
        ours: list[float] = []
        theirs: list[float] = []
        for _ in range(REQUESTS // ROUND):
            for waits, asked in ((theirs, CONSTANT), (ours, path)):
                rounds = pool.map(lambda _, asked=asked: ask.milliseconds(asked), range(clients))
                waits += [ms for client in rounds for ms in client]
    what = f"GET /today {kind}, {clients} client{'s' * (clients > 1)}"
    p95_reach = "≤ 25 ms" if clients == 8 else ""
    return [
        Line(f"{what}, p50", at_share(ours, 0.5), "a constant", at_share(theirs, 0.5), "ms", reach),
        Line(f"{what}, p95", at_share(ours, 0.95), "a constant", at_share(theirs, 0.95), "ms", p95_reach),
    ]


class Asking:
    """Asks one server with one token."""

    def __init__(self, port: int, token: str) -> None:
        self.port = port
        self.headers = {"Authorization": f"Bearer {token}"}

    def milliseconds(self, path: str) -> list[float]:
        """Ask some times over one connection and return how long each answer took; the first is not counted."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        waits: list[float] = []
        for _ in range(ROUND + 1):
            started = time.perf_counter()
            connection.request("GET", path, headers=self.headers)
            answer = connection.getresponse()
            body = answer.read()
            waits.append((time.perf_counter() - started) * 1000)
            assert answer.status == 200, body[:200]
            assert b'"ready"' in body, body[:200]
        connection.close()
        return waits[1:]


@contextmanager
def served(token: str) -> Iterator[Asking]:
    """Serve Kairo and the constant as `kairo run` does, for the block."""
    port = free_port()
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "bench.today_server.settings"}
    command = [sys.executable, "-m", "kairo.interfaces.cli.web_server", "--host", "127.0.0.1", "--port", str(port)]
    server = subprocess.Popen(command, env=environment, stdin=subprocess.PIPE)
    try:
        assert server.stdin is not None
        server.stdin.write(b"go on\n")
        server.stdin.flush()
        _await_port(port, server)
        yield Asking(port, token)
    finally:
        server.terminate()
        server.wait()


def _await_port(port: int, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while server.poll() is None and time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise SystemExit("the server did not start")


def a_brand_with_a_board(url: str) -> tuple[UUID, UUID]:
    """Seed the demo brand, let a worker make its board, and return the tenant and the brand."""
    from django.utils import timezone

    from kairo.interfaces.cli.demo import seed_demo_brand

    seed_demo_brand(at=timezone.now())
    worker = [sys.executable, "-m", "tests.integration.jobs.worker_entry", "--once", "--concurrency", "1"]
    subprocess.run(worker, check=True, stdout=subprocess.DEVNULL)
    with psycopg.connect(url) as server:
        row = server.execute("SELECT tenant_id, id FROM brand").fetchone()
    assert row is not None, "the demo brand was not made"
    return row[0], row[1]


def a_token(tenant_id: UUID) -> str:
    from kairo.platform.tenancy.operations import issue_token

    return issue_token(tenant_id=tenant_id, name="bench").token


def _execute(url: str, statement: str) -> None:
    with psycopg.connect(url) as server:
        server.execute(statement)


if __name__ == "__main__":
    main()
