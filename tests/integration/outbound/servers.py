"""Real servers on the loopback that say exactly what a test wants, byte for byte and second by second."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from ipaddress import ip_network
from pathlib import Path
from types import TracebackType

from kairo.platform.outbound.addresses import GuardPolicy

CERTIFICATE = Path(__file__).with_name("feeds_example.pem")
"""Self-signed, for feeds.example, of no use anywhere else."""
LOOPBACK = GuardPolicy(allowed_networks=(ip_network("127.0.0.1/32"),))


@dataclass(frozen=True)
class Seen:
    """A request as it arrived."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


Answer = Callable[[Seen, socket.socket], None]


def page(
    body: bytes = b"hello", *, status: int = 200, headers: Mapping[str, str] | None = None, length: bool = True
) -> bytes:
    """Write an answer down as it goes over the wire."""
    lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    lines += [f"content-length: {len(body)}"] if length else []
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def moved(location: str, status: int = 302) -> bytes:
    """Write a redirect down."""
    return page(b"", status=status, headers={"location": location})


@dataclass
class Site:
    """A server that answers each request with what `answer` sends; `requests` and `names` (SNI) are what came."""

    answer: bytes | Answer | Mapping[str, bytes | Answer]
    address: str = "127.0.0.1"
    secured: bool = False
    port: int = 0
    requests: list[Seen] = field(default_factory=list)
    names: list[str | None] = field(default_factory=list)

    def __enter__(self) -> Site:
        self._listener = socket.create_server((self.address, 0))
        self.port = int(self._listener.getsockname()[1])
        self._tls = self._tls_context() if self.secured else None
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # Shut down first: closing alone would leave the accepting thread in its call.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def url(self, path: str = "/", *, host: str | None = None) -> str:
        """Return where a page of this site is, by its address or under another name."""
        return f"{'https' if self.secured else 'http'}://{host or self.address}:{self.port}{path}"

    def _tls_context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(CERTIFICATE)
        context.sni_callback = lambda _, name, __: self.names.append(name)
        return context

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection:
            try:
                spoken = self._tls.wrap_socket(connection, server_side=True) if self._tls else connection
                with spoken:
                    seen = _read_request(spoken)
                    self.requests.append(seen)
                    self._say(seen, spoken)
            except OSError:
                return  # The client left, as it must where the answer is hostile.

    def _say(self, seen: Seen, connection: socket.socket) -> None:
        answer = self.answer.get(seen.path, page(b"", status=404)) if isinstance(self.answer, Mapping) else self.answer
        if isinstance(answer, bytes):
            connection.sendall(answer)
        else:
            answer(seen, connection)


def _read_request(connection: socket.socket) -> Seen:
    received = b""
    while b"\r\n\r\n" not in received:
        piece = connection.recv(65_536)
        if not piece:
            raise ConnectionError("The client left before it had asked.")
        received += piece
    head, _, body = received.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    method, path, _ = first.split(" ")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    while len(body) < int(headers.get("content-length", "0")):
        body += connection.recv(65_536)
    return Seen(method, path, headers, body)
