"""A brand's items and one item; the conditions by which an item is a brand's stand here once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from kairo.platform.database.sessions import current_tenant
from kairo.platform.database.sql import rows
from kairo.stages.brands import queries as brands
from kairo.stages.evidence.contracts import (
    EvidenceItemDTO,
    EvidenceNotFound,
    MediaType,
    SurfaceRole,
)


@dataclass(frozen=True)
class EvidenceWindow:
    """Which of a brand's items a gate or a board looks at: the newest `max_items` of the days before `as_of`."""

    as_of: datetime
    days: int = 30
    max_items: int = 500

    @property
    def since(self) -> datetime:
        return self.as_of - timedelta(days=self.days)


@dataclass(frozen=True)
class BrandEvidence:
    """A brand's items, newest first, with their vectors: row i belongs to item i, zeros to a text without words."""

    items: list[EvidenceItemDTO]
    vectors: NDArray[np.float32]


# The tenant stands in a subquery so that the planner thinks of an average one: a tenant that its statistics have not
# met yet it takes for empty, and would walk through all its rows.

# Of a person who is being erased nothing is shown from the moment on in which that was asked for.
NOT_BEING_ERASED = """(item.author_key IS NULL OR (item.platform, item.author_key) NOT IN (
    SELECT gone.platform, gone.author_key FROM author_erasure gone
    WHERE gone.tenant_id = (SELECT %(tenant)s::uuid) AND gone.erased_at IS NULL))"""

# A scalar subquery is asked item by item: as a join, the planner would read all sightings before the newest items.
OF_BRAND = """(
    SELECT true FROM evidence_sighting sighting
    WHERE sighting.tenant_id = (SELECT %(tenant)s::uuid) AND sighting.item_id = item.id
      AND sighting.surface_id = ANY (ARRAY(
        SELECT id FROM surface WHERE tenant_id = (SELECT %(tenant)s::uuid) AND brand_id = %(brand)s))
    LIMIT 1
  )"""

# One index walk over the tenant's newest items, each probed for a sighting on the brand's surfaces.
WINDOW = f"""
SELECT item.id
FROM evidence_item item
WHERE item.tenant_id = (SELECT %(tenant)s::uuid) AND item.published_at > %(since)s AND item.published_at <= %(as_of)s
  AND {OF_BRAND} AND {NOT_BEING_ERASED}
ORDER BY item.published_at DESC, item.id DESC
LIMIT %(limit)s
"""  # noqa: S608 - our own constants

_FIELDS = """
SELECT item.id, item.platform, item.platform_item_id, item.url, item.author_ref, item.format_has_author, item.title,
       item.text_content, item.transcript, item.media_type, item.hashtags,
       COALESCE(normalized.language, item.language), item.published_at, item.captured_at,
       latest.view_count, latest.like_count, latest.comment_count, latest.share_count,
       ARRAY(
         SELECT DISTINCT surface.role FROM evidence_sighting sighting JOIN surface ON surface.id = sighting.surface_id
         WHERE sighting.tenant_id = item.tenant_id AND sighting.item_id = item.id
           AND (%(brand)s::uuid IS NULL OR surface.brand_id = %(brand)s::uuid)
         ORDER BY surface.role
       ),
       COALESCE(normalized.normalized_text, ''), COALESCE(normalized.content_hash, ''),
       COALESCE(normalized.engagement_score, 0), normalized.is_near_duplicate_of_id,
       COALESCE(normalized.holds_real_content, false), halfvec_send(normalized.embedding)
FROM evidence_item item
LEFT JOIN normalized_evidence_item normalized
  ON normalized.tenant_id = item.tenant_id AND normalized.item_id = item.id
LEFT JOIN LATERAL (
  SELECT view_count, like_count, comment_count, share_count FROM evidence_sighting sighting
  WHERE sighting.tenant_id = item.tenant_id AND sighting.item_id = item.id
  ORDER BY seen_at DESC LIMIT 1
) latest ON true
WHERE item.tenant_id = (SELECT %(tenant)s::uuid) AND item.id {which}
ORDER BY COALESCE(item.published_at, '-infinity') DESC, item.id DESC
"""

