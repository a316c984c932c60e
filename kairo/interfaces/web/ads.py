"""The Ads page: what campaigns bring, what was recommended, and the changes that people let happen or take back."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import reswap, retarget
from pydantic import ValidationError

from kairo.errors import Conflict
from kairo.interfaces.web import wording
from kairo.interfaces.web.access import MemberRequest, for_members, require_editor
from kairo.interfaces.web.ads_sights import changes_sight, selection_sight
from kairo.interfaces.web.brands import Place, place_of
from kairo.platform.database.clock import now
from kairo.stages.ads import operations, queries
from kairo.stages.ads.contracts.changes import AdSafetySettings, BudgetWish, KillSwitchDTO, KillSwitchInput
from kairo.stages.learning import operations as learning
from kairo.stages.learning import queries as learned
from kairo.stages.learning.contracts.budget_log import LoggedSelection
from kairo.stages.learning.contracts.budgets import Decision, SelectRequest
from kairo.stages.revenue import queries as revenue

CAMPAIGNS_SHOWN, WINNERS_SHOWN = 30, 12


@require_safe
@for_members
def ads(request: MemberRequest, brand_slug: str) -> HttpResponse:
    """Show campaigns, the newest recommendation, changes and the kill switch."""
    return _page(request, place_of(request, brand_slug))


@require_safe
@for_members
def winners(request: MemberRequest, brand_slug: str) -> HttpResponse:
    """Show the newest winners, for the page that asks for them, or as a page of their own."""
    place = place_of(request, brand_slug)
    shown = {"place": place, "winners": learned.newest_winners(limit=WINNERS_SHOWN), "current": "ads"}
    return render(request, "ads/_winners.html" if request.htmx else "ads/winners.html", shown)


@require_safe
@for_members
def changes_live(request: MemberRequest, brand_slug: str) -> HttpResponse:
    """Tell how far changes on their way are; when one has ended or come, hand over all changes anew."""
    place = place_of(request, brand_slug)
    sight = changes_sight()
    shown = {"place": place, "changes": sight}
    if sight.moving_key == request.GET.get("moving", ""):
        return render(request, "ads/_moving.html", shown)
    shown |= {"announcement": _("The changes have moved on.")}
    return reswap(retarget(render(request, "ads/_changes.html", shown), "#ad-changes"), "outerHTML")


@require_POST
@for_members
def approve(request: MemberRequest, brand_slug: str, change_id: UUID) -> HttpResponse:
    """Approve a change."""
    place = _editing(request, brand_slug)

    def act() -> str:
        operations.approve_change(change_id=change_id, by=_actor(place), role=place.principal.role, at=now())
        return _("Approved. It is carried out when all checks let it.")

    return _acted(request, place, act)


@require_POST
@for_members
def reject(request: MemberRequest, brand_slug: str, change_id: UUID) -> HttpResponse:
    """Reject a change that nobody has begun to carry out."""
    place = _editing(request, brand_slug)
    reason = _said(request, "reason") or "Rejected on the Ads page."

    def act() -> str:
        operations.reject_change(
            change_id=change_id, reason=reason, by=_actor(place), role=place.principal.role, at=now()
        )
        return _("Rejected. Nothing is changed.")

    return _acted(request, place, act)


@require_POST
@for_members
def roll_back(request: MemberRequest, brand_slug: str, change_id: UUID) -> HttpResponse:
    """Take a change back, by another one that restores what was there."""
    place = _editing(request, brand_slug)
    reason = _said(request, "reason") or "Rolled back on the Ads page."

    def act() -> str:
        operations.roll_back_change(
            change_id=change_id, reason=reason, by=_actor(place), role=place.principal.role, at=now()
        )
        return _("A change that restores what was there is on its way.")

    return _acted(request, place, act)


@require_POST
@for_members
def turn_kill_switch(request: MemberRequest, brand_slug: str) -> HttpResponse:
    """Stop all changes of the account, or let them go on."""
    place = _editing(request, brand_slug)
    on = request.POST.get("on") == "1"
    reason = _said(request, "reason")
    if on and not reason:
        return _refused(request, place, _("Say why everything is to stop: whoever comes next has to know."))
    order = KillSwitchInput(on=on, reason=reason)
    operations.turn_kill_switch(order=order, by=_actor(place), role=place.principal.role, at=now())
    if not request.htmx:
        return redirect("web:ads", brand_slug=place.brand.slug)
    words = _("All changes are stopped.") if on else _("Changes go on.")
    shown = {"place": place, **_safety(), "announcement": words, "focus": "switch-title"}
    return render(request, "ads/_switch.html", shown)


@require_POST
@for_members
def recommend(request: MemberRequest, brand_slug: str) -> HttpResponse:
    """Share a budget among the ads of a campaign, and show what is recommended; nothing acts on it."""
    place = _editing(request, brand_slug)
    try:
        asked = SelectRequest.model_validate(
            {"campaign_id": _said(request, "campaign_id"), "total_budget": _said(request, "total_budget")}
        )
    except ValidationError:
        return _refused(request, place, _("Choose a campaign, and give a budget a day as a number of 0 or more."))
    learning.select_budgets(request=asked, at=now())
    return redirect("web:ads", brand_slug=place.brand.slug)


@require_POST
@for_members
def propose(request: MemberRequest, brand_slug: str, selection_id: UUID) -> HttpResponse:
    """Make pending changes of what was recommended; each waits for approval, unless the account's limit lets it go."""
    place = _editing(request, brand_slug)
    wishes = _wishes(learned.selection(selection_id))
    if not wishes:
        return _refused(
            request, place, _("The recommendation leaves all budgets as they are: there is nothing to propose.")
        )
    proposed = operations.propose_budgets(wishes=wishes, by=_actor(place), at=now())
    if proposed.left_out:
        told = {"count": len(proposed.left_out), "why": wording.as_sentence(proposed.left_out[0].message)}
        return _refused(request, place, _("%(count)s of them could not be proposed. The first: %(why)s") % told)
    return redirect("web:ads", brand_slug=place.brand.slug)


