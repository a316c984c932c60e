"""Packages as pages: the list, making one of an opportunity, its texts side by side, what is decided, and the files."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect, reswap, retarget
from pydantic import JsonValue

from kairo.errors import Invalid
from kairo.interfaces.web import package_wording as said
from kairo.interfaces.web.access import MemberRequest, for_members, require_editor
from kairo.interfaces.web.brands import Place, place_of
from kairo.interfaces.web.moments import moment_given
from kairo.interfaces.web.package_sights import package_of_place, sight_of, work_on
from kairo.interfaces.web.paging import row_named
from kairo.platform.database.clock import now
from kairo.stages.content import operations, queries
from kairo.stages.content.contracts import ExportFormat
from kairo.stages.opportunities import queries as opportunities
from kairo.stages.opportunities.contracts import (
    DecidedObject,
    DecisionRequestDTO,
    DecisionType,
    OpportunityDTO,
    OpportunityNotFound,
)

PACKAGES_PER_PAGE = 30
HAND_IN = "hand_in"
"""The button that hands a draft in for review: an edit of the status, which is no decision of its own."""


@require_safe
@for_members
def packages(request: MemberRequest, brand_slug: str) -> HttpResponse:
    """List the brand's packages, newest first."""
    place = place_of(request, brand_slug)
    found = queries.packages(place.brand.id, before=row_named(request), limit=PACKAGES_PER_PAGE + 1)
    page = found[:PACKAGES_PER_PAGE]
    shown = {
        "place": place,
        "packages": page,
        "older_than": page[-1].id if len(found) > PACKAGES_PER_PAGE else None,
        "is_first_page": "before" not in request.GET,
        "current": "packages",
    }
    return render(request, "content/list.html", shown)


@require_http_methods(["GET", "HEAD", "POST"])
@for_members
def of_opportunity(request: MemberRequest, brand_slug: str, opportunity_id: UUID) -> HttpResponse:
    """Lead to the package of an opportunity, or tell how far it is; with POST, ask for it."""
    place = place_of(request, brand_slug)
    opportunity = _opportunity_of(place, opportunity_id)
    if request.method == "POST":
        require_editor(place.principal)
        operations.request_package(
            brand_id=place.brand.id, opportunity_id=opportunity_id, at=now(), asked_by=place.principal.user_id
        )
    # The work before what it makes: seen the other way round, it could end in between and leave nothing to be seen.
    work = work_on(queries.package_work_key(opportunity_id), at=timezone.now())
    if made := queries.package_of(opportunity_id):
        address = reverse("web:package", args=[brand_slug, made.id])
        return HttpResponseClientRedirect(address) if request.htmx else redirect(address)
    shown = {"place": place, "opportunity": opportunity, "work": work, "current": "packages"}
    if not request.htmx:
        return render(request, "content/making.html", shown)
    if work and work.progress and request.method != "POST":
        return render(request, "opportunities/_progress.html", {"place": place, "progress": work.progress})
    return reswap(retarget(render(request, "content/_making.html", shown), "#making"), "outerHTML")


@require_safe
@for_members
def package(request: MemberRequest, brand_slug: str, package_id: UUID) -> HttpResponse:
    """Show a package with its texts side by side."""
    place = place_of(request, brand_slug)
    shown = {"place": place, "sight": sight_of(place, package_id, at=timezone.now()), "current": "packages"}
    return render(request, "content/package.html", shown)


@require_http_methods(["GET", "HEAD", "POST"])
@for_members
def variants(request: MemberRequest, brand_slug: str, package_id: UUID) -> HttpResponse:
    """Tell how far the texts of a package are, and hand them over once they are written; with POST, ask for them."""
    place = place_of(request, brand_slug)
    package_of_place(place, package_id)
    if request.method == "POST":
        require_editor(place.principal)
        operations.request_variants(package_id=package_id, asked_by=place.principal.user_id)
    if not request.htmx:
        return redirect("web:package", brand_slug=brand_slug, package_id=package_id)
    sight = sight_of(place, package_id, at=timezone.now())
    if sight.work and sight.work.progress and request.method != "POST":
        return render(request, "opportunities/_progress.html", {"place": place, "progress": sight.work.progress})
    announcement = _("The texts are here.") if sight.variants else ""
    shown = {"place": place, "sight": sight, "announcement": announcement}
    return reswap(retarget(render(request, "content/_variants.html", shown), "#variants"), "outerHTML")


@require_POST
@for_members
def decide(request: MemberRequest, brand_slug: str, package_id: UUID) -> HttpResponse:
    """Carry out what a person decided on a package."""
    place = place_of(request, brand_slug)
    package_of_place(place, package_id)
    require_editor(place.principal)
    wanted = _decision(request)
    operations.decide_on_package(package_id=package_id, request=wanted, by=f"user:{place.principal.user_id}", at=now())
    if not request.htmx:
        return redirect("web:package", brand_slug=brand_slug, package_id=package_id)
    announcement = said.decided_words(DecidedObject.PACKAGE, wanted.decision_type)
    sight = sight_of(place, package_id, at=timezone.now())
    return render(request, "content/_head.html", {"place": place, "sight": sight, "announcement": announcement})


@require_safe
@for_members
def export(request: MemberRequest, brand_slug: str, package_id: UUID) -> HttpResponse:
    """Hand a package over as a file."""
    place = place_of(request, brand_slug)
    package_of_place(place, package_id)
    try:
        form = ExportFormat(request.GET.get("format", ExportFormat.MARKDOWN))
    except ValueError as error:
        raise Invalid(_("A package can be had as md, json or csv.")) from error
    file = queries.export(package_id, form)
    response = HttpResponse(file.text.encode(), content_type=file.content_type)
    response["Content-Disposition"] = f'attachment; filename="{file.name}"'
    return response


def _opportunity_of(place: Place, opportunity_id: UUID) -> OpportunityDTO:
    found = opportunities.opportunity(opportunity_id, at=now())
    if found.brand_id != place.brand.id:
        raise OpportunityNotFound("There is no such opportunity.")
    return found


def _decision(request: MemberRequest) -> DecisionRequestDTO:
    given = request.POST.get("decision", "")
    if given == HAND_IN:
        return DecisionRequestDTO(decision_type=DecisionType.EDIT, metadata={"status": "in_review"})
    try:
        decision = DecisionType(given)
    except ValueError as error:
        raise Invalid(_("Choose what you decide.")) from error
    metadata: dict[str, JsonValue] = {}
    if decision is DecisionType.EDIT:
        metadata = {name: request.POST.get(name, "").replace("\0", "").strip() or None for name in ("title", "notes")}
    if decision is DecisionType.SCHEDULE and (at := moment_given(request.POST)):
        metadata = {"planned_publish_start": at.isoformat()}
    return DecisionRequestDTO(decision_type=decision, metadata=metadata)
