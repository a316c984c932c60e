"""Who follows which run in this process: one listener rings for all of them, and is there only while they are."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import aclosing, contextmanager
from uuid import UUID
from weakref import WeakKeyDictionary

from kairo.platform.live.listening import PostgresDoorbell
from kairo.platform.live.ports import Doorbell
from kairo.platform.live.reading import JoinedLooks


class Switchboard:
    """Passes rings on to followers; belongs to one event loop."""

    def __init__(self, doorbell: Doorbell) -> None:
        self.looks = JoinedLooks()
        self.closed = False
        self._doorbell = doorbell
        self._followers: dict[str, set[asyncio.Event]] = {}
        self._listener: asyncio.Task[None] | None = None

    @contextmanager
    def follower(self, run_id: UUID) -> Iterator[asyncio.Event]:
        """Make an event that is set whenever the run may have news."""
        rung, key = asyncio.Event(), str(run_id)
        self._followers.setdefault(key, set()).add(rung)
        if self._listener is None or self._listener.done():
            self._listener = asyncio.create_task(self._listen())
        try:
            yield rung
        finally:
            self._leave(key, rung)

    def close(self) -> None:
        """Have every follower end its stream, now and from now on: the server stops."""
        self.closed = True
        self._ring(None)

    def _leave(self, key: str, rung: asyncio.Event) -> None:
        self._followers[key].discard(rung)
        if not self._followers[key]:
            del self._followers[key]
        if not self._followers and self._listener is not None:
            self._listener.cancel()
            self._listener = None

    async def _listen(self) -> None:
        async with aclosing(self._doorbell.rings()) as rings:
            async for run_id in rings:
                self._ring(run_id)

    def _ring(self, run_id: str | None) -> None:
        keys = list(self._followers) if run_id is None else [run_id]
        for key in keys:
            for rung in self._followers.get(key, ()):
                rung.set()


_switchboards: WeakKeyDictionary[asyncio.AbstractEventLoop, Switchboard] = WeakKeyDictionary()


def switchboard() -> Switchboard:
    """Return the switchboard of the running event loop."""
    loop = asyncio.get_running_loop()
    if loop not in _switchboards:
        _switchboards[loop] = Switchboard(PostgresDoorbell())
    return _switchboards[loop]