def _wishes(found: LoggedSelection) -> list[BudgetWish]:
    return [
        BudgetWish(
            ad_id=one.ad_id,
            current_budget=f"{one.current:.2f}",
            recommended_budget=f"{one.recommended:.2f}",
            reason=f"Expected return {one.roas:.2f} ({one.low:.2f} to {one.high:.2f}).",
            pause=one.decision is Decision.KILL,
        )
        for one in found.recommendations
        if one.decision is Decision.KILL or round(one.current, 2) != round(one.recommended, 2)
    ]


def _page(
    request: MemberRequest, place: Place, *, complaint: str = "", status: HTTPStatus = HTTPStatus.OK
) -> HttpResponse:
    campaigns = revenue.campaign_activity(limit=CAMPAIGNS_SHOWN)
    sight = changes_sight()
    recommended = selection_sight(learned.newest_selection())
    shown = {
        "place": place,
        "campaigns": campaigns,
        "changes": sight,
        "recommended": recommended,
        "is_empty": not campaigns and sight.is_empty and recommended is None,
        "complaint": complaint,
        "current": "ads",
        **_safety(),
    }
    return render(request, "ads/page.html", shown, status=status)


def _safety() -> dict[str, AdSafetySettings | KillSwitchDTO]:
    settings, switch = queries.safety()
    return {"safety": settings, "switch": switch}


def _editing(request: MemberRequest, brand_slug: str) -> Place:
    place = place_of(request, brand_slug)
    require_editor(place.principal)
    return place


def _actor(place: Place) -> str:
    return f"user:{place.principal.user_id}"


def _said(request: MemberRequest, name: str) -> str:
    return request.POST.get(name, "").replace("\0", "").strip()[:1_000]


def _acted(request: MemberRequest, place: Place, act: Callable[[], str]) -> HttpResponse:
    """Do it and show all changes anew; what cannot be done any more is said."""
    try:
        announcement = act()
    except Conflict as error:
        return _refused(request, place, wording.as_sentence(error.message))
    if not request.htmx:
        return redirect("web:ads", brand_slug=place.brand.slug)
    shown = {"place": place, "changes": changes_sight(), "announcement": announcement, "focus": "changes-title"}
    return render(request, "ads/_changes.html", shown)


def _refused(request: MemberRequest, place: Place, complaint: str) -> HttpResponse:
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    if not request.htmx:
        return _page(request, place, complaint=complaint, status=status)
    fragment = render(request, "evidence/_complaint.html", {"complaint": complaint}, status=status)
    return reswap(retarget(fragment, "#ads-complaint"), "innerHTML")
