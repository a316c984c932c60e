"""The claims that one worker holds: waiting, in hand, finished but not yet written down. Shared by its threads."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from threading import Lock
from uuid import UUID

from kairo.platform.jobs.attempts import Attempt, FinishedAttempt
from kairo.platform.jobs.claims import ClaimedJob
from kairo.platform.jobs.fences import Fence


@dataclass
class Workbench:
    _waiting: deque[ClaimedJob] = field(default_factory=deque)
    _in_hand: Attempt | None = None
    _finished: list[FinishedAttempt] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)

    def put(self, jobs: Sequence[ClaimedJob]) -> None:
        """Lay down claimed jobs, to be run in this order."""
        with self._lock:
            self._waiting.extend(jobs)

    def take(self) -> Attempt | None:
        """Take the next job in hand, if one waits."""
        with self._lock:
            self._in_hand = Attempt(self._waiting.popleft()) if self._waiting else None
            return self._in_hand

    def put_away(self) -> None:
        """Have nothing in hand any more."""
        with self._lock:
            self._in_hand = None

    def lay_down(self, finished: FinishedAttempt) -> None:
        """Lay a job, in hand or not any more, to those that are still to be written down."""
        with self._lock:
            self._finished.append(finished)

    @property
    def in_hand(self) -> Attempt | None:
        return self._in_hand

    @property
    def oldest_finished_s(self) -> float:
        """For how many seconds a finished job has not been written down."""
        with self._lock:
            first = self._finished[0] if self._finished else None
        return time.monotonic() - first.attempt.since - first.took_s if first else 0.0

    def fences(self) -> list[Fence]:
        """List the claims that must be kept alive."""
        with self._lock:
            attempts = [entry.attempt for entry in self._finished] + ([self._in_hand] if self._in_hand else [])
            return [job.fence for job in (*(attempt.job for attempt in attempts), *self._waiting)]

    def take_waiting(self) -> list[Fence]:
        """Take away the jobs that wait."""
        with self._lock:
            fences = [job.fence for job in self._waiting]
            self._waiting.clear()
            return fences

    def take_finished(self) -> list[FinishedAttempt]:
        """Take away the jobs that are to be written down."""
        with self._lock:
            finished, self._finished = self._finished, []
            return finished

    def drop(self, lost: Collection[UUID]) -> None:
        """Let go of jobs that are somebody else's now."""
        with self._lock:
            if self._in_hand and self._in_hand.job.id in lost:
                self._in_hand.fence_lost.set()
            self._waiting = deque(job for job in self._waiting if job.id not in lost)
