"""Files that come over HTTP: their bytes wait in the database, for the worker may run on another machine."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Protocol
from uuid import UUID

from pydantic import JsonValue

from kairo.errors import FieldError, TooLarge
from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.jobs import queries as job_queries
from kairo.platform.jobs.contexts import Completion, JobContext
from kairo.platform.jobs.contracts import JobAcceptedDTO, JobDTO, JobFailure, JobNotFound, JobState, PermanentFailure
from kairo.platform.jobs.operations import enqueue
from kairo.platform.outbound.operations import announce
from kairo.stages.brands import queries as brands
from kairo.stages.evidence.adapters.files import AUTO, check_format
from kairo.stages.evidence.adapters.registry import known_formats
from kairo.stages.evidence.contracts import (
    MAX_UPLOAD_BYTES,
    CaptureStatus,
    ImportReport,
    ImportUpload,
    SurfaceRole,
    UnreadableFile,
)
from kairo.stages.evidence.models import CaptureRun, Upload, UploadChunk
from kairo.stages.evidence.operations.capturing import Capture
from kairo.stages.evidence.operations.importing import SourceFile, begin_import, take_in
from kairo.stages.evidence.rules.naming import surface_name

IMPORT = "evidence.import"
CHUNK_BYTES = 1_000_000
TOLD_EVERY_S = 1.0
KEPT_AFTER_CANCEL = timedelta(days=1)
"""For so long a cancelled import can be started over with the file that was sent."""
_LIVE = {JobState.PENDING, JobState.RUNNING}


class SentFile(Protocol):
    """A file as the web hands it over; it is read in chunks, more than once."""

    @property
    def name(self) -> str | None: ...

    @property
    def size(self) -> int | None: ...

    def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]: ...


def format_names() -> list[str]:
    """Name the layouts that an import can be told to read; AUTO, which recognises them, is none of these."""
    return [known.name for known in known_formats()]


def accept_upload(
    *,
    brand_id: UUID,
    file: SentFile,
    at: datetime,
    format_name: str = AUTO,
    mapping: Mapping[str, str] | None = None,
    role: SurfaceRole | None = None,
) -> JobAcceptedDTO:
    """Keep a file and ask for its import; while the same file is being imported, that job is the answer.

    Raises:
        BrandNotFound: no such brand of this tenant.
        TooLarge: it has more than MAX_UPLOAD_BYTES.
        UnreadableFile: it is empty, or no file could be read in that format or with that mapping.
    """
    brands.brand(brand_id)
    check_format(format_name, mapping)
    name = surface_name(file.name or "")
    _check_size(file.size or 0, name)
    key = _dedupe_key(brand_id, name, format_name, mapping, role, _sha256(file))
    live = job_queries.live_job(key)
    if live is not None:
        return _accepted(live)
    upload = Upload.objects.create(
        brand_id=brand_id,
        file_name=name,
        byte_count=file.size or 0,
        format=format_name,
        mapping=dict(mapping) if mapping else None,
        role=role,
        created_at=at,
    )
    for position, chunk in enumerate(file.chunks(CHUNK_BYTES)):
        UploadChunk.objects.create(upload=upload, position=position, content=chunk)
    job = enqueue(IMPORT, ImportUpload(upload_id=upload.id), dedupe_key=key)
    if Upload.objects.filter(job_id=job.id).exists():
        _forget(upload)  # Somebody sent the same file at the same moment and was first.
    else:
        Upload.objects.filter(id=upload.id).update(job_id=job.id)
    return _accepted(job)


def _check_size(size: int, name: str) -> None:
    if size > MAX_UPLOAD_BYTES:
        problem = FieldError("file", f"it has {size:,} bytes")
        raise TooLarge(
            f"{name} has {size:,} bytes; a file may have {MAX_UPLOAD_BYTES:,}. Send it in parts, or compressed (.gz).",
            errors=(problem,),
        )
    if size == 0:
        raise UnreadableFile(f"{name} is empty", code="empty_file")


def _sha256(file: SentFile) -> str:
    digest = hashlib.sha256()
    for chunk in file.chunks(CHUNK_BYTES):
        digest.update(chunk)
    return digest.hexdigest()


def _dedupe_key(brand_id: UUID, *parts: object) -> str:
    told = json.dumps(parts, sort_keys=True, default=dict)
    return f"evidence.import:{brand_id}:{hashlib.sha256(told.encode()).hexdigest()}"


def _accepted(job: JobDTO) -> JobAcceptedDTO:
    return JobAcceptedDTO(job_id=job.id, poll_url=f"/api/jobs/{job.id}")


def import_upload(*, message: ImportUpload, job: JobContext, at: datetime) -> Completion:
    """Import an uploaded file; the returned effects let go of it.

    Raises:
        UnreadableFile: the file as a whole cannot be read; nothing is stored.
        PermanentFailure: the file is not kept any more.
    """
    with tenant_transaction(job.tenant_id):
        upload = Upload.objects.filter(id=message.upload_id).first()
    if upload is None:
        raise PermanentFailure("The file of this import is not kept any more: send it again.")
    with _on_disk(upload, tenant_id=job.tenant_id) as path:
        report = _import(upload, path, job, at=at)
    return Completion(
        outcome=_outcome(report),
        effects=lambda: _end(upload, report, at=at),
        result_url=f"/api/brands/{upload.brand_id}/imports/{report.capture_run_id}",
    )


def _end(upload: Upload, report: ImportReport, *, at: datetime) -> None:
    _forget(upload)
    told = report.model_dump(mode="json", include={"capture_run_id", "read", "new", "known", "rejected"})
    announce(event="evidence.imported", payload={"brand_id": str(upload.brand_id), **told}, at=at, enqueue=enqueue)


def _import(upload: Upload, path: Path, job: JobContext, *, at: datetime) -> ImportReport:
    file = SourceFile(
        path=path,
        name=upload.file_name,
        format_name=upload.format,
        mapping=upload.mapping,
        role=SurfaceRole(upload.role) if upload.role else None,
    )
    reading, run = begin_import(file, tenant_id=job.tenant_id, brand_id=upload.brand_id, at=at)
    with tenant_transaction(job.tenant_id):
        Upload.objects.filter(id=upload.id).update(capture_run_id=run.id)
    return take_in(reading, Capture(tenant_id=job.tenant_id, run=run, at=at, told=_telling(job)))


def _telling(job: JobContext) -> Callable[[int], None]:
    """Make what tells the job how far it is: each batch to its checkpoint, and once a second to who watches."""
    told_at = 0.0

    def tell(records: int) -> None:
        nonlocal told_at
        # The run's own counts say where to go on; this notices a lost claim or a cancel, and resets the losses.
        job.checkpoint({"records": records})
        if time.monotonic() - told_at >= TOLD_EVERY_S:
            job.progress("import", done=records, note=f"{records:,} records")
            told_at = time.monotonic()

    return tell


@contextmanager
def _on_disk(upload: Upload, *, tenant_id: UUID) -> Iterator[Path]:
    """Write the chunks, one at a time, to a file that is gone after the block."""
    with NamedTemporaryFile(prefix="kairo-upload-") as file:
        position = 0
        while content := _chunk(upload.id, position, tenant_id):
            file.write(content)
            position += 1
        file.flush()
        yield Path(file.name)


def _chunk(upload_id: UUID, position: int, tenant_id: UUID) -> bytes | None:
    with tenant_transaction(tenant_id):
        found = UploadChunk.objects.filter(upload_id=upload_id, position=position)
        return bytes(chunk) if (chunk := found.values_list("content", flat=True).first()) is not None else None


def _outcome(report: ImportReport) -> dict[str, JsonValue]:
    """Return the report as the job keeps it: what people wrote stands with the run alone, for an erasure to find."""
    told: dict[str, JsonValue] = report.model_dump(mode="json")
    told["rejects"] = [
        {name: value for name, value in reject.items() if name != "excerpt"} for reject in report.rejects
    ]
    return told


def import_failed(*, message: ImportUpload, failure: JobFailure, at: datetime) -> None:
    """Say on the run why it failed and let go of the file, in the transaction that ends the job."""
    upload = Upload.objects.filter(id=message.upload_id).first()
    if upload is not None:
        _end_run(upload, error=failure.error, at=at)
        _forget(upload)


def forget_uploads(*, job: JobContext, at: datetime) -> Completion:
    """Let go of the tenant's abandoned files."""
    with tenant_transaction(job.tenant_id):
        return Completion(outcome={"forgotten": forget_abandoned_uploads(at=at)})


def forget_abandoned_uploads(*, at: datetime, kept_for: timedelta = KEPT_AFTER_CANCEL) -> int:
    """Let go of the tenant's files that no import works on any more, and return how many there were.

    An import that succeeds or fails lets go of its file by itself; of a cancelled one it is kept for `kept_for`.
    """
    abandoned = [upload for upload in Upload.objects.filter(created_at__lte=at - kept_for) if not _is_live(upload)]
    for upload in abandoned:
        _end_run(upload, error="The import was cancelled.", at=at)
        _forget(upload)
    return len(abandoned)


def _is_live(upload: Upload) -> bool:
    if upload.job_id is None:
        return False
    try:
        return job_queries.job(upload.job_id).state in _LIVE
    except JobNotFound:
        return False  # Jobs that ended long ago are archived.


def _end_run(upload: Upload, *, error: str, at: datetime) -> None:
    if upload.capture_run_id is None:
        return
    CaptureRun.objects.filter(id=upload.capture_run_id, status=CaptureStatus.RUNNING).update(
        status=CaptureStatus.FAILED, error=error, ended_at=at
    )


def _forget(upload: Upload) -> None:
    UploadChunk.objects.filter(upload_id=upload.id).delete()
    Upload.objects.filter(id=upload.id).delete()
