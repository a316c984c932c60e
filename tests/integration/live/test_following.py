"""What followers see of a run: each event once and in order, whatever happens to connections, servers and rings."""

from __future__ import annotations

import asyncio
import random
import signal
import time
from contextlib import aclosing
from functools import partial
from uuid import UUID

import psycopg
import pytest

from kairo.platform.database.ids import new_id
from kairo.platform.database.roles import APP_ROLE
from kairo.platform.live.listening import APPLICATION_NAME
from kairo.platform.telemetry.contracts import EventType
from tests.integration.live.clients import Frame, Transport, by_socket, by_stream, seen_through_cuts
from tests.integration.live.servers import WebServer
from tests.integration.live.writers import (
    append,
    append_from_several,
    complete_job,
    doorbell_unhung,
    on_own_connection,
    started_job,
    started_run,
)

both_transports = pytest.mark.parametrize("transport", [by_stream, by_socket])


def listeners(url: str) -> set[int]:
    """List the connections to this database that listen for rings."""
    statement = "SELECT pid FROM pg_stat_activity WHERE application_name = %s AND datname = current_database()"
    with psycopg.connect(url) as server:
        return {pid for (pid,) in server.execute(statement, [APPLICATION_NAME]).fetchall()}


def end_connections_of_web_server(url: str) -> None:
    """Do to the web server what a restart of PostgreSQL does."""
    statement = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = %s"
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(statement, [APP_ROLE])


async def until(listening: bool, url: str, *, without: frozenset[int] = frozenset()) -> None:
    deadline = time.monotonic() + 10
    while bool(await asyncio.to_thread(listeners, url) - without) is not listening:
        assert time.monotonic() < deadline, "It did not happen in time."
        await asyncio.sleep(0.02)


async def append_soon(tenant: UUID, run_id: UUID, *types: EventType) -> None:
    await asyncio.to_thread(on_own_connection, partial(append, tenant, run_id, *types))


@both_transports
def test_a_follower_gets_what_was_and_then_what_comes(
    tenant: UUID, token: str, address: str, transport: Transport
) -> None:
    run_id = started_run(tenant, events=3)

    async def follow() -> list[Frame]:
        found: list[Frame] = []
        async with aclosing(transport(address, token, run_id, 1)) as frames:
            async for frame in frames:
                found.append(frame)
                if frame["seq"] == 3:
                    await append_soon(tenant, run_id, EventType.GATE)
                if frame["seq"] == 4:
                    break
        return found

    frames = asyncio.run(follow())

    assert [(frame["seq"], frame["type"]) for frame in frames] == [(2, "step"), (3, "step"), (4, "gate")]
    assert set(frames[0]) == {"run_id", "seq", "type", "data", "at"}
    assert (frames[0]["run_id"], frames[0]["data"]) == (str(run_id), {"text": ""})


def test_thirty_cuts_lose_and_double_nothing(tenant: UUID, token: str, address: str) -> None:
    run_id = started_run(tenant)
    dice = random.Random(1)
    events = 241
    write = partial(append_from_several, tenant, run_id, writers=4, events=events - 1, longest_pause_s=0.1)

    async def follow() -> list[list[int]]:
        seen = [
            seen_through_cuts(transport, address, token, run_id, events=events, cuts=30, dice=dice)
            for transport in (by_stream, by_socket)
        ]
        followed = asyncio.gather(*seen)
        await asyncio.to_thread(write)
        return await followed

    for seen in asyncio.run(follow()):
        assert seen == list(range(1, events + 1))


def test_a_server_that_stops_and_starts_again_is_only_a_cut(tenant: UUID, token: str, own_server: WebServer) -> None:
    run_id, quiet_run = started_run(tenant), started_run(tenant)
    events = 121
    write = partial(append_from_several, tenant, run_id, writers=3, events=events - 1, longest_pause_s=0.08)
    stopped_after_s: list[float] = []

    def restart() -> None:
        time.sleep(0.4)
        stopped_after_s.append(own_server.stop(signal.SIGTERM))
        own_server.start()

    async def follow() -> list[list[int]]:
        seen = [
            seen_through_cuts(transport, own_server.address, token, run_id, events=events, cuts=0, dice=random.Random())
            for transport in (by_stream, by_socket)
        ]
        followed = asyncio.gather(*seen)
        async with aclosing(by_stream(own_server.address, token, quiet_run, 0)) as waiting:
            await anext(waiting)
            await asyncio.gather(asyncio.to_thread(write), asyncio.to_thread(restart))
        return await asyncio.wait_for(followed, 20)

    for seen in asyncio.run(follow()):
        assert seen == list(range(1, events + 1))
    assert stopped_after_s[0] < 3, "An open stream held the server up."


