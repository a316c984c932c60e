"""Asking for background work, and changing one's mind about it; inside the tenant's transaction."""

from __future__ import annotations

import json
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from psycopg.errors import UniqueViolation
from pydantic import BaseModel

from kairo.platform.database.clock import ClockNow
from kairo.platform.database.ids import new_id
from kairo.platform.database.sessions import current_tenant
from kairo.platform.database.sql import rows
from kairo.platform.jobs.cancellations import tell_cancelled
from kairo.platform.jobs.contracts import JobDTO, JobNotCancellable, JobNotFound, JobNotRetryable, JobState, Queue
from kairo.platform.jobs.doorbell import ring_after_commit
from kairo.platform.jobs.models import LIVE_WITH_KEY, ONE_LIVE, Job, JobStep
from kairo.platform.jobs.registry import job_kind
from kairo.platform.jobs.rules import may_follow
from kairo.platform.telemetry.context import current_run_id
from kairo.platform.telemetry.contracts import EventType
from kairo.platform.telemetry.models import Run
from kairo.platform.telemetry.runs import record

# The ORM takes as long to write this statement as all the rest of an enqueue takes.
_OWN_COLUMNS = (
    "id", "tenant_id", "kind", "queue", "priority", "payload", "dedupe_key", "state", "time_limit_s", "max_attempts",
    "run_id", "result_url",
)  # fmt: skip


def enqueue(
    kind: str,
    payload: BaseModel,
    *,
    dedupe_key: str | None = None,
    queue: str | None = None,
    priority: int = 5,
    available_at: datetime | None = None,
    run_id: UUID | None = None,
    result_url: str | None = None,
) -> JobDTO:
    """Ask for work as part of the caller's transaction: it will be done if and only if that commits.

    A live job of the tenant with the same `dedupe_key` is returned instead of a second one. `run_id` is the run that
    the job goes on with: the current one, or a new one outside any. Priorities go from 1 (high) to 9.

    Raises:
        UnknownJobKind: no installed stage does this kind.
    """
    tenant_id = current_tenant()
    known = job_kind(kind)
    going_on = run_id or current_run_id()
    if going_on is not None:
        _ensure_run(going_on, tenant_id=tenant_id, kind=kind)
    wanted = Job(
        kind=kind,
        queue=Queue(queue) if queue is not None else known.queue,
        priority=priority,
        payload=payload.model_dump(mode="json"),
        dedupe_key=dedupe_key,
        time_limit_s=known.time_limit_s,
        max_attempts=known.max_attempts,
        run_id=going_on or new_id(),
        result_url=result_url,
    )
    if available_at is not None:
        wanted.available_at = available_at
    row = _insert(wanted) if dedupe_key is None else _insert_once(wanted)
    ring_after_commit(row.queue, row.id)
    return row.to_contract()


def _ensure_run(run_id: UUID, *, tenant_id: UUID, kind: str) -> None:
    """Make the run that several jobs may go on with: two that made it at the same moment would clash."""
    Run.objects.bulk_create([Run(id=run_id, tenant_id=tenant_id, kind=kind)], ignore_conflicts=True)


def _insert(job: Job) -> Job:
    """Store a job with its own values; of those that the table gives it, the job takes on what nobody can foresee."""
    names = (*_OWN_COLUMNS, *(("available_at",) if isinstance(job.available_at, datetime) else ()))
    values = {name: getattr(job, name) for name in names} | {"payload": json.dumps(job.payload)}
    columns, places = ", ".join(names), ", ".join(f"%({name})s" for name in names)
    statement = f"INSERT INTO job ({columns}) VALUES ({places}) RETURNING available_at, created_at"  # noqa: S608
    [[job.available_at, job.created_at]] = rows(statement, values)
    return job


def _insert_once(job: Job) -> Job:
    while True:
        live = Job.objects.filter(LIVE_WITH_KEY, dedupe_key=job.dedupe_key).first()
        if live is not None:
            return live
        try:
            with transaction.atomic():
                return _insert(job)
        except IntegrityError as error:
            if not _is_second(error):
                raise
            # Somebody else was first; that job may even have ended since: look again.
            job.id = new_id()


def _is_second(error: IntegrityError) -> bool:
    """Tell whether a job was refused because a live one has its key."""
    cause = error.__cause__
    return isinstance(cause, UniqueViolation) and cause.diag.constraint_name == ONE_LIVE


def request_cancel(job_id: UUID) -> JobDTO:
    """Cancel a pending job at once; ask a running one to stop, which it does at its next report or is made to.

    Raises:
        JobNotFound: no such job of this tenant.
        JobNotCancellable: it has ended.
    """
    job = _locked(job_id)
    if not may_follow(JobState(job.state), JobState.CANCELLED):
        raise JobNotCancellable(f"Job {job_id} has ended: {job.state}.")
    if job.state == JobState.RUNNING:
        job.cancel_requested_at = job.cancel_requested_at or Now()
        job.save(update_fields=["cancel_requested_at"])
    else:
        job.state = JobState.CANCELLED
        job.finished_at = Now()
        job.save(update_fields=["state", "finished_at"])
        tell_cancelled(job)
        cancelled = {"job_id": str(job_id), "state": JobState.CANCELLED.value}
        record(job.run_id, kind=job.kind, events=[(EventType.RUN_COMPLETE, cancelled)])
    job.refresh_from_db()
    return job.to_contract()


def retry(job_id: UUID) -> JobDTO:
    """Start a failed or cancelled job over, with all its attempts, from its last checkpoint.

    Raises:
        JobNotFound: no such job of this tenant.
        JobNotRetryable: it is live, it has succeeded, it had too little evidence, or a newer one does its work.
    """
    job = _locked(job_id)
    if job.state in {JobState.PENDING, JobState.RUNNING} or not may_follow(JobState(job.state), JobState.PENDING):
        raise JobNotRetryable(f"Job {job_id} is {job.state}: only a failed or cancelled job can be started over.")
    job.state = JobState.PENDING
    job.attempts = job.worker_losses = 0
    job.available_at = ClockNow()
    job.cancel_requested_at = job.started_at = job.finished_at = job.error = None
    try:
        with transaction.atomic():
            job.save()
    except IntegrityError as error:
        if not _is_second(error):
            raise
        raise JobNotRetryable(f"A newer job does the work of {job_id} already.") from error
    job.refresh_from_db()
    ring_after_commit(job.queue, job.id)
    return job.to_contract()


def forget_steps(kind: str) -> int:
    """Delete what the steps of all jobs of a kind have kept, and return how many; one that runs again computes anew."""
    deleted, _ = JobStep.objects.filter(job__kind=kind).delete()
    return deleted


def _locked(job_id: UUID) -> Job:
    job = Job.objects.select_for_update().filter(id=job_id).first()
    if job is None:
        raise JobNotFound(f"There is no job {job_id}.")
    return job
