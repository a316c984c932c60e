"""Looking at clusters: candidates open where a count is improbable, and the open ones live on."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.database.sql import execute, rows
from kairo.stages.insights.contracts.baselines import TrendBaseline
from kairo.stages.insights.contracts.trends import ScoreReport, TrendStatus
from kairo.stages.insights.models import TrendCandidate
from kairo.stages.insights.queries.activity import HOUR_S, Hours, hourly_counts, stream_counts
from kairo.stages.insights.queries.baselines import baseline_at
from kairo.stages.insights.rules.bursts import HISTORY_HOURS, Activity
from kairo.stages.insights.rules.survey import Sighted, look
from kairo.stages.insights.rules.trends import MIN_ITEMS, WINDOW, Signs, Voice, next_status, opens, trend_score

HOURS = HISTORY_HOURS + 14 * 24
"""So many hours are read back: the past that counts are compared with, and the windows before it."""
LOOKED_AT_ONCE = 4000

_ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtextextended('insights.trends:' || %s, 0))"

_BUSY = """
SELECT cluster_id FROM cluster_bucket
WHERE tenant_id = (SELECT %(tenant)s::uuid) AND granularity = 'hour' AND bucket_start > %(since)s
  AND bucket_start <= %(at)s {among}
GROUP BY cluster_id HAVING sum(count) >= %(least)s
"""
_AMONG = "AND cluster_id = ANY (%(among)s)"

_VOICES = """
SELECT link.cluster_id, link.at, link.voice,
       hashtextextended(COALESCE(said.is_near_duplicate_of_id, link.item_id)::text, 0), item.platform, link.engagement
FROM artifact_cluster_link link
JOIN evidence_item item ON item.tenant_id = link.tenant_id AND item.id = link.item_id
JOIN normalized_evidence_item said ON said.tenant_id = link.tenant_id AND said.item_id = link.item_id
WHERE link.tenant_id = (SELECT %(tenant)s::uuid) AND link.cluster_id = ANY (%(clusters)s)
  AND link.at > %(since)s AND link.at <= %(at)s
"""


def score(*, tenant_id: UUID, at: datetime, among: Collection[UUID] | None = None) -> ScoreReport:
    """Look at the tenant's clusters as of a moment: open candidates, and move the open ones on.

    `among` limits the look to clusters that got items, and to the open candidates, for which time passes anyway.
    """
    with tenant_transaction(tenant_id):
        execute(_ONE_AT_A_TIME, [str(tenant_id)])
        moment = Hours(at, HOURS)
        open_ = {row.cluster_id: row for row in TrendCandidate.objects.exclude(status=TrendStatus.STALE)}
        open_ = {cluster: row for cluster, row in open_.items() if row.detected_at <= at}
        clusters = sorted({*_busy(moment, among), *open_})
        stream = stream_counts(moment)
        baseline = baseline_at(at)
        opened = 0
        for first in range(0, len(clusters), LOOKED_AT_ONCE):
            opened += _look(moment, clusters[first : first + LOOKED_AT_ONCE], stream, baseline, open_)
        still = sum(row.status != TrendStatus.STALE for row in open_.values())
        return ScoreReport(looked_at=len(clusters), opened=opened, open=still + opened)


def _busy(moment: Hours, among: Collection[UUID] | None) -> list[UUID]:
    if among is not None and not among:
        return []
    statement = _BUSY.format(among=_AMONG if among is not None else "")
    parameters = moment.parameters(least=MIN_ITEMS, among=list(among or ())) | {"since": moment.at - WINDOW}
    return [row[0] for row in rows(statement, parameters)]


def _look(
    moment: Hours,
    clusters: Sequence[UUID],
    stream: NDArray[np.int64],
    baseline: TrendBaseline,
    open_: dict[UUID, TrendCandidate],
) -> int:
    activity = Activity(hourly_counts(moment, clusters), stream)
    always = [place for place, cluster in enumerate(clusters) if cluster in open_]
    items: dict[UUID, list[Voice]] = {}

    def read(places: Sequence[int]) -> list[list[Voice]]:
        items.update(_voices(moment, [clusters[place] for place in places]))
        return [items[clusters[place]] for place in places]

    seen = list(look(activity, hour=HOURS - 1, ends_at=moment.at, voices=read, always=always, baseline=baseline))
    fresh = [
        _candidate(clusters[sighted.row], sighted, moment)
        for sighted in seen
        if clusters[sighted.row] not in open_ and opens(sighted.rise, sighted.crowd)
    ]
    TrendCandidate.objects.bulk_create(fresh)
    going_on = [(open_[clusters[sighted.row]], sighted) for sighted in seen if clusters[sighted.row] in open_]
    for row, sighted in going_on:
        _move_on(row, sighted, items[row.cluster_id], moment)
    TrendCandidate.objects.bulk_update([row for row, _ in going_on], _SCORED)
    return len(fresh)


def _voices(moment: Hours, clusters: Sequence[UUID]) -> dict[UUID, list[Voice]]:
    """Read the items of the last 72 hours of clusters."""
    found: dict[UUID, list[Voice]] = {cluster: [] for cluster in clusters}
    for cluster, *item in rows(_VOICES, moment.parameters(clusters=list(clusters)) | {"since": moment.at - WINDOW}):
        found[cluster].append(Voice(*item))
    return found


_SCORED = [
    "status", "trend_score", "surprise_score", "velocity_score", "acceleration_score", "breadth_score",
    "engagement_score", "novelty_score", "surprise", "velocity", "acceleration", "items", "authors", "platforms",
    "peak_at", "scored_at",
]  # fmt: skip


def _candidate(cluster_id: UUID, sighted: Sighted, moment: Hours) -> TrendCandidate:
    row = TrendCandidate(cluster_id=cluster_id, detected_at=moment.at)
    _fill(row, sighted, moment)
    return row


def _fill(row: TrendCandidate, sighted: Sighted, moment: Hours) -> None:
    scored = trend_score(sighted.rise, sighted.crowd)
    row.trend_score = scored.total
    for name, part in scored.parts.items():
        setattr(row, f"{name}_score", part)
    row.surprise = sighted.rise.surprise
    row.velocity, row.acceleration = sighted.rise.velocity, sighted.rise.acceleration
    row.items, row.authors = sighted.crowd.items, sighted.crowd.voices
    row.platforms = list(sighted.crowd.platforms)
    row.peak_at = datetime.fromtimestamp((moment.first + sighted.peak_hour) * HOUR_S, UTC)
    row.scored_at = moment.at


def _move_on(row: TrendCandidate, sighted: Sighted, items: Sequence[Voice], moment: Hours) -> None:
    signs = Signs(
        at=moment.at,
        detected_at=row.detected_at,
        last_item_at=max((item.at for item in items), default=moment.at - WINDOW),
        is_burst=opens(sighted.rise, sighted.crowd),
        rate_of_peak=sighted.rise.rate_of_peak,
    )
    row.status = next_status(TrendStatus(row.status), signs)
    _fill(row, sighted, moment)
