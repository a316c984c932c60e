"""Letting go of evidence that is erased: of its links, and of all that was counted or named with it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from kairo.platform.database.sessions import current_tenant
from kairo.platform.database.sql import execute, rows
from kairo.stages.evidence import queries as evidence
from kairo.stages.evidence.queries import ArrivedItem
from kairo.stages.insights.contracts.trends import ClusterKeyType
from kairo.stages.insights.models import Cluster, ClusterBucket, ClusteringProgress, TrendCandidate
from kairo.stages.insights.operations.counting import recount
from kairo.stages.insights.rules.cluster_keys import keys_of, semantic_label
from kairo.stages.insights.rules.trends import MIN_ITEMS

_CUT = """
DELETE FROM artifact_cluster_link WHERE tenant_id = %(tenant)s AND item_id = ANY (%(items)s)
RETURNING cluster_id, at
"""
_EMPTIED = """
DELETE FROM cluster_bucket bucket USING unnest(%(clusters)s::uuid[], %(moments)s::timestamptz[]) AS lost (cluster, at)
WHERE bucket.tenant_id = %(tenant)s AND bucket.cluster_id = lost.cluster
  AND bucket.bucket_start <= lost.at
  AND bucket.bucket_start > lost.at - CASE granularity WHEN 'hour' THEN interval '1 hour' ELSE interval '24 hours' END
"""
_LEFT = """
SELECT link.cluster_id, count(*), min(link.at), max(link.at), array_agg(DISTINCT item.platform ORDER BY item.platform),
       (array_agg(link.item_id ORDER BY link.id))[1]
FROM artifact_cluster_link link JOIN evidence_item item ON item.tenant_id = link.tenant_id AND item.id = link.item_id
WHERE link.tenant_id = %(tenant)s AND link.cluster_id = ANY (%(clusters)s) GROUP BY link.cluster_id
"""
_ITEMS_OF = """
SELECT item_id FROM artifact_cluster_link WHERE tenant_id = %(tenant)s AND cluster_id = %(cluster)s
"""


def let_go_of_items(*, item_ids: Sequence[UUID]) -> None:
    """Remove what clusters have of these items, in the caller's transaction.

    A cluster goes with its last item, and a candidate with so many that the rest would not have made it one.
    """
    cut = rows(_CUT, {"tenant": current_tenant(), "items": list(item_ids)})
    if not cut:
        return
    clusters = sorted({cluster_id for cluster_id, _ in cut})
    _count_anew(cut)
    ClusteringProgress.objects.update(let_go=True)
    left = {row[0]: row[1:] for row in rows(_LEFT, {"tenant": current_tenant(), "clusters": clusters})}
    _drop([cluster_id for cluster_id in clusters if cluster_id not in left])
    first = {item.id: item for item in evidence.arrived_items([row[-1] for row in left.values()])}
    for cluster in Cluster.objects.filter(id__in=list(left)):
        count, first_at, last_at, platforms, named_by = left[cluster.id]
        cluster.size, cluster.first_at, cluster.last_at, cluster.platforms = count, first_at, last_at, platforms
        cluster.display_name = _label(cluster, first[named_by])
        if cluster.cluster_key_type == ClusterKeyType.SEMANTIC:
            cluster.centroid = _meaning_of_the_rest(cluster)
        cluster.save()
    too_few = [cluster_id for cluster_id, (count, *_) in left.items() if count < MIN_ITEMS]
    TrendCandidate.objects.filter(cluster_id__in=too_few).delete()


def _count_anew(cut: Sequence[tuple[UUID, datetime]]) -> None:
    parameters = {
        "tenant": current_tenant(),
        "clusters": [cluster_id for cluster_id, _ in cut],
        "moments": [at for _, at in cut],
    }
    execute(_EMPTIED, parameters)
    recount(cut)


def _drop(clusters: Sequence[UUID]) -> None:
    TrendCandidate.objects.filter(cluster_id__in=clusters).delete()
    ClusterBucket.objects.filter(cluster_id__in=clusters).delete()
    Cluster.objects.filter(id__in=clusters).delete()


def _label(cluster: Cluster, first: ArrivedItem) -> str:
    """Return what a cluster is called by the first of its items."""
    if cluster.cluster_key_type == ClusterKeyType.SEMANTIC:
        return semantic_label(first.title, first.text, first.language)
    own = keys_of(hashtags=first.hashtags, audio_id=first.audio_id, text=first.text, language=first.language)
    named = {(key.key_type.value, key.key): key.label for key in own}
    return named.get((cluster.cluster_key_type, cluster.cluster_key), cluster.display_name)


def _meaning_of_the_rest(cluster: Cluster) -> bytes | None:
    """Return the sum of a semantic cluster's vectors without the items that are gone, added up in item order."""
    found = rows(_ITEMS_OF, {"tenant": current_tenant(), "cluster": cluster.id})
    total: NDArray[np.float32] | None = None
    for item in evidence.arrived_items([row[0] for row in found]):
        if item.vector is not None and item.embedder == cluster.embedder:
            total = item.vector.copy() if total is None else total + item.vector
    return None if total is None else total.astype("<f4").tobytes()
