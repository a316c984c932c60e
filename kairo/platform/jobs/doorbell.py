"""Waking workers after a commit. A lost ring is harmless: somebody looks at the table again anyway."""

from __future__ import annotations

import time
from collections.abc import Callable
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

Bell = Callable[[str, UUID | None], None]
"""Called with the queue in which there is something to do, and with the job where it is one."""

CHANNEL = "kairo_jobs"
RING_EVERY_S = 0.1

_rang_at: dict[str, float] = {}


def ring_after_commit(queue: str, job_id: UUID | None = None) -> None:
    """Ring once the running transaction has committed."""
    # Robust: the caller's work has committed by then, and must not appear to have failed.
    transaction.on_commit(lambda: ring(queue, job_id), robust=True)


def ring(queue: str, job_id: UUID | None = None) -> None:
    """Wake a worker of this queue by the bell of this installation's engine."""
    BELLS[settings.KAIRO_JOBS_ENGINE](queue, job_id)


def notify_now_and_then(queue: str, job_id: UUID | None) -> None:
    """Wake an embedded worker of this queue, unless one was woken just now: at most every 100 ms a queue and process.

    A ring that is left out is made up for by the worker, which looks again for longer than that after each wake-up.
    """
    now = time.monotonic()
    if now - _rang_at.get(queue, -RING_EVERY_S) < RING_EVERY_S:
        return
    _rang_at[queue] = now
    notify(queue)


def notify(queue: str) -> None:
    """Ring for embedded workers; in a transaction of its own, since NOTIFY makes commits wait for each other."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, queue])


def _send_message(queue: str, job_id: UUID | None) -> None:
    # Where no fleet is asked for, nothing of it is loaded.
    from kairo.platform.jobs.fleet.bell import ring_by_message

    ring_by_message(queue, job_id)


BELLS: dict[str, Bell] = {"embedded": notify_now_and_then, "celery": _send_message}
