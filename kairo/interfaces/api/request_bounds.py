"""How large a request may be, checked while it arrives: Django writes a body to disk before any view can refuse it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from asgiref.typing import ASGIReceiveCallable, ASGIReceiveEvent, ASGISendCallable, HTTPScope
from django.http import HttpResponse

from kairo.interfaces.api.errors import problem_response
from kairo.platform.telemetry.context import run_context
from kairo.platform.telemetry.middleware import HEADER

Application = Callable[[HTTPScope, ASGIReceiveCallable, ASGISendCallable], Awaitable[None]]


class _Exceeded(Exception):
    """More of the body has come than is taken."""


async def serve_bounded(
    application: Application, scope: HTTPScope, receive: ASGIReceiveCallable, send: ASGISendCallable, *, max_bytes: int
) -> None:
    """Serve a request whose body has at most so many bytes; a larger one gets 413 and is not read to its end."""
    received = 0

    async def bounded_receive() -> ASGIReceiveEvent:
        nonlocal received
        event = await receive()
        if event["type"] == "http.request":
            received += len(event["body"])
        if received > max_bytes:
            raise _Exceeded
        return event

    if _declared_bytes(scope) > max_bytes:
        await _refuse(scope, send, max_bytes)
        return
    try:
        await application(scope, bounded_receive, send)
    except _Exceeded:
        await _refuse(scope, send, max_bytes)


def _declared_bytes(scope: HTTPScope) -> int:
    text = dict(scope["headers"]).get(b"content-length", b"0")
    return int(text) if text.isdigit() else 0


async def _refuse(scope: HTTPScope, send: ASGISendCallable, max_bytes: int) -> None:
    with run_context(path=scope["path"]) as run_id:
        answer = problem_response(413, code="too_large", detail=f"A request has at most {max_bytes:,} bytes.")
        answer[HEADER] = str(run_id)
    await _send(answer, send)


async def _send(answer: HttpResponse, send: ASGISendCallable) -> None:
    # The rest of the body is still on its way: the connection is of no more use.
    headers = [*answer.headers.items(), ("Connection", "close"), ("X-Content-Type-Options", "nosniff")]
    encoded = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
    await send({"type": "http.response.start", "status": answer.status_code, "headers": encoded, "trailers": False})
    await send({"type": "http.response.body", "body": answer.content, "more_body": False})
