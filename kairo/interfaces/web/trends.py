"""The trends of a brand, those that rise most first, and the life of the cluster behind each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from kairo.errors import NotFound
from kairo.interfaces.web.access import MemberRequest, for_members
from kairo.interfaces.web.brands import place_of
from kairo.platform.database.clock import now
from kairo.stages.evidence import queries as evidence
from kairo.stages.insights import queries
from kairo.stages.insights.contracts.trends import (
    BucketDTO,
    ClusterDTO,
    ClusterNotFound,
    SeriesPoint,
    TrendCandidateDTO,
    TrendWindow,
)

TRENDS_PER_PAGE = 20
FEWEST_DAYS_SHOWN, MOST_DAYS_SHOWN = 14, 92
SILENT_DAYS_SHOWN = 7
POSTS_SHOWN = 20
SPARK_WIDTH, SPARK_HEIGHT = 120, 32
HOURS_OF_A_POINT: Mapping[TrendWindow, int] = {
    TrendWindow.DAY: 1,
    TrendWindow.THREE_DAYS: 3,
    TrendWindow.WEEK: 6,
    TrendWindow.MONTH: 24,
}
"""How many hours one point of a sparkline stands for: each window has about thirty."""
_POINTS_JOINED: Mapping[TrendWindow, int] = {TrendWindow.THREE_DAYS: 3, TrendWindow.WEEK: 6}
"""How many points of a trend's series are one of its sparkline; of a month the series has days already."""


@dataclass(frozen=True)
class Sparkline:
    """How many posts each stretch of `hours` brought, as a small line; the counts stand in a table beside it."""

    points: list[SeriesPoint]
    hours: int

    @property
    def highest(self) -> int:
        return max((point.count for point in self.points), default=0)

    @property
    def line(self) -> str:
        """The points of the line in a field of SPARK_WIDTH times SPARK_HEIGHT."""
        step = SPARK_WIDTH / max(len(self.points) - 1, 1)
        scale = (SPARK_HEIGHT - 4) / max(self.highest, 1)
        places = enumerate(self.points)
        return " ".join(f"{at * step:.1f},{SPARK_HEIGHT - 2 - point.count * scale:.1f}" for at, point in places)


@dataclass(frozen=True)
class ListedTrend:
    """One candidate of the list, with its place among all and its line."""

    place: int
    trend: TrendCandidateDTO
    spark: Sparkline


@dataclass(frozen=True)
class LifeDay:
    """What one day brought a cluster; a day of nothing has no rates."""

    day: date
    bucket: BucketDTO | None

    @property
    def count(self) -> int:
        return self.bucket.count if self.bucket else 0

    @property
    def authors(self) -> int:
        return self.bucket.authors if self.bucket else 0


@require_safe
@for_members
def trends(request: MemberRequest, brand_slug: str) -> HttpResponse:
    """List a brand's trends of a window, the strongest first."""
    place = place_of(request, brand_slug)
    window, page = _window(request), _page(request)
    found = queries.trends(place.brand.id, window, now())
    first = (page - 1) * TRENDS_PER_PAGE
    listed = [
        ListedTrend(first + number, trend, sparkline(trend.series, window))
        for number, trend in enumerate(found[first : first + TRENDS_PER_PAGE], start=1)
    ]
    shown = {
        "place": place,
        "trends": listed,
        "total": len(found),
        "window": window,
        "windows": list(TrendWindow),
        "next_page": page + 1 if len(found) > first + TRENDS_PER_PAGE else None,
        "page": page,
        "current": "trends",
    }
    return render(request, "trends/list.html", shown)


@require_safe
@for_members
def cluster(request: MemberRequest, brand_slug: str, cluster_id: UUID) -> HttpResponse:
    """Show what belongs together: its life by the day, when it was a trend, and the brand's posts of it."""
    place = place_of(request, brand_slug)
    found = queries.cluster(cluster_id)
    own = evidence.brand_items_among(place.brand.id, found.item_ids)
    if not own:
        # Clusters are the account's: one of which the brand heard nothing is none of its own.
        raise ClusterNotFound(_("There is no such cluster of this brand."))
    listed = [item_id for item_id in found.item_ids if item_id in own]
    posts = evidence.items_by_id(listed[:POSTS_SHOWN])
    shown = {
        "place": place,
        "cluster": found,
        "days": life_days(found, today=now().date()),
        "items": [posts[item_id] for item_id in listed if item_id in posts],
        "candidate": next(iter(found.candidates), None),
        "current": "trends",
    }
    return render(request, "trends/cluster.html", shown)


def sparkline(series: Sequence[SeriesPoint], window: TrendWindow) -> Sparkline:
    """Join the points of a series into those of a sparkline."""
    size = _POINTS_JOINED.get(window, 1)
    joined = [series[place : place + size] for place in range(0, len(series), size)]
    points = [SeriesPoint(at=part[0].at, count=sum(point.count for point in part)) for part in joined]
    return Sparkline(points=points, hours=HOURS_OF_A_POINT[window])


def life_days(found: ClusterDTO, *, today: date) -> list[LifeDay]:
    """Return the days of a cluster's life in their order, those of nothing too; of a long life the last.

    Of the silence since, a week at most is shown; of the time before a short life, as much as makes a chart.
    """
    buckets = {bucket.at.date(): bucket for bucket in found.days}
    if not buckets:
        return []
    last = max(max(buckets), min(today, max(buckets) + timedelta(days=SILENT_DAYS_SHOWN)))
    first = min(min(buckets), last - timedelta(days=FEWEST_DAYS_SHOWN - 1))
    first = max(first, last - timedelta(days=MOST_DAYS_SHOWN - 1))
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    return [LifeDay(day, buckets.get(day)) for day in days]


def _window(request: MemberRequest) -> TrendWindow:
    text = request.GET.get("window") or TrendWindow.WEEK
    try:
        return TrendWindow(text)
    except ValueError as error:
        raise NotFound(_("There is no such window. Choose 24h, 3d, 1w or 1m.")) from error


def _page(request: MemberRequest) -> int:
    text = request.GET.get("page") or "1"
    if not (text.isascii() and text.isdigit() and len(text) <= 4 and int(text)):
        raise NotFound(_("There is no such page of trends."))
    return int(text)
