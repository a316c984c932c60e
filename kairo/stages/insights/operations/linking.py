"""Storing a batch's clusters and links: each statement carries the whole batch, items and clusters by their place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from kairo.platform.database.batches import batch_execute, batch_rows
from kairo.platform.database.ids import new_id
from kairo.platform.database.sessions import current_tenant
from kairo.stages.evidence.queries import ArrivedItem
from kairo.stages.insights.contracts.trends import ClusterKeyType
from kairo.stages.insights.operations.counting import NUMBERED_ID, numbered_id
from kairo.stages.insights.operations.voices import voice_of
from kairo.stages.insights.rules.cluster_keys import Key
from kairo.stages.insights.rules.clusters import SemanticCluster

_STORE_CLUSTERS = f"""
INSERT INTO cluster (id, tenant_id, cluster_key_type, cluster_key, display_name, platforms, embedder, centroid, size,
                     first_at, last_at, last_place)
SELECT {NUMBERED_ID}, %(tenant)b, new.key_type, new.key, new.label, string_to_array(new.platforms, ','), new.embedder,
       new.centroid, new.size, first.at, last.at, new.last_place
FROM unnest(%(key_type)b::text[], %(key)b::text[], %(label)b::text[], %(platforms)b::text[], %(embedder)b::text[],
            %(centroid)b::bytea[], string_to_array(%(size)b, ',')::int[], string_to_array(%(first)b, ',')::int[],
            string_to_array(%(last)b, ',')::int[], string_to_array(%(last_place)b, ',')::bigint[])
  AS new (key_type, key, label, platforms, embedder, centroid, size, first, last, last_place)
JOIN unnest(%(at)b::timestamptz[]) WITH ORDINALITY AS first (at, place) ON first.place = new.first
JOIN unnest(%(at)b::timestamptz[]) WITH ORDINALITY AS last (at, place) ON last.place = new.last
ON CONFLICT (tenant_id, cluster_key_type, cluster_key) DO UPDATE SET
  display_name = CASE WHEN cluster.size = 0 THEN excluded.display_name ELSE cluster.display_name END,
  platforms = CASE WHEN cluster.platforms @> excluded.platforms THEN cluster.platforms ELSE
    ARRAY(SELECT DISTINCT name FROM unnest(cluster.platforms || excluded.platforms) AS name ORDER BY name) END,
  centroid = COALESCE(excluded.centroid, cluster.centroid), size = cluster.size + excluded.size,
  first_at = LEAST(cluster.first_at, excluded.first_at), last_at = GREATEST(cluster.last_at, excluded.last_at),
  last_place = GREATEST(cluster.last_place, excluded.last_place)
RETURNING cluster_key_type, cluster_key, id
"""  # noqa: S608 - our own constants

_LINK_ID = numbered_id("link.number")
_STORE_LINKS = f"""
INSERT INTO artifact_cluster_link (id, tenant_id, item_id, cluster_id, role, key_type, at, voice, engagement)
SELECT {_LINK_ID}, %(tenant)b, item.id, named.id, CASE WHEN link.is_primary THEN 'primary' ELSE 'secondary' END,
       named.key_type, item.at, item.voice, item.engagement
FROM unnest(string_to_array(%(of_item)b, ',')::int[], string_to_array(%(of_cluster)b, ',')::int[],
            string_to_array(%(is_primary)b, ',')::boolean[]) WITH ORDINALITY AS link (item, cluster, is_primary, number)
JOIN unnest(%(item)b::uuid[], %(at)b::timestamptz[], %(voice)b::bigint[], %(engagement)b::float8[])
  WITH ORDINALITY AS item (id, at, voice, engagement, place) ON item.place = link.item
JOIN unnest(%(cluster)b::uuid[], %(key_type)b::text[]) WITH ORDINALITY AS named (id, key_type, place)
  ON named.place = link.cluster
