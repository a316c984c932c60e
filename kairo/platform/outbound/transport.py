"""One request on one guarded connection, as an httpx transport: the proxies of the environment are never asked."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import h11
import httpcore
import httpx

from kairo.platform.outbound.contracts import FetchFailed, FetchTooLarge
from kairo.platform.outbound.urls import shown


class GuardedTransport(httpx.BaseTransport):
    """Makes a connection for each request and keeps none: an address is judged anew each time."""

    def __init__(self, backend: httpcore.NetworkBackend, tls: ssl.SSLContext | None = None) -> None:
        self._backend = backend
        self._tls = tls

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        url = httpcore.URL(
            scheme=request.url.raw_scheme,
            host=request.url.raw_host,
            port=request.url.port,
            target=request.url.raw_path,
        )
        connection = httpcore.HTTPConnection(
            origin=url.origin,
            ssl_context=(self._tls or _default_tls()) if request.url.scheme == "https" else None,
            network_backend=self._backend,
        )
        try:
            with _explained(request.url):
                answer = connection.handle_request(
                    httpcore.Request(request.method, url, headers=request.headers.raw, content=request.read())
                )
        except BaseException:
            connection.close()
            raise
        return httpx.Response(
            status_code=answer.status,
            headers=answer.headers,
            stream=_Body(answer, connection, request.url),
            request=request,
        )


class _Body(httpx.SyncByteStream):
    def __init__(self, answer: httpcore.Response, connection: httpcore.HTTPConnection, url: httpx.URL) -> None:
        self._answer = answer
        self._connection = connection
        self._url = url

    def __iter__(self) -> Iterator[bytes]:
        with _explained(self._url):
            yield from self._answer.iter_stream()

    def close(self) -> None:
        self._connection.close()


@cache
def _default_tls() -> ssl.SSLContext:
    return httpx.create_ssl_context(trust_env=False)


@contextmanager
def _explained(url: httpx.URL) -> Iterator[None]:
    try:
        yield
    except httpcore.RemoteProtocolError as error:
        if isinstance(error.__cause__, h11.RemoteProtocolError) and error.__cause__.error_status_hint == 431:
            raise FetchTooLarge(f"The head of the answer from {shown(url)} is too large: refused.") from error
        raise FetchFailed(
            f"{shown(url)} does not speak HTTP as it should. Check that the address is a web page."
        ) from error
    except httpcore.LocalProtocolError as error:
        raise FetchFailed(f"The request to {shown(url)} cannot be made: {error}.", retryable=False) from error
    except httpcore.NetworkError as error:
        raise FetchFailed(f"The connection to {shown(url)} broke. Try again later.") from error
