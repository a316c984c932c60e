"""Putting items into clusters, and counting the hours and days that they fall into."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import TypeAlias
from uuid import UUID

import numpy as np

from kairo.platform.database.sessions import current_tenant, tenant_transaction
from kairo.platform.database.sql import execute, rows
from kairo.stages.evidence import queries as evidence
from kairo.stages.evidence.queries import ArrivedItem
from kairo.stages.insights.contracts.trends import AggregateReport, ClusterKeyType
from kairo.stages.insights.models import ClusteringProgress
from kairo.stages.insights.operations.counting import count_all, count_new
from kairo.stages.insights.operations.linking import NewLinks
from kairo.stages.insights.rules.cluster_keys import Key, keys_of, semantic_label
from kairo.stages.insights.rules.clusters import RECENT, RECENT_ITEMS, SemanticCluster, SemanticClusters, SemanticItem

BATCH_ITEMS = 5000
Progress: TypeAlias = Callable[[int], None]

_ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtextextended('insights.clusters:' || %s, 0))"

_NEAR = """
SELECT cluster_key, centroid, last_at, last_place FROM cluster
WHERE tenant_id = (SELECT %(tenant)s::uuid) AND cluster_key_type = 'semantic' AND embedder = %(embedder)s
  AND last_place > %(after)s AND last_at BETWEEN %(since)s AND %(until)s AND centroid IS NOT NULL
"""
_NAMED = """
SELECT cluster_key, centroid, last_at, last_place FROM cluster
WHERE tenant_id = (SELECT %(tenant)s::uuid) AND cluster_key_type = 'semantic' AND cluster_key = ANY (%(kept)s)
  AND centroid IS NOT NULL
"""

_KEPT = """
DELETE FROM artifact_cluster_link link USING cluster
WHERE link.tenant_id = (SELECT %(tenant)s::uuid) AND link.item_id = ANY (%(items)s) AND link.key_type = 'semantic'
  AND cluster.tenant_id = link.tenant_id AND cluster.id = link.cluster_id
RETURNING link.item_id, cluster.cluster_key
"""


@dataclass(frozen=True)
class Aggregated:
    """The outcome, and which clusters got items: what there is to look at anew."""

    report: AggregateReport
    touched: frozenset[UUID]


def aggregate(*, tenant_id: UUID, progress: Progress | None = None) -> Aggregated:
    """Put the tenant's items that are in no cluster yet into theirs, batch by batch, each in one transaction.

    `progress` is told the number of items so far. Two at a time would take the same item twice: the second waits.
    """
    return _aggregate(tenant_id, progress, counts=True)


def _aggregate(tenant_id: UUID, progress: Progress | None, *, counts: bool) -> Aggregated:
    touched: set[UUID] = set()
    items = links = 0
    with tenant_transaction(tenant_id):
        until = evidence.last_arrival()
    while until is not None:
        with tenant_transaction(tenant_id):
            execute(_ONE_AT_A_TIME, [str(tenant_id)])
            known = ClusteringProgress.objects.first()
            batch = _next_batch(known, until)
            if batch:
                clusters, linked = _take_in(batch, known)
                if counts:
                    count_new([item.id for item in batch])
                touched |= clusters
                links += linked
            _note_progress(known, batch[-1].arrival if len(batch) == BATCH_ITEMS else until, items=len(batch))
        items += len(batch)
        if progress is not None:
            progress(items)
        if len(batch) < BATCH_ITEMS:
            break
    return Aggregated(AggregateReport(items=items, clusters=len(touched), links=links), frozenset(touched))


def rebuild(*, tenant_id: UUID, progress: Progress | None = None) -> Aggregated:
    """Put all items into clusters anew, in the order in which they came: the rows are those that there were before.

    Clusters keep their ids, and so do the candidates that they have been. Once items were let go of, what the others
    were found to mean stays as it was decided while those were there: all else is worked out anew.
    """
    with tenant_transaction(tenant_id):
        execute(_ONE_AT_A_TIME, [str(tenant_id)])
        for statement in _FORGET:
            execute(statement, {"tenant": tenant_id, "first": UUID(int=0)})
    aggregated = _aggregate(tenant_id, progress, counts=False)
    with tenant_transaction(tenant_id):
        execute(_ONE_AT_A_TIME, [str(tenant_id)])
        # New items may have come in beside it, and have been counted.
        execute(_FORGET_BUCKETS, {"tenant": tenant_id})
        count_all()
        execute(_DROP_EMPTY, {"tenant": tenant_id})
    return aggregated


_FORGET_BUCKETS = "DELETE FROM cluster_bucket WHERE tenant_id = %(tenant)s"
_FORGET = (
    """DELETE FROM artifact_cluster_link WHERE tenant_id = %(tenant)s AND (key_type <> 'semantic' OR NOT EXISTS (
         SELECT 1 FROM clustering_progress WHERE tenant_id = %(tenant)s AND let_go))""",
    _FORGET_BUCKETS,
    """UPDATE cluster SET size = 0, platforms = '{}', centroid = NULL, first_at = 'infinity', last_at = '-infinity',
              last_place = 0
       WHERE tenant_id = %(tenant)s""",
    "UPDATE clustering_progress SET through = %(first)s, items = 0 WHERE tenant_id = %(tenant)s",
)
_DROP_EMPTY = """
DELETE FROM cluster WHERE tenant_id = %(tenant)s AND size = 0
  AND NOT EXISTS (SELECT 1 FROM trend_candidate candidate
                  WHERE candidate.tenant_id = cluster.tenant_id AND candidate.cluster_id = cluster.id)
