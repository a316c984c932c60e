"""All that clustering has stored, but for ids and the order of rows, to be compared before and after."""

from __future__ import annotations

from uuid import UUID

from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.database.sql import rows

_STATEMENTS = {
    "clusters": """SELECT cluster_key_type, cluster_key, display_name, platforms, encode(centroid, 'hex'), size,
                          first_at, last_at FROM cluster""",
    "links": """SELECT item_id, cluster_key, role, key_type, at, voice, engagement
                FROM artifact_cluster_link JOIN cluster ON cluster.id = cluster_id""",
    "buckets": """SELECT cluster_key, granularity, bucket_start, count, authors, engagement, velocity, acceleration
                  FROM cluster_bucket JOIN cluster ON cluster.id = cluster_id""",
    "candidates": "SELECT id, status, trend_score, detected_at, scored_at FROM trend_candidate",
}


def stored_rows(tenant_id: UUID) -> dict[str, list[tuple[object, ...]]]:
    """Return the rows of each table in one order."""
    with tenant_transaction(tenant_id):
        return {name: sorted(rows(statement), key=repr) for name, statement in _STATEMENTS.items()}