CHOSEN = """(%(platform)s::text IS NULL OR item.platform = %(platform)s)
  AND (%(language)s::text IS NULL OR %(language)s = (
    SELECT normalized.language FROM normalized_evidence_item normalized
    WHERE normalized.tenant_id = (SELECT %(tenant)s::uuid) AND normalized.item_id = item.id))"""

_LISTED = f"""
SELECT id FROM (
  (SELECT item.id, item.published_at
   FROM evidence_item item
   WHERE item.tenant_id = (SELECT %(tenant)s::uuid) AND item.published_at >= %(since)s AND item.published_at < %(until)s
     AND item.published_at <= %(last_at)s AND (item.published_at, item.id) < (%(last_at)s, %(last_id)s)
     AND {OF_BRAND} AND {CHOSEN} AND {NOT_BEING_ERASED}
   ORDER BY item.published_at DESC, item.id DESC
   LIMIT %(limit)s)
  UNION ALL
  (SELECT item.id, NULL
   FROM evidence_item item
   WHERE %(with_undated)s AND item.tenant_id = (SELECT %(tenant)s::uuid) AND item.published_at IS NULL
     AND item.id < %(last_undated_id)s
     AND {OF_BRAND} AND {CHOSEN} AND {NOT_BEING_ERASED}
   ORDER BY item.id DESC
   LIMIT %(limit)s)
) listed
ORDER BY published_at DESC NULLS LAST, id DESC
LIMIT %(limit)s
"""  # noqa: S608 - our own constants


_IN_WINDOW = _FIELDS.format(which=f"IN ({WINDOW})")
_IN_LIST = _FIELDS.format(which=f"IN ({_LISTED})")
_ONE = _FIELDS.format(which=f"= %(item)s AND {NOT_BEING_ERASED}")
_OF_IDS = _FIELDS.format(which=f"= ANY (%(items)s) AND {NOT_BEING_ERASED}")
_COUNT = f"SELECT count(*) FROM ({WINDOW}) AS in_window"  # noqa: S608 - our own constants


_HALFVEC_HEAD_BYTES = 4
_LAST_ID = UUID(int=2**128 - 1)


def evidence_window(brand_id: UUID, *, as_of: datetime) -> EvidenceWindow:
    """Return the window that holds for a brand at a moment; both its numbers are brand settings."""
    settings = brands.brand_settings(brand_id)
    numbers = {name: int(str(settings[key])) for name, key in _WINDOW_SETTINGS.items() if key in settings}
    return EvidenceWindow(as_of=as_of, **numbers)


_WINDOW_SETTINGS = {"days": "evidence_days", "max_items": "evidence_max_items"}


def brand_evidence(brand_id: UUID, window: EvidenceWindow) -> BrandEvidence:
    """Return a brand's items in the window with their vectors, in one query."""
    return _with_vectors(rows(_IN_WINDOW, window_parameters(brand_id, window)))


def _with_vectors(found: Sequence[tuple[Any, ...]]) -> BrandEvidence:
    vectors = [read_vector(row[-1]) for row in found]
    width = max((len(vector) for vector in vectors), default=0)
    matrix = np.zeros((len(found), width), dtype=np.float32)
    for place, vector in enumerate(vectors):
        matrix[place, : len(vector)] = vector
    return BrandEvidence(items=[_to_contract(row) for row in found], vectors=matrix)


def count_brand_items(brand_id: UUID, window: EvidenceWindow, *, up_to: int) -> int:
    """Count a brand's items in the window, no further than `up_to`."""
    parameters = window_parameters(brand_id, window) | {"limit": up_to}
    return int(rows(_COUNT, parameters)[0][0])


