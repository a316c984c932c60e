"""The ASGI application that uvicorn serves: Django for HTTP, sockets beside it."""

from __future__ import annotations

import os
from typing import Any, cast

from asgiref.typing import ASGIReceiveCallable, ASGISendCallable, Scope
from django.core.asgi import get_asgi_application

os.environ["KAIRO_WEB"] = "1"
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kairo.config.settings")

_requests = get_asgi_application()

# What needs the settings can only be imported now.
from django.conf import settings  # noqa: E402

from kairo.interfaces.api.request_bounds import serve_bounded  # noqa: E402
from kairo.interfaces.api.sockets import serve_socket  # noqa: E402
from kairo.platform.live.lifespan import serve_lifespan  # noqa: E402


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
