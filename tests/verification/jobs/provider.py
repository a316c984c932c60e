"""A provider on this machine that counts what it is asked for and what it really did."""

from __future__ import annotations

import http.client
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread

KEY_HEADER = "Idempotency-Key"


class CountingProvider:
    """Acts once a key, as providers with idempotency keys do; `calls` and `acts` count by what was asked for."""

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()
        self.acts: Counter[str] = Counter()
        self.port = 0
        self._keys: set[str] = set()
        self._lock = Lock()

    def serve(self, wish: str, key: str | None) -> None:
        with self._lock:
            self.calls[wish] += 1
            if key is None or key not in self._keys:
                self.acts[wish] += 1
            if key is not None:
                self._keys.add(key)


@contextmanager
def counting_provider() -> Iterator[CountingProvider]:
    """Run a provider for the block."""
    provider = CountingProvider()

    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            provider.serve(self.path, self.headers.get(KEY_HEADER))
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Keep quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Door) as server:
        provider.port = server.server_address[1]
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        yield provider
        server.shutdown()
        thread.join()


def ask_provider(port: int, wish: str, key: str | None = None) -> str:
    """Ask the provider for something, and return what it is called there."""
    door = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    door.request("POST", wish, headers={KEY_HEADER: key} if key else {})
    status = door.getresponse().status
    door.close()
    if status != http.client.NO_CONTENT:
        raise RuntimeError(f"The provider answered {status}.")
    return wish
