"""One text of a package: saving it as it is typed, what two people do who edit at once, deciding, earlier texts."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe
from django_htmx.http import reswap, retarget
from pydantic import JsonValue, ValidationError

from kairo.errors import Conflict, Invalid, KairoError
from kairo.interfaces.web import package_wording as said
from kairo.interfaces.web.access import MemberRequest, for_members, require_editor
from kairo.interfaces.web.brands import Place, place_of
from kairo.interfaces.web.errors import status_of
from kairo.interfaces.web.moments import moment_given
from kairo.interfaces.web.package_sights import (
    PackageSight,
    ShownVariant,
    Typed,
    cited_by,
    package_of_place,
    shown_variant,
    sight_of,
)
from kairo.interfaces.web.told import told
from kairo.platform.database.clock import now
from kairo.stages.content import operations, queries
from kairo.stages.content.contracts import (
    ContentPackageDTO,
    VariantChanged,
    VariantDTO,
    VariantNotFound,
    VariantUpdateDTO,
)
from kairo.stages.opportunities.contracts import DecidedObject, DecisionRequestDTO, DecisionType

VERSIONS_PER_PAGE = 10


@dataclass(frozen=True)
class _Sent:
    """What the form of a text holds; `typed` None where the text may not be changed and only a decision is sent."""

    typed: Typed | None
    version: int | None
    decision: DecisionRequestDTO | None


@require_http_methods(["GET", "HEAD", "POST"])
@for_members
def variant(request: MemberRequest, brand_slug: str, package_id: UUID, variant_id: UUID) -> HttpResponse:
    """Show one text's card; with POST, save what was typed, and decide if a decision comes along: both or neither."""
    place = place_of(request, brand_slug)
    package, found = _variant_of(place, package_id, variant_id)
    if request.method != "POST":
        return _card(request, place, package, found)
    require_editor(place.principal)
    typed = _typed(request)
    try:
        sent = _sent(request, typed)
        _carry_out(found.id, sent, by=f"user:{place.principal.user_id}")
    except VariantChanged as error:
        return _refused(request, place, package, error.current, error, typed=typed, theirs=error.current)
    except (Invalid, Conflict) as error:
        return _refused(request, place, package, found, error, typed=typed)
    saved = queries.variant(variant_id)
    if not request.htmx:
        return redirect(reverse("web:package", args=[brand_slug, package_id]) + f"#variant-{variant_id}")
    if sent.decision is None and saved.status == found.status:
        shown = shown_variant(saved, place=place, cited=cited_by(package, at=now()))
        return _saved(request, place, package, shown)
    decision = sent.decision.decision_type if sent.decision else DecisionType.EDIT
    announcement = said.decided_words(DecidedObject.VARIANT, decision)
    return _card(request, place, package, saved, announcement=announcement)


@require_safe
@for_members
def versions(request: MemberRequest, brand_slug: str, package_id: UUID, variant_id: UUID) -> HttpResponse:
    """List the earlier texts of a variant, newest first."""
    place = place_of(request, brand_slug)
    package, found = _variant_of(place, package_id, variant_id)
    listed = queries.versions(variant_id, before=_version(request.GET.get("before")), limit=VERSIONS_PER_PAGE + 1)
    page = listed[:VERSIONS_PER_PAGE]
    shown = {
        "place": place,
        "package": package,
        "variant": found,
        "is_editable": queries.is_editable(found.status),
        "versions": page,
        "older_than": page[-1].version if len(listed) > VERSIONS_PER_PAGE else None,
        "current": "packages",
    }
    return render(request, "content/_versions.html" if request.htmx else "content/versions.html", shown)


def _carry_out(variant_id: UUID, sent: _Sent, *, by: str) -> None:
    """Save, then decide on what was saved; the request's transaction keeps both or neither."""
    version = sent.version
    if sent.typed is not None:
        change = _change(sent.typed)
        saved = operations.update_variant(
            variant_id=variant_id, change=change, by=by, at=now(), expected_version=version
        )
        version = saved.version
    if sent.decision is not None:
        operations.decide_on_variant(
            variant_id=variant_id, request=sent.decision, by=by, at=now(), expected_version=version
        )


