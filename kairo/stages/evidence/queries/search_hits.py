"""What a search shows of the items that it found, and the rankings that were kept of earlier ones."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from kairo.platform.database.sessions import current_tenant
from kairo.platform.database.sql import Row, rows
from kairo.stages.evidence.contracts import SearchHitDTO, SearchRanks, SearchScores
from kairo.stages.evidence.rules.snippets import holds_match, snippet

ORIGINALS = """
SELECT item_id::text, is_near_duplicate_of_id::text FROM normalized_evidence_item
WHERE tenant_id = (SELECT %(tenant)s::uuid) AND item_id = ANY (%(items)s::uuid[])
  AND is_near_duplicate_of_id IS NOT NULL
"""
SHOWN = """
SELECT item.id::text, item.platform_item_id, item.title, item.text_content, item.transcript, item.url, item.author_ref,
       item.platform, COALESCE(normalized.language, item.language), item.published_at
FROM evidence_item item
LEFT JOIN normalized_evidence_item normalized
  ON normalized.tenant_id = item.tenant_id AND normalized.item_id = item.id
WHERE item.tenant_id = (SELECT %(tenant)s::uuid) AND item.id = ANY (%(items)s::uuid[])
"""
RANKING = """
SELECT kept.ranking FROM evidence_search kept
JOIN evidence_corpus corpus
  ON corpus.tenant_id = kept.tenant_id AND corpus.brand_id = kept.brand_id AND corpus.version = kept.version
WHERE kept.tenant_id = (SELECT %(tenant)s::uuid) AND kept.brand_id = %(brand)s AND kept.digest = %(digest)s
"""


@dataclass(frozen=True, slots=True)
class RankedItem:
    """One item of a ranking, with what each leg says of it."""

    item_id: str
    score: float
    lexical_rank: int | None
    dense_rank: int | None
    lexical_score: float | None
    dense_score: float | None


def uuid_array(ids: Iterable[str]) -> str:
    """Write ids as one literal of an array: bound one by one, some hundred of them cost more than their query."""
    return f"{{{','.join(ids)}}}"


def originals_of(item_ids: Iterable[str]) -> Mapping[str, str]:
    """Map each of these items that repeats another to the one that it repeats."""
    return dict(rows(ORIGINALS, {"tenant": current_tenant(), "items": uuid_array(item_ids)}))


def search_hits(ranking: Sequence[RankedItem], query: str) -> list[SearchHitDTO]:
    """Show the items of a ranking, in its order; what was erased since is left out."""
    return shown_hits(ranking, rows(SHOWN, shown_parameters(ranking)), query)


def shown_parameters(ranking: Sequence[RankedItem]) -> dict[str, object]:
    return {"tenant": current_tenant(), "items": uuid_array(ranked.item_id for ranked in ranking)}


def shown_hits(ranking: Sequence[RankedItem], found: Iterable[Row], query: str) -> list[SearchHitDTO]:
    """Show the items of a ranking, in its order, of what SHOWN found of them."""
    shown = {row[0]: row[1:] for row in found}
    return [_hit(ranked, shown[ranked.item_id], query) for ranked in ranking if ranked.item_id in shown]


def _hit(ranked: RankedItem, row: Row, query: str) -> SearchHitDTO:
    platform_item_id, title, text, transcript, url, author, platform, language, published_at = row
    spoken = transcript or ""
    excerpted = spoken if spoken and (not text.strip() or not holds_match(text, query)) else text
    if excerpted is spoken and text.strip() and not holds_match(spoken, query):
        excerpted = text
    return SearchHitDTO(
        id=UUID(ranked.item_id),
        platform_item_id=platform_item_id,
        title=title,
        snippet=snippet(excerpted, query),
        url=url,
        author=author,
        platform=platform,
        language=language,
        published_at=published_at,
        score=ranked.score,
        ranks=SearchRanks(lexical=ranked.lexical_rank, dense=ranked.dense_rank),
        scores=SearchScores(lexical=ranked.lexical_score, dense=ranked.dense_score),
    )


def kept_ranking(found: Sequence[Row]) -> list[RankedItem] | None:
    """Return the ranking that RANKING found, or None."""
    if not found:
        return None
    kept = found[0][0] if isinstance(found[0][0], list) else json.loads(found[0][0])
    return [
        RankedItem(
            item_id=item_id,
            score=score,
            lexical_rank=places[0],
            dense_rank=places[1],
            lexical_score=values[0],
            dense_score=values[1],
        )
        for item_id, score, places, values in kept
    ]