@both_transports
def test_lost_rings_only_delay(tenant: UUID, token: str, address: str, transport: Transport) -> None:
    run_id = started_run(tenant)
    delays_s: list[float] = []

    async def follow() -> None:
        async with aclosing(transport(address, token, run_id, 0)) as frames:
            await anext(frames)
            await asyncio.sleep(0.3)
            asked_at = time.monotonic()
            await append_soon(tenant, run_id, EventType.STEP, EventType.STEP)
            assert [(await anext(frames))["seq"], (await anext(frames))["seq"]] == [2, 3]
            delays_s.append(time.monotonic() - asked_at)

    with doorbell_unhung():
        asyncio.run(follow())

    assert delays_s[0] < 3


def test_following_goes_on_and_is_prompt_again_after_the_database_has_ended_all_connections(
    tenant: UUID, token: str, address: str, database: str
) -> None:
    run_id = started_run(tenant)
    delays_s: list[float] = []

    async def follow() -> None:
        async with aclosing(by_stream(address, token, run_id, 1)) as frames:
            following = asyncio.ensure_future(anext(frames))
            await until(True, database)
            ended = frozenset(await asyncio.to_thread(listeners, database))
            await asyncio.to_thread(end_connections_of_web_server, database)
            await append_soon(tenant, run_id, EventType.STEP)
            assert (await following)["seq"] == 2
            await until(True, database, without=ended)
            for seq in range(3, 8):
                await asyncio.sleep(0.2)
                asked_at = time.monotonic()
                await append_soon(tenant, run_id, EventType.STEP)
                assert (await anext(frames))["seq"] == seq
                delays_s.append(time.monotonic() - asked_at)

    asyncio.run(follow())

    assert sorted(delays_s)[2] < 0.5, "Events came by looking again, not by rings."


def test_one_connection_listens_for_all_and_only_while_somebody_follows(
    tenant: UUID, token: str, address: str, database: str
) -> None:
    runs = [started_run(tenant) for _ in range(3)]
    together: set[int] = set()

    async def wait_for_one(run_id: UUID, transport: Transport) -> None:
        async with aclosing(transport(address, token, run_id, 0)) as frames:
            await anext(frames)
            await until(True, database)
            together.update(await asyncio.to_thread(listeners, database))

    async def follow() -> None:
        async with asyncio.TaskGroup() as group:
            for run_id in runs:
                for transport in (by_stream, by_socket):
                    group.create_task(wait_for_one(run_id, transport))
        await until(False, database)

    asyncio.run(follow())

    assert len(together) == 1


@both_transports
def test_the_stream_ends_when_no_job_of_the_run_lives(
    tenant: UUID, token: str, address: str, transport: Transport
) -> None:
    run_id = new_id()
    first, second = started_job(tenant, run_id), started_job(tenant, run_id)

    async def follow() -> list[Frame]:
        frames = transport(address, token, run_id, 0)
        following = asyncio.ensure_future(_all(frames))
        await asyncio.sleep(0.3)
        await asyncio.to_thread(on_own_connection, partial(complete_job, tenant, first))
        await asyncio.sleep(0.5)
        assert not following.done(), "It ended while a job was running."
        await asyncio.to_thread(on_own_connection, partial(complete_job, tenant, second, steps=600))
        return await asyncio.wait_for(following, 5)

    frames = asyncio.run(follow())

    assert [frame["seq"] for frame in frames] == [*range(1, 603), 602]
    assert [frame["type"] for frame in frames[-2:]] == ["run_complete", "end"]


@both_transports
def test_whoever_comes_back_after_the_end_hears_only_of_the_end(
    tenant: UUID, token: str, address: str, transport: Transport
) -> None:
    run_id = new_id()
    append(tenant, run_id, EventType.RUN_START, EventType.RUN_FAIL)

    frames = asyncio.run(_all(transport(address, token, run_id, 2)))

    assert [(frame["seq"], frame["type"]) for frame in frames] == [(2, "end")]


async def _all(frames: object) -> list[Frame]:
    return [frame async for frame in frames]  # type: ignore[attr-defined]
