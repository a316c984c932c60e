"""Sockets opened within this process, at the application itself."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from asgiref.testing import ApplicationCommunicator

from kairo.interfaces.api.sockets import serve_socket

ANSWERS_WITHIN_S = 10


def close_code(path: str, *, query: str = "", headers: Mapping[str, str] | None = None) -> int | None:
    """Open a socket and return the code that it is closed with; None where it told something instead."""
    return asyncio.run(_close_code(path, query, headers or {}))


async def _close_code(path: str, query: str, headers: Mapping[str, str]) -> int | None:
    scope: dict[str, Any] = {
        "type": "websocket",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "headers": [(b"host", b"testserver"), *((n.lower().encode(), v.encode()) for n, v in headers.items())],
        "client": ("127.0.0.1", 5000),
        "server": ("testserver", 80),
        "subprotocols": [],
    }
    socket: Any = ApplicationCommunicator(serve_socket, scope)  # type: ignore[no-untyped-call]
    await socket.send_input({"type": "websocket.connect"})
    answers = [await socket.receive_output(ANSWERS_WITHIN_S), await socket.receive_output(ANSWERS_WITHIN_S)]
    assert answers[0]["type"] == "websocket.accept"
    code: int | None = answers[1].get("code")
    return code
