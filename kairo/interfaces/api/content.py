"""Packages and variants over HTTP."""

from __future__ import annotations

import re
from typing import Annotated
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Header, Query, Router
from pydantic import BaseModel

from kairo.errors import FieldError, Invalid
from kairo.interfaces.api.actors import actor
from kairo.interfaces.api.errors import PROBLEMS, Problem, kairo_problem
from kairo.interfaces.api.paging import Limit, Page
from kairo.interfaces.api.waiting import accepted_or_awaited
from kairo.platform.database.clock import now
from kairo.platform.jobs.contracts import JobAcceptedDTO, JobDTO, JobState
from kairo.platform.tenancy.contracts import Principal
from kairo.stages.brands import queries as brands
from kairo.stages.content import operations, queries
from kairo.stages.content.contracts import (
    ContentPackageDTO,
    CreatePackageResponseDTO,
    EventsTakenDTO,
    ExecutionEventBatch,
    ExportFormat,
    GenerateVariantsResponseDTO,
    VariantChanged,
    VariantDTO,
    VariantListDTO,
    VariantUpdateDTO,
    VariantVersionDTO,
    WorkFailed,
)

router = Router(tags=["content"])

Wait = Annotated[float, Query(ge=0, le=30, description="Seconds to wait for the result; it may come sooner, or not")]
IfMatch = Annotated[
    str | None, Header(alias="If-Match", description='The version that was read, as its ETag says: "3"', max_length=100)
]
_TAG = re.compile(r'(?:W/)?"(\d{1,9})"')


@router.post(
    "/brands/{brand_id}/opportunities/{opportunity_id}/packages",
    response={200: CreatePackageResponseDTO, 201: CreatePackageResponseDTO, 202: JobAcceptedDTO, **PROBLEMS},
)
def create_package(request: HttpRequest, brand_id: UUID, opportunity_id: UUID, wait: Wait = 10) -> HttpResponse:
    """Make an opportunity's package, or return the one there is.

    A taboo, or something that policy does not let out, refuses it with each reason.
    """
    principal: Principal = request.auth  # type: ignore[attr-defined]
    asked = operations.request_package(
        brand_id=brand_id, opportunity_id=opportunity_id, at=now(), asked_by=principal.user_id
    )
    if asked.package is not None:
        return _json(CreatePackageResponseDTO(status="exists", package=asked.package))
    if asked.job is None:
        raise LookupError(f"Nobody makes the package of {opportunity_id}.")

    def look(job: JobDTO) -> HttpResponse | None:
        if job.state is not JobState.SUCCEEDED:
            return _failure(job)
        package = queries.package(UUID(str(job.outcome["package_id"])))
        return _json(CreatePackageResponseDTO(status="created", package=package), status=201)

    return accepted_or_awaited(tenant_id=principal.tenant_id, job_id=asked.job.id, wait_s=wait, look=look)


@router.get("/brands/{brand_id}/packages", response={200: Page[ContentPackageDTO], **PROBLEMS})
def list_packages(
    request: HttpRequest, brand_id: UUID, cursor: UUID | None = None, limit: Limit = 50
) -> Page[ContentPackageDTO]:
    """List the brand's packages, newest first."""
    brands.brand(brand_id)
    found = queries.packages(brand_id, before=cursor, limit=limit + 1)
    following = str(found[limit - 1].id) if len(found) > limit else None
    return Page(items=found[:limit], next_cursor=following)


@router.get("/packages/{package_id}", response={200: ContentPackageDTO, **PROBLEMS})
def get_package(request: HttpRequest, package_id: UUID) -> ContentPackageDTO:
    """Return a package."""
    return queries.package(package_id)


@router.post(
    "/packages/{package_id}/variants/generate",
    response={201: GenerateVariantsResponseDTO, 202: JobAcceptedDTO, 409: Problem, **PROBLEMS},
)
def generate_variants(request: HttpRequest, package_id: UUID, wait: Wait = 10) -> HttpResponse:
    """Write a package's variants, one for each of its channels; once they exist they are edited, not written again."""
    principal: Principal = request.auth  # type: ignore[attr-defined]
    asked = operations.request_variants(package_id=package_id, asked_by=principal.user_id)

    def look(job: JobDTO) -> HttpResponse | None:
        if job.state is not JobState.SUCCEEDED:
            return _failure(job)
        listed = queries.variants(package_id)
        made = GenerateVariantsResponseDTO(
            status="created", package_id=package_id, variants=listed.variants, count=listed.count
        )
        return _json(made, status=201)

    return accepted_or_awaited(tenant_id=principal.tenant_id, job_id=asked.id, wait_s=wait, look=look)


