"""When surfaces are read: each at its cadence by a job of its own, or now because somebody asks."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import reduce
from operator import or_
from uuid import UUID

from django.db.models import F, Q, QuerySet

from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.jobs.contexts import Completion, JobContext
from kairo.platform.jobs.contracts import JobAcceptedDTO, JobFailure, PermanentFailure, RetryLater
from kairo.platform.jobs.operations import enqueue
from kairo.platform.telemetry.context import logger
from kairo.stages.brands import queries as brands
from kairo.stages.evidence import queries
from kairo.stages.evidence.adapters.live.registry import live_sources
from kairo.stages.evidence.contracts import (
    CaptureReport,
    CaptureStatus,
    CaptureSurface,
    CaptureUnderWay,
    SurfaceType,
    UnableToCapture,
)
from kairo.stages.evidence.models import CaptureRun, Surface
from kairo.stages.evidence.operations.claiming import Claim, note_failure
from kairo.stages.evidence.operations.live_capture import capture_surface, source_of

log = logger(__name__)

CAPTURE = "evidence.capture"
LOOK_EVERY_MINUTES = 5
"""No surface is read more often; what comes due until the next look is enqueued for its time."""
MOST_AT_ONCE = 500
CLOCK_SKEW = timedelta(seconds=2)
UNDER_WAY_S = 60.0
PRIORITY_OF_SCHEDULED = 6
PRIORITY_OF_ASKED = 4


def request_capture(*, brand_id: UUID, surface_id: UUID) -> JobAcceptedDTO:
    """Ask for a surface to be read now, also one that is paused; while it waits to be, that job is the answer.

    Raises:
        BrandNotFound, SurfaceNotFound: not there, or somebody else's.
        NotLive: nothing can read it.
    """
    brands.brand(brand_id)
    queries.surface(brand_id, surface_id)
    source_of(surface_id, live_sources())
    message = CaptureSurface(surface_id=surface_id)
    job = enqueue(CAPTURE, message, dedupe_key=f"{CAPTURE}:{surface_id}:asked", priority=PRIORITY_OF_ASKED)
    return JobAcceptedDTO(job_id=job.id, poll_url=f"/api/jobs/{job.id}")


def live_surfaces(*, brand_id: UUID | None = None, surface_id: UUID | None = None) -> list[tuple[UUID, str]]:
    """List the surfaces that are listened to, each with its name for people, the longest overdue first.

    Of one brand, or of all; or the one surface, which may be paused.
    """
    wanted = _of_live_sources() if surface_id else _of_live_sources() & Q(is_active=True)
    if brand_id is not None:
        wanted &= Q(brand_id=brand_id)
    if surface_id is not None:
        wanted &= Q(id=surface_id)
    found = _longest_overdue(wanted).values_list("id", "platform", "surface_key")
    return [(found_id, f"{platform} {key}") for found_id, platform, key in found]


def schedule_captures(*, tenant_id: UUID, at: datetime) -> int:
    """Enqueue the captures that come due until the next look, the longest overdue first; return how many there are.

    Each surface has one scheduled job at most. What does not fit waits for the next look.
    """
    until = at + timedelta(minutes=LOOK_EVERY_MINUTES)
    with tenant_transaction(tenant_id):
        due = Q(next_due_at__isnull=True) | Q(next_due_at__lt=until)
        wanted = _longest_overdue(_of_live_sources() & Q(is_active=True) & due)[:MOST_AT_ONCE]
        found = list(wanted.values_list("id", "next_due_at"))
        for surface_id, due_at in found:
            _enqueue_scheduled(surface_id, due_at=due_at)
    return len(found)


def _of_live_sources() -> Q:
    readable = [Q(platform=source.platform, surface_type__in=list(source.keys)) for source in live_sources().values()]
    # Said although no source reads imports: so the index of what is due can serve.
    return reduce(or_, readable) & ~Q(surface_type=SurfaceType.IMPORT)


def _longest_overdue(wanted: Q) -> QuerySet[Surface]:
    return Surface.objects.filter(wanted).order_by(F("next_due_at").asc(nulls_first=True), "id")


def _enqueue_scheduled(surface_id: UUID, *, due_at: datetime | None) -> None:
    enqueue(
        CAPTURE,
        CaptureSurface(surface_id=surface_id, scheduled=True),
        dedupe_key=f"{CAPTURE}:{surface_id}",
        priority=PRIORITY_OF_SCHEDULED,
        available_at=due_at,
    )


def run_capture(*, message: CaptureSurface, job: JobContext, at: datetime) -> Completion:
    """Read a surface as a job; one whose host wants to be left alone goes on in a later job.

    Raises:
        PermanentFailure: the surface could not be read; when it is tried again stands on its row, not in the job.
        RetryLater: somebody else reads it at this moment.
    """
    if message.scheduled and not _is_due(message.surface_id, tenant_id=job.tenant_id, at=at):
        return Completion(outcome={"surface_id": str(message.surface_id), "status": "not_due"})
    try:
        report = capture_surface(
            tenant_id=job.tenant_id, surface_id=message.surface_id, at=at, by=job.job_id, told=_telling(job)
        )
    except CaptureUnderWay as error:
        raise RetryLater(error.message, after_s=UNDER_WAY_S) from error
    if report.status is CaptureStatus.FAILED:
        log.warning("surface_not_captured", surface_id=str(report.surface_id), platform=report.platform)
        raise PermanentFailure(report.error or "The surface could not be read.", code="capture_failed")
    outcome = report.model_dump(mode="json")
    if report.status is CaptureStatus.RUNNING:
        due_at = report.next_due_at
        return Completion(outcome=outcome, effects=lambda: _enqueue_scheduled(report.surface_id, due_at=due_at))
    return Completion(outcome=outcome)


def _telling(job: JobContext) -> Callable[[CaptureReport], None]:
    return lambda report: job.progress("capture", done=report.read, note=f"{report.pages} pages, {report.new} new")


def _is_due(surface_id: UUID, *, tenant_id: UUID, at: datetime) -> bool:
    """Whether a surface is still to be read now: it may have been read, paused or put off since it was asked for."""
    due = Q(next_due_at__isnull=True) | Q(next_due_at__lte=at + CLOCK_SKEW)
    with tenant_transaction(tenant_id):
        return Surface.objects.filter(due, id=surface_id, is_active=True).exists()


def capture_failed(*, message: CaptureSurface, failure: JobFailure, at: datetime) -> None:
    """Note on the surface that its job ended without a word: out of time, or with its worker."""
    surface = Surface.objects.filter(id=message.surface_id, claimed_by=failure.job_id).first()
    run = CaptureRun.objects.filter(surface_id=message.surface_id, status=CaptureStatus.RUNNING).first()
    if surface is None or run is None:
        return
    claim = Claim(surface=surface, run=run, by=failure.job_id)
    luck = random.SystemRandom().random()
    note_failure(claim, UnableToCapture(failure.error, retryable=True), at=at, luck=luck)
