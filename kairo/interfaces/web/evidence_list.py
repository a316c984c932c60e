"""The list of a brand's evidence, newest first, narrowed by platform, language and days; or a search through it."""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from kairo.errors import Invalid
from kairo.interfaces.web.access import MemberRequest, for_members
from kairo.interfaces.web.brands import place_of
from kairo.interfaces.web.filters import Filters, choices_of, filters_of
from kairo.interfaces.web.imports import ImportChoices
from kairo.interfaces.web.paging import row_named
from kairo.interfaces.web.search import results
from kairo.interfaces.web.volume import volume_of
from kairo.platform.database.clock import now
from kairo.stages.evidence import queries
from kairo.stages.evidence.contracts import EvidenceItemDTO

ITEMS_PER_PAGE = 50
SURFACES_SHOWN = 20


@require_safe
@for_members
def items(request: MemberRequest, brand_slug: str) -> HttpResponse:
    """List the brand's evidence, a page at a time; where words are looked for, what fits them best."""
    place = place_of(request, brand_slug)
    filters = filters_of(request.GET)
    if filters.query:
        return results(request, place, filters)
    after = row_named(request, "after")
    surfaces = queries.surfaces(place.brand.id, limit=SURFACES_SHOWN + 1)
    shown = {
        "place": place,
        "filters": filters,
        "is_first_page": after is None,
        "surfaces": surfaces[:SURFACES_SHOWN],
        "are_more_surfaces": len(surfaces) > SURFACES_SHOWN,
        "choices": ImportChoices(),
        "current": "evidence",
    }
    try:
        found = _found(place.brand.id, filters, after=after)
    except Invalid as error:
        words = {**shown, **choices_of(filters, []), "complaint": error.message}
        return render(request, "evidence/list.html", words, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    page = found[:ITEMS_PER_PAGE]
    older_than = page[-1].id if len(found) > ITEMS_PER_PAGE else None
    volume = volume_of(place.brand.id, filters, at=now()) if page and after is None else None
    is_empty = not page and not filters.is_narrowed and after is None
    listed = {"items": page, "older_than": older_than, "volume": volume, "is_empty": is_empty}
    words = {**shown, **choices_of(filters, page), **listed}
    return render(request, "evidence/list.html", words)


def _found(brand_id: UUID, filters: Filters, *, after: UUID | None) -> list[EvidenceItemDTO]:
    since, until = filters.since, filters.until
    if since and until and since >= until:
        raise Invalid(_("The first day is after the last one."))
    return queries.items(
        brand_id,
        platform=filters.platform or None,
        language=filters.language or None,
        since=since,
        until=until,
        after=after,
        limit=ITEMS_PER_PAGE + 1,
    )
