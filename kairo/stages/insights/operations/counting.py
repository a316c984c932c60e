"""Buckets: what a cluster got in an hour and in a day, a function of the links that fall into it alone.

New items are added to what was counted, to the last digit as if all were counted anew; where items are let go of, and
in a rebuild, they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from kairo.platform.database.batches import batch_execute, batch_rows
from kairo.platform.database.ids import new_id
from kairo.platform.database.sessions import current_tenant
from kairo.stages.insights.contracts.trends import Granularity

SECONDS = {Granularity.HOUR: 3600, Granularity.DAY: 86_400}
ADDED_TO = 10_000
"""A bucket with more items is counted anew: its sums are too large to be read back from a float."""


def numbered_id(number: str) -> str:
    """Return the SQL of one id a row from a new one: made and sent one by one they cost more than their rows.

    `number` is the SQL of what tells rows apart and puts the ids in order; behind a join a row number does not.
    """
    return f"encode(overlay(uuid_send(%(base)b) PLACING int4send(({number})::int) FROM 13), 'hex')::uuid"


NUMBERED_ID = numbered_id("row_number() OVER ()")
"""Ids in no order that matters."""

# `into` is how many seconds of the bucket had passed, `span` how many it has. The rate within a bucket is smoothed by
# the straight line and the parabola that fit its items best (the first Legendre polynomials), for they are sums over
# the items: whole numbers add up to the same in any order, and so do engagements of six decimals.
_SUMS = """
  sum(round(engagement::numeric, 6))::float8 AS engagement, sum(2 * into_s - span)::float8 AS slope,
  sum(6 * into_s * into_s - 6 * into_s * span + span * span)::float8 AS bend
"""
_MEASURES = f"count(*)::int AS items, count(DISTINCT voice)::int AS authors, {_SUMS}"
_INSERT = f"""
INSERT INTO cluster_bucket (id, tenant_id, cluster_id, granularity, bucket_start, count, authors, engagement, velocity,
                            acceleration)
SELECT {NUMBERED_ID}, %(tenant)b, cluster_id, %(granularity)b, to_timestamp(start), items, authors, engagement,
       6 * slope / %(span)b::bigint, 60 * bend / %(span)b::bigint / %(span)b::bigint
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
_AT_MOMENTS = _COUNT.format(
    touched="unnest(%(clusters)b::uuid[], %(moments)b::timestamptz[]) AS moment (cluster_id, at)"
)
# Who spoke in the bucket before is found by what these voices said in that hour or day anywhere: a cluster's day can
# have thousands of items, one person's has few. The sums come back whole from what was worked out of them: the float
# next to a whole number below 10^14 is no further from it than a tenth.
_ADD = f"""
WITH fresh AS MATERIALIZED (
  SELECT item_id, cluster_id, voice, engagement, second - second %% %(span)b::bigint AS start,
         second %% %(span)b::bigint AS into_s, %(span)b::bigint AS span
  FROM (
    SELECT item_id, cluster_id, voice, engagement, floor(extract(epoch FROM at))::bigint AS second
    FROM artifact_cluster_link
    WHERE tenant_id = (SELECT %(tenant)b::uuid) AND item_id = ANY (%(items)b::uuid[])
  ) link
), before AS MATERIALIZED (
  SELECT DISTINCT spoken.item_id, heard.voice, heard.start
  FROM (SELECT DISTINCT voice, start FROM fresh WHERE voice IS NOT NULL) heard,
  LATERAL (
    SELECT item_id FROM artifact_cluster_link
    WHERE tenant_id = (SELECT %(tenant)b::uuid) AND role = 'primary' AND voice = heard.voice
      AND at >= to_timestamp(heard.start) AND at < to_timestamp(heard.start + %(span)b)
    OFFSET 0
  ) spoken
  WHERE spoken.item_id <> ALL (%(items)b::uuid[])
), stored AS (
  {_INSERT}
  FROM (
    SELECT cluster_id, start, count(span)::int AS items,
           (count(DISTINCT voice) - count(DISTINCT voice) FILTER (WHERE span IS NULL))::int AS authors, {_SUMS}
    FROM (
      SELECT cluster_id, start, voice, engagement, into_s, span FROM fresh
      UNION ALL
      SELECT link.cluster_id, before.start, before.voice, NULL, NULL, NULL
      FROM before,
      LATERAL (
        SELECT cluster_id FROM artifact_cluster_link
        WHERE tenant_id = (SELECT %(tenant)b::uuid) AND item_id = before.item_id
        OFFSET 0
      ) link
    ) said
    GROUP BY cluster_id, start HAVING count(span) > 0
  ) counted
  ON CONFLICT (tenant_id, cluster_id, granularity, bucket_start) DO UPDATE SET
    count = cluster_bucket.count + excluded.count, authors = cluster_bucket.authors + excluded.authors,
    engagement = (cluster_bucket.engagement::numeric + excluded.engagement::numeric)::float8,
    velocity = 6 * (round(cluster_bucket.velocity * %(span)b::bigint / 6)
                    + round(excluded.velocity * %(span)b::bigint / 6)) / %(span)b::bigint,
    acceleration = 60 * (round(cluster_bucket.acceleration * %(span)b::bigint * %(span)b::bigint / 60)
                         + round(excluded.acceleration * %(span)b::bigint * %(span)b::bigint / 60))
                   / %(span)b::bigint / %(span)b::bigint
  RETURNING cluster_id, bucket_start, count
)
SELECT cluster_id, bucket_start FROM stored WHERE count > %(most)b::int
"""  # noqa: S608 - our own constants


def count_all() -> None:
    """Count the hours and days of all clusters, of which none is counted yet, in the caller's transaction."""
    _count(_ALL, {})


def count_new(item_ids: Sequence[UUID], *, added_to: int = ADDED_TO) -> None:
    """Add items whose links were just stored to the hours and days of their clusters, in the caller's transaction.

    Buckets that come to hold more than `added_to` items are counted anew.
    """
    large: set[tuple[UUID, datetime]] = set()
    for granularity, span in SECONDS.items():
        parameters = _parameters(granularity, span) | {"items": list(item_ids), "most": added_to}
        large |= {(cluster, start) for cluster, start in batch_rows(_ADD, parameters)}
    if large:
        recount(sorted(large))


def recount(touched: Sequence[tuple[UUID, datetime]]) -> None:
    """Count the hours and days of clusters into which these moments fall, in the caller's transaction."""
    _count(_AT_MOMENTS, {"clusters": [cluster for cluster, _ in touched], "moments": [at for _, at in touched]})


def _count(statement: str, touched: dict[str, object]) -> None:
    for granularity, span in SECONDS.items():
        batch_execute(statement, touched | _parameters(granularity, span))


def _parameters(granularity: Granularity, span: int) -> dict[str, object]:
    return {"tenant": current_tenant(), "base": new_id(), "granularity": granularity.value, "span": span}
