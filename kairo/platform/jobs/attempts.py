"""One attempt at a job by this process; its start is noted once somebody may want to see it, or with its end."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Event, Lock

from kairo.platform.jobs import endings
from kairo.platform.jobs.claims import ClaimedJob
from kairo.platform.jobs.contexts import Completion, JobContext


@dataclass
class Attempt:
    """`fence_lost` stops the handler at its next report. The handler's thread and the one beside it share this."""

    job: ClaimedJob
    since: float = field(default_factory=time.monotonic)
    fence_lost: Event = field(default_factory=Event)
    _begun: bool = False
    _closed: bool = False
    _lock: Lock = field(default_factory=Lock)

    def begin(self) -> None:
        """Note the start in the job's run, once.

        Raises:
            FenceLost, JobCancelled: the attempt must not go on.
        """
        with self._lock:
            if not self._begun and not self._closed:
                endings.begin(self.job)
                self._begun = True

    def close(self) -> bool:
        """Have no start noted from here on, and say whether one was."""
        with self._lock:
            self._closed = True
            return self._begun

    def context(self) -> JobContext:
        """Make what the handler is given."""
        return JobContext(
            job_id=self.job.id,
            tenant_id=self.job.fence.tenant_id,
            kind=self.job.kind,
            attempt=self.job.attempt,
            run_id=self.job.run_id,
            fence=self.job.fence,
            begin=self.begin,
            checkpointed=self.job.checkpoint,
            fence_lost=self.fence_lost,
        )

    @property
    def took_s(self) -> float:
        return time.monotonic() - self.since


@dataclass(frozen=True)
class FinishedAttempt:
    """An attempt whose handler has returned; its completion has no effects, and may be written with others."""

    attempt: Attempt
    completion: Completion
    begun: bool
    took_s: float
    steps_ms: Mapping[str, int] = field(default_factory=dict)
