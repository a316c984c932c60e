"""The official Apify client's requests, made on our guarded network. Imported only where the extra is installed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from apify_client.http_clients import HttpClient, HttpResponse

from kairo.stages.evidence.ports import Reply, Web

_LONGEST_S = 60.0
# The network sets these itself.
_LEFT_OUT = frozenset({"accept-encoding", "content-length", "connection", "host"})


class GuardedApifyTransport(HttpClient):
    """Sends each request once: what fails is due again when the surface is, not after a sleep in between."""

    def __init__(self, web: Web) -> None:
        super().__init__(max_retries=0)
        self._web = web

    def send_request(
        self,
        *,
        method: str,
        url: str,
        headers: dict[str, str],
        content: bytes | Iterator[bytes] | None,
        timeout: float | None,
        stream: bool,
    ) -> HttpResponse:
        body = content if isinstance(content, bytes | None) else b"".join(content)
        told = {name: value for name, value in headers.items() if name.lower() not in _LEFT_OUT}
        reply = self._web.send(
            url, method=method, headers=told, body=body, max_seconds=min(timeout or _LONGEST_S, _LONGEST_S)
        )
        return _Answer(reply)

    def close(self) -> None:
        """Nothing is kept open."""


class _Answer:
    """A whole answer in the form that the client expects."""

    def __init__(self, reply: Reply) -> None:
        self._reply = reply

    @property
    def status_code(self) -> int:
        return self._reply.status

    @property
    def text(self) -> str:
        return self._reply.body.decode("utf-8", "replace")

    @property
    def content(self) -> bytes:
        return self._reply.body

    @property
    def headers(self) -> Mapping[str, str]:
        return self._reply.headers

    def json(self) -> Any:
        return json.loads(self._reply.body)

    def read(self) -> bytes:
        return self._reply.body

    async def aread(self) -> bytes:
        return self._reply.body

    def close(self) -> None:
        """The answer is whole already."""

    async def aclose(self) -> None:
        """The answer is whole already."""

    def iter_bytes(self) -> Iterator[bytes]:
        yield self._reply.body

    def aiter_bytes(self) -> Any:
        raise NotImplementedError("Nothing here reads in pieces.")