def _change(typed: Typed) -> VariantUpdateDTO:
    try:
        return VariantUpdateDTO(body=typed.body, call_to_action=typed.call_to_action)
    except ValidationError as error:
        # What is wrong with it stands among the findings as well.
        raise Invalid(_("This text cannot be saved: it is empty, or far too long.")) from error


def _variant_of(place: Place, package_id: UUID, variant_id: UUID) -> tuple[ContentPackageDTO, VariantDTO]:
    package, variants = package_of_place(place, package_id)
    for found in variants:
        if found.id == variant_id:
            return package, found
    raise VariantNotFound("There is no such text in this package.")


def _typed(request: MemberRequest) -> Typed | None:
    if "body" not in request.POST:
        return None

    # A form sends its lines with carriage returns, which nobody typed.
    def given(name: str) -> str:
        return request.POST.get(name, "").replace("\r\n", "\n").replace("\0", "")

    return Typed(body=given("body"), call_to_action=given("call_to_action").strip())


def _sent(request: MemberRequest, typed: Typed | None) -> _Sent:
    form = request.POST
    version = _version(form.get("overwrite") or form.get("version") or "-")
    given = form.get("decision")
    if not given:
        return _Sent(typed, version, None)
    try:
        decision = DecisionType(given)
    except ValueError as error:
        raise Invalid(_("Choose what you decide.")) from error
    metadata: dict[str, JsonValue] = {}
    if decision is DecisionType.SCHEDULE and (at := moment_given(form)):
        metadata = {"publish_at": at.isoformat()}
    reason = form.get("reason", "").replace("\0", "").strip() if decision is DecisionType.REJECT else ""
    return _Sent(typed, version, DecisionRequestDTO(decision_type=decision, reason=reason or None, metadata=metadata))


def _version(text: str | None) -> int | None:
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise Invalid(_("This form is not one that the page has given. Reload the page."))
    return int(text)


def _card(
    request: MemberRequest, place: Place, package: ContentPackageDTO, variant: VariantDTO, *, announcement: str = ""
) -> HttpResponse:
    if not request.htmx:
        return redirect(reverse("web:package", args=[place.brand.slug, package.id]) + f"#variant-{variant.id}")
    shown = shown_variant(variant, place=place, cited=cited_by(package, at=now()))
    words = {"place": place, "package": package, "shown": shown, "announcement": announcement}
    card = render(request, "content/_variant.html", words)
    return reswap(retarget(card, f"#variant-{variant.id}"), "outerHTML")


def _saved(
    request: MemberRequest,
    place: Place,
    package: ContentPackageDTO,
    shown: ShownVariant,
    *,
    status: HTTPStatus = HTTPStatus.OK,
) -> HttpResponse:
    words = {"place": place, "package": package, "shown": shown, "is_answer": True}
    return render(request, "content/_saved.html", words, status=status)


def _refused(
    request: MemberRequest,
    place: Place,
    package: ContentPackageDTO,
    variant: VariantDTO,
    error: KairoError,
    *,
    typed: Typed | None,
    theirs: VariantDTO | None = None,
) -> HttpResponse:
    """Say why nothing was saved, beside the text as it was typed: that stays in front of whoever typed it."""
    shown = shown_variant(
        variant,
        place=place,
        cited=cited_by(package, at=now()),
        typed=typed,
        complaint=told(error.message),
        theirs=theirs,
    )
    if request.htmx:
        return _saved(request, place, package, shown, status=status_of(error))
    sight = _with(sight_of(place, package.id, at=now()), shown)
    words = {"place": place, "sight": sight, "current": "packages"}
    return render(request, "content/package.html", words, status=status_of(error))


def _with(sight: PackageSight, shown: ShownVariant) -> PackageSight:
    variants = [shown if one.variant.id == shown.variant.id else one for one in sight.variants]
    return PackageSight(sight.package, variants, sight.cited, sight.work, sight.decisions)
