"""The shapes of durable jobs: their states, what the wire shows of them, and what a handler may raise."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Literal
from uuid import UUID

from pydantic import JsonValue

from kairo.errors import Conflict, KairoError, NotFound
from kairo.shapes import Frozen


class JobState(StrEnum):
    PENDING = "pending"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    INSUFFICIENT_EVIDENCE = "insufficient_evidence"
    CANCELLED = "cancelled"


class Queue(StrEnum):
    DEFAULT = "default"
    IO = "io"
    CPU_INTENSIVE = "cpu_intensive"


class EffectState(StrEnum):
    """Of an outward effect: meant to happen, and known to have happened."""

    INTENDED = "intended"
    DONE = "done"


class FailureReason(StrEnum):
    """How a job came to fail for good."""

    ERRORS_USED_UP = "errors_used_up"
    PERMANENT = "permanent"
    TIME_LIMIT = "time_limit"
    WORKER_LOSSES = "worker_losses"


class JobProgress(Frozen):
    step: str = ""
    done: int = 0
    total: int = 0
    note: str = ""


class AttemptError(Frozen):
    """One failed attempt, as the job's history keeps it."""

    at: datetime
    attempt: int
    error: str
    retryable: bool


class JobDTO(Frozen):
    id: UUID
    kind: str
    state: JobState
    queue: str
    attempts: int
    progress: JobProgress = JobProgress()
    error: str | None = None
    result_url: str | None = None
    run_id: UUID
    created_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None
    priority: int = 5
    max_attempts: int = 4
    worker_losses: int = 0
    available_at: datetime | None = None
    cancel_requested: bool = False
    error_history: list[AttemptError] = []
    outcome: dict[str, JsonValue] = {}


class JobAcceptedDTO(Frozen):
    status: Literal["accepted"] = "accepted"
    job_id: UUID
    poll_url: str


class JobFailure(Frozen):
    """What a job's `when_failed` is told: the job will not run again by itself."""

    job_id: UUID
    kind: str
    run_id: UUID
    attempts: int
    reason: FailureReason
    error: str


class JobCancellation(Frozen):
    """What a job's `when_cancelled` is told."""

    job_id: UUID
    kind: str
    run_id: UUID


class JobNotFound(NotFound):
    code = "job_not_found"


class JobNotCancellable(Conflict):
    code = "job_not_cancellable"


class JobNotRetryable(Conflict):
    code = "job_not_retryable"


class RetryLater(KairoError):
    """This attempt could not do its work; `after_s` says how long to wait, else the usual backoff applies."""

    code = "retry_later"
    retryable = True

    def __init__(self, message: str, *, after_s: float | None = None) -> None:
        super().__init__(message)
        self.after_s = after_s


class PermanentFailure(KairoError):
    """No attempt will ever do this work."""

    code = "permanent_failure"
