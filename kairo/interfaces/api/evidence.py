"""Evidence over HTTP: items, what the gates say of them, imports, surfaces, and the erasure of a person."""

from __future__ import annotations

import json
from typing import Annotated
from uuid import UUID

from django.http import HttpRequest
from ninja import File, Form, Query, Router, Status
from ninja.files import UploadedFile

from kairo.errors import FieldError, Invalid
from kairo.interfaces.api.actors import require_owner
from kairo.interfaces.api.errors import PROBLEMS, Problem
from kairo.interfaces.api.paging import Limit, Page
from kairo.interfaces.api.strict_requests import require_storable
from kairo.moments import Moment
from kairo.platform.database.clock import now
from kairo.platform.jobs.contracts import JobAcceptedDTO
from kairo.platform.tenancy.contracts import Principal
from kairo.stages.evidence import operations, queries
from kairo.stages.evidence.contracts import (
    EvidenceItemDTO,
    GateReport,
    ImportDTO,
    SurfaceChange,
    SurfaceDraft,
    SurfaceDTO,
    SurfaceRole,
)

router = Router(tags=["evidence"])


@router.get("/brands/{brand_id}/evidence", response={200: Page[EvidenceItemDTO], **PROBLEMS})
def list_evidence(
    request: HttpRequest,
    brand_id: UUID,
    platform: str | None = None,
    lang: str | None = None,
    since: Annotated[Moment | None, Query(alias="from")] = None,
    until: Annotated[Moment | None, Query(alias="to")] = None,
    cursor: UUID | None = None,
    limit: Limit = 50,
) -> Page[EvidenceItemDTO]:
    """List a brand's items, newest first, from `from` up to but not including `to`.

    Items without a date come last, and not at all where one of the two is given.
    """
    items = queries.items(
        brand_id, platform=platform, language=lang, since=since, until=until, after=cursor, limit=limit + 1
    )
    following = str(items[limit - 1].id) if len(items) > limit else None
    return Page(items=items[:limit], next_cursor=following)


@router.get("/evidence/{item_id}", response={200: EvidenceItemDTO, **PROBLEMS})
def get_item(request: HttpRequest, item_id: UUID) -> EvidenceItemDTO:
    """Return one item."""
    return queries.item(item_id)


@router.get("/brands/{brand_id}/gates", response={200: GateReport, **PROBLEMS})
def get_gates(request: HttpRequest, brand_id: UUID, as_of: Moment | None = None) -> GateReport:
    """Judge the brand's evidence by the ten gates, as of a moment (now by default)."""
    window = queries.evidence_window(brand_id, as_of=as_of or now())
    return queries.gate_report(brand_id, window)


@router.post("/brands/{brand_id}/evidence/import", response={202: JobAcceptedDTO, **PROBLEMS})
def import_evidence(
    request: HttpRequest,
    brand_id: UUID,
    file: Annotated[UploadedFile, File(description="JSON, JSONL, CSV (also .gz) or a recorded cassette; 200 MB")],
    format: Annotated[str, Form(max_length=100, description="The layout of the file; auto recognises it")] = "auto",
    mapping: Annotated[
        str | None, Form(max_length=20_000, description="JSON: our field names, each with the file's heading")
    ] = None,
    role: Annotated[SurfaceRole | None, Form(description="Whose voice the file carries; market by default")] = None,
) -> Status[JobAcceptedDTO]:
    """Take a file of posts to be imported by a job, whose outcome is the report of the import.

    The same file again changes nothing; while it is being imported, that job is the answer.
    """
    accepted = operations.accept_upload(
        brand_id=brand_id, file=file, at=now(), format_name=format, mapping=_headings(mapping), role=role
    )
    return Status(202, accepted)


def _headings(text: str | None) -> dict[str, str] | None:
    if not text:
        return None
    try:
        headings = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _bad_mapping(f"it is not JSON: {error}") from error
    if not isinstance(headings, dict) or not all(isinstance(heading, str) for heading in headings.values()):
        raise _bad_mapping('it is not an object of our field names with their headings, like {"text": "Review text"}')
    require_storable(headings)
    return headings


def _bad_mapping(reason: str) -> Invalid:
    return Invalid(f"The mapping cannot be read: {reason}.", errors=(FieldError("mapping", reason),))


@router.get("/brands/{brand_id}/imports/{capture_run_id}", response={200: ImportDTO, **PROBLEMS})
def get_import(
    request: HttpRequest,
    brand_id: UUID,
    capture_run_id: UUID,
    cursor: Annotated[int, Query(ge=0, le=2_147_483_647)] = 0,
    limit: Limit = 50,
) -> ImportDTO:
    """Return what an import did, with a page of the records that it refused and why."""
    return queries.import_run(brand_id, capture_run_id, after=cursor, limit=limit)


@router.get("/brands/{brand_id}/surfaces", response={200: Page[SurfaceDTO], **PROBLEMS})
def list_surfaces(
    request: HttpRequest, brand_id: UUID, cursor: UUID | None = None, limit: Limit = 50
) -> Page[SurfaceDTO]:
    """List the places that a brand listens to, newest first, each with its last reading and what went wrong there."""
    surfaces = queries.surfaces(brand_id, before=cursor, limit=limit + 1)
    following = str(surfaces[limit - 1].id) if len(surfaces) > limit else None
    return Page(items=surfaces[:limit], next_cursor=following)


@router.post("/brands/{brand_id}/surfaces", response={201: SurfaceDTO, 409: Problem, **PROBLEMS})
def add_surface(request: HttpRequest, brand_id: UUID, body: SurfaceDraft) -> Status[SurfaceDTO]:
    """Add a place to listen to."""
    return Status(201, operations.add_surface(brand_id=brand_id, draft=body))


@router.patch("/brands/{brand_id}/surfaces/{surface_id}", response={200: SurfaceDTO, **PROBLEMS})
def change_surface(request: HttpRequest, brand_id: UUID, surface_id: UUID, body: SurfaceChange) -> SurfaceDTO:
    """Change whose voice a surface carries, how often it is read, or whether it is; what is left out stays."""
    return operations.change_surface(brand_id=brand_id, surface_id=surface_id, change=body)


@router.post("/brands/{brand_id}/surfaces/{surface_id}/capture", response={202: JobAcceptedDTO, **PROBLEMS})
def capture_surface(request: HttpRequest, brand_id: UUID, surface_id: UUID) -> Status[JobAcceptedDTO]:
    """Have a surface read now; while it waits to be read, that job is the answer.

    A surface that cannot be read ends the job as failed, with the reason, which stands on the surface too.
    """
    return Status(202, operations.request_capture(brand_id=brand_id, surface_id=surface_id))


@router.delete("/authors/{platform}/{path:author_ref}", response={202: JobAcceptedDTO, **PROBLEMS})
def erase_author(request: HttpRequest, platform: str, author_ref: str) -> Status[JobAcceptedDTO]:
    """Erase a person: from this answer on nothing shows their posts, and the job deletes them for good.

    Later imports take nothing of theirs in again. Only an owner may do this.
    """
    principal: Principal = request.auth  # type: ignore[attr-defined]
    author = queries.author(platform, author_ref)
    require_owner(request, otherwise="Erasing a person is for owners: ask one of them.")
    return Status(202, operations.request_erasure(author=author, tenant_id=principal.tenant_id, at=now()))
