"""Waking workers after a commit. A lost ring is harmless: a worker's poll finds the job anyway."""

from __future__ import annotations

import time
from collections.abc import Callable

from django.conf import settings
from django.db import connection, transaction

CHANNEL = "kairo_jobs"
RING_EVERY_S = 0.1

_rang_at: dict[str, float] = {}


def ring_after_commit(queue: str) -> None:
    """Ring once the running transaction has committed; at most every 100 ms a queue and process.

    A ring that is left out is made up for by the worker, which looks again for longer than that after each wake-up.
    """
    # Robust: the caller's work has committed by then, and must not appear to have failed.
    transaction.on_commit(lambda: ring(queue), robust=True)


def ring(queue: str) -> None:
    """Wake a worker of this queue, unless one was woken just now."""
    now = time.monotonic()
    if now - _rang_at.get(queue, -RING_EVERY_S) < RING_EVERY_S:
        return
    _rang_at[queue] = now
    # Another engine's bell is hung by its own module; embedded workers beside it hear this one.
    BELLS.get(settings.KAIRO_JOBS_ENGINE, notify)(queue)


def notify(queue: str) -> None:
    """Ring for embedded workers; in a transaction of its own, since NOTIFY makes commits wait for each other."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, queue])


BELLS: dict[str, Callable[[str], None]] = {"embedded": notify}
