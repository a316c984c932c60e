"""Brands over HTTP."""

from __future__ import annotations

from uuid import UUID

import yaml
from django.http import HttpRequest, HttpResponse
from ninja import Router, Status

from kairo.interfaces.api.document import described
from kairo.interfaces.api.errors import PROBLEMS, Problem
from kairo.interfaces.api.paging import Limit, Page
from kairo.interfaces.api.strict_requests import UnreadableBody, require_storable
from kairo.platform.database.clock import now
from kairo.platform.tenancy.contracts import Principal
from kairo.stages.brands import operations, queries
from kairo.stages.brands.contracts import BrandDTO, BrandFile, BrandImported, BrandNotFound, Slug
from kairo.stages.evidence import operations as evidence_operations
from kairo.stages.evidence import queries as evidence_queries

router = Router(tags=["brands"])

BRAND_FILE = {"application/yaml": {"schema": described(BrandFile)}}
BRAND_FILE_IN = {"requestBody": {"required": True, "content": BRAND_FILE}}
BRAND_FILE_OUT = {"responses": {200: {"content": BRAND_FILE}}}


def _principal(request: HttpRequest) -> Principal:
    return request.auth  # type: ignore[attr-defined, no-any-return]


@router.get("/brands", response={200: Page[BrandDTO], **PROBLEMS})
def list_brands(request: HttpRequest, cursor: Slug | None = None, limit: Limit = 50) -> Page[BrandDTO]:
    """List the account's brands by slug; the cursor is the slug of the last one on the page before."""
    brands = sorted(queries.brands(), key=lambda brand: brand.slug)
    following = [brand for brand in brands if cursor is None or brand.slug > cursor]
    return Page(items=following[:limit], next_cursor=following[limit - 1].slug if len(following) > limit else None)


# Before the path with an id, which would take the word for one.
@router.post(
    "/brands/import",
    response={200: BrandImported, 201: BrandImported, 404: Problem, **PROBLEMS},
    openapi_extra=BRAND_FILE_IN,
)
def import_brand(request: HttpRequest) -> Status[BrandImported]:
    """Make or update a brand from a brand file (YAML in the body). The `tenant` of the file must be yours, if named."""
    principal = _principal(request)
    file = _brand_file(request.body)
    if file.tenant not in (None, principal.tenant_slug):
        raise BrandNotFound(f"There is no tenant {file.tenant!r} here: leave `tenant` out, or use your own.")
    at = now()
    brand, created, changed = operations.import_brand(file=file, at=at)
    evidence_operations.declare_surfaces(brand_id=brand.id, surfaces=file.surfaces)
    answer = BrandImported(brand=brand, tenant_slug=principal.tenant_slug, created=created, changed=changed)
    return Status(201 if created else 200, answer)


def _brand_file(body: bytes) -> BrandFile:
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableBody("A brand file is text in UTF-8; this body is not.") from error
    file = operations.parse_brand_file(text)
    require_storable(file.model_dump())
    return file


@router.get("/brands/{brand_id}", response={200: BrandDTO, **PROBLEMS})
def get_brand(request: HttpRequest, brand_id: UUID) -> BrandDTO:
    """Return one brand."""
    return queries.brand(brand_id)


@router.get("/brands/{brand_id}/export", response={200: None, **PROBLEMS}, openapi_extra=BRAND_FILE_OUT)
def export_brand(request: HttpRequest, brand_id: UUID) -> HttpResponse:
    """Return the brand as a brand file (YAML)."""
    file = queries.brand_file(brand_id, tenant_slug=_principal(request).tenant_slug)
    whole = file.model_copy(update={"surfaces": evidence_queries.declared_surfaces(brand_id)})
    text = yaml.safe_dump(whole.model_dump(mode="json"), allow_unicode=True, sort_keys=False)
    return HttpResponse(text, content_type="application/yaml; charset=utf-8")
