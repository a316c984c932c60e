"""Reading jobs, inside the tenant's transaction."""

from __future__ import annotations

from uuid import UUID

from kairo.errors import Invalid
from kairo.platform.jobs import claims
from kairo.platform.jobs.contracts import JobDTO, JobNotFound, JobState
from kairo.platform.jobs.models import ArchivedJob, Job
from kairo.platform.jobs.rules import LIVE
from kairo.platform.telemetry.metrics import Sample, samples

MAX_PAGE = 200


def job(job_id: UUID) -> JobDTO:
    """Return a job, also one that is in the archive.

    Raises:
        JobNotFound: no such job of this tenant.
    """
    row = Job.objects.filter(id=job_id).first() or ArchivedJob.objects.filter(id=job_id).first()
    if row is None:
        raise JobNotFound(f"There is no job {job_id}.")
    return row.to_contract()


def jobs(
    *, state: JobState | None = None, kind: str | None = None, cursor: str | None = None, limit: int = 50
) -> tuple[list[JobDTO], str | None]:
    """List jobs that are not in the archive, newest first, and the cursor of the next page where there is one.

    Raises:
        Invalid: the cursor is not one of ours.
    """
    rows = Job.objects.order_by("-id")
    if state is not None:
        rows = rows.filter(state=JobState(state))
    if kind is not None:
        rows = rows.filter(kind=kind)
    if cursor is not None:
        rows = rows.filter(id__lt=_job_id(cursor))
    size = max(1, min(limit, MAX_PAGE))
    page = [row.to_contract() for row in rows[: size + 1]]
    return page[:size], str(page[size - 1].id) if len(page) > size else None


def _job_id(cursor: str) -> UUID:
    try:
        return UUID(cursor)
    except ValueError as error:
        raise Invalid("The cursor is not one that a list of jobs has given.") from error


def live_job(dedupe_key: str) -> JobDTO | None:
    """Return the pending or running job with this key, if there is one."""
    row = Job.objects.filter(dedupe_key=dedupe_key, state__in=sorted(LIVE)).first()
    return row.to_contract() if row else None


def newest_job(dedupe_key: str) -> JobDTO | None:
    """Return the job that was enqueued last with this key, whatever became of it."""
    row = Job.objects.filter(dedupe_key=dedupe_key).order_by("-id").first()
    return row.to_contract() if row else None


def tenant_of(job_id: UUID) -> UUID | None:
    """Return whose job this is, over all tenants, or None where there is no such job: for who runs the installation."""
    return claims.tenant_of(job_id)


def metric_samples(*, of_all: bool) -> list[Sample]:
    """Return how much waits, runs and has ended by queue and kind: of all accounts, or of the running one."""
    return samples("job_metrics", of_all=of_all)