@router.get("/packages/{package_id}/variants", response={200: VariantListDTO, **PROBLEMS})
def list_variants(request: HttpRequest, package_id: UUID) -> VariantListDTO:
    """Return a package's variants, in the order of its channels."""
    return queries.variants(package_id)


@router.get(
    "/packages/{package_id}/export",
    response={200: None, **PROBLEMS},
    openapi_extra={
        "responses": {
            200: {
                "description": "The file",
                "content": {
                    "text/markdown": {"schema": {"type": "string"}},
                    "application/json": {"schema": {"type": "object"}},
                    "text/csv": {"schema": {"type": "string"}},
                },
            }
        }
    },
)
def export_package(
    request: HttpRequest,
    package_id: UUID,
    form: Annotated[ExportFormat, Query(alias="format")] = ExportFormat.MARKDOWN,
) -> HttpResponse:
    """Return the package and its variants as a file; what a spreadsheet would compute is made text."""
    file = queries.export(package_id, form)
    response = HttpResponse(file.text.encode(), content_type=file.content_type)
    response["Content-Disposition"] = f'attachment; filename="{file.name}"'
    return response


@router.get("/variants/{variant_id}", response={200: VariantDTO, **PROBLEMS})
def get_variant(request: HttpRequest, variant_id: UUID) -> HttpResponse:
    """Return a variant; its ETag is its version."""
    return _tagged(queries.variant(variant_id))


@router.patch("/variants/{variant_id}", response={200: VariantDTO, 409: Problem, 412: Problem, **PROBLEMS})
def update_variant(
    request: HttpRequest, variant_id: UUID, body: VariantUpdateDTO, if_match: IfMatch = None
) -> HttpResponse:
    """Change a variant's text, or move its status as a decision would.

    With `If-Match`, a text that somebody else has saved since is not overwritten: the 412 carries his version.
    """
    expected = _expected_version(if_match)
    try:
        changed = operations.update_variant(
            variant_id=variant_id, change=body, by=actor(request), at=now(), expected_version=expected
        )
    except VariantChanged as error:
        return _changed(error)
    return _tagged(changed)


@router.get("/variants/{variant_id}/versions", response={200: Page[VariantVersionDTO], **PROBLEMS})
def list_versions(
    request: HttpRequest,
    variant_id: UUID,
    cursor: Annotated[int | None, Query(ge=1, le=2_000_000_000)] = None,
    limit: Limit = 50,
) -> Page[VariantVersionDTO]:
    """List a variant's texts as they were saved, newest first."""
    found = queries.versions(variant_id, before=cursor, limit=limit + 1)
    following = str(found[limit - 1].version) if len(found) > limit else None
    return Page(items=found[:limit], next_cursor=following)


@router.post("/variants/{variant_id}/events", response={200: EventsTakenDTO, **PROBLEMS})
def take_events(request: HttpRequest, variant_id: UUID, body: ExecutionEventBatch) -> EventsTakenDTO:
    """Take in what happened to a variant: views, clicks, conversions. A batch may be sent again."""
    return operations.take_events(variant_id=variant_id, batch=body, at=now())


def _json(shape: BaseModel, *, status: int = 200) -> HttpResponse:
    return HttpResponse(shape.model_dump_json(), status=status, content_type="application/json; charset=utf-8")


def _tagged(variant: VariantDTO) -> HttpResponse:
    response = _json(variant)
    response["ETag"] = f'"{variant.version}"'
    return response


def _failure(job: JobDTO) -> HttpResponse | None:
    """Answer for a job that has ended without a result: loud, and nothing of it is stored."""
    if job.state in {JobState.PENDING, JobState.RUNNING}:
        return None
    told = job.error or f"The job was {job.state}."
    return kairo_problem(WorkFailed(f"{told} Nothing was stored; job {job.id} has the history."))


def _changed(error: VariantChanged) -> HttpResponse:
    """Tell what the other one saved."""
    other = error.current
    error.errors = (
        FieldError("version", str(other.version)),
        FieldError("body", other.body),
        FieldError("call_to_action", other.call_to_action or ""),
        FieldError("status", other.status),
    )
    response = kairo_problem(error)
    response["ETag"] = f'"{other.version}"'
    return response


def _expected_version(if_match: str | None) -> int | None:
    if if_match is None or if_match.strip() == "*":
        return None
    found = _TAG.fullmatch(if_match.strip())
    if found is None:
        message = 'send the ETag of the variant that you read, such as "3", or * for any'
        raise Invalid(f"If-Match: {message}.", errors=(FieldError("If-Match", message),))
    return int(found[1])
