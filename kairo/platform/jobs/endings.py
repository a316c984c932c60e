"""Beginning and ending an attempt, each in one transaction of the job's tenant and through the fence."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db.models.functions import Now
from pydantic import JsonValue, ValidationError

from kairo.platform.database.sql import rows
from kairo.platform.jobs.cancellations import tell_cancelled
from kairo.platform.jobs.claims import ClaimedJob
from kairo.platform.jobs.contexts import Completion
from kairo.platform.jobs.contracts import FailureReason, JobFailure, JobState
from kairo.platform.jobs.doorbell import ring_after_commit
from kairo.platform.jobs.fences import Fence, held_job, impatient_transaction, refuse, wanted_job
from kairo.platform.jobs.models import Job
from kairo.platform.jobs.registry import UnknownJobKind, job_kind
from kairo.platform.jobs.rules import AttemptFailure, Verdict, after_failure
from kairo.platform.telemetry.context import logger
from kairo.platform.telemetry.contracts import EventType
from kairo.platform.telemetry.logs import mask_secrets
from kairo.platform.telemetry.runs import record

log = logger(__name__)
_Event = tuple[EventType, dict[str, JsonValue]]

MAX_ERROR_CHARACTERS = 2000
# What ended the attempt from outside; any other failure has the code of what was raised.
_TELLING_REASONS = frozenset({FailureReason.TIME_LIMIT, FailureReason.WORKER_LOSSES})


@dataclass(frozen=True)
class Ended:
    """What became of an attempt: the job's state, or None where the job was no longer the worker's to decide on."""

    state: JobState | None
    note: str = ""


class _FailureHandlerFailed(Exception):
    """A kind's `when_failed` raised: its effects are rolled back, and the job must still end."""


def begin(job: ClaimedJob) -> None:
    """Note the start of an attempt in the job's run.

    Raises:
        FenceLost, JobCancelled: the attempt must not start.
    """
    with impatient_transaction(job.fence.tenant_id):
        rows("SELECT set_config('synchronous_commit', 'off', true)")
        if not wanted_job(job.fence).exists():
            refuse(job.fence)
        record(job.run_id, kind=job.kind, events=[_start(job.id, job.attempt)])


def complete(
    job: ClaimedJob, completion: Completion, *, begun: bool = True, steps_ms: Mapping[str, int] | None = None
) -> Ended:
    """End the job with its result; the completion's effects commit together with it or not at all.

    `begun`: the start of the attempt has been noted. `steps_ms`: how long its steps took.

    Raises:
        FenceLost, JobCancelled: nothing of the completion was kept.
    """
    values: dict[str, object] = {"outcome": dict(completion.outcome)}
    if completion.result_url is not None:
        values["result_url"] = completion.result_url
    with impatient_transaction(job.fence.tenant_id):
        if not wanted_job(job.fence).update(**_ended(completion.state), **values):
            refuse(job.fence)
        if completion.effects is not None:
            completion.effects()
        start = [] if begun else [_start(job.id, job.attempt)]
        event_type, facts = _end(job.id, completion.state)
        told = facts | told_at_the_end(job.kind, completion, steps_ms or {})
        record(job.run_id, kind=job.kind, events=[*start, (event_type, told)])
    return Ended(completion.state)


def cancel(fence: Fence) -> Ended:
    """End a job that somebody asked to cancel, if the fence still stands."""
    with impatient_transaction(fence.tenant_id):
        job = held_job(fence).filter(cancel_requested_at__isnull=False).select_for_update().first()
        if job is None:
            return Ended(None, "lost")
        return _cancel(job, fence)


def _cancel(job: Job, fence: Fence) -> Ended:
    held_job(fence).update(**_ended(JobState.CANCELLED))
    tell_cancelled(job)
    record(job.run_id, kind=job.kind, events=[_end(job.id, JobState.CANCELLED)])
    return Ended(JobState.CANCELLED)


def release(fence: Fence) -> bool:
    """Put a claimed job back as if it had not been claimed; say whether the fence still stood."""
    with impatient_transaction(fence.tenant_id):
        job = held_job(fence).select_for_update().first()
        if job is None:
            return False
        started_at = job.started_at if job.attempts > 1 or job.worker_losses else None
        held_job(fence).update(attempts=job.attempts - 1, started_at=started_at, **_freed(JobState.PENDING))
        ring_after_commit(job.queue, job.id)
    return True


