"""The server's lifespan: when it is asked to stop, streams end, so that it need not wait for them."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from asgiref.typing import ASGIReceiveCallable, ASGISendCallable

from kairo.platform.live.switchboard import switchboard

STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)


async def serve_lifespan(receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
    """Answer the ASGI lifespan protocol."""
    await receive()
    with _hearing_stop_signals(switchboard().close):
        await send({"type": "lifespan.startup.complete"})
        await receive()
    switchboard().close()
    await send({"type": "lifespan.shutdown.complete"})


@contextmanager
def _hearing_stop_signals(close: Callable[[], None]) -> Iterator[None]:
    """Call `close` when the process is asked to stop, before the server hears of it.

    The lifespan's own end comes too late: a server sends it when all answers are complete, and a stream never is.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    loop = asyncio.get_running_loop()
    before = {number: signal.getsignal(number) for number in STOP_SIGNALS}

    def hear(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(close)
        handler = before[signal.Signals(number)]
        if callable(handler):
            handler(number, frame)

    for number in STOP_SIGNALS:
        signal.signal(number, hear)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
