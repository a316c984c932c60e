"""What a person looks for among the evidence, and narrowed it to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Protocol
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.translation import gettext as _

from kairo.errors import Invalid
from kairo.interfaces.web import wording
from kairo.interfaces.web.moments import zone_named

FIRST_YEAR, LAST_YEAR = 2000, 2099


class _Found(Protocol):
    @property
    def platform(self) -> str: ...
    @property
    def language(self) -> str | None: ...


@dataclass(frozen=True)
class Filters:
    """What a person narrowed the list to, as they wrote it; days are whole days of their own zone, both included.

    With a `query` it is a search; without one, the list.
    """

    query: str = ""
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
        given = {name: value for name, value in {"q": self.query, **named, "zone": self.zone}.items() if value}
        return urlencode(given)

    @property
    def since(self) -> datetime | None:
        """The first moment that counts.

        Raises:
            Invalid: not a day.
        """
        return self.midnight(day) if (day := _day(self.first_day)) else None

    @property
    def until(self) -> datetime | None:
        """The first moment that counts no more.

        Raises:
            Invalid: not a day.
        """
        return self.midnight(day + timedelta(days=1)) if (day := _day(self.last_day)) else None

    @property
    def days(self) -> tuple[date | None, date | None]:
        """The first and the last day, each where one is given.

        Raises:
            Invalid: not a day.
        """
        return _day(self.first_day), _day(self.last_day)

    def midnight(self, day: date) -> datetime:
        """Return the moment at which a day begins for the reader."""
        return datetime.combine(day, time.min, tzinfo=self.tzinfo).astimezone(UTC)

    @property
    def tzinfo(self) -> tzinfo:
        """The reader's zone."""
        return zone_named(self.zone)


def filters_of(asked: QueryDict) -> Filters:
    """Read the filters of a query string; a NUL, which no stored text holds, is dropped."""

    def given(name: str) -> str:
        return asked.get(name, "").replace("\0", "").strip()

    return Filters(
        query=given("q"),
        platform=given("platform").casefold(),
        language=given("language"),
        first_day=given("from"),
        last_day=given("to"),
        zone=given("zone"),
    )


def choices_of(filters: Filters, found: Sequence[_Found]) -> dict[str, list[str]]:
    """Return the platforms and languages to choose from: the common ones, the chosen ones, those that were found."""
    platforms = {*wording.PLATFORMS, filters.platform, *(item.platform for item in found)} - {""}
    languages = {*wording.LANGUAGE_NAMES, filters.language, *(item.language or "" for item in found)} - {""}
    return {
        "platforms": sorted(platforms, key=lambda name: wording.platform_name(name).casefold()),
        "languages": sorted(languages, key=lambda code: wording.language_name(code).casefold()),
    }


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise Invalid(
            _("“%(text)s” is not a day. Give it as year, month, day: 2026-11-20.") % {"text": text}
        ) from error
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise Invalid(_("Give a day of the years %(first)s to %(last)s.") % {"first": FIRST_YEAR, "last": LAST_YEAR})
    return day
