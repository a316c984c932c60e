"""What is measured of live events; Django is set up before this is imported."""

from __future__ import annotations

import asyncio
import random
import statistics
import time
from collections.abc import Callable
from contextlib import AsyncExitStack, aclosing
from functools import partial
from pathlib import Path
from uuid import UUID

from kairo.platform.database.ids import new_id
from kairo.platform.telemetry.contracts import EventType
from kairo.platform.tenancy.operations import create_tenant, issue_token
from tests.integration.live.clients import Frames, by_socket, by_stream
from tests.integration.live.servers import WebServer
from tests.integration.live.writers import append, doorbell_unhung, on_own_connection, started_run

EVENTS = 200
PAUSES_S = (0.25, 0.05, 0.01)
REPLAYED = 20_000
FOLLOWERS = 100
RECORDS = 1_000

Follow = Callable[[UUID, int], Frames]


def measure(database_url: str, log: Path) -> None:
    tenant = create_tenant(slug="measured").id
    token = issue_token(tenant_id=tenant, name="measure").token
    rings(tenant)
    web = WebServer(database_url, log)
    try:
        web.start()
        for name, transport in (("server-sent events", by_stream), ("WebSocket", by_socket)):
            print(f"{name}:")
            follow = partial(transport, web.address, token)
            for pause_s in PAUSES_S:
                latency(tenant, follow, pause_s)
            replay(tenant, follow)
            crowd(tenant, follow, web)
    finally:
        web.kill()


def rings(tenant: UUID) -> None:
    """Compare what a commit costs with and without its ring; each is of another run, so none is left out."""
    for _ in range(2):
        rung = _commits_a_second(tenant)
        with doorbell_unhung():
            silent = _commits_a_second(tenant)
        print(f"one writer, an event a commit, each for another run: {rung:.0f}/s with rings, {silent:.0f}/s without")


def _commits_a_second(tenant: UUID) -> float:
    runs = [new_id() for _ in range(RECORDS)]
    since = time.perf_counter()
    for run_id in runs:
        append(tenant, run_id, EventType.STEP)
    return RECORDS / (time.perf_counter() - since)


def latency(tenant: UUID, follow: Follow, pause_s: float) -> None:
    """Measure from the return of the commit to the client, with random pauses of this mean between events."""
    run_id = started_run(tenant)
    committed_at: dict[int, float] = {}
    came_at: dict[int, float] = {}

    def write() -> None:
        dice = random.Random(1)
        for seq in range(2, EVENTS + 2):
            append(tenant, run_id, EventType.STEP)
            committed_at[seq] = time.perf_counter()
            time.sleep(dice.uniform(0, 2 * pause_s))

    async def listen() -> None:
        async with aclosing(follow(run_id, 0)) as frames:
            await anext(frames)
            writing = asyncio.create_task(asyncio.to_thread(on_own_connection, write))
            async for frame in frames:
                came_at[frame["seq"]] = time.perf_counter()
                if frame["seq"] == EVENTS + 1:
                    break
            await writing

    asyncio.run(listen())
    late_ms = [1000 * max(0.0, came_at[seq] - committed_at[seq]) for seq in committed_at]
    p95 = statistics.quantiles(late_ms, n=20)[-1]
    print(
        f"  an event every {1000 * pause_s:.0f} ms: commit to client median {statistics.median(late_ms):.1f} ms,"
        f" p95 {p95:.1f} ms, most {max(late_ms):.1f} ms"
    )


def replay(tenant: UUID, follow: Follow) -> None:
    """Measure how fast a client gets what was there before it came."""
    run_id = new_id()
    for _ in range(REPLAYED // 500):
        append(tenant, run_id, *[EventType.STEP] * 500, text="x" * 200)

    async def listen() -> None:
        async with aclosing(follow(run_id, 0)) as frames:
            async for frame in frames:
                if frame["seq"] == REPLAYED:
                    break

    since = time.perf_counter()
    asyncio.run(listen())
    print(f"  replay: {REPLAYED / (time.perf_counter() - since):.0f} events/s")


def crowd(tenant: UUID, follow: Follow, web: WebServer) -> None:
    """Measure how long one event takes to reach the last of many, and what each of them costs the server."""
    run_id = started_run(tenant)
    before = web.memory_bytes

    async def listen() -> tuple[float, float]:
        async with AsyncExitStack() as stack:
            all_frames = [await stack.enter_async_context(aclosing(follow(run_id, 0))) for _ in range(FOLLOWERS)]
            for frames in all_frames:
                await anext(frames)
            grown = web.memory_bytes - before
            await asyncio.to_thread(on_own_connection, partial(append, tenant, run_id, EventType.STEP))
            since = time.perf_counter()
            await asyncio.gather(*map(anext, all_frames))
            return time.perf_counter() - since, grown / FOLLOWERS

    last_s, each_bytes = asyncio.run(listen())
    print(
        f"  {FOLLOWERS} followers of one run: the last has an event after {1000 * last_s:.0f} ms;"
        f" {each_bytes / 1024:.0f} kB of the server's memory each"
    )
