"""Normalisation: what makes items comparable, worked out for a batch within the transaction that stores it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from pgvector import HalfVector

from kairo.platform.database.batches import batch_execute
from kairo.platform.database.ids import new_id
from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.database.sql import rows
from kairo.platform.embeddings import default_embedder
from kairo.stages.evidence.adapters.language import default_identifier
from kairo.stages.evidence.contracts import Counts
from kairo.stages.evidence.operations.announcing import announce_new_items
from kairo.stages.evidence.operations.comparing import repeats_among, tenant_bands
from kairo.stages.evidence.operations.engagement import RecentEngagement
from kairo.stages.evidence.operations.postings import PostedItem, post_items
from kairo.stages.evidence.rules.duplicates import ComparedPost
from kairo.stages.evidence.rules.text import content_hash, normalise, real_content

BATCH_ITEMS = 1000

Progress: TypeAlias = Callable[[int], None]

_PENDING = """
SELECT item.id, item.platform, item.text_content, item.transcript, item.language, item.published_at,
       latest.view_count, latest.like_count, latest.comment_count, latest.share_count
FROM evidence_item item
LEFT JOIN LATERAL (
  SELECT view_count, like_count, comment_count, share_count FROM evidence_sighting sighting
  WHERE sighting.tenant_id = item.tenant_id AND sighting.item_id = item.id ORDER BY seen_at DESC LIMIT 1
) latest ON true
WHERE item.tenant_id = (SELECT %(tenant)s::uuid) AND (%(after)s::uuid IS NULL OR item.id > %(after)s)
  AND NOT EXISTS (SELECT 1 FROM normalized_evidence_item done
                  WHERE done.tenant_id = item.tenant_id AND done.item_id = item.id)
ORDER BY item.id
LIMIT %(limit)s
"""

_STORE = """
INSERT INTO normalized_evidence_item (id, tenant_id, item_id, normalized_text, content_hash, language,
                                      holds_real_content, engagement_score, embedder, embedding, has_transcript,
                                      signature_bands, is_near_duplicate_of_id, normalized_at)
SELECT new.id, %(tenant)b, new.item, new.text, new.hash, new.language, new.real, new.engagement, %(embedder)b,
       new.embedding, new.transcript, string_to_array(new.bands, ',')::bigint[], new.original, %(at)b
FROM unnest(%(id)b::uuid[], %(item)b::uuid[], %(text)b::text[], %(hash)b::text[], %(language)b::text[],
            %(real)b::boolean[], %(engagement)b::float8[], %(embedding)b::halfvec[], %(transcript)b::boolean[],
            %(bands)b::text[], %(original)b::uuid[])
  AS new (id, item, text, hash, language, real, engagement, embedding, transcript, bands, original)
