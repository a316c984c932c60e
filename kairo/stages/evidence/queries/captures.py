"""The surfaces that a brand listens to, what was read on them, and what was refused there."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import Max

from kairo.platform.telemetry.metrics import Sample, samples
from kairo.stages.brands import queries as brands
from kairo.stages.brands.contracts import BrandFileSurface
from kairo.stages.evidence.contracts import (
    CaptureRunDTO,
    CaptureStatus,
    ImportDTO,
    ImportNotFound,
    RejectDTO,
    SurfaceDTO,
    SurfaceNotFound,
    SurfaceRole,
    SurfaceType,
    UploadDTO,
)
from kairo.stages.evidence.models import CaptureRun, Rejection, Surface, Upload


def declared_surfaces(brand_id: UUID) -> list[BrandFileSurface]:
    """List the surfaces of a brand as its file names them; imported files are no part of it."""
    declared = Surface.objects.filter(brand_id=brand_id).exclude(surface_type=SurfaceType.IMPORT)
    return [
        BrandFileSurface(
            platform=row.platform,
            surface_type=row.surface_type,
            surface_key=row.surface_key,
            role=row.role,
            cadence_minutes=row.cadence_minutes,
            is_active=row.is_active,
        )
        for row in declared.order_by("platform", "surface_type", "surface_key")
    ]


def surfaces(brand_id: UUID, *, before: UUID | None = None, limit: int = 50) -> list[SurfaceDTO]:
    """List a brand's surfaces, the newest first, from the one behind `before`.

    Raises:
        BrandNotFound: no such brand of this tenant.
    """
    brands.brand(brand_id)
    found = Surface.objects.filter(brand_id=brand_id).order_by("-id")
    if before is not None:
        found = found.filter(id__lt=before)
    listed = list(found[:limit])
    runs = _last_runs([row.id for row in listed])
    return [_to_contract(row, runs.get(row.id)) for row in listed]


def surface(brand_id: UUID, surface_id: UUID) -> SurfaceDTO:
    """Return one surface of a brand.

    Raises:
        SurfaceNotFound: not there, or somebody else's.
    """
    row = Surface.objects.filter(id=surface_id, brand_id=brand_id).first()
    if row is None:
        raise SurfaceNotFound("There is no such surface.")
    return _to_contract(row, _last_runs([row.id]).get(row.id))


def import_run(brand_id: UUID, run_id: UUID, *, after: int = 0, limit: int = 50) -> ImportDTO:
    """Return an import with its refused records from the one behind `after`.

    Raises:
        ImportNotFound: not there, or somebody else's.
    """
    of_brand = Surface.objects.filter(brand_id=brand_id, surface_type=SurfaceType.IMPORT)
    run = CaptureRun.objects.filter(id=run_id, surface__in=of_brand).first()
    if run is None:
        raise ImportNotFound("There is no such import.")
    rejects = rejections(run_id, after=after, limit=limit + 1)
    return ImportDTO(
        **_run(run).model_dump(),
        surface_id=run.surface_id,
        file_name=of_brand.get(id=run.surface_id).surface_key,
        rejects=rejects[:limit],
        rejects_not_kept=max(0, run.rejected_count - Rejection.objects.filter(capture_run_id=run_id).count()),
        next_cursor=str(rejects[limit - 1].place) if len(rejects) > limit else None,
    )


def upload_of(brand_id: UUID, job_id: UUID) -> UploadDTO | None:
    """Return the file that a job imports for a brand; None once it is let go of, or where it is no such job's."""
    row = Upload.objects.filter(brand_id=brand_id, job_id=job_id).first()
    if row is None:
        return None
    return UploadDTO(file_name=row.file_name, byte_count=row.byte_count, capture_run_id=row.capture_run_id)


def rejections(run_id: UUID, *, after: int = 0, limit: int) -> list[RejectDTO]:
    """List a run's refused records in their order, from the one behind `after`."""
    found = Rejection.objects.filter(capture_run_id=run_id, place__gt=after).order_by("place")[:limit]
    return [
        RejectDTO(place=row.place, row=row.row, code=row.code, reason=row.reason, excerpt=row.excerpt) for row in found
    ]


def listened_until(brand_id: UUID) -> datetime | None:
    """Return when posts for a brand were last read successfully, or None if they never were."""
    ended = CaptureRun.objects.filter(surface__brand_id=brand_id, status=CaptureStatus.SUCCEEDED)
    newest: datetime | None = ended.aggregate(newest=Max("ended_at"))["newest"]
    return newest


def _last_runs(surface_ids: list[UUID]) -> dict[UUID, CaptureRun]:
    newest = CaptureRun.objects.filter(surface_id__in=surface_ids).order_by("surface_id", "-started_at", "-id")
    return {run.surface_id: run for run in newest.distinct("surface_id")}


def _to_contract(row: Surface, last_run: CaptureRun | None) -> SurfaceDTO:
    return SurfaceDTO(
        id=row.id,
        brand_id=row.brand_id,
        platform=row.platform,
        surface_type=SurfaceType(row.surface_type),
        surface_key=row.surface_key,
        role=SurfaceRole(row.role),
        cadence_minutes=row.cadence_minutes,
        is_active=row.is_active,
        created_at=row.created_at,
        last_run=_run(last_run) if last_run else None,
        next_due_at=row.next_due_at if row.is_active else None,
        last_captured_at=row.last_captured_at,
        failure_count=row.failure_count,
        last_error=row.last_error,
    )


def _run(row: CaptureRun) -> CaptureRunDTO:
    return CaptureRunDTO(
        id=row.id,
        status=CaptureStatus(row.status),
        format=row.format,
        read=row.item_count + row.rejected_count,
        new=row.new_count,
        known=row.item_count - row.new_count,
        rejected=row.rejected_count,
        undated=row.undated_count,
        error=row.error,
        warnings=row.warnings,
        cost_usd=row.cost_usd,
        started_at=row.started_at,
        ended_at=row.ended_at,
    )


def metric_samples(*, of_all: bool) -> list[Sample]:
    """Return what captures brought and where they failed: of all accounts, or of the running one."""
    return samples("capture_metrics", of_all=of_all)
