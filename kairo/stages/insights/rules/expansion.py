"""Other wordings of a query, out of the brand's own evidence: what stands beside it, and what means nearly the same.

A short list of synonyms and of Russian and English marketing words, made for this project, is all that comes from
elsewhere: there is no dictionary behind the translations.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np

from kairo.stages.insights.contracts.agents import AgentItem, ExpandedQuery, ExpansionSource
from kairo.stages.insights.rules.expansion_words import SYNONYMS, TRANSLATIONS
from kairo.stages.insights.rules.keyphrases import Embed
from kairo.stages.insights.rules.keyphrases.chunks import chunks
from kairo.stages.insights.rules.keyphrases.pool import Key, Pool
from kairo.stages.insights.rules.keyphrases.ranking import Candidate
from kairo.stages.insights.rules.stems import folded, stems_of

MOST_COMPARED = 500
_CO_OCCURRENCE_WEIGHT, _NEIGHBOUR_WEIGHT, _SYNONYM_WEIGHT, _TRANSLATION_WEIGHT = 0.6, 0.7, 0.8, 0.8
_FEWEST_TOGETHER = 2
_NEAR = 0.55
"""Cosine from which a phrase of the static embedder means nearly the same; below it ranks topics."""


def expand(
    query: str,
    items: Sequence[AgentItem],
    embed: Embed,
    *,
    language: str | None = None,
    translate: bool = False,
    k: int = 8,
) -> list[ExpandedQuery]:
    """Return the query itself (weight 1), then its other wordings, the weightiest first, at most k in all.

    `translate` adds Russian wordings of an English query and the other way round.
    """
    asked = " ".join(query.split())
    if not asked:
        return []
    found = [
        *_listed(asked, SYNONYMS, ExpansionSource.SYNONYM, _SYNONYM_WEIGHT),
        *(_listed(asked, TRANSLATIONS, ExpansionSource.TRANSLATION, _TRANSLATION_WEIGHT) if translate else ()),
    ]
    pool, own = Pool.of(items), stems_of(asked.split(), language)
    candidates = [candidate for candidate in pool.candidates(MOST_COMPARED) if candidate.key != own]
    if candidates:
        found += _beside(asked, language, pool, candidates)
        found += _neighbours(asked, candidates, embed)
    found.sort(key=lambda wording: (-wording.weight, wording.text))
    original = ExpandedQuery(text=asked, weight=1, source=ExpansionSource.ORIGINAL)
    best = {folded(asked): original}
    for wording in found:
        best.setdefault(folded(wording.text), wording)
    return list(best.values())[:k]


def _listed(
    query: str, words: dict[str, tuple[str, ...]], source: ExpansionSource, weight: float
) -> Iterator[ExpandedQuery]:
    """Yield the query with one listed word put in place of another, and where all are listed, with all of them."""
    asked = [folded(word) for word in query.split()]
    stands = [next((words[form] for form in _forms(word) if form in words), ()) for word in asked]
    if source is ExpansionSource.TRANSLATION:
        if all(stands):
            yield ExpandedQuery(text=" ".join(options[0] for options in stands), weight=weight, source=source)
        return
    for place, options in enumerate(stands):
        for option in options:
            text = " ".join([*asked[:place], option, *asked[place + 1 :]])
            yield ExpandedQuery(text=text, weight=weight, source=source)


def _forms(word: str) -> Iterator[str]:
    """Yield the word, and what it may be an inflection of: the lists hold dictionary forms."""
    yield word
    if word.isascii():
        yield word.removesuffix("s")
        yield word.removesuffix("es")
    else:
        yield from (word[:-1] + ending for ending in ("", "а", "я", "ь", "й"))


def _beside(query: str, language: str | None, pool: Pool, candidates: Sequence[Candidate]) -> Iterator[ExpandedQuery]:
    """Yield phrases that stand in the items of the query far more often than elsewhere."""
    holders = _items_about(query, language, pool, len(pool.items))
    if len(holders) < _FEWEST_TOGETHER:
        return
    total = len(pool.items)
    for candidate in candidates:
        places = pool.places(candidate.key)
        together = len(places & holders)
        if together < _FEWEST_TOGETHER:
            continue
        weight = round(_CO_OCCURRENCE_WEIGHT * _association(together, len(places), len(holders), total), 3)
        if weight > 0:
            yield ExpandedQuery(text=candidate.phrase, weight=weight, source=ExpansionSource.CO_OCCURRENCE)


def _association(together: int, of_phrase: int, of_query: int, total: int) -> float:
    """Return normalised pointwise mutual information, 0–1, less where few of the query's items hold the phrase."""
    if together == total:
        return 0.0
    information = math.log(together * total / (of_phrase * of_query)) / -math.log(together / total)
    return max(0.0, information) * math.sqrt(together / of_query)


def _items_about(query: str, language: str | None, pool: Pool, total: int) -> frozenset[int]:
    """Return the places of the items that hold all the query's words."""
    keys: list[Key] = [chunk.key for chunk in chunks(query, language)] or [stems_of(query.split(), language)]
    held = frozenset(range(total))
    for key in keys:
        held &= pool.places(key)
    return held


def _neighbours(query: str, candidates: Sequence[Candidate], embed: Embed) -> Iterator[ExpandedQuery]:
    vectors = embed([query, *(candidate.phrase for candidate in candidates)])
    cosines = vectors[1:] @ vectors[0]
    for place in np.argsort(-cosines, kind="stable").tolist():
        cosine = float(cosines[place])
        if cosine < _NEAR:
            return
        weight = round(_NEIGHBOUR_WEIGHT * min(1.0, cosine), 3)
        yield ExpandedQuery(text=candidates[place].phrase, weight=weight, source=ExpansionSource.NEIGHBOUR)
