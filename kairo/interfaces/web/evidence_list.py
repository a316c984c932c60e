"""The list of a brand's evidence, newest first, narrowed by platform, language and days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from http import HTTPStatus
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_safe

from kairo.errors import Invalid, NotFound
from kairo.interfaces.web import wording
from kairo.interfaces.web.access import MemberRequest, for_members
from kairo.interfaces.web.brands import place_of
from kairo.stages.evidence import queries
from kairo.stages.evidence.contracts import EvidenceItemDTO

ITEMS_PER_PAGE = 50
SURFACES_SHOWN = 20
FIRST_YEAR, LAST_YEAR = 2000, 2099


@dataclass(frozen=True)
class Filters:
    """What a person narrowed the list to, as they wrote it; days are whole days of their own zone, both included."""

    platform: str = ""
    language: str = ""
    first_day: str = ""
    last_day: str = ""
    zone: str = ""

    @property
    def is_narrowed(self) -> bool:
        return any((self.platform, self.language, self.first_day, self.last_day))

    @property
    def address(self) -> str:
        """The query string that asks for the same again."""
        named = {"platform": self.platform, "language": self.language, "from": self.first_day, "to": self.last_day}
        given = {name: value for name, value in {**named, "zone": self.zone}.items() if value}
        return urlencode(given)

    @property
    def since(self) -> datetime | None:
        """The first moment that counts.

        Raises:
            Invalid: not a day.
        """
        return _midnight(day, self._zone) if (day := _day(self.first_day)) else None

    @property
    def until(self) -> datetime | None:
        """The first moment that counts no more.

        Raises:
            Invalid: not a day.
        """
        return _midnight(day + timedelta(days=1), self._zone) if (day := _day(self.last_day)) else None

    @property
    def _zone(self) -> tzinfo:
        try:
            return ZoneInfo(self.zone or "UTC")
        except (ZoneInfoNotFoundError, ValueError, OSError):
            # Only the page's own script names a zone; a day of UTC is the same list, a few hours shifted.
            return UTC


def filters_of(asked: QueryDict) -> Filters:
    """Read the filters of a query string; a NUL, which no stored text holds, is dropped."""

    def given(name: str) -> str:
        return asked.get(name, "").replace("\0", "").strip()

    return Filters(
        platform=given("platform").casefold(),
        language=given("language"),
        first_day=given("from"),
        last_day=given("to"),
        zone=given("zone"),
    )


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise Invalid(f"“{text}” is not a day. Give it as year, month, day: 2026-11-20.") from error
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise Invalid(f"Give a day of the years {FIRST_YEAR} to {LAST_YEAR}.")
    return day


def _midnight(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time.min, tzinfo=zone).astimezone(UTC)


@require_safe
@for_members
def items(request: MemberRequest, brand_slug: str) -> HttpResponse:
    """List the brand's evidence, a page at a time."""
    place = place_of(request, brand_slug)
    filters = filters_of(request.GET)
    after = _cursor(request)
    surfaces = queries.surfaces(place.brand.id, limit=SURFACES_SHOWN + 1)
    shown = {
        "place": place,
        "filters": filters,
        "is_first_page": after is None,
        "surfaces": surfaces[:SURFACES_SHOWN],
        "are_more_surfaces": len(surfaces) > SURFACES_SHOWN,
        "current": "evidence",
    }
    try:
        found = _found(place.brand.id, filters, after=after)
    except Invalid as error:
        words = {**shown, **_choices(filters, []), "complaint": error.message}
        return render(request, "evidence/list.html", words, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    page = found[:ITEMS_PER_PAGE]
    older_than = page[-1].id if len(found) > ITEMS_PER_PAGE else None
    words = {**shown, **_choices(filters, page), "items": page, "older_than": older_than}
    return render(request, "evidence/list.html", words)


def _found(brand_id: UUID, filters: Filters, *, after: UUID | None) -> list[EvidenceItemDTO]:
    since, until = filters.since, filters.until
    if since and until and since >= until:
        raise Invalid("The first day is after the last one.")
    return queries.items(
        brand_id,
        platform=filters.platform or None,
        language=filters.language or None,
        since=since,
        until=until,
        after=after,
        limit=ITEMS_PER_PAGE + 1,
    )


def _choices(filters: Filters, page: list[EvidenceItemDTO]) -> dict[str, list[str]]:
    platforms = {*wording.PLATFORMS, filters.platform, *(item.platform for item in page)} - {""}
    languages = {*wording.LANGUAGE_NAMES, filters.language, *(item.language or "" for item in page)} - {""}
    return {
        "platforms": sorted(platforms, key=lambda name: wording.platform_name(name).casefold()),
        "languages": sorted(languages, key=lambda code: wording.language_name(code).casefold()),
    }


def _cursor(request: MemberRequest) -> UUID | None:
    text = request.GET.get("after")
    if not text:
        return None
    try:
        return UUID(text)
    except ValueError as error:
        raise NotFound("There is no such page of evidence.") from error
