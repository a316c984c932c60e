"""Events over WebSockets: of a run, `/ws/runs/{run_id}/?after_seq=&ticket=`, and of a project's gathers.

A refusal closes the socket with 4000 + the status that HTTP would answer: 4401, 4403, 4404, 4422, 4503.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import aclosing
from functools import partial
from http import HTTPStatus
from io import BytesIO
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

from asgiref.typing import ASGIReceiveCallable, ASGISendCallable, WebSocketScope
from django.conf import settings
from django.contrib.sessions.middleware import SessionMiddleware
from django.core.handlers.asgi import ASGIRequest
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.http.request import split_domain_port, validate_host

from kairo.errors import Forbidden, Invalid, KairoError, NotFound, Unauthenticated
from kairo.interfaces.api.errors import status_of
from kairo.interfaces.api.gather_sockets import gather_pages
from kairo.platform.jobs.of_runs import is_worked_on
from kairo.platform.live.contracts import END, MAX_SEQ, FollowedRun, Frame
from kairo.platform.live.following import follow
from kairo.platform.live.reading import in_reader
from kairo.platform.live.tickets import redeem_ticket
from kairo.platform.telemetry.context import logger, run_context
from kairo.platform.telemetry.middleware import HEADER
from kairo.platform.tenancy.contracts import Principal
from kairo.platform.tenancy.middleware import PrincipalMiddleware, TenantRequest

log = logger(__name__)

Pages = AsyncGenerator[list[Frame], None]

RUN_PATH = re.compile(r"/ws/runs/(?P<run_id>[0-9a-fA-F-]{32,36})/")
GATHER_PATH = re.compile(r"/ws/automated-gather/(?P<project_id>[0-9a-fA-F-]{32,36})/")
MAX_REASON_BYTES = 123
REFUSED = 4000
COMPLETE = 1000
COME_BACK = 1012


async def serve_socket(scope: WebSocketScope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
    """Serve one socket from its opening to its end."""
    with run_context(path=scope["path"]) as handshake_id:
        await receive()
        # Accepted first: a browser is not told why a socket was refused, but reads the code of one that was closed.
        run_header = (HEADER.lower().encode(), str(handshake_id).encode())
        await send({"type": "websocket.accept", "subprotocol": None, "headers": [run_header]})
        code, reason = await _served(scope, receive, send)
        if code is not None:
            await send({"type": "websocket.close", "code": code, "reason": reason})


async def _served(
    scope: WebSocketScope, receive: ASGIReceiveCallable, send: ASGISendCallable
) -> tuple[int | None, str]:
    """Send events until one side is done, and return the code to close with, None where the client left."""
    try:
        pages_for = _asked_for(scope)
        pages = pages_for(await _tenant_id(scope))
        return await _until_either_is_done(_send_pages(pages, send), receive), ""
    except KairoError as error:
        return REFUSED + status_of(error), _short(error.message)
    except (OperationalError, InterfaceError) as error:
        log.warning("database_away", error=type(error).__name__)
        return REFUSED + HTTPStatus.SERVICE_UNAVAILABLE, "The database is away for the moment."


async def _until_either_is_done(sending: Coroutine[Any, Any, int | None], receive: ASGIReceiveCallable) -> int | None:
    sender, left = asyncio.create_task(sending), asyncio.create_task(_client_leaves(receive))
    try:
        await asyncio.wait({sender, left}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        left.cancel()
        sender.cancel()
        await asyncio.gather(left, sender, return_exceptions=True)
    return sender.result() if left.cancelled() else None


async def _client_leaves(receive: ASGIReceiveCallable) -> None:
    """Wait until the client leaves; what it says before that is not for us."""
    while (await receive())["type"] != "websocket.disconnect":
        continue


async def _send_pages(pages: Pages, send: ASGISendCallable) -> int | None:
    kind = ""
    try:
        async with aclosing(pages):
            async for frames in pages:
                for frame in frames:
                    await send({"type": "websocket.send", "bytes": None, "text": frame.text})
                    kind = frame.type
    except OSError:
        # The client went in the middle of a frame.
        return None
    return COMPLETE if kind == END else COME_BACK


def _asked_for(scope: WebSocketScope) -> Callable[[UUID], Pages]:
    """Return what walks through the events that a socket's address asks for, once the tenant is known."""
    after_seq = _after_seq(scope)
    if found := RUN_PATH.fullmatch(scope["path"]):
        run_id = _uuid(found["run_id"])
        return lambda tenant: follow(FollowedRun(tenant, run_id), after_seq=after_seq, is_worked_on=is_worked_on)
    if found := GATHER_PATH.fullmatch(scope["path"]):
        named = _parameter(scope, "run_id")
        run = None if named is None else _uuid(named)
        return partial(gather_pages, project_id=_uuid(found["project_id"]), run_id=run, after_seq=after_seq)
    raise NotFound("There is no socket at this address.")


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise NotFound("There is no such run or project.") from error


def _after_seq(scope: WebSocketScope) -> int:
    text = _parameter(scope, "after_seq") or "0"
    if not (text.isascii() and text.isdigit() and int(text) <= MAX_SEQ):
        raise Invalid("after_seq is the number of the last event that was seen, from 0.")
    return int(text)


def _parameter(scope: WebSocketScope, name: str) -> str | None:
    values = parse_qs(scope["query_string"].decode("latin-1")).get(name)
    return values[-1] if values else None


async def _tenant_id(scope: WebSocketScope) -> UUID:
    ticket = _parameter(scope, "ticket")
    if ticket is not None:
        return await in_reader(partial(redeem_ticket, ticket))
    principal = await in_reader(partial(_principal, scope))
    if principal.token_id is None and not _is_from_own_page(scope):
        raise Forbidden("This page may not open a socket with your session.", code="foreign_origin")
    return principal.tenant_id


def _principal(scope: WebSocketScope) -> Principal:
    """Make out who opens the socket, by the middleware that does so for requests."""
    http_scope = {**scope, "type": "http", "method": "GET"}
    request = cast(TenantRequest, ASGIRequest(http_scope, BytesIO()))
    SessionMiddleware(_principal_made_out)(request)
    if request.principal is None:
        raise request.refusal or Unauthenticated("Sign in, or bring a ticket from POST /api/ws-ticket.")
    return request.principal


def _principal_made_out(request: HttpRequest) -> HttpResponseBase:
    return PrincipalMiddleware(lambda _: HttpResponse())(cast(TenantRequest, request))


def _is_from_own_page(scope: WebSocketScope) -> bool:
    """Tell whether the page that opens the socket was served from here: browsers send cookies along for any page."""
    headers = dict(scope["headers"])
    host, origin = headers.get(b"host", b"").decode("latin-1"), headers.get(b"origin", b"").decode("latin-1")
    page = urlsplit(origin)
    schemes = {"https"} if settings.SESSION_COOKIE_SECURE else {"http", "https"}
    served = validate_host(split_domain_port(host)[0], settings.ALLOWED_HOSTS)
    return served and page.scheme in schemes and page.netloc.lower() == host.lower()


def _short(text: str) -> str:
    return text.encode()[:MAX_REASON_BYTES].decode(errors="ignore")
