"""How many posts each day brought, for the chart of the Evidence page and the table under it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from kairo.interfaces.web.filters import Filters
from kairo.stages.evidence import queries

DAYS_SHOWN = 30
MOST_DAYS_SHOWN = 92


@dataclass(frozen=True)
class DayCount:
    """How many posts were published on one day of the reader's zone."""

    day: date
    count: int


@dataclass(frozen=True)
class Volume:
    """The days that are shown, in their order, and the zone whose days they are."""

    days: list[DayCount]
    zone: str

    @property
    def total(self) -> int:
        return sum(day.count for day in self.days)

    @property
    def first_day(self) -> date:
        return self.days[0].day

    @property
    def last_day(self) -> date:
        return self.days[-1].day


def volume_of(brand_id: UUID, filters: Filters, *, at: datetime) -> Volume:
    """Count the posts that fit the filters on each of their days: the last thirty where no day is given.

    Of a longer stretch the last `MOST_DAYS_SHOWN` days are counted.
    """
    days = _days(filters, today=at.astimezone(filters.tzinfo).date())
    edges = [filters.midnight(day) for day in [*days, days[-1] + timedelta(days=1)]]
    counts = queries.volume(brand_id, edges=edges, platform=filters.platform or None, language=filters.language or None)
    return Volume(
        days=[DayCount(day, count) for day, count in zip(days, counts, strict=True)],
        zone=str(filters.tzinfo),
    )


def _days(filters: Filters, *, today: date) -> list[date]:
    first, last = filters.days
    last = last or max(today, first or today)
    first = first or last - timedelta(days=DAYS_SHOWN - 1)
    first = max(first, last - timedelta(days=MOST_DAYS_SHOWN - 1))
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]