def item(item_id: UUID) -> EvidenceItemDTO:
    """Return one stored item.

    Raises:
        EvidenceNotFound: not there, or somebody else's.
    """
    found = rows(_ONE, {"tenant": current_tenant(), "item": item_id, "brand": None})
    if not found:
        raise EvidenceNotFound("There is no such evidence item.")
    return _to_contract(found[0])


def items_by_id(item_ids: Sequence[UUID]) -> dict[UUID, EvidenceItemDTO]:
    """Return these of the tenant's items by their ids, in one query; those that are not there are left out."""
    if not item_ids:
        return {}
    found = rows(_OF_IDS, {"tenant": current_tenant(), "items": list(item_ids), "brand": None})
    return {row[0]: _to_contract(row) for row in found}


def evidence_of(item_ids: Sequence[UUID]) -> BrandEvidence:
    """Return these of the tenant's items with their vectors, in one query; those that are not there are left out."""
    if not item_ids:
        return BrandEvidence(items=[], vectors=np.zeros((0, 0), dtype=np.float32))
    return _with_vectors(rows(_OF_IDS, {"tenant": current_tenant(), "items": list(item_ids), "brand": None}))


def items(
    brand_id: UUID,
    *,
    platform: str | None = None,
    language: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    after: UUID | None = None,
    limit: int = 50,
) -> list[EvidenceItemDTO]:
    """List a brand's items, newest first and undated ones last, from the one behind `after`.

    From `since` up to, not including, `until`; where one of them is given, items without a date are left out.

    Raises:
        BrandNotFound: no such brand of this tenant.
    """
    brands.brand(brand_id)
    parameters = {
        "tenant": current_tenant(),
        "brand": brand_id,
        "platform": platform,
        "language": language,
        "since": since or "-infinity",
        "until": until or "infinity",
        "with_undated": since is None and until is None,
        "limit": limit,
    }
    return [_to_contract(row) for row in rows(_IN_LIST, parameters | _place_behind(after))]


def _place_behind(item_id: UUID | None) -> dict[str, object]:
    """Say where a page starts: behind an item among those with a date, or among those without."""
    start: dict[str, object] = {"last_at": "infinity", "last_id": _LAST_ID, "last_undated_id": _LAST_ID}
    if item_id is None:
        return start
    found = rows("SELECT published_at FROM evidence_item WHERE id = %s", [item_id])
    if not found or found[0][0] is None:
        return start | {"last_at": "-infinity", "last_undated_id": item_id}
    return start | {"last_at": found[0][0], "last_id": item_id}


def window_parameters(brand_id: UUID, window: EvidenceWindow) -> dict[str, object]:
    """Return the parameters of a statement that holds WINDOW."""
    return {
        "tenant": current_tenant(),
        "brand": brand_id,
        "since": window.since,
        "as_of": window.as_of,
        "limit": window.max_items,
    }


def read_vector(packed: bytes | None) -> NDArray[np.float32]:
    """Read the binary form of a halfvec; its text takes ten times longer to write and to read."""
    if packed is None:
        return np.zeros(0, dtype=np.float32)
    return np.frombuffer(packed, dtype=">f2", offset=_HALFVEC_HEAD_BYTES).astype(np.float32)


def _to_contract(row: tuple[Any, ...]) -> EvidenceItemDTO:
    return EvidenceItemDTO(
        id=row[0],
        platform=row[1],
        platform_item_id=row[2],
        url=row[3],
        author=row[4],
        format_has_author=row[5],
        title=row[6],
        text=row[7],
        transcript=row[8],
        media_type=MediaType(row[9]),
        hashtags=row[10],
        language=row[11],
        published_at=row[12],
        captured_at=row[13],
        views=row[14],
        likes=row[15],
        comments=row[16],
        shares=row[17],
        roles=[SurfaceRole(role) for role in row[18]],
        normalized_text=row[19],
        content_hash=row[20],
        engagement_score=row[21],
        near_duplicate_of=row[22],
        holds_real_content=row[23],
    )
