"""Django behind ASGI with each request on one thread, from its first middleware to its last."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator
from typing import cast

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIHandler
from django.core.signals import request_started
from django.db import close_old_connections, reset_queries
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse


class ThreadedHandler(ASGIHandler):
    """Goes over to the request's thread once.

    Django's own handler crosses between the event loop and the thread at each middleware that is not asynchronous, and
    for the view; ours all are not.
    """

    def load_middleware(self, is_async: bool = False) -> None:
        super().load_middleware(is_async=False)

    async def get_response_async(self, request: HttpRequest) -> HttpResponseBase:
        response = await sync_to_async(self.get_response)(request)
        if isinstance(response, StreamingHttpResponse) and not response.is_async:
            response.streaming_content = _read_in_thread(cast(Iterator[bytes], response.streaming_content))
        return response


def leave_new_threads_alone() -> None:
    """Do not have the start of a request look after connections of its thread: the thread is new, and has none."""
    request_started.disconnect(close_old_connections)
    request_started.disconnect(reset_queries)


async def _read_in_thread(pieces: Iterator[bytes]) -> AsyncGenerator[bytes, None]:
    """Read a file piece by piece; Django would read all of it before the first piece is sent, and warn of that."""
    read = sync_to_async(lambda: next(pieces, None))
    while (piece := await read()) is not None:
        yield piece
