"""Many who follow at once share the listener, the looks and the pool of connections."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, aclosing
from uuid import UUID

import httpx
import psycopg
import pytest

from kairo.platform.telemetry.contracts import EventType
from tests.integration.live.clients import Transport, by_socket, by_stream
from tests.integration.live.writers import append, started_run

# More than the web server's pool has connections.
FOLLOWERS = 40
POOL_CONNECTIONS = 16
LISTENERS = 1


def server_connections(url: str) -> int:
    with psycopg.connect(url) as server:
        row = server.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND usename = 'kairo_app'"
        ).fetchone()
        assert row is not None
        count: int = row[0]
        return count


@pytest.mark.parametrize("transport", [by_stream, by_socket])
def test_open_streams_hold_no_connection_of_the_pool(
    tenant: UUID, token: str, address: str, database: str, transport: Transport
) -> None:
    run_id = started_run(tenant)
    connections: list[int] = []

    async def follow() -> list[int]:
        async with AsyncExitStack() as stack, httpx.AsyncClient(timeout=5) as client:
            followers = [
                await stack.enter_async_context(aclosing(transport(address, token, run_id, 0)))
                for _ in range(FOLLOWERS)
            ]
            await asyncio.gather(*map(anext, followers))
            connections.append(await asyncio.to_thread(server_connections, database))
            answer = await client.get(f"http://{address}/api/jobs", headers={"Authorization": f"Bearer {token}"})
            assert answer.status_code == 200
            await asyncio.to_thread(append, tenant, run_id, EventType.STEP)
            return [frame["seq"] for frame in await asyncio.gather(*map(anext, followers))]

    assert asyncio.run(asyncio.wait_for(follow(), 20)) == [2] * FOLLOWERS
    assert connections[0] <= POOL_CONNECTIONS + LISTENERS
