"""The ASGI application that uvicorn serves: Django for HTTP, sockets beside it."""

from __future__ import annotations

import gc
import os
from importlib import import_module
from typing import Any, cast

import django
from asgiref.typing import ASGIReceiveCallable, ASGISendCallable, Scope

os.environ["KAIRO_WEB"] = "1"
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kairo.config.settings")

django.setup(set_prefix=False)

# What needs the settings can only be imported now.
from django.conf import settings  # noqa: E402

from kairo.interfaces.api.request_bounds import serve_bounded  # noqa: E402
from kairo.interfaces.api.sockets import serve_socket  # noqa: E402
from kairo.interfaces.api.threaded import ThreadedHandler, leave_new_threads_alone  # noqa: E402
from kairo.platform.live.lifespan import serve_lifespan  # noqa: E402

leave_new_threads_alone()
_requests = ThreadedHandler()
# Read with the start, not with the first request.
import_module(settings.ROOT_URLCONF)
# What the start has made stays: no collection needs to walk through it while somebody waits for an answer.
gc.collect()
gc.freeze()


async def application(scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
    """Serve one request, one socket, or the server's own lifespan."""
    if scope["type"] == "websocket":
        await serve_socket(scope, receive, send)
    elif scope["type"] == "lifespan":
        await serve_lifespan(receive, send)
    else:
        if settings.KAIRO_HTTPS:
            # TLS ends in front of this process, which would take itself to be reached without.
            scope = {**scope, "scheme": "https"}
        bound = settings.KAIRO_MAX_REQUEST_BYTES
        await serve_bounded(cast(Any, _requests), scope, receive, send, max_bytes=bound)