"""


def _next_batch(progress: ClusteringProgress | None, until: UUID) -> list[ArrivedItem]:
    through = progress.through if progress is not None else None
    if through is not None and through >= until:
        return []
    return evidence.arrivals(after=through, until=until, limit=BATCH_ITEMS)


def _note_progress(progress: ClusteringProgress | None, through: UUID, *, items: int) -> None:
    row = progress or ClusteringProgress(through=through)
    row.through = max(row.through, through)
    row.items += items
    row.save()


def _take_in(batch: Sequence[ArrivedItem], progress: ClusteringProgress | None) -> tuple[set[UUID], int]:
    """Store a batch's clusters and links; return the clusters that got items, and how many links."""
    first_place = progress.items + 1 if progress is not None else 1
    kept = _kept(batch) if progress is not None and progress.let_go else {}
    semantic, meant = _semantic(batch, first_place, kept)
    links = NewLinks(batch)
    for place, item in enumerate(batch, start=1):
        words = keys_of(hashtags=item.hashtags, audio_id=item.audio_id, text=item.text, language=item.language)
        links.add(place, (semantic[item.id], *words) if item.id in semantic else words)
    return links.store(meant), len(links)


def _kept(batch: Sequence[ArrivedItem]) -> dict[UUID, str]:
    """Return in which semantic clusters items were found to belong, of those whose links a rebuild has left."""
    return dict(rows(_KEPT, {"tenant": current_tenant(), "items": [item.id for item in batch]}))


def _semantic(
    batch: Sequence[ArrivedItem], first_place: int, kept: Mapping[UUID, str]
) -> tuple[dict[UUID, Key], dict[str, SemanticCluster]]:
    """Return the semantic cluster of each item with a vector, and these clusters as they are now."""
    found: dict[UUID, Key] = {}
    changed: dict[str, SemanticCluster] = {}
    by_embedder: dict[str, list[tuple[int, ArrivedItem]]] = defaultdict(list)
    for place, item in enumerate(batch, start=first_place):
        if item.vector is not None:
            by_embedder[item.embedder].append((place, item))
    for embedder, placed in by_embedder.items():
        items = [item for _, item in placed]
        clusters = SemanticClusters(_near(items, embedder, first_place, set(kept.values())))
        decided = [kept.get(item.id) for item in items]
        keys = clusters.join([semantic_item(item, place) for place, item in placed], decided)
        for item, key in zip(items, keys, strict=True):
            found[item.id] = Key(ClusterKeyType.SEMANTIC, key, semantic_label(item.title, item.text, item.language))
        changed |= {cluster.key: cluster for cluster in clusters.stored(keys)}
    return found, changed


def semantic_item(item: ArrivedItem, place: int) -> SemanticItem:
    """Return what clustering by meaning reads of an item that has a vector and came at a place in the order."""
    assert item.vector is not None
    return SemanticItem(name=str(item.id), at=item.published_at, vector=item.vector, place=place)


def _near(items: Sequence[ArrivedItem], embedder: str, first_place: int, kept: Set[str]) -> list[SemanticCluster]:
    times = [item.published_at for item in items]
    parameters = {
        "tenant": current_tenant(),
        "embedder": embedder,
        "since": min(times) - RECENT,
        "until": max(times) + RECENT,
        "after": first_place - RECENT_ITEMS,
        "kept": sorted(kept),
    }
    found = {row[0]: row for row in [*rows(_NEAR, parameters), *(rows(_NAMED, parameters) if kept else ())]}
    return [
        SemanticCluster(key, np.frombuffer(centroid, dtype="<f4"), last_at, place)
        for key, centroid, last_at, place in found.values()
    ]
