"""Trends of a brand, and the life of one cluster: stored rows as they stand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q

from kairo.platform.database.sessions import current_tenant
from kairo.platform.database.sql import rows
from kairo.stages.brands import queries as brands
from kairo.stages.evidence import queries as evidence
from kairo.stages.insights.contracts.trends import (
    BucketDTO,
    ClusterDTO,
    ClusterKeyType,
    ClusterNotFound,
    Granularity,
    SeriesPoint,
    TrendCandidateDTO,
    TrendStatus,
    TrendWindow,
)
from kairo.stages.insights.models import Cluster, TrendCandidate
from kairo.stages.insights.rules.trends import MIN_VOICES, folded

MOST_CANDIDATES = 200
MOST_ITEMS = 50
MOST_BUCKETS = 400
HOURLY_UP_TO_HOURS = 168
_SECONDS = {Granularity.HOUR: 3600, Granularity.DAY: 86_400}

_ITEMS = """
SELECT wanted.cluster_id, newest.item_id
FROM unnest(%(clusters)s::uuid[]) AS wanted (cluster_id), LATERAL (
  SELECT link.item_id, link.at FROM artifact_cluster_link link
  WHERE link.tenant_id = (SELECT %(tenant)s::uuid) AND link.cluster_id = wanted.cluster_id
    AND link.at > %(since)s AND link.at <= %(until)s
  ORDER BY link.at DESC LIMIT %(most)s
) newest
ORDER BY newest.at DESC, newest.item_id
"""
_SERIES = """
SELECT cluster_id, extract(epoch FROM bucket_start)::bigint, count FROM cluster_bucket
WHERE tenant_id = (SELECT %(tenant)s::uuid) AND cluster_id = ANY (%(clusters)s) AND granularity = %(granularity)s
  AND bucket_start > %(since)s AND bucket_start <= %(until)s
"""
_BUCKETS = """
SELECT bucket_start, count, authors, engagement, velocity, acceleration FROM cluster_bucket
WHERE tenant_id = (SELECT %(tenant)s::uuid) AND cluster_id = %(cluster)s AND granularity = %(granularity)s
ORDER BY bucket_start DESC LIMIT %(most)s
"""
_ALWAYS = datetime(1970, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)


def trends(brand_id: UUID, window: TrendWindow, at: datetime) -> list[TrendCandidateDTO]:
    """Return a brand's candidates of a window before a moment, those that rise most first.

    Open ones, and those that opened in the window. Of several that tell of the same items the strongest is returned;
    a candidate's `item_ids` are the brand's own, newest first.

    Raises:
        BrandNotFound: no such brand of this tenant.
    """
    brands.brand(brand_id)
    since = at - timedelta(hours=window.hours)
    lives = (~Q(status=TrendStatus.STALE) | Q(detected_at__gt=since)) & Q(detected_at__lte=at)
    found = TrendCandidate.objects.filter(lives).select_related("cluster").order_by("-trend_score", "id")
    newest = _newest_first(found[:MOST_CANDIDATES])
    items = _items(newest, since, at)
    own = evidence.brand_items_among(brand_id, sorted({item for listed in items.values() for item in listed}))
    told = {cluster: [item for item in listed if item in own] for cluster, listed in items.items()}
    heard = [row for row in newest.values() if len(told[row.cluster_id]) >= MIN_VOICES]
    heard.sort(key=_by_strength)
    kept = folded([(frozenset[object](told[row.cluster_id]), row.trend_score) for row in heard])
    chosen = [heard[place] for place in kept]
    series = _series([row.cluster_id for row in chosen], window, at)
    return [_told(row, told[row.cluster_id], series[row.cluster_id]) for row in chosen]


def _by_strength(row: TrendCandidate) -> tuple[int, int, UUID]:
    """Order by whole points; of those that rise alike, what people name themselves comes before what we found alike."""
    return -round(row.trend_score), list(ClusterKeyType).index(ClusterKeyType(row.cluster.cluster_key_type)), row.id


def cluster(cluster_id: UUID) -> ClusterDTO:
    """Return a cluster with its newest items, its life, and the candidates that it has been.

    Raises:
        ClusterNotFound: not there, or somebody else's.
    """
    row = Cluster.objects.filter(id=cluster_id).first()
    if row is None:
        raise ClusterNotFound("There is no such cluster.")
    since, until = _ALWAYS
    item_ids = _newest_items([cluster_id], since, until, most=MOST_ITEMS)[cluster_id]
    candidates = TrendCandidate.objects.filter(cluster_id=cluster_id).select_related("cluster").order_by("-detected_at")
    hours = _buckets(cluster_id, Granularity.HOUR)
    series = [SeriesPoint(at=bucket.at, count=bucket.count) for bucket in hours]
    return ClusterDTO(
        id=row.id,
        key_type=ClusterKeyType(row.cluster_key_type),
        key=row.cluster_key,
        label=row.display_name,
        platforms=row.platforms,
        first_at=row.first_at,
        last_at=row.last_at,
        items=row.size,
        item_ids=item_ids,
        days=_buckets(cluster_id, Granularity.DAY),
        hours=hours,
        candidates=[_told(candidate, item_ids, series) for candidate in candidates[:MOST_ITEMS]],
    )


def _newest_first(candidates: Iterable[TrendCandidate]) -> dict[UUID, TrendCandidate]:
    """Return each cluster's newest candidate: of one that opened twice in the window, the last tells."""
    newest: dict[UUID, TrendCandidate] = {}
    for row in sorted(candidates, key=lambda row: row.detected_at):
        newest[row.cluster_id] = row
    return newest


