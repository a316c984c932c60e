"""Telling followers that a run has new events, after the commit. The rows are the truth: a lost ring only delays."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from functools import partial
from uuid import UUID

from django.db import connection, transaction

CHANNEL = "kairo_run_events"
RING_EVERY_S = 0.1
REMEMBERED_RUNS = 1000

Bell = Callable[[Collection[UUID]], None]

_rang_at: dict[UUID, float] = {}


def notify(run_ids: Collection[UUID]) -> None:
    """Ring through PostgreSQL; in a transaction of its own, since NOTIFY makes commits wait for each other."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_notify(%s, run) FROM unnest(%s::text[]) AS run", [CHANNEL, [str(run) for run in run_ids]]
        )


_hung: list[Bell] = [notify]


def hang(bell: Bell) -> Bell:
    """Ring another bell from now on in this process, and return the one that hung here before."""
    before, _hung[0] = _hung[0], bell
    return before


def ring_after_commit(*run_ids: UUID) -> None:
    """Ring for these runs once the running transaction has committed; at most every 100 ms a run and process.

    A ring that is left out is made up for by the follower, who looks again for longer than that after each ring.
    """
    # Robust: the caller's work has committed by then, and must not appear to have failed.
    transaction.on_commit(partial(_ring, run_ids), robust=True)


def _ring(run_ids: Collection[UUID]) -> None:
    now = time.monotonic()
    due = {run_id for run_id in run_ids if now - _rang_at.get(run_id, -RING_EVERY_S) >= RING_EVERY_S}
    if not due:
        return
    if len(_rang_at) >= REMEMBERED_RUNS:
        _rang_at.clear()  # What is forgotten rings once too often, which is harmless.
    _rang_at.update(dict.fromkeys(due, now))
    _hung[0](due)
