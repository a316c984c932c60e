"""Real clients of both transports: each frame is the JSON object that came over the wire."""

from __future__ import annotations

import contextlib
import json
import random
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Any
from uuid import UUID

import httpx
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidMessage

Frame = dict[str, Any]
Frames = AsyncGenerator[Frame, None]
Transport = Callable[[str, str, UUID, int], Frames]

EVENT_STREAM = {"Accept": "text/event-stream"}
# Made once: reading the certificates takes longer than everything else about a connection.
TLS = httpx.create_ssl_context()
# A server that goes away in the middle of a handshake leaves a message that is none.
GONE = (httpx.TransportError, ConnectionClosed, InvalidMessage, OSError)


async def by_stream(address: str, token: str, run_id: UUID, after_seq: int) -> Frames:
    """Follow a run by server-sent events until the server ends the stream."""
    headers = EVENT_STREAM | {"Authorization": f"Bearer {token}", "Last-Event-ID": str(after_seq)}
    async with (
        httpx.AsyncClient(timeout=30, verify=TLS) as client,
        client.stream("GET", f"http://{address}/api/runs/{run_id}/events", headers=headers) as answer,
    ):
        answer.raise_for_status()
        async for line in answer.aiter_lines():
            if line.startswith("data: "):
                yield json.loads(line.removeprefix("data: "))


async def ticket_for(address: str, token: str) -> str:
    """Get a ticket for one socket."""
    async with httpx.AsyncClient(verify=TLS) as client:
        answer = await client.post(f"http://{address}/api/ws-ticket", headers={"Authorization": f"Bearer {token}"})
        ticket: str = answer.raise_for_status().json()["ticket"]
        return ticket


def socket_url(address: str, run_id: UUID | str, *, after_seq: int | str = 0, ticket: str | None = None) -> str:
    return f"ws://{address}/ws/runs/{run_id}/?after_seq={after_seq}" + (f"&ticket={ticket}" if ticket else "")


async def by_socket(address: str, token: str, run_id: UUID, after_seq: int) -> Frames:
    """Follow a run by a WebSocket until the server closes it; a client that leaves early does so without a word."""
    url = socket_url(address, run_id, after_seq=after_seq, ticket=await ticket_for(address, token))
    async with connect(url) as socket:
        try:
            async for text in socket:
                yield json.loads(text)
        finally:
            socket.transport.abort()


async def close_code(url: str, **options: Any) -> int:
    """Open a socket that is refused or has nothing to say, and return the code that it is closed with."""
    async with connect(url, **options) as socket:
        with contextlib.suppress(ConnectionClosed):
            while True:
                await socket.recv()
    code = socket.close_code
    return code if code is not None else 0


async def seen_through_cuts(
    transport: Transport, address: str, token: str, run_id: UUID, *, events: int, cuts: int, dice: random.Random
) -> list[int]:
    """Follow a run to its n-th event, drop the connection at random that often, and return each seq as it came.

    A connection that the server drops or refuses is opened again as well.
    """
    cut_at = set(dice.sample(range(1, events), cuts))
    seen: list[int] = []
    while len(seen) < events:
        try:
            async with aclosing(transport(address, token, run_id, seen[-1] if seen else 0)) as frames:
                async for frame in frames:
                    seen.append(frame["seq"])
                    if len(seen) >= events or len(seen) in cut_at:
                        break
        except GONE:
            continue
    return seen
