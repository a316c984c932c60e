"""Who reads a surface at the moment: a claim with a lease, and the run that the reading goes into."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q
from django.db.models.functions import Now

from kairo.errors import KairoError, TooMany
from kairo.stages.evidence.contracts import CaptureStatus, CaptureUnderWay, SurfaceNotFound
from kairo.stages.evidence.models import CaptureRun, Surface
from kairo.stages.evidence.rules.backoff import after_failure

LEASE = timedelta(minutes=3)
"""Longer than a page can take; each page that is stored renews it."""
LONGEST_ERROR = 1_000
_LOST = "Its reading was interrupted and could not go on: the next one starts over."


@dataclass(frozen=True)
class Claim:
    """A surface as it was claimed, and the run that its reading goes into."""

    surface: Surface
    run: CaptureRun
    by: UUID


def claim_surface(surface_id: UUID, *, by: UUID, format_name: str, at: datetime) -> Claim:
    """Claim a surface for `by`, within the caller's transaction; what `by` itself has claimed before is its own still.

    A reading that was put off or cut short goes on in its run, from its last stored page.

    Raises:
        SurfaceNotFound: not there, or somebody else's.
        CaptureUnderWay: another reads it.
    """
    free = Q(claimed_until__isnull=True) | Q(claimed_until__lt=Now()) | Q(claimed_by=by)
    claimed = Surface.objects.filter(id=surface_id).filter(free).update(claimed_by=by, claimed_until=Now() + LEASE)
    surface = Surface.objects.filter(id=surface_id).first()
    if surface is None:
        raise SurfaceNotFound("There is no such surface.")
    if not claimed:
        raise CaptureUnderWay("The surface is being read already: wait for that capture to end.")
    return Claim(surface=surface, run=_open_run(surface, format_name=format_name, at=at), by=by)


def _open_run(surface: Surface, *, format_name: str, at: datetime) -> CaptureRun:
    running = CaptureRun.objects.filter(surface_id=surface.id, status=CaptureStatus.RUNNING).order_by("-started_at")
    found = running.first() if surface.cursor is not None else None
    lost = running.exclude(id=found.id) if found else running
    lost.update(status=CaptureStatus.FAILED, error=_LOST, ended_at=at)
    return found or CaptureRun.objects.create(surface_id=surface.id, format=format_name, started_at=at)


def keep_claim(claim: Claim, **changes: object) -> None:
    """Renew the claim and write what the page changed on the surface, in the transaction that stores the page.

    Raises:
        CaptureUnderWay: the lease ended meanwhile and another has claimed the surface.
    """
    _update(claim, claimed_until=Now() + LEASE, **changes)


def release_claim(claim: Claim, **changes: object) -> None:
    """Give the surface back with how its reading ended. Raises as `keep_claim` does."""
    _update(claim, claimed_by=None, claimed_until=None, **changes)


def _update(claim: Claim, **changes: object) -> None:
    held = Surface.objects.filter(id=claim.surface.id, claimed_by=claim.by)
    if not held.update(**changes):
        raise CaptureUnderWay("Another capture has taken the surface over: this one stops.")
    for name, value in changes.items():
        setattr(claim.surface, name, value)


def end_run(run: CaptureRun, status: CaptureStatus, *, error: str | None = None, at: datetime) -> None:
    """Write down how a run ended, within the caller's transaction."""
    run.status, run.error, run.ended_at = status, error, at
    run.save(update_fields=["status", "error", "ended_at"])


def note_failure(claim: Claim, error: KairoError, *, at: datetime, luck: float, goes_on_at: str | None = None) -> None:
    """End the run with its error and give the surface back until its backoff has passed, in the caller's transaction.

    The next reading starts from the newest posts again, and goes behind what this one has stored; or at `goes_on_at`.
    """
    surface, message = claim.surface, error.message[:LONGEST_ERROR]
    failures = surface.failure_count + 1
    next_due_at = after_failure(
        at,
        cadence_minutes=surface.cadence_minutes,
        failures=failures,
        retryable=error.retryable,
        asked_delay_s=error.retry_after_s if isinstance(error, TooMany) else 0,
        luck=luck,
    )
    end_run(claim.run, CaptureStatus.FAILED, error=message, at=at)
    release_claim(claim, failure_count=failures, last_error=message, next_due_at=next_due_at, cursor=goes_on_at)
