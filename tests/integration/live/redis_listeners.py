"""Those who listen on a real Redis, and a way to it that a test may close and open."""

from __future__ import annotations

import json
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import redis

REDIS_URL = os.environ.get("KAIRO_TEST_REDIS_URL", "redis://127.0.0.1:6379/0")
WITHIN_S = 10.0
Message = dict[str, Any]


class Listener:
    """Hears a channel, from the moment that it is made."""

    def __init__(self, channel: str) -> None:
        self._hears: Any = redis.Redis.from_url(REDIS_URL).pubsub()  # type: ignore[no-untyped-call]
        self._hears.subscribe(channel)
        assert self._next(WITHIN_S) is not None

    def heard(self, count: int) -> list[Message]:
        """Return the next messages; fewer only after a long silence."""
        heard: list[Message] = []
        while len(heard) < count and (message := self._next(WITHIN_S)) is not None:
            heard.append(json.loads(message["data"]))
        return heard

    def hears_more(self) -> bool:
        return self._next(0.05) is not None

    def _next(self, within_s: float) -> Message | None:
        deadline = time.monotonic() + within_s
        while time.monotonic() < deadline:
            if (message := self._hears.get_message(timeout=within_s)) is not None:
                return dict(message)
        return None

    def close(self) -> None:
        self._hears.close()


@contextmanager
def listening(channel: str) -> Iterator[Listener]:
    listener = Listener(channel)
    try:
        yield listener
    finally:
        listener.close()


class WayToRedis:
    """A port of this machine that leads to Redis, until it is closed."""

    def __init__(self) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._listener: socket.socket | None = None
        self._open: list[socket.socket] = []

    def open(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self._accept, args=[self._listener], daemon=True).start()

    def close(self) -> None:
        for one in [*self._open, *([self._listener] if self._listener else [])]:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        self._open.clear()
        self._listener = None

    def _accept(self, listener: socket.socket) -> None:
        at_redis = redis.Redis.from_url(REDIS_URL).get_connection_kwargs()
        with suppress(OSError):
            while True:
                here, _ = listener.accept()
                there = socket.create_connection((at_redis["host"], at_redis["port"]))
                self._open += [here, there]
                for source, sink in ((here, there), (there, here)):
                    threading.Thread(target=_carry, args=[source, sink], daemon=True).start()


def _carry(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while chunk := source.recv(65536):
            sink.sendall(chunk)
    with suppress(OSError):
        sink.shutdown(socket.SHUT_RDWR)
