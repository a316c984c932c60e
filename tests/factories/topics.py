"""Topics that are spoken of for weeks, evenly or not, written straight into the tables of clusters."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID, uuid4

import numpy as np
import psycopg

HOUR = timedelta(hours=1)
_CLUSTER = """
INSERT INTO cluster (id, tenant_id, cluster_key_type, cluster_key, display_name, platforms, embedder, size, first_at,
                     last_at, last_place)
SELECT id, %s, 'semantic', id::text, id::text, '{}', '', 1, %s, %s, 1 FROM unnest(%s::uuid[]) AS told (id)
"""
_BUCKET = """
INSERT INTO cluster_bucket (id, tenant_id, cluster_id, granularity, bucket_start, count, authors, engagement, velocity,
                            acceleration)
SELECT gen_random_uuid(), %s, cluster, 'hour', at, count, count, 0, 0, 0
FROM unnest(%s::uuid[], %s::timestamptz[], %s::int[]) AS told (cluster, at, count)
"""
_LINK = """
INSERT INTO artifact_cluster_link (id, tenant_id, item_id, cluster_id, role, key_type, at, engagement)
SELECT gen_random_uuid(), %s, gen_random_uuid(), cluster, 'primary', 'semantic', at, 0
FROM unnest(%s::uuid[], %s::timestamptz[], %s::int[]) AS told (cluster, at, count), generate_series(1, count)
"""


def make_topics(
    url: str, tenant: UUID, *, until: datetime, days: int, topics: int = 160, unevenness: float, seed: int = 1
) -> None:
    """Have topics be spoken of about once a day, some more and some less, up to a moment.

    Without `unevenness` chance alone decides; with it the days of a topic differ by that (a gamma's variance).
    """
    counts = _counts(np.random.default_rng(seed), topics, days, unevenness)
    ids = [uuid4() for _ in range(topics)]
    first = until - days * 24 * HOUR
    told = [
        (ids[topic], first + int(hour) * HOUR, int(counts[topic, hour])) for topic, hour in np.argwhere(counts).tolist()
    ]
    columns = [list(column) for column in zip(*told, strict=True)]
    with psycopg.connect(url) as server:
        # The posts themselves are not needed.
        server.execute("SET session_replication_role = replica")
        server.execute(_CLUSTER, [tenant, first, until, ids])
        server.execute(_BUCKET, [tenant, *columns])
        server.execute(_LINK, [tenant, *columns])


def _counts(rng: np.random.Generator, topics: int, days: int, unevenness: float) -> np.ndarray:
    rates = rng.lognormal(0.2, 0.6, (topics, 1, 1)) / 24
    moods = rng.gamma(1 / unevenness, unevenness, (topics, days, 1)) if unevenness else np.ones((topics, days, 1))
    evening = 1 + 0.6 * np.cos((np.arange(24) - 20) / 24 * 2 * np.pi)
    return rng.poisson(rates * moods * evening).reshape(topics, -1)
