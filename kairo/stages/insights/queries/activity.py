"""Hourly counts of clusters and of the whole stream, as columns: what looks are made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from kairo.platform.database.sessions import current_tenant
from kairo.platform.database.sql import rows

HOUR_S = 3600
_HOURLY = """
SELECT cluster_id, array_agg(extract(epoch FROM bucket_start)::bigint / 3600), array_agg(count)
FROM cluster_bucket
WHERE tenant_id = (SELECT %(tenant)s::uuid) AND cluster_id = ANY (%(clusters)s) AND granularity = 'hour'
  AND bucket_start > %(since)s AND bucket_start <= %(at)s
GROUP BY cluster_id
"""
_STREAM = """
SELECT floor(extract(epoch FROM at) / 3600)::bigint, count(*) FROM artifact_cluster_link
WHERE tenant_id = (SELECT %(tenant)s::uuid) AND role = 'primary' AND at > %(since)s AND at <= %(at)s
GROUP BY 1
"""


@dataclass(frozen=True)
class Hours:
    """So many hours up to a moment as columns, of which the last is the running one."""

    at: datetime
    count: int

    @property
    def last(self) -> int:
        return int(self.at.timestamp()) // HOUR_S

    @property
    def since(self) -> datetime:
        return datetime.fromtimestamp((self.last - self.count) * HOUR_S, UTC)

    @property
    def first(self) -> int:
        return self.last - self.count + 1

    def parameters(self, **more: object) -> dict[str, object]:
        return {"tenant": current_tenant(), "at": self.at, "since": self.since, **more}


def hourly_counts(hours: Hours, clusters: Sequence[UUID]) -> NDArray[np.int64]:
    """Return what each cluster got in each hour: a row a cluster."""
    counts = np.zeros((len(clusters), hours.count), dtype=np.int64)
    place = {cluster: number for number, cluster in enumerate(clusters)}
    for cluster, numbers, found in rows(_HOURLY, hours.parameters(clusters=list(clusters))):
        columns = np.asarray(numbers) - hours.first
        counts[place[cluster], columns[columns >= 0]] = np.asarray(found)[columns >= 0]
    return counts


def stream_counts(hours: Hours) -> NDArray[np.int64]:
    """Return what the whole stream brought in each hour."""
    counts = np.zeros(hours.count, dtype=np.int64)
    for number, found in rows(_STREAM, hours.parameters()):
        if number >= hours.first:
            counts[number - hours.first] = found
    return counts
