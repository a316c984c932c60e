"""A client that does not read is late; it costs the server no memory and the others no time."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncGenerator, Awaitable, Callable
from uuid import UUID

import httpx
import pytest
from websockets.asyncio.client import connect

from kairo.platform.database.ids import new_id
from kairo.platform.telemetry.contracts import EventType
from tests.integration.live.clients import EVENT_STREAM, by_stream, socket_url, ticket_for
from tests.integration.live.servers import WebServer
from tests.integration.live.writers import append

EVENTS = 12_000
TEXT = "x" * 2_000
MOST_GROWTH_BYTES = 16_000_000
SMALL_WINDOW_BYTES = 16_384

Seqs = AsyncGenerator[int, None]
Gate = Callable[[], Awaitable[None]]


def small_window(address: str) -> socket.socket:
    """Connect with little room in the kernel for what is not read."""
    host, port = address.split(":")
    opened = socket.socket()
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL_WINDOW_BYTES)
    opened.connect((host, int(port)))
    opened.setblocking(False)
    return opened


async def stream_after_gate(address: str, token: str, run_id: UUID, gate: Gate) -> Seqs:
    transport = httpx.AsyncHTTPTransport(socket_options=[(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL_WINDOW_BYTES)])
    headers = EVENT_STREAM | {"Authorization": f"Bearer {token}"}
    async with (
        httpx.AsyncClient(transport=transport, timeout=30) as client,
        client.stream("GET", f"http://{address}/api/runs/{run_id}/events", headers=headers) as answer,
    ):
        await gate()
        async for line in answer.aiter_lines():
            if line.startswith("id: "):
                yield int(line.removeprefix("id: "))


async def socket_after_gate(address: str, token: str, run_id: UUID, gate: Gate) -> Seqs:
    url = socket_url(address, run_id, ticket=await ticket_for(address, token))
    async with connect(url, sock=small_window(address), max_queue=1) as opened:
        await gate()
        async for text in opened:
            yield json.loads(text)["seq"]


@pytest.mark.parametrize("follow", [stream_after_gate, socket_after_gate])
def test_a_client_that_does_not_read_costs_no_memory_and_gets_everything_later(
    tenant: UUID, token: str, address: str, lasting_server: WebServer, follow: Callable[..., Seqs]
) -> None:
    run_id, short_run = new_id(), new_id()
    for _ in range(EVENTS // 500):
        append(tenant, run_id, *[EventType.STEP] * 500, text=TEXT)
    append(tenant, run_id, EventType.RUN_COMPLETE)
    append(tenant, short_run, EventType.STEP, EventType.RUN_COMPLETE)
    growth: list[int] = []

    async def gate() -> None:
        before = lasting_server.memory_bytes
        for _ in range(5):
            await asyncio.sleep(0.1)
            growth.append(lasting_server.memory_bytes - before)
        others = [frame["seq"] async for frame in by_stream(address, token, short_run, 0)]
        assert others == [1, 2, 2]

    async def read() -> list[int]:
        seqs: list[int] = []
        async for seq in follow(address, token, run_id, gate):
            seqs.append(seq)
            if len(seqs) == EVENTS + 2:
                break
        return seqs

    seqs = asyncio.run(asyncio.wait_for(read(), 20))

    assert seqs == [*range(1, EVENTS + 2), EVENTS + 1]
    assert max(growth) < MOST_GROWTH_BYTES
