"""Keyphrases of one text, and of the items of a window against the window before it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

import numpy as np

from kairo.stages.insights.contracts.agents import AgentItem, Keyphrase
from kairo.stages.insights.rules.keyphrases.chunks import Chunk, chunks, parts
from kairo.stages.insights.rules.keyphrases.pool import Pool
from kairo.stages.insights.rules.keyphrases.ranking import Embed, diverse, fused_scores, grouped

MOST_OF_TEXT = 15
LONGEST_TEXT = 20_000
"""Characters that are read of one text."""
_MOST_RANKED = 400
"""Candidates of a window that are compared by meaning: the most frequent."""

__all__ = ["Chunk", "Embed", "chunks", "mine", "of_text", "parts"]


def of_text(text: str, lang: str | None, embed: Embed, k: int = MOST_OF_TEXT) -> list[tuple[str, float]]:
    """Return the phrases that stand for one text, each with its score (0–1), the best first, at most 15."""
    read = text[:LONGEST_TEXT]
    candidates = grouped(chunks(read, lang), length=len(read))
    if not candidates:
        return []
    vectors = embed([read, *(candidate.phrase for candidate in candidates)])
    scores = fused_scores(candidates, (vectors[1:] @ vectors[0]).astype(np.float64), lang)
    best = diverse(scores, vectors[1:], min(k, MOST_OF_TEXT))
    ranked = np.minimum.accumulate(scores[best])
    return [(candidates[place].phrase, round(float(score), 4)) for place, score in zip(best, ranked, strict=True)]


def mine(items: Sequence[AgentItem], previous: Sequence[AgentItem], embed: Embed, k: int = 20) -> list[Keyphrase]:
    """Return the phrases that stand for the items, the best first: each with its items and its growth.

    A phrase of a single item counts only while there are few items.
    """
    pool = Pool.of(items)
    candidates = pool.candidates(_MOST_RANKED)
    if not candidates:
        return []
    vectors = embed([candidate.phrase for candidate in candidates])
    texts = embed([item.text[:LONGEST_TEXT] for item in items]).mean(axis=0)
    language = Counter(item.language for item in items).most_common(1)[0][0]
    scores = fused_scores(candidates, (vectors @ texts).astype(np.float64), language)
    scores *= [math.log1p(candidate.count) / math.log1p(candidates[0].count) for candidate in candidates]
    before = Pool.of(previous)
    return [
        Keyphrase(
            phrase=candidates[place].phrase,
            score=round(float(scores[place]), 4),
            frequency=candidates[place].count,
            growth=_growth(candidates[place].count, len(items), before.count(candidates[place].key), len(previous)),
            item_ids=pool.item_ids(candidates[place].key),
        )
        for place in diverse(scores, vectors, k)
    ]


def _growth(now: int, items: int, before: int, previous: int) -> float | None:
    return round((now / items) / (before / previous), 3) if before else None
