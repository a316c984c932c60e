"""The one HTTP client for addresses that users can set."""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import Message
from ipaddress import ip_network

import httpx
from django.conf import settings

from kairo import __version__
from kairo.platform.outbound.addresses import GuardPolicy
from kairo.platform.outbound.bodies import ACCEPTED_ENCODINGS, check_announced_size, whole_body
from kairo.platform.outbound.connections import Allowance, GuardedBackend
from kairo.platform.outbound.contracts import Fetched, FetchLimits, TooManyRedirects
from kairo.platform.outbound.resolving import SYSTEM_RESOLVER, Resolver
from kairo.platform.outbound.transport import GuardedTransport
from kairo.platform.outbound.urls import checked_url, followed_url, shown

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"})
REDIRECTS = frozenset({301, 302, 303, 307, 308})
MAX_VALIDATOR_CHARACTERS = 1_000
# The connection's own business: a caller who could set these could speak to another host, or in the place of one.
_OWN_HEADERS = frozenset(
    {
        "accept-encoding", "connection", "content-length", "expect", "host", "keep-alive", "proxy-authorization",
        "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade",
    }
)  # fmt: skip
# All others stay behind when a redirect leads to another host: who knows which of them hold a secret.
_TRAVELLING_HEADERS = frozenset({"accept", "accept-language", "user-agent", "if-none-match", "if-modified-since"})


@dataclass(frozen=True)
class Client:
    """Fetches under one policy. `tls` replaces the certificates that are trusted, e.g. those of a company."""

    policy: GuardPolicy
    resolver: Resolver = SYSTEM_RESOLVER
    tls: ssl.SSLContext | None = None

    def fetch(
        self,
        url: str,
        *,
        method: str = "GET",
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        limits: FetchLimits | None = None,
        with_body: bool = True,
    ) -> Fetched:
        """Make a request and return the answer, whatever its status; `with_body` False leaves its body unread.

        Redirects of GET and HEAD are followed, each checked like the first address. Other methods get the redirect
        itself: what they carry is not for whomever the host names.

        Raises:
            UnsafeAddress, FetchTooLarge, FetchTimedOut, TooManyRedirects, FetchFailed: see each.
        """
        allowed = limits or FetchLimits()
        transport = GuardedTransport(GuardedBackend(self.policy, self.resolver, Allowance(allowed)), self.tls)
        place = checked_url(url, self.policy)
        sent = _request_headers(headers or {})
        for _ in range(allowed.max_redirects + 1):
            with _answer(transport, _request(method, place, sent, body)) as answer:
                location = answer.headers.get("location")
                if answer.status_code not in REDIRECTS or method not in {"GET", "HEAD"} or not location:
                    return _fetched(answer, place, allowed, with_body=with_body and method != "HEAD")
            following = followed_url(location, place, self.policy)
            if shown(following) != shown(place):
                sent = {name: value for name, value in sent.items() if name in _TRAVELLING_HEADERS}
            place = following
        raise TooManyRedirects(
            f"The address redirects more than {allowed.max_redirects} times. Use the one at which a browser ends."
        )


def configured_policy() -> GuardPolicy:
    """Return the policy of this installation: KAIRO_OUTBOUND_NETWORKS lists networks ("10.1.0.0/16") that it opens."""
    networks = getattr(settings, "KAIRO_OUTBOUND_NETWORKS", ())
    return GuardPolicy(allowed_networks=tuple(ip_network(str(network)) for network in networks))


def configured_client() -> Client:
    """Return the client of this installation."""
    return Client(policy=configured_policy())


def fetch(
    url: str,
    *,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
    limits: FetchLimits | None = None,
) -> Fetched:
    """Make a request under this installation's policy; see `Client.fetch`."""
    return configured_client().fetch(url, method=method, headers=headers, body=body, limits=limits)


def if_changed(*, etag: str | None, last_modified: str | None) -> dict[str, str]:
    """Return the headers that ask for a body only if it is another than the one with these marks."""
    marks = {"if-none-match": etag, "if-modified-since": last_modified}
    return {name: mark for name, mark in marks.items() if mark}


def _request_headers(given: Mapping[str, str]) -> dict[str, str]:
    wanted = {name.lower(): value for name, value in given.items()}
    own = sorted(_OWN_HEADERS & wanted.keys())
    if own:
        raise ValueError(f"The client sets these headers itself: {', '.join(own)}.")
    return {"user-agent": f"Kairo/{__version__}", "accept": "*/*"} | wanted


def _request(method: str, url: httpx.URL, headers: Mapping[str, str], body: bytes | None) -> httpx.Request:
    if method not in METHODS:
        raise ValueError(f"No request is made with the method {method!r}.")
    own = {"accept-encoding": ACCEPTED_ENCODINGS, "connection": "close"}
    return httpx.Request(method, url, headers={**headers, **own}, content=body)


@contextmanager
def _answer(transport: GuardedTransport, request: httpx.Request) -> Iterator[httpx.Response]:
    answer = transport.handle_request(request)
    try:
        yield answer
    finally:
        answer.close()


def _fetched(answer: httpx.Response, url: httpx.URL, limits: FetchLimits, *, with_body: bool) -> Fetched:
    body = b""
    if with_body:
        check_announced_size(answer.headers.get("content-length"), limits)
        encoding = answer.headers.get("content-encoding", "")
        body = whole_body(answer.iter_raw(), encoding=encoding, limits=limits)
    return Fetched(
        status=answer.status_code,
        headers=dict(answer.headers.items()),
        body=body,
        final_url=str(url),
        charset=_charset(answer.headers.get("content-type", "")),
        etag=_validator(answer.headers.get("etag")),
        last_modified=_validator(answer.headers.get("last-modified")),
    )


def _charset(content_type: str) -> str | None:
    header = Message()
    header["content-type"] = content_type
    charset = header.get_param("charset")
    return charset.strip().lower() or None if isinstance(charset, str) else None


def _validator(value: str | None) -> str | None:
    usable = (
        value is not None and value.isascii() and value.isprintable() and 0 < len(value) <= MAX_VALIDATOR_CHARACTERS
    )
    return value if usable else None
