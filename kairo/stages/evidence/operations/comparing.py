"""Which stored originals a batch of new posts is worth comparing with, and what the comparison finds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from uuid import UUID

import numpy as np

from kairo.platform.database.batches import batch_rows
from kairo.stages.evidence.rules.duplicates import ComparedPost, find_near_duplicates
from kairo.stages.evidence.rules.signatures import signature_bands_of

REPEATS_WITHIN = timedelta(days=60)
FEWEST_SHARED_BANDS = 2
"""Nine in ten of the pairs that share one band only met by chance; of the true repeats, one in a hundred shares one."""
MOST_ORIGINALS_EACH = 8
"""Those that share most bands come first."""
COMPARED_CHARACTERS = 8_000
"""No more of a text is compared, and its end, which tells whether it was cut off."""

# Each row is looked up by itself (OFFSET 0), and the tenant stands in a subquery: one that the planner's statistics
# have not met yet it takes for empty, and would walk through all its rows.
_CANDIDATES = """
WITH near AS (
  SELECT evidence_originals_sharing_bands(
           %(bands)b::text[], %(embedder)b, %(since)b, %(until)b, %(fewest)b, %(most)b) AS item_id
  UNION
  SELECT same.item_id
  FROM unnest(%(hashes)b::text[]) AS digest,
  LATERAL (
    SELECT item_id FROM normalized_evidence_item stored
    WHERE stored.tenant_id = (SELECT %(tenant)b::uuid) AND stored.content_hash = digest AND stored.content_hash <> ''
      AND stored.embedder = %(embedder)b AND stored.is_near_duplicate_of_id IS NULL
    OFFSET 0
  ) same
)
SELECT near.item_id, item.published_at,
       CASE WHEN length(stored.normalized_text) <= %(longest)b THEN stored.normalized_text
            ELSE left(stored.normalized_text, %(longest)b) || right(stored.normalized_text, 100) END,
       stored.content_hash, stored.language, array_to_string(stored.signature_bands, ','),
       halfvec_send(stored.embedding)
FROM near,
LATERAL (
  SELECT published_at FROM evidence_item item
  WHERE item.tenant_id = (SELECT %(tenant)b::uuid) AND item.id = near.item_id
  OFFSET 0
) item,
LATERAL (
  SELECT normalized_text, content_hash, language, signature_bands, embedding FROM normalized_evidence_item stored
  WHERE stored.tenant_id = (SELECT %(tenant)b::uuid) AND stored.item_id = near.item_id OFFSET 0
) stored
WHERE item.published_at IS NULL OR item.published_at BETWEEN %(since)b AND %(until)b
"""
_HALFVEC_HEAD_BYTES = 4


def tenant_bands(texts: Sequence[str], tenant_id: UUID) -> list[list[int]]:
    """Return the bands of normalised texts mixed with the tenant's id: no search meets another tenant's posts."""
    own = int.from_bytes(tenant_id.bytes[8:], "big", signed=True)
    return [[band ^ own for band in bands] for bands in signature_bands_of(texts)]


def repeats_among(batch: Sequence[ComparedPost], *, tenant_id: UUID, embedder: str) -> dict[UUID, UUID]:
    """Map each post that repeats an original to it: posts of the batch, and stored originals that are none any more."""
    return find_near_duplicates(batch, list(_originals_near(batch, tenant_id, embedder)), embedder=embedder)


def _originals_near(batch: Sequence[ComparedPost], tenant_id: UUID, embedder: str) -> Iterator[ComparedPost]:
    dates = [post.published_at for post in batch if post.published_at]
    if not dates:
        return
    parameters: dict[str, object] = {
        "tenant": tenant_id,
        "embedder": embedder,
        "bands": [",".join(map(str, post.bands)) for post in batch if post.bands],
        "hashes": [post.content_hash for post in batch if post.content_hash],
        "since": min(dates) - REPEATS_WITHIN,
        "until": max(dates) + REPEATS_WITHIN,
        "fewest": FEWEST_SHARED_BANDS,
        "most": MOST_ORIGINALS_EACH,
        "longest": COMPARED_CHARACTERS,
    }
    for item_id, published_at, text, digest, language, bands, vector in batch_rows(_CANDIDATES, parameters):
        yield ComparedPost(
            id=item_id,
            published_at=published_at,
            text=text,
            content_hash=digest,
            language=language,
            bands=[int(band) for band in bands.split(",") if band],
            vector=_unpacked(vector),
        )


def _unpacked(vector: bytes | None) -> np.ndarray[tuple[int], np.dtype[np.float32]] | None:
    """Read the binary form of a halfvec: its dimension, a blank, then half floats in network order."""
    if vector is None:
        return None
    return np.frombuffer(vector, dtype=">f2", offset=_HALFVEC_HEAD_BYTES).astype(np.float32)
