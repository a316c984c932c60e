"""Boards made the way the product makes them: a job, run by the worker's own function in this process."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.jobs.contracts import JobDTO
from kairo.platform.jobs.queries import job
from kairo.platform.jobs.runner import run_job_by_id
from kairo.stages.opportunities import operations


def regenerate_now(*, tenant_id: UUID, brand_id: UUID, as_of: datetime | None = None) -> JobDTO:
    """Ask for a board and work until its job has ended."""
    with tenant_transaction(tenant_id):
        accepted = operations.regenerate(brand_id=brand_id, as_of=as_of)
    return run(tenant_id=tenant_id, job_id=accepted.job_id)


def run(*, tenant_id: UUID, job_id: UUID) -> JobDTO:
    """Run one job and return how it ended."""
    run_job_by_id(job_id)
    with tenant_transaction(tenant_id):
        return job(job_id)
