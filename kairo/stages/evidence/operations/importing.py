"""The import of a file for a brand, from this machine; uploads come in by the same steps."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from kairo.platform.database.sessions import tenant_transaction
from kairo.stages.brands import queries as brands
from kairo.stages.evidence import queries
from kairo.stages.evidence.adapters.files import AUTO, SourceReading, open_source
from kairo.stages.evidence.contracts import CaptureStatus, ImportReport, SurfaceRole
from kairo.stages.evidence.models import CaptureRun
from kairo.stages.evidence.operations.capturing import Capture, Progress
from kairo.stages.evidence.operations.refusing import RejectedFile
from kairo.stages.evidence.operations.surfaces import import_surface
from kairo.stages.evidence.rules.naming import surface_name

REJECTS_REPORTED = 200
HASH_CHUNK_BYTES = 1 << 20


@dataclass(frozen=True)
class SourceFile:
    """A file to import: where its bytes are, and what the person called it, which names its surface."""

    path: Path
    name: str
    format_name: str = AUTO
    mapping: Mapping[str, str] | None = None
    role: SurfaceRole | None = None


def import_file(
    *,
    tenant_id: UUID,
    brand_id: UUID,
    path: Path,
    at: datetime,
    name: str | None = None,
    format_name: str = AUTO,
    mapping: Mapping[str, str] | None = None,
    role: SurfaceRole | None = None,
    progress: Progress | None = None,
) -> ImportReport:
    """Import a file of posts for a brand; the same file again changes nothing.

    `name` stands in for the path's own; `role` None leaves an earlier import's role, or is the market's.
    `progress` is told the number of records read so far after each batch.

    Raises:
        UnreadableFile: the file as a whole cannot be read; nothing is stored.
        BrandNotFound: no such brand of this tenant.
        ImportUnderWay: somebody else is importing the same file.
    """
    file = SourceFile(
        path=path, name=surface_name(name or path.name), format_name=format_name, mapping=mapping, role=role
    )
    reading, run = begin_import(file, tenant_id=tenant_id, brand_id=brand_id, at=at)
    goes_on = run.status != CaptureStatus.SUCCEEDED and run.item_count + run.rejected_count > 0
    with RejectedFile(run.id, goes_on=goes_on) as rejected:
        report = take_in(reading, Capture(tenant_id=tenant_id, run=run, at=at, told=progress, refused=rejected.write))
    return report.model_copy(update={"rejected_file": str(rejected.path) if rejected.path else None})


def begin_import(
    file: SourceFile, *, tenant_id: UUID, brand_id: UUID, at: datetime
) -> tuple[SourceReading, CaptureRun]:
    """Open the file, and the run that it is read into: an earlier one of the same bytes again.

    Raises as `import_file` does, before anything is stored.
    """
    with tenant_transaction(tenant_id):
        brands.brand(brand_id)
    reading = open_source(file.path, name=file.name, format_name=file.format_name, mapping=file.mapping, received_at=at)
    digest = _digest(file)
    with tenant_transaction(tenant_id):
        surface_id = import_surface(
            brand_id=brand_id, platform=reading.format_name, file_name=file.name, role=file.role
        )
        run = _open_run(surface_id, digest=digest, format_name=reading.format_name, at=at)
    return reading, run


def take_in(reading: SourceReading, capture: Capture) -> ImportReport:
    """Read a source to its end, close its run and report."""
    with reading:
        capture.take_in(reading)
    tally, run = capture.tally, capture.run
    with tenant_transaction(capture.tenant_id):
        if capture.first_time:
            ended = {"status": CaptureStatus.SUCCEEDED, "error": None, "ended_at": capture.at}
            CaptureRun.objects.filter(id=run.id).update(**ended)
        rejects = queries.rejections(run.id, limit=REJECTS_REPORTED)
    return ImportReport(
        surface_id=run.surface_id,
        capture_run_id=run.id,
        format=reading.format_name,
        read=tally.read,
        new=tally.new,
        known=tally.items - tally.new,
        rejected=tally.rejected,
        undated=tally.undated,
        normalized=tally.new,
        rejects=[reject.model_dump(mode="json", exclude={"place"}) for reject in rejects],
    )


def _digest(file: SourceFile) -> str:
    """Hash what is read: the bytes, and how a mapping reads them."""
    digest = hashlib.sha256()
    with file.path.open("rb") as content:
        while chunk := content.read(HASH_CHUNK_BYTES):
            digest.update(chunk)
    if file.mapping:
        digest.update(json.dumps(dict(file.mapping), sort_keys=True).encode())
    return digest.hexdigest()


def _open_run(surface_id: UUID, *, digest: str, format_name: str, at: datetime) -> CaptureRun:
    """Return the run of these very bytes on this surface: an earlier one again, so that nothing is seen twice."""
    earlier = CaptureRun.objects.filter(surface_id=surface_id, source_sha256=digest).order_by("started_at").first()
    if earlier is not None and earlier.status == CaptureStatus.FAILED:
        earlier.status, earlier.error, earlier.ended_at = CaptureStatus.RUNNING, None, None
        earlier.save(update_fields=["status", "error", "ended_at"])
    if earlier is not None:
        return earlier
    return CaptureRun.objects.create(surface_id=surface_id, source_sha256=digest, format=format_name, started_at=at)
