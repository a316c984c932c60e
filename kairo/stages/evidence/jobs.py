"""The stage's jobs: each loads its message and calls one operation."""

from __future__ import annotations

from pydantic import BaseModel

from kairo.platform.database.clock import now
from kairo.platform.jobs.contexts import Completion, JobContext
from kairo.platform.jobs.contracts import JobFailure, Queue
from kairo.platform.jobs.crons import every
from kairo.platform.jobs.registry import handles
from kairo.stages.evidence import operations
from kairo.stages.evidence.contracts import CaptureSurface, EraseAuthor, ImportUpload, ScheduleCaptures

FORGET_UPLOADS = "evidence.forget_uploads"
DAY_MINUTES = 1440
LONGEST_IMPORT_S = 4 * 3600
LONGEST_ERASURE_S = 3600
LONGEST_CAPTURE_S = 900
SCHEDULE = "evidence.schedule_captures"
TEND_SEARCH = "evidence.tend_search"
TEND_EVERY_MINUTES = 30
LONGEST_TENDING_S = 4 * 3600


def _import_failed(message: ImportUpload, failure: JobFailure) -> None:
    operations.import_failed(message=message, failure=failure, at=now())


@handles(
    "evidence.import",
    payload=ImportUpload,
    queue=Queue.IO,
    time_limit_s=LONGEST_IMPORT_S,
    when_failed=_import_failed,
)
def import_upload(message: ImportUpload, job: JobContext) -> Completion:
    """Import an uploaded file."""
    return operations.import_upload(message=message, job=job, at=now())


@handles("evidence.erase_author", payload=EraseAuthor, time_limit_s=LONGEST_ERASURE_S)
def erase_author(message: EraseAuthor, job: JobContext) -> Completion:
    """Delete what is kept of a person."""
    return operations.erase_author(message=message, job=job, at=now())


class ForgetUploads(BaseModel):
    """Whatever nobody works on any more when the work is done."""


@handles(FORGET_UPLOADS, payload=ForgetUploads)
def forget_uploads(_: ForgetUploads, job: JobContext) -> Completion:
    """Let go of files whose import was cancelled."""
    return operations.forget_uploads(job=job, at=now())


every(FORGET_UPLOADS, minutes=DAY_MINUTES, payload=ForgetUploads())


def _capture_failed(message: CaptureSurface, failure: JobFailure) -> None:
    operations.capture_failed(message=message, failure=failure, at=now())


@handles(
    "evidence.capture",
    payload=CaptureSurface,
    queue=Queue.IO,
    time_limit_s=LONGEST_CAPTURE_S,
    when_failed=_capture_failed,
)
def capture(message: CaptureSurface, job: JobContext) -> Completion:
    """Read a surface."""
    return operations.run_capture(message=message, job=job, at=now())


@handles(SCHEDULE, payload=ScheduleCaptures)
def schedule_captures(_: ScheduleCaptures, job: JobContext) -> Completion:
    """Enqueue the captures that come due before this comes round again."""
    enqueued = operations.schedule_captures(tenant_id=job.tenant_id, at=now())
    return Completion(outcome={"enqueued": enqueued})


every(SCHEDULE, minutes=operations.LOOK_EVERY_MINUTES, payload=ScheduleCaptures())


class TendSearch(BaseModel):
    """Whatever search has waiting when the work is done."""


@handles(TEND_SEARCH, payload=TendSearch, time_limit_s=LONGEST_TENDING_S)
def tend_search(_: TendSearch, job: JobContext) -> Completion:
    """Make findable what was forgotten, embed anew after a change of the embedder, and fill the graph of vectors."""
    return operations.tend_search(job=job)


every(TEND_SEARCH, minutes=TEND_EVERY_MINUTES, payload=TendSearch())