def _items(newest: dict[UUID, TrendCandidate], since: datetime, until: datetime) -> dict[UUID, list[UUID]]:
    return _newest_items(sorted(newest), since, until, most=MOST_ITEMS * 4)


def _newest_items(clusters: Sequence[UUID], since: datetime, until: datetime, *, most: int) -> dict[UUID, list[UUID]]:
    parameters = {
        "tenant": current_tenant(),
        "clusters": list(clusters),
        "since": since,
        "until": until,
        "most": most,
    }
    found: dict[UUID, list[UUID]] = {cluster_id: [] for cluster_id in clusters}
    for cluster_id, item_id in rows(_ITEMS, parameters):
        if item_id not in found[cluster_id]:
            found[cluster_id].append(item_id)
    return found


def _series(clusters: Sequence[UUID], window: TrendWindow, at: datetime) -> dict[UUID, list[SeriesPoint]]:
    """Return the counts of each hour of the window, of a month's each day, those of nothing too."""
    granularity = Granularity.HOUR if window.hours <= HOURLY_UP_TO_HOURS else Granularity.DAY
    span = _SECONDS[granularity]
    last = int(at.timestamp()) // span
    starts = range((last - window.hours * 3600 // span + 1) * span, (last + 1) * span, span)
    parameters = {
        "tenant": current_tenant(),
        "clusters": list(clusters),
        "granularity": granularity.value,
        "since": at - timedelta(hours=window.hours),
        "until": at,
    }
    counts: dict[UUID, dict[int, int]] = defaultdict(dict)
    for cluster_id, start, count in rows(_SERIES, parameters):
        counts[cluster_id][start] = count
    return {
        cluster_id: [
            SeriesPoint(at=datetime.fromtimestamp(start, UTC), count=counts[cluster_id].get(start, 0))
            for start in starts
        ]
        for cluster_id in clusters
    }


def _buckets(cluster_id: UUID, granularity: Granularity) -> list[BucketDTO]:
    parameters = {
        "tenant": current_tenant(),
        "cluster": cluster_id,
        "granularity": granularity.value,
        "most": MOST_BUCKETS,
    }
    return [_bucket(row) for row in reversed(rows(_BUCKETS, parameters))]


def _bucket(row: tuple[Any, ...]) -> BucketDTO:
    at, count, authors, engagement, velocity, acceleration = row
    return BucketDTO(
        at=at, count=count, authors=authors, engagement=engagement, velocity=velocity, acceleration=acceleration
    )


def _told(row: TrendCandidate, items: Sequence[UUID], series: Sequence[SeriesPoint]) -> TrendCandidateDTO:
    return TrendCandidateDTO(
        id=row.id,
        label=row.cluster.display_name,
        cluster_key_type=ClusterKeyType(row.cluster.cluster_key_type),
        status=TrendStatus(row.status),
        trend_score=row.trend_score,
        velocity=row.velocity,
        acceleration=row.acceleration,
        surprise=row.surprise,
        breadth=row.breadth_score,
        novelty=row.novelty_score,
        authors=row.authors,
        platforms=row.platforms,
        item_ids=list(items[:MOST_ITEMS]),
        detected_at=row.detected_at,
        peak_at=row.peak_at,
        series=list(series),
        cluster_id=row.cluster_id,
        engagement=row.engagement_score,
        score_parts={
            "surprise": row.surprise_score,
            "velocity": row.velocity_score,
            "acceleration": row.acceleration_score,
            "breadth": row.breadth_score,
            "engagement": row.engagement_score,
            "novelty": row.novelty_score,
        },
    )
