"""The places that a brand listens to: their last reading, a new one, and what may be changed of one."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from uuid import UUID

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from pydantic import ValidationError

from kairo.errors import FieldError, Invalid
from kairo.interfaces.web import wording
from kairo.interfaces.web.access import MemberRequest, for_members, require_editor
from kairo.interfaces.web.brands import Place, place_of
from kairo.interfaces.web.paging import row_named
from kairo.stages.evidence import operations, queries
from kairo.stages.evidence.contracts import SurfaceChange, SurfaceDraft, SurfaceExists, SurfaceRole, SurfaceType

SURFACES_PER_PAGE = 50
CADENCES = (15, 30, 60, 180, 360, 720, 1_440, 10_080)
"""The minutes between two readings that are offered; a surface may have others."""
_GIVEN = {"role": str(SurfaceRole.MARKET), "cadence_minutes": "60", "is_active": "on"}


@require_safe
@for_members
def surfaces(request: MemberRequest, brand_slug: str) -> HttpResponse:
    """List a brand's surfaces, newest first."""
    place = place_of(request, brand_slug)
    found = queries.surfaces(place.brand.id, before=row_named(request), limit=SURFACES_PER_PAGE + 1)
    page = found[:SURFACES_PER_PAGE]
    shown = {
        "place": place,
        "surfaces": page,
        "older_than": page[-1].id if len(found) > SURFACES_PER_PAGE else None,
        "current": "evidence",
    }
    return render(request, "evidence/surfaces.html", shown)


@require_http_methods(["GET", "HEAD", "POST"])
@for_members
def add(request: MemberRequest, brand_slug: str) -> HttpResponse:
    """Show the form of a new surface; with POST, add it."""
    place = place_of(request, brand_slug)
    if request.method != "POST":
        return _form(request, place, _GIVEN)
    require_editor(place.principal)
    sent = _sent(request.POST)
    try:
        operations.add_surface(brand_id=place.brand.id, draft=_draft(sent))
    except SurfaceExists:
        complaint = _("The brand listens to this place already.")
        return _form(request, place, sent, complaint=complaint, status=HTTPStatus.CONFLICT)
    except Invalid as error:
        complaint = wording.as_sentence(error.message)
        return _form(request, place, sent, complaint=complaint, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return redirect("web:surfaces", brand_slug=brand_slug)


@require_http_methods(["GET", "HEAD", "POST"])
@for_members
def surface(request: MemberRequest, brand_slug: str, surface_id: UUID) -> HttpResponse:
    """Show one surface; with POST, change whose voice it carries, how often it is read, or whether it is."""
    place = place_of(request, brand_slug)
    found = queries.surface(place.brand.id, surface_id)
    if request.method != "POST":
        given = {"role": str(found.role), "cadence_minutes": str(found.cadence_minutes)}
        return _form(request, place, {**given, "is_active": "on" if found.is_active else ""}, surface=found)
    require_editor(place.principal)
    sent = _sent(request.POST)
    try:
        operations.change_surface(brand_id=place.brand.id, surface_id=surface_id, change=_change(sent))
    except Invalid as error:
        complaint = wording.as_sentence(error.message)
        return _form(request, place, sent, surface=found, complaint=complaint, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return redirect("web:surfaces", brand_slug=brand_slug)


@require_POST
@for_members
def capture(request: MemberRequest, brand_slug: str, surface_id: UUID) -> HttpResponse:
    """Ask for a surface to be read now, and lead to the jobs, where that is watched."""
    place = place_of(request, brand_slug)
    queries.surface(place.brand.id, surface_id)
    require_editor(place.principal)
    operations.request_capture(brand_id=place.brand.id, surface_id=surface_id)
    return redirect("web:jobs", brand_slug=brand_slug)


def _form(
    request: MemberRequest,
    place: Place,
    given: Mapping[str, str],
    *,
    status: HTTPStatus = HTTPStatus.OK,
    **shown: object,
) -> HttpResponse:
    words = {
        "place": place,
        "given": given,
        "platforms": sorted({*wording.PLATFORMS, given.get("platform", "")} - {""}, key=wording.platform_name),
        "surface_types": [kind for kind in SurfaceType if kind is not SurfaceType.IMPORT],
        "roles": list(SurfaceRole),
        "cadences": _cadences(given.get("cadence_minutes", "")),
        "current": "evidence",
        **shown,
    }
    return render(request, "evidence/surface.html", words, status=status)


def _cadences(given: str) -> list[int]:
    own = {int(given)} if given.isascii() and given.isdigit() and len(given) <= len("43200") else set()
    return sorted({*CADENCES, *own})


def _sent(form: QueryDict) -> dict[str, str]:
    names = ("platform", "surface_type", "surface_key", "role", "cadence_minutes", "is_active")
    return {name: form.get(name, "").replace("\0", "") for name in names}


def _draft(sent: Mapping[str, str]) -> SurfaceDraft:
    try:
        return SurfaceDraft.model_validate({**sent, "is_active": bool(sent["is_active"])})
    except ValidationError as error:
        raise _said(error) from error


def _change(sent: Mapping[str, str]) -> SurfaceChange:
    changed = {"role": sent["role"], "cadence_minutes": sent["cadence_minutes"]}
    try:
        return SurfaceChange.model_validate({**changed, "is_active": bool(sent["is_active"])})
    except ValidationError as error:
        raise _said(error) from error


def _said(error: ValidationError) -> Invalid:
    """Say what is wrong with the form's fields, each in a sentence."""
    fields = dict.fromkeys(str(problem["loc"][0]) for problem in error.errors())
    said = {name: _complaint(name) for name in fields}
    return Invalid(" ".join(said.values()), errors=tuple(FieldError(name, words) for name, words in said.items()))


def _complaint(field: str) -> str:
    words = {
        "platform": _("Choose a platform."),
        "surface_type": _("Choose what kind of place it is."),
        "surface_key": _("Say which place: a name, a hashtag, an address or what to search for."),
        "role": _("Choose whose voice it carries."),
        "cadence_minutes": _("Choose how often it is read: from five minutes to thirty days."),
    }
    return words[field]
