"""How many of a brand's items were published when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from uuid import UUID

from kairo.platform.database.sessions import current_tenant
from kairo.platform.database.sql import rows
from kairo.stages.evidence.queries.brand_items import CHOSEN, NOT_BEING_ERASED, OF_BRAND

_COUNTED = f"""
SELECT width_bucket(item.published_at, %(edges)s::timestamptz[]), count(*)
FROM evidence_item item
WHERE item.tenant_id = (SELECT %(tenant)s::uuid) AND item.published_at >= %(since)s AND item.published_at < %(until)s
  AND {OF_BRAND} AND {CHOSEN} AND {NOT_BEING_ERASED}
GROUP BY 1
"""  # noqa: S608 - our own constants


def volume(
    brand_id: UUID, *, edges: Sequence[datetime], platform: str | None = None, language: str | None = None
) -> list[int]:
    """Count a brand's items between each edge and the next; `edges` rise, and there are two at least."""
    parameters = {
        "tenant": current_tenant(),
        "brand": brand_id,
        "platform": platform,
        "language": language,
        "edges": list(edges),
        "since": edges[0],
        "until": edges[-1],
    }
    counted = {int(place): int(count) for place, count in rows(_COUNTED, parameters)}
    return [counted.get(place, 0) for place, _ in enumerate(pairwise(edges), start=1)]