def fail_attempt(fence: Fence, failure: AttemptFailure, *, begun: bool = True) -> Ended:
    """End a failed attempt: the job tries again later, or fails for good together with its kind's `when_failed`.

    `begun`: the start of the attempt has been noted.
    """
    try:
        return _fail_attempt(fence, failure, begun, _tell_kind)
    except _FailureHandlerFailed as error:
        log.error("job_failure_handler_failed", job_id=str(fence.job_id), exc_info=error.__cause__)
        return _fail_attempt(fence, failure, begun, _tell_nobody)


def _fail_attempt(fence: Fence, failure: AttemptFailure, begun: bool, tell: Callable[[Job, JobFailure], None]) -> Ended:
    with impatient_transaction(fence.tenant_id):
        job = held_job(fence).select_for_update().first()
        if job is None:
            return Ended(None, "lost")
        if job.cancel_requested_at is not None:
            return _cancel(job, fence)
        [[at]] = rows("SELECT kairo_now()")
        verdict = after_failure(failure, attempts=job.attempts, max_attempts=job.max_attempts, at=at)
        if verdict.reason is FailureReason.WORKER_LOSSES:
            job.attempts -= 1  # The claim that ends it was no attempt.
        error = _storable(failure.error)
        job.remember_error(error, retryable=failure.retryable, at=at)
        history = {"attempts": job.attempts, "error": error, "error_history": job.error_history}
        start = [] if begun else [_start(job.id, job.attempts)]
        record(job.run_id, kind=job.kind, events=[*start, _fail(job, verdict, failure)])
        if verdict.reason is None:
            held_job(fence).update(available_at=verdict.available_at, **history, **_freed(JobState.PENDING))
            return Ended(JobState.PENDING, f"{error}; tries again at {verdict.available_at:%H:%M:%S} UTC")
        held_job(fence).update(**history, **_ended(JobState.FAILED))
        tell(job, _failure(job, verdict.reason, error))
        return Ended(JobState.FAILED, error)


def _failure(job: Job, reason: FailureReason, error: str) -> JobFailure:
    return JobFailure(
        job_id=job.id, kind=job.kind, run_id=job.run_id, attempts=job.attempts, reason=reason, error=error
    )


def _tell_kind(job: Job, failure: JobFailure) -> None:
    try:
        kind = job_kind(job.kind)
        payload = kind.payload.model_validate(job.payload)
    except (UnknownJobKind, ValidationError) as error:
        log.error("job_failure_untold", job_id=str(job.id), reason=type(error).__name__)
        return
    if kind.when_failed is None:
        return
    try:
        kind.when_failed(payload, failure)
    except Exception as error:
        raise _FailureHandlerFailed from error


def _storable(error: str) -> str:
    # PostgreSQL keeps no NUL in a text.
    return mask_secrets(error.replace("\0", ""))[:MAX_ERROR_CHARACTERS]


def _tell_nobody(_: Job, __: JobFailure) -> None:
    """Let a job fail without its kind, whose `when_failed` cannot take it."""


def _freed(state: JobState) -> dict[str, object]:
    return {"state": state, "locked_by": None, "locked_at": None, "heartbeat_at": None}


def _ended(state: JobState) -> dict[str, object]:
    return {**_freed(state), "finished_at": Now()}


def _start(job_id: UUID, attempt: int) -> _Event:
    return EventType.RUN_START, {"job_id": str(job_id), "attempt": attempt}


def _end(job_id: UUID, state: JobState) -> _Event:
    return EventType.RUN_COMPLETE, {"job_id": str(job_id), "state": state.value}


def told_at_the_end(kind: str, completion: Completion, steps_ms: Mapping[str, int]) -> dict[str, JsonValue]:
    """Return what the event of a job's end tells beside its state: how long its steps took, and a degraded result."""
    facts: dict[str, JsonValue] = {"command": kind, "nodes_ms": dict(steps_ms)} if steps_ms else {}
    if completion.outcome.get("degraded"):
        facts["degraded"] = completion.outcome["degraded"]
    return facts


def _fail(job: Job, verdict: Verdict, failure: AttemptFailure) -> _Event:
    retry_at = verdict.available_at.isoformat() if verdict.available_at else None
    code = failure.reason.value if failure.reason in _TELLING_REASONS else failure.code
    facts: dict[str, JsonValue] = {
        "attempt": job.attempts,
        "error": job.error,
        "code": code,
        "command": job.kind,
        "retryable": verdict.reason is None,
    }
    return EventType.RUN_FAIL, {"job_id": str(job.id), **facts, "retry_at": retry_at}