ORDER BY link.number
ON CONFLICT (tenant_id, item_id, cluster_id, role) DO NOTHING
"""  # noqa: S608 - our own constants


@dataclass(slots=True)
class _New:
    """What a batch brings to one cluster: places in the batch count from 1, as PostgreSQL does."""

    number: int
    label: str
    embedder: str
    size: int = 0
    first: int = 0
    last: int = 0
    platforms: set[str] = field(default_factory=set)


class NewLinks:
    """The links of a batch of items, gathered item by item in the order in which they came."""

    def __init__(self, batch: Sequence[ArrivedItem]) -> None:
        self._batch = batch
        self._clusters: dict[tuple[ClusterKeyType, str], _New] = {}
        self._of_item: list[int] = []
        self._of_cluster: list[int] = []
        self._is_primary: list[str] = []

    def __len__(self) -> int:
        return len(self._of_item)

    def add(self, place: int, keys: Iterable[Key]) -> None:
        """Put the item at a place of the batch, counted from 1, into clusters; the first is its primary one."""
        item = self._batch[place - 1]
        primary = "t"
        for key in keys:
            name = (key.key_type, key.key)
            new = self._clusters.get(name)
            if new is None:
                new = self._clusters[name] = _New(len(self._clusters) + 1, key.label, "", first=place, last=place)
            new.size += 1
            new.platforms.add(item.platform)
            if item.published_at < self._batch[new.first - 1].published_at:
                new.first = place
            if item.published_at > self._batch[new.last - 1].published_at:
                new.last = place
            if key.key_type is ClusterKeyType.SEMANTIC:
                new.embedder = item.embedder
            self._of_item.append(place)
            self._of_cluster.append(new.number)
            self._is_primary.append(primary)
            primary = "f"

    def store(self, meant: Mapping[str, SemanticCluster]) -> set[UUID]:
        """Store clusters and links; `meant` are the semantic clusters as they are now. Returns the clusters' ids."""
        if not self._of_item:
            return set()
        moments = [item.published_at for item in self._batch]
        ids = self._store_clusters(meant, moments)
        parameters: dict[str, object] = {
            "tenant": current_tenant(),
            "base": new_id(),
            "item": [item.id for item in self._batch],
            "at": moments,
            "voice": [voice_of(item) for item in self._batch],
            "engagement": [item.engagement for item in self._batch],
            "cluster": [ids[name] for name in self._clusters],
            "key_type": [key_type.value for key_type, _ in self._clusters],
            "of_item": _joined(self._of_item),
            "of_cluster": _joined(self._of_cluster),
            "is_primary": ",".join(self._is_primary),
        }
        batch_execute(_STORE_LINKS, parameters)
        return set(ids.values())

    def _store_clusters(
        self, meant: Mapping[str, SemanticCluster], moments: Sequence[object]
    ) -> dict[tuple[ClusterKeyType, str], UUID]:
        found = self._clusters.values()
        known = [meant.get(key) if kind is ClusterKeyType.SEMANTIC else None for kind, key in self._clusters]
        parameters: dict[str, object] = {
            "tenant": current_tenant(),
            "base": new_id(),
            "at": moments,
            "key_type": [key_type.value for key_type, _ in self._clusters],
            "key": [key for _, key in self._clusters],
            "label": [new.label for new in found],
            "platforms": [",".join(sorted(new.platforms)) for new in found],
            "embedder": [new.embedder for new in found],
            "centroid": [None if cluster is None else cluster.total.astype("<f4").tobytes() for cluster in known],
            "size": _joined(new.size for new in found),
            "first": _joined(new.first for new in found),
            "last": _joined(new.last for new in found),
            "last_place": _joined(0 if cluster is None else cluster.place for cluster in known),
        }
        stored = batch_rows(_STORE_CLUSTERS, parameters)
        kinds = {kind.value: kind for kind in ClusterKeyType}
        return {(kinds[kind], key): cluster_id for kind, key, cluster_id in stored}


def _joined(numbers: Iterable[int]) -> str:
    """Return whole numbers as one text: as a list each would be wrapped by itself."""
    return ",".join(map(str, numbers))
