"""The Brain page: how good each department's knowledge is, a gather from its start to its end, and what it brought."""

from __future__ import annotations

from http import HTTPStatus

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import reswap, retarget
from pydantic import ValidationError

from kairo.errors import Invalid
from kairo.interfaces.web import wording
from kairo.interfaces.web.access import MemberRequest, for_members, require_editor
from kairo.interfaces.web.brands import Place, place_of
from kairo.interfaces.web.knowledge_sights import gather_sight, newest_sight
from kairo.interfaces.web.knowledge_wording import ENDED_WORDS
from kairo.platform.database.clock import now
from kairo.platform.jobs import operations as job_operations
from kairo.platform.jobs.contracts import JobNotCancellable, JobState
from kairo.stages.knowledge import operations, queries
from kairo.stages.knowledge.contracts.documents import MAX_DOCUMENT_BYTES
from kairo.stages.knowledge.contracts.gathers import DEFAULT_ITERATIONS, MOST_ITERATIONS, GatherOrder

DOCUMENTS_SHOWN = 8


@require_safe
@for_members
def knowledge(request: MemberRequest, brand_slug: str) -> HttpResponse:
    """Show a brand's departments, its newest gather, what it knows and the documents that it stands on."""
    place = place_of(request, brand_slug)
    return _page(request, place)


@require_POST
@for_members
def start_gather(request: MemberRequest, brand_slug: str) -> HttpResponse:
    """Start a gather; where one is under way already, that one is shown."""
    place = place_of(request, brand_slug)
    require_editor(place.principal)
    try:
        operations.submit_gather(order=_order(request, place), at=now())
    except Invalid as error:
        return _refused(request, place, wording.as_sentence(error.message))
    return _after_a_change(request, place, announcement=_("A gather was started."), focus="gather-title")


@require_POST
@for_members
def cancel_gather(request: MemberRequest, brand_slug: str) -> HttpResponse:
    """Ask the gather that is under way to stop; one that has just ended is left alone."""
    place = place_of(request, brand_slug)
    require_editor(place.principal)
    gather = queries.newest_gather(place.brand.id)
    announcement = _(wording.ENDED_BEFORE)
    if gather is not None:
        try:
            asked = job_operations.request_cancel(gather.job_id)
            is_over = asked.state is JobState.CANCELLED
            announcement = _("The gather was cancelled. What it had saved stays.") if is_over else _(wording.STOPPING)
        except JobNotCancellable:
            announcement = _(wording.ENDED_BEFORE)
    return _after_a_change(request, place, announcement=announcement, focus="gather-title")


@require_safe
@for_members
def gather_live(request: MemberRequest, brand_slug: str) -> HttpResponse:
    """Tell how far the gather is, with what it has brought; when it has ended, hand over what it left."""
    place = place_of(request, brand_slug)
    sight = gather_sight(place.brand.id)
    if sight.is_live:
        return render(request, "knowledge/_live.html", {"place": place, "sight": sight})
    announcement = _(ENDED_WORDS[sight.gather.state]) if sight.gather is not None else ""
    shown = {"place": place, "sight": sight, "announcement": announcement, "focus": "gather-title", **_form_words()}
    return reswap(retarget(render(request, "knowledge/_gather.html", shown), "#gather"), "outerHTML")


@require_safe
@for_members
def newest(request: MemberRequest, brand_slug: str) -> HttpResponse:
    """Show what became known last, and what does not go together, for the page that asks for it."""
    place = place_of(request, brand_slug)
    shown = {"place": place, "newest": newest_sight(place.brand.id)}
    return render(request, "knowledge/_newest.html", shown)


def _page(
    request: MemberRequest, place: Place, *, complaint: str = "", status: HTTPStatus = HTTPStatus.OK
) -> HttpResponse:
    documents = queries.newest_documents(place.brand.id, limit=DOCUMENTS_SHOWN + 1)
    shown = {
        "place": place,
        "sight": gather_sight(place.brand.id),
        "documents": documents[:DOCUMENTS_SHOWN],
        "has_more_documents": len(documents) > DOCUMENTS_SHOWN,
        "gather_complaint": complaint,
        "max_bytes": MAX_DOCUMENT_BYTES,
        "current": "knowledge",
        **_form_words(),
    }
    return render(request, "knowledge/page.html", shown, status=status)


def _form_words() -> dict[str, object]:
    return {"default_iterations": DEFAULT_ITERATIONS, "most_iterations": MOST_ITERATIONS}


def _order(request: MemberRequest, place: Place) -> GatherOrder:
    """Read what is to be gathered.

    Raises:
        Invalid: the number of iterations is none, or too large.
    """
    sent = request.POST.get("iterations", "").replace("\0", "").strip() or str(DEFAULT_ITERATIONS)
    try:
        return GatherOrder.model_validate(
            {
                "project_id": place.brand.id,
                "user_id": str(place.principal.user_id) if place.principal.user_id else None,
                "max_iterations": int(sent),
                "enable_auto_evaluation": True,
            }
        )
    except (ValueError, ValidationError) as error:
        most = {"most": MOST_ITERATIONS}
        raise Invalid(_("Give a whole number of iterations from 1 to %(most)s.") % most) from error


def _refused(request: MemberRequest, place: Place, complaint: str) -> HttpResponse:
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    if not request.htmx:
        return _page(request, place, complaint=complaint, status=status)
    fragment = render(request, "evidence/_complaint.html", {"complaint": complaint}, status=status)
    return reswap(retarget(fragment, "#gather-complaint"), "innerHTML")


def _after_a_change(request: MemberRequest, place: Place, *, announcement: str, focus: str) -> HttpResponse:
    if not request.htmx:
        return redirect("web:knowledge", brand_slug=place.brand.slug)
    shown = {"place": place, "sight": gather_sight(place.brand.id), "announcement": announcement, "focus": focus}
    return render(request, "knowledge/_gather.html", {**shown, **_form_words()})