ON CONFLICT (tenant_id, item_id) DO NOTHING
"""

# The true original was captured after its copy: the copy, and what points at the copy, now point at the original.
_MOVE = """
UPDATE normalized_evidence_item stored SET is_near_duplicate_of_id = moved.original
FROM unnest(%(copies)b::uuid[], %(originals)b::uuid[]) AS moved (copy, original)
WHERE stored.tenant_id = (SELECT %(tenant)b::uuid) AND stored.item_id = moved.copy
"""
_MOVE_THEIR_COPIES = """
UPDATE normalized_evidence_item stored SET is_near_duplicate_of_id = moved.original
FROM unnest(%(copies)b::uuid[], %(originals)b::uuid[]) AS moved (copy, original)
WHERE stored.tenant_id = (SELECT %(tenant)b::uuid) AND stored.is_near_duplicate_of_id = moved.copy
"""


@dataclass(frozen=True, slots=True)
class PendingItem:
    """Of one stored item, what normalisation reads."""

    id: UUID
    platform: str
    text: str
    transcript: str | None
    declared_language: str | None
    published_at: datetime | None
    counts: Counts


@dataclass(frozen=True, slots=True)
class _Normalized:
    item: PendingItem
    post: ComparedPost
    holds_real_content: bool
    embedding: HalfVector | None


def normalise_pending(*, tenant_id: UUID, at: datetime, progress: Progress | None = None) -> int:
    """Normalise what is not normalised although it is stored, and return how many items that were.

    An import normalises its own items; this looks through all of the tenant's for what an older version left.
    """
    engagement = RecentEngagement(tenant_id)
    after: UUID | None = None
    total = 0
    while True:
        with tenant_transaction(tenant_id):
            pending = _pending(tenant_id, after)
            if not pending:
                return total
            normalise_items(pending, tenant_id=tenant_id, engagement=engagement, at=at)
        after = pending[-1].id
        total += len(pending)
        if progress is not None:
            progress(total)


def _pending(tenant_id: UUID, after: UUID | None) -> list[PendingItem]:
    found = rows(_PENDING, {"tenant": tenant_id, "after": after, "limit": BATCH_ITEMS})
    return [
        PendingItem(
            id=row[0],
            platform=row[1],
            text=row[2],
            transcript=row[3],
            declared_language=row[4],
            published_at=row[5],
            counts=Counts(*row[6:]),
        )
        for row in found
    ]


def normalise_items(
    items: Sequence[PendingItem], *, tenant_id: UUID, engagement: RecentEngagement, at: datetime
) -> None:
    """Normalise stored items and make them findable, in the caller's transaction.

    `engagement` is kept from batch to batch.
    """
    if not items:
        return
    announce_new_items()
    embedder = default_embedder()
    normalized = _normalised(items, tenant_id)
    repeats = repeats_among([one.post for one in normalized], tenant_id=tenant_id, embedder=embedder.name)
    scores = engagement.scores([(item.platform, item.published_at, item.counts) for item in items])
    _store(normalized, repeats, scores, tenant_id=tenant_id, embedder=embedder.name, at=at)
    post_items([_posted(one) for one in normalized], tenant_id=tenant_id)


def _normalised(items: Sequence[PendingItem], tenant_id: UUID) -> list[_Normalized]:
    # What a video without a caption says is in its transcript.
    texts = [normalise(item.text or item.transcript or "") for item in items]
    spoken = [
        "\n".join(filter(None, (text.text, item.transcript))) if item.transcript else text.text
        for text, item in zip(texts, items, strict=True)
    ]
    vectors = default_embedder().embed(spoken)
    bands = tenant_bands([text.text for text in texts], tenant_id)
    languages = default_identifier().identify_all(
        [text.text for text in texts], declared=[item.declared_language for item in items]
    )
    return [
        _Normalized(
            item=item,
            post=ComparedPost(
                id=item.id,
                published_at=item.published_at,
                text=text.text,
                content_hash=content_hash(text),
                language=language,
                bands=item_bands,
                vector=vector,
            ),
            holds_real_content=real_content(text),
            embedding=_embedding(vector),
        )
        for item, text, item_bands, vector, (language, _) in zip(items, texts, bands, vectors, languages, strict=True)
    ]


def _posted(normalized: _Normalized) -> PostedItem:
    item, post = normalized.item, normalized.post
    return PostedItem(
        id=item.id,
        platform=item.platform,
        language=post.language,
        published_at=item.published_at,
        text="\n".join(filter(None, (post.text, item.transcript))),
    )


def _embedding(vector: NDArray[np.float32]) -> HalfVector | None:
    # A text without words has no vector: a row of zeros would be near to nothing and far from nothing.
    return HalfVector(vector) if vector.any() else None


def _store(
    normalized: Sequence[_Normalized],
    repeats: dict[UUID, UUID],
    engagement: Sequence[float],
    *,
    tenant_id: UUID,
    embedder: str,
    at: datetime,
) -> None:
    fresh = {one.item.id for one in normalized}
    parameters: dict[str, object] = {
        "tenant": tenant_id,
        "embedder": embedder,
        "at": at,
        "id": [new_id() for _ in normalized],
        "item": [one.item.id for one in normalized],
        "text": [one.post.text for one in normalized],
        "hash": [one.post.content_hash for one in normalized],
        "language": [one.post.language for one in normalized],
        "real": [one.holds_real_content for one in normalized],
        "engagement": list(engagement),
        "embedding": [one.embedding for one in normalized],
        "transcript": [bool(one.item.transcript) for one in normalized],
        "bands": [",".join(map(str, one.post.bands)) for one in normalized],
        "original": [repeats.get(one.item.id) for one in normalized],
    }
    batch_execute(_STORE, parameters)
    moved = {copy: original for copy, original in repeats.items() if copy not in fresh}
    if moved:
        parameters = {"tenant": tenant_id, "copies": list(moved), "originals": list(moved.values())}
        batch_execute(_MOVE, parameters)
        batch_execute(_MOVE_THEIR_COPIES, parameters)
