"""Decisions about jobs: which state follows which, when to try again, when to give up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from kairo.errors import KairoError, TooMany
from kairo.platform.jobs.contracts import FailureReason, JobState, RetryLater

LIVE = frozenset({JobState.PENDING, JobState.RUNNING})
ENDED = frozenset(JobState) - LIVE
ALLOWED: Mapping[JobState, frozenset[JobState]] = {
    JobState.PENDING: frozenset({JobState.RUNNING, JobState.CANCELLED}),
    JobState.RUNNING: frozenset(
        {
            JobState.PENDING,
            JobState.SUCCEEDED,
            JobState.FAILED,
            JobState.INSUFFICIENT_EVIDENCE,
            JobState.CANCELLED,
        }
    ),
    JobState.FAILED: frozenset({JobState.PENDING}),
    JobState.CANCELLED: frozenset({JobState.PENDING}),
    JobState.SUCCEEDED: frozenset(),
    JobState.INSUFFICIENT_EVIDENCE: frozenset(),
}
COMPLETED = frozenset({JobState.SUCCEEDED, JobState.INSUFFICIENT_EVIDENCE})

BACKOFF_S = (30, 60, 120)
MAX_ATTEMPTS = 4
MAX_WORKER_LOSSES = 10
CANCEL_DEADLINE_S = 30.0
LONGEST_SILENCE_S = 600.0
TENANT_RUNNING_CAP = 32
FIRST_IDLE_DELAY_S = 0.02
MAX_BATCH = 16
BATCH_S = 0.04


def may_follow(state: JobState, following: JobState) -> bool:
    """Whether a job may go from one state to the other."""
    return following in ALLOWED[state]


@dataclass(frozen=True)
class AttemptFailure:
    """Why an attempt ended without a result; `after_s` replaces the usual backoff, `code` is for counting."""

    error: str
    retryable: bool
    reason: FailureReason = FailureReason.ERRORS_USED_UP
    after_s: float | None = None
    code: str = field(default="internal_error", compare=False)


@dataclass(frozen=True)
class Verdict:
    """What becomes of a job after a failed attempt: pending again at `available_at`, or failed for `reason`."""

    state: JobState
    available_at: datetime | None = None
    reason: FailureReason | None = None


def failure_of(error: BaseException) -> AttemptFailure:
    """Classify an exception: Kairo's own say themselves whether they may pass, any other may."""
    if not isinstance(error, KairoError):
        return AttemptFailure(error=f"{type(error).__name__}: {error}", retryable=True)
    if not error.retryable:
        return AttemptFailure(error=error.message, retryable=False, reason=FailureReason.PERMANENT, code=error.code)
    return AttemptFailure(error=error.message, retryable=True, after_s=_asked_delay_s(error), code=error.code)


def _asked_delay_s(error: KairoError) -> float | None:
    if isinstance(error, RetryLater):
        return error.after_s
    return error.retry_after_s if isinstance(error, TooMany) else None


def after_failure(failure: AttemptFailure, *, attempts: int, max_attempts: int, at: datetime) -> Verdict:
    """Decide what follows the failed attempt number `attempts`, which ended `at`."""
    if not failure.retryable or attempts >= max_attempts:
        return Verdict(JobState.FAILED, reason=failure.reason)
    return Verdict(JobState.PENDING, available_at=at + retry_delay(attempts, after_s=failure.after_s))


def retry_delay(attempts: int, *, after_s: float | None = None) -> timedelta:
    """Return how long to wait after the failed attempt number `attempts`, counted from 1."""
    if after_s is not None:
        return timedelta(seconds=after_s)
    return timedelta(seconds=BACKOFF_S[min(attempts, len(BACKOFF_S)) - 1])


def idle_delay_s(looks: int, *, poll_interval_s: float) -> float:
    """Return how long to wait after the given number of looks in a row that found nothing.

    The first looks follow each other within the time in which a doorbell is not rung again.
    """
    return min(poll_interval_s, FIRST_IDLE_DELAY_S * 2.0 ** min(looks, 20))


def batch_size(seconds_per_job: float) -> int:
    """Return how many jobs to claim at once: more than one only if they are done before anybody would miss them."""
    return max(1, min(MAX_BATCH, int(BATCH_S / max(seconds_per_job, 1e-6))))


def losses_used_up(worker_losses: int) -> bool:
    """Whether a job has taken so many workers with it that it must not get another."""
    return worker_losses >= MAX_WORKER_LOSSES
