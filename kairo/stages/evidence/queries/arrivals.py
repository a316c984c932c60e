"""Items in the order in which they were normalised, as later stages group them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from kairo.platform.database.sessions import current_tenant
from kairo.platform.database.sql import execute, first_row, rows
from kairo.stages.evidence.queries.brand_items import NOT_BEING_ERASED, OF_BRAND, read_vector


@dataclass(frozen=True, slots=True)
class ArrivedItem:
    """A dated item with what normalisation found. `arrival` is where it stands in the order of normalisation.

    `author_key` is the handle in lower case; `vector` is of length 1, or None where the text has no words.
    `original` is the item that this one repeats, else its own id.
    """

    arrival: UUID
    id: UUID
    platform: str
    published_at: datetime
    author_key: str | None
    format_has_author: bool
    hashtags: tuple[str, ...]
    audio_id: str | None
    title: str | None
    text: str
    language: str | None
    content_hash: str
    original: UUID
    engagement: float
    embedder: str
    vector: NDArray[np.float32] | None


_FIELDS = f"""
SELECT normalized.id, item.id, item.platform, item.published_at, item.author_key, item.format_has_author,
       item.hashtags, item.audio_id, item.title, normalized.normalized_text, normalized.language,
       normalized.content_hash, COALESCE(normalized.is_near_duplicate_of_id, item.id), normalized.engagement_score,
       normalized.embedder, halfvec_send(normalized.embedding)
FROM normalized_evidence_item normalized
JOIN evidence_item item ON item.tenant_id = normalized.tenant_id AND item.id = normalized.item_id
WHERE normalized.tenant_id = (SELECT %(tenant)s::uuid) AND item.published_at IS NOT NULL AND {NOT_BEING_ERASED}
"""  # noqa: S608 - our own constants
_ARRIVALS = (
    _FIELDS + "AND normalized.id > %(after)s AND normalized.id <= %(until)s ORDER BY normalized.id LIMIT %(limit)s"
)
_OF_ITEMS = _FIELDS + "AND normalized.item_id = ANY (%(items)s) ORDER BY normalized.id"
_OF_BRAND = (
    _FIELDS
    + f"""AND item.published_at >= %(since)s AND item.published_at < %(until)s AND {OF_BRAND}
ORDER BY item.published_at, item.id"""
)
_AMONG = f"""
SELECT item.id FROM evidence_item item
WHERE item.tenant_id = (SELECT %(tenant)s::uuid) AND item.id = ANY (%(items)s) AND {OF_BRAND} AND {NOT_BEING_ERASED}
"""  # noqa: S608 - our own constants
_WAIT_FOR_BATCHES = "SELECT pg_advisory_xact_lock(hashtextextended('evidence.erasure:' || %s, 0))"
_LAST = """
SELECT id FROM normalized_evidence_item WHERE tenant_id = (SELECT %(tenant)s::uuid) ORDER BY id DESC LIMIT 1
"""
_FIRST = UUID(int=0)


def last_arrival() -> UUID | None:
    """Return the last place in the order of arrival, once every batch that is being stored is committed.

    Rows get their places before they commit: without waiting, one could come in behind a place that was passed.
    Batches hold this lock together; whoever calls this holds it alone, and ends the transaction at once.
    """
    execute(_WAIT_FOR_BATCHES, [str(current_tenant())])
    found = first_row(_LAST, {"tenant": current_tenant()})
    return found[0] if found else None


def arrivals(*, after: UUID | None, until: UUID, limit: int) -> list[ArrivedItem]:
    """Return the tenant's dated items that were normalised behind `after` and no later than `until`, in that order."""
    parameters = {"tenant": current_tenant(), "after": after or _FIRST, "until": until, "limit": limit}
    found = rows(_ARRIVALS, parameters)
    return [_arrived(row) for row in found]


def arrived_items(item_ids: Sequence[UUID]) -> list[ArrivedItem]:
    """Return these of the tenant's items, in the order in which they were normalised."""
    return [_arrived(row) for row in rows(_OF_ITEMS, {"tenant": current_tenant(), "items": list(item_ids)})]


def published_items(brand_id: UUID, *, since: datetime, until: datetime) -> list[ArrivedItem]:
    """Return a brand's items published from `since` up to but not including `until`, in order of time."""
    parameters = {"tenant": current_tenant(), "brand": brand_id, "since": since, "until": until}
    return [_arrived(row) for row in rows(_OF_BRAND, parameters)]


def brand_items_among(brand_id: UUID, item_ids: Sequence[UUID]) -> set[UUID]:
    """Return which of these items are a brand's."""
    parameters = {"tenant": current_tenant(), "brand": brand_id, "items": list(item_ids)}
    return {row[0] for row in rows(_AMONG, parameters)}


def _arrived(row: tuple[Any, ...]) -> ArrivedItem:
    return ArrivedItem(
        arrival=row[0],
        id=row[1],
        platform=row[2],
        published_at=row[3],
        author_key=row[4],
        format_has_author=row[5],
        hashtags=tuple(row[6]),
        audio_id=row[7],
        title=row[8],
        text=row[9],
        language=row[10],
        content_hash=row[11],
        original=row[12],
        engagement=row[13],
        embedder=row[14],
        vector=None if row[15] is None else read_vector(row[15]),
    )
