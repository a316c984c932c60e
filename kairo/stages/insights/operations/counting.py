"""Buckets: what a cluster got in an hour and in a day, counted anew from the links of these hours and days alone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from kairo.platform.database.batches import batch_execute
from kairo.platform.database.ids import new_id
from kairo.platform.database.sessions import current_tenant
from kairo.stages.insights.contracts.trends import Granularity

SECONDS = {Granularity.HOUR: 3600, Granularity.DAY: 86_400}


def numbered_id(number: str) -> str:
    """Return the SQL of one id a row from a new one: made and sent one by one they cost more than their rows.

    `number` is the SQL of what tells rows apart and puts the ids in order; behind a join a row number does not.
    """
    return f"encode(overlay(uuid_send(%(base)b) PLACING int4send(({number})::int) FROM 13), 'hex')::uuid"


NUMBERED_ID = numbered_id("row_number() OVER ()")
"""Ids in no order that matters."""

# `into` is how many seconds of the bucket had passed, `span` how many it has. The rate within a bucket is smoothed by
# the straight line and the parabola that fit its items best (the first Legendre polynomials), for they are sums over
# the items: whole numbers add up to the same in any order.
_MEASURES = """
  count(*)::int AS items, count(DISTINCT voice)::int AS authors,
  round(sum(engagement::numeric), 6)::float8 AS engagement,
  6 * sum(2 * into_s - span)::float8 / %(span)b AS velocity,
  60 * sum(6 * into_s * into_s - 6 * into_s * span + span * span)::float8 / %(span)b / %(span)b AS acceleration
"""
_INSERT = f"""
INSERT INTO cluster_bucket (id, tenant_id, cluster_id, granularity, bucket_start, count, authors, engagement, velocity,
                            acceleration)
SELECT {NUMBERED_ID}, %(tenant)b, cluster_id, %(granularity)b, to_timestamp(start), items, authors, engagement,
       velocity, acceleration
"""
_COUNT = f"""{_INSERT}
FROM (
  SELECT DISTINCT cluster_id, floor(extract(epoch FROM at) / %(span)b::bigint)::bigint * %(span)b::bigint AS start
  FROM {{touched}} ORDER BY 1, 2
) touched,
LATERAL (
  SELECT {_MEASURES}
  FROM (
    SELECT voice, engagement, floor(extract(epoch FROM at))::bigint - touched.start AS into_s,
           %(span)b::bigint AS span
    FROM artifact_cluster_link
    WHERE tenant_id = (SELECT %(tenant)b::uuid) AND cluster_id = touched.cluster_id
      AND at >= to_timestamp(touched.start) AND at < to_timestamp(touched.start + %(span)b)
    OFFSET 0
  ) item
) counted
WHERE counted.items > 0
ON CONFLICT (tenant_id, cluster_id, granularity, bucket_start) DO UPDATE SET
  count = excluded.count, authors = excluded.authors, engagement = excluded.engagement,
  velocity = excluded.velocity, acceleration = excluded.acceleration
"""  # noqa: S608 - our own constants
_ALL = f"""{_INSERT}
FROM (
  SELECT cluster_id, start, {_MEASURES}
  FROM (
    SELECT cluster_id, voice, engagement, second - second %% %(span)b::bigint AS start,
           second %% %(span)b::bigint AS into_s, %(span)b::bigint AS span
    FROM (
      SELECT cluster_id, voice, engagement, floor(extract(epoch FROM at))::bigint AS second
      FROM artifact_cluster_link WHERE tenant_id = (SELECT %(tenant)b::uuid)
    ) link
  ) item
  GROUP BY cluster_id, start
) counted
"""  # noqa: S608 - our own constants
_OF_ITEMS = _COUNT.format(
    touched="artifact_cluster_link WHERE tenant_id = (SELECT %(tenant)b::uuid) AND item_id = ANY (%(items)b::uuid[])"
)
_AT_MOMENTS = _COUNT.format(
    touched="unnest(%(clusters)b::uuid[], %(moments)b::timestamptz[]) AS moment (cluster_id, at)"
)


def count_all() -> None:
    """Count the hours and days of all clusters, of which none is counted yet, in the caller's transaction."""
    _count(_ALL, {})


def recount_items(item_ids: Sequence[UUID]) -> None:
    """Count the hours and days into which these items fall in their clusters, in the caller's transaction."""
    _count(_OF_ITEMS, {"items": list(item_ids)})


def recount(touched: Sequence[tuple[UUID, datetime]]) -> None:
    """Count the hours and days of clusters into which these moments fall, in the caller's transaction."""
    _count(_AT_MOMENTS, {"clusters": [cluster for cluster, _ in touched], "moments": [at for _, at in touched]})


def _count(statement: str, touched: dict[str, object]) -> None:
    for granularity, span in SECONDS.items():
        given = {"tenant": current_tenant(), "base": new_id(), "granularity": granularity.value, "span": span}
        batch_execute(statement, touched | given)
