"""The jobs about jobs: each night those that ended long ago move to the archive."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from pydantic import BaseModel

from kairo.platform.jobs.archive import archive_batch, forget_messages
from kairo.platform.jobs.contexts import Completion, JobContext
from kairo.platform.jobs.crons import every
from kairo.platform.jobs.registry import handles

ARCHIVE = "jobs.archive"
BATCH = 500
DAY_MINUTES = 1440


class ArchiveOrder(BaseModel):
    """Whatever has ended longer ago than the setting says when the work is done."""


@handles(ARCHIVE, payload=ArchiveOrder)
def archive_ended_jobs(_: ArchiveOrder, job: JobContext) -> Completion:
    """Move the tenant's old jobs batch by batch."""
    ended_before = timedelta(days=settings.KAIRO_JOB_ARCHIVE_AFTER_DAYS)
    archived = 0
    while moved := archive_batch(job.tenant_id, ended_before=ended_before, size=BATCH):
        archived += moved
        job.progress("archive", done=archived)
    forget_messages(job.tenant_id, older_than=ended_before)
    return Completion(outcome={"archived": archived})


every(ARCHIVE, minutes=DAY_MINUTES, payload=ArchiveOrder())
