"""Connections that go only where the guard allows, and end when the request's time or its bytes are used up.

The guard sits where the socket is opened, so that no redirect, option or library above can lead around it: a name is
looked up once, each of its addresses is judged, and the connection is made to one of exactly these. TLS and the Host
header keep the name.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpcore

from kairo.platform.outbound.addresses import GuardPolicy, IPAddress
from kairo.platform.outbound.contracts import FetchFailed, FetchLimits, FetchTimedOut, FetchTooLarge
from kairo.platform.outbound.resolving import Resolver
from kairo.platform.outbound.urls import is_local_name, literal_address, refused_place
from kairo.platform.telemetry.context import logger

log = logger(__name__)

# Heads, trailers, chunk sizes and interim answers also cost: a connection brings at most this much beside its bodies.
MAX_OVERHEAD_BYTES = 500_000


@dataclass
class Allowance:
    """What is left of a request's time and bytes, over all its redirects."""

    limits: FetchLimits
    clock: Callable[[], float] = time.monotonic
    _ends_at: float = field(init=False)
    _received: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self._ends_at = self.clock() + self.limits.max_seconds

    def seconds(self, at_most: float) -> float:
        """Return how long the next step may take.

        Raises:
            FetchTimedOut: the request's time is over.
        """
        left = self._ends_at - self.clock()
        if left <= 0:
            allowed = f"{self.limits.max_seconds:g} s"
            raise FetchTimedOut(f"The answer was not complete after {allowed}. Try later, or use a faster source.")
        return min(at_most, left)

    def receive(self, count: int) -> None:
        """Count bytes that have come in.

        Raises:
            FetchTooLarge: more than any answer within the limits needs.
        """
        self._received += count
        if self._received > 2 * self.limits.max_bytes + MAX_OVERHEAD_BYTES:
            raise FetchTooLarge("The host sent far more than the body it announced. It cannot be used as it is.")


class _Stream(httpcore.NetworkStream):
    """A socket whose every step is short enough for the request's time. The timeouts of httpcore are not used."""

    def __init__(self, connected: socket.socket, allowance: Allowance) -> None:
        self._socket = connected
        self._allowance = allowance

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        try:
            self._socket.settimeout(self._allowance.seconds(self._allowance.limits.read_s))
            received = self._socket.recv(max_bytes)
        except TimeoutError as error:
            raise self._silent() from error
        except OSError as error:
            raise httpcore.ReadError(str(error)) from error
        self._allowance.receive(len(received))
        return received

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        unsent = memoryview(buffer)
        try:
            while unsent:
                self._socket.settimeout(self._allowance.seconds(self._allowance.limits.read_s))
                unsent = unsent[self._socket.send(unsent) :]
        except TimeoutError as error:
            raise self._silent() from error
        except OSError as error:
            raise httpcore.WriteError(str(error)) from error

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        try:
            secured = self._secured(ssl_context, server_hostname)
        except BaseException:
            self.close()
            raise
        return _Stream(secured, self._allowance)

    def _secured(self, context: ssl.SSLContext, name: str | None) -> ssl.SSLSocket:
        try:
            self._socket.settimeout(self._allowance.seconds(self._allowance.limits.connect_s))
            return context.wrap_socket(self._socket, server_hostname=name)
        except ssl.SSLCertVerificationError as error:
            raise FetchFailed(
                f"The certificate of {name} cannot be trusted: {error.verify_message}. Its owner must renew it.",
                retryable=False,
            ) from error
        except TimeoutError as error:
            raise self._silent() from error
        except OSError as error:
            raise httpcore.ConnectError(str(error)) from error

    def close(self) -> None:
        self._socket.close()

    def get_extra_info(self, info: str) -> Any:
        return self._socket if info == "ssl_object" and isinstance(self._socket, ssl.SSLSocket) else None

    def _silent(self) -> FetchTimedOut:
        self._allowance.seconds(1)
        return FetchTimedOut(
            "The host fell silent in the middle of the answer. Try again later, or use a faster source."
        )


@dataclass(frozen=True)
class GuardedBackend(httpcore.NetworkBackend):
    """Opens the sockets of one request."""

    policy: GuardPolicy
    resolver: Resolver
    allowance: Allowance

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        failure: OSError | None = None
        for address in self._checked_addresses(host):
            try:
                return _Stream(self._connected(address, port), self.allowance)
            except OSError as error:
                failure = error
        if isinstance(failure, TimeoutError):
            raise FetchTimedOut(f"{host} did not take the connection in time. Try again later.") from failure
        raise FetchFailed(
            f"{host} cannot be reached on port {port}. Check the address, or try again later."
        ) from failure

    def _connected(self, address: IPAddress, port: int) -> socket.socket:
        connecting = socket.socket(socket.AF_INET6 if address.version == 6 else socket.AF_INET, socket.SOCK_STREAM)
        try:
            connecting.settimeout(self.allowance.seconds(self.allowance.limits.connect_s))
            connecting.connect((str(address), port))
            connecting.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except BaseException:
            connecting.close()
            raise
        return connecting

    def _checked_addresses(self, host: str) -> Sequence[IPAddress]:
        literal = literal_address(host)
        addresses = [literal] if literal is not None else self._resolved(host)
        for address in addresses:
            kind = self.policy.refusal(address)
            if kind is None and is_local_name(host) and literal is None and not self.policy.allows(address):
                kind = "a name inside a network"
            if kind is not None:
                # The answer names no address: it would tell a stranger what the network behind Kairo looks like.
                log.warning("outbound_refused", host=host, address=str(address), reason=kind)
                raise refused_place(host, kind)
        return addresses

    def _resolved(self, host: str) -> Sequence[IPAddress]:
        within_s = self.allowance.seconds(self.allowance.limits.connect_s)
        try:
            addresses = self.resolver.resolve(host, within_s=within_s)
        except TimeoutError as error:
            raise FetchTimedOut(f"Nobody could say in time where {host} is. Try again later.") from error
        except OSError as error:
            raise FetchFailed(f"There is no host {host}. Check the spelling of the address.") from error
        if not addresses:
            raise FetchFailed(f"The host {host} has no address. Check the spelling of the address.")
        return addresses
