"""The doorbell of a fleet: a message for each job, as far as there is somebody to read it.

A queue of the broker never holds many messages: there they stand in the order of sending, while the table gives each
account its turn and lets what is urgent go first. Whoever finishes a job sends the next ones, and so does beat.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from kairo.platform.jobs.claims import due_jobs
from kairo.platform.jobs.fleet.broker import LINE
from kairo.platform.jobs.registry import load_kinds

BURST = 16
MESSAGES_PER_S = 10.0
# Below the first number of waiting messages more are sent, up to the second.
FEW_WAITING = 8
MOST_WAITING = 16
LOOK_EVERY_S = 0.02


@dataclass
class Allowance:
    """How many messages an account of work may still send now: a burst, and so many a second."""

    _left: float = BURST
    _since: float = field(default_factory=time.monotonic)

    def take(self) -> bool:
        """Take one message's worth, if there is one."""
        now = time.monotonic()
        self._left = min(float(BURST), self._left + (now - self._since) * MESSAGES_PER_S)
        self._since = now
        if self._left < 1:
            return False
        self._left -= 1
        return True


_allowances: dict[str, Allowance] = {}
_looked_at: dict[str, float] = {}


def ring_by_message(queue: str, job_id: UUID | None) -> None:
    """Send the message of a job; without one, those of the queue's jobs that should be next. Never raises for a broker.

    Of many jobs that are asked for at once only the first get their message at once.
    """
    if job_id is not None and _allowances.setdefault(queue, Allowance()).take():
        LINE.send(queue, job_id)
    else:
        _ring_for_next(queue)


def forget() -> None:
    """Begin anew, with a whole burst for every queue."""
    _allowances.clear()
    _looked_at.clear()


def _ring_for_next(queue: str) -> None:
    now = time.monotonic()
    if now - _looked_at.get(queue, -LOOK_EVERY_S) < LOOK_EVERY_S:
        return
    _looked_at[queue] = now
    ring_for_due([queue])


def ring_for_due(queues: Iterable[str]) -> int:
    """Send messages of what is due, and return how many; a queue that holds enough of them gets no more.

    Raises:
        django.db.OperationalError: the database is away.
    """
    sent = 0
    for queue in queues:
        waiting = LINE.waiting(queue)
        if waiting is None or waiting >= FEW_WAITING:
            continue
        last_turn = random.randrange(-(2**63), 2**63)  # noqa: S311
        due = due_jobs(queues=[queue], kinds=load_kinds(), wanted=MOST_WAITING - waiting, last_turn=last_turn)
        sent += sum(LINE.send(queue, job_id) for job_id in due)
    return sent
