"""Running one claimed job from its start to its end, whatever happens in its handler."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import groupby
from typing import TypeVar
from uuid import UUID, uuid4

from django.db import DataError
from pydantic import ValidationError

from kairo.platform.jobs import endings
from kairo.platform.jobs.attempts import Attempt, FinishedAttempt
from kairo.platform.jobs.claims import ClaimedJob, claim_by_id
from kairo.platform.jobs.completions import complete_together, may_wait
from kairo.platform.jobs.contexts import Completion
from kairo.platform.jobs.contracts import FailureReason, PermanentFailure
from kairo.platform.jobs.endings import Ended
from kairo.platform.jobs.fences import FenceLost, JobCancelled, renew_connection
from kairo.platform.jobs.heartbeats import Heart
from kairo.platform.jobs.registry import job_kind
from kairo.platform.jobs.rules import AttemptFailure, failure_of, losses_used_up
from kairo.platform.jobs.workbench import Workbench
from kairo.platform.telemetry.context import logger, run_context

log = logger(__name__)

Result = TypeVar("Result")
# A handler that took longer may find that its connection has broken meanwhile.
LONG_S = 0.5


def worker_name() -> str:
    """Make a name that no other worker process has or had."""
    return f"{socket.gethostname()}:{os.getpid()}:{uuid4().hex[:8]}"


def run_job_by_id(job_id: UUID) -> Ended | None:
    """Claim one job and run it here, for a transport that brings its id; None: it is not there to be claimed.

    The transport ends what takes longer than the job's time limit.

    Raises:
        django.db.OperationalError: the database went away; the job is released when the claim's lease ends.
    """
    bench = Workbench()
    worker = worker_name()
    with Heart(bench, worker=worker):
        job = claim_by_id(job_id, worker=worker)
        if job is None:
            return None
        bench.put([job])
        attempt = bench.take()
        return run_claimed(attempt.job, attempt) if attempt else None


def run_claimed(job: ClaimedJob, attempt: Attempt | None = None) -> Ended:
    """Run a claimed job to its end; an `attempt` that others know of can be stopped by them.

    Raises:
        django.db.OperationalError: the database went away; the job is released when the claim's lease ends.
    """
    known = attempt or Attempt(job)
    ended = _guarded(known, lambda: _begin_and_run(known))
    return _complete_alone(ended) if isinstance(ended, FinishedAttempt) else ended


def run_attempt(attempt: Attempt) -> Ended | FinishedAttempt:
    """Run a job's handler; what has no effects to commit is left to be completed together with others."""
    return _guarded(attempt, lambda: _run(attempt))


def write_down(finished: Iterable[FinishedAttempt]) -> Iterator[tuple[FinishedAttempt, Ended]]:
    """Complete finished jobs, those of a tenant together, and say how each has ended."""
    in_order = sorted(finished, key=lambda entry: entry.attempt.job.fence.tenant_id)
    for _, entries in groupby(in_order, key=lambda entry: entry.attempt.job.fence.tenant_id):
        group = list(entries)
        try:
            completed = complete_together(group)
        except (DataError, TypeError, ValueError):
            completed = set()  # One of them cannot be stored; alone, each has its own error.
        for entry in group:
            told = Ended(entry.completion.state) if entry.attempt.job.id in completed else _complete_alone(entry)
            yield entry, told


def _complete_alone(entry: FinishedAttempt) -> Ended:
    job = entry.attempt.job
    complete = partial(endings.complete, job, entry.completion, begun=entry.begun, steps_ms=entry.steps_ms)
    return _guarded(entry.attempt, complete)


def _begin_and_run(attempt: Attempt) -> Ended | FinishedAttempt:
    attempt.begin()
    return _run(attempt)


def _run(attempt: Attempt) -> Ended | FinishedAttempt:
    job = attempt.job
    if job.cancel_requested:
        raise JobCancelled(f"Job {job.id} was cancelled before it ran.")
    if losses_used_up(job.worker_losses):
        return endings.fail_attempt(job.fence, _losses(job))
    kind = job_kind(job.kind)
    try:
        payload = kind.payload.model_validate(job.payload)
    except ValidationError as error:
        raise PermanentFailure(f"The payload does not fit {kind.payload.__name__}: {error}") from error
    context = attempt.context()
    completion: Completion = kind.handler(payload, context)
    if attempt.took_s > LONG_S:
        renew_connection()
    steps_ms = context.steps_ms()
    finished = FinishedAttempt(attempt, completion, begun=attempt.close(), took_s=attempt.took_s, steps_ms=steps_ms)
    if may_wait(finished):
        return finished
    return endings.complete(job, completion, begun=finished.begun, steps_ms=steps_ms)


def _losses(job: ClaimedJob) -> AttemptFailure:
    error = f"The job lost its worker {job.worker_losses} times."
    return AttemptFailure(error=error, retryable=False, reason=FailureReason.WORKER_LOSSES)


def _guarded(attempt: Attempt, work: Callable[[], Result]) -> Result | Ended:
    """Do the work of an attempt; whatever is raised in it ends the attempt, and never the worker."""
    job = attempt.job
    with run_context(job.run_id, job_id=str(job.id), job_kind=job.kind, tenant_id=str(job.fence.tenant_id)):
        try:
            return work()
        except FenceLost as stop:
            log.warning("job_fence_lost", reason=str(stop))
            return Ended(None, "lost")
        except JobCancelled:
            return endings.cancel(job.fence)
        except (Exception, SystemExit) as error:
            log.warning("job_attempt_failed", attempt=job.attempt, exc_info=error)
            renew_connection()
            return endings.fail_attempt(job.fence, failure_of(error), begun=attempt.close())
