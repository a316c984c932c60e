"""BM25: what a lexeme weighs, how much of its weight it brings to a document, and which lists are worth reading."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

K1 = 1.2
B = 0.75
IMPACT_LEVELS = 16
"""In so many steps a posting says how much of the lexeme's weight it brings."""
IMPACT_LENGTH = 24
"""Lexemes of the document against whose length impacts are measured; it only orders postings, scores use averages."""


@dataclass(frozen=True, slots=True)
class FacetCounts:
    """A brand's documents of one platform and language: the facet's number, how many, and their lexemes in all."""

    number: int
    platform: str
    language: str
    documents: int
    lexemes: int


@dataclass(frozen=True, slots=True)
class QueryLexeme:
    """A lexeme of the query in one language, how often the query says it, and how many documents hold it."""

    language: str
    lexeme: str
    times: int
    documents: int


@dataclass(frozen=True, slots=True)
class WeightedList:
    """One list of postings: a document brings `weight` × tf / (tf + `base` + `slope` × its length).

    `is_whole` false: the list is long, and only its most telling postings are worth reading.
    """

    facet: int
    lexeme: str
    weight: float
    base: float
    slope: float
    is_whole: bool


def idf(*, documents: int, holding: int) -> float:
    """Return how telling a lexeme is; never negative, however common."""
    return math.log(1 + (documents - holding + 0.5) / (holding + 0.5))


def weighted_lists(
    lexemes: Iterable[QueryLexeme],
    facets: Sequence[FacetCounts],
    *,
    all_facets: Sequence[FacetCounts],
    window_share: float,
    budget: int,
) -> list[WeightedList]:
    """Weigh the query's lexemes by their language, and say which lists to read as a whole.

    The rarest lexemes come first, for as long as all their lists hold no more than `budget` postings by estimate;
    what is left is common enough that it decides among documents which the rarer ones found.
    """
    of_language: dict[str, list[FacetCounts]] = {}
    for facet in facets:
        of_language.setdefault(facet.language, []).append(facet)
    ordered = sorted(
        (lexeme for lexeme in lexemes if lexeme.documents and lexeme.language in of_language),
        key=lambda lexeme: (lexeme.documents, lexeme.lexeme),
    )
    totals = {language: _totals(all_facets, language) for language in of_language}
    lists: list[WeightedList] = []
    read = 0.0
    for lexeme in ordered:
        documents, length = totals[lexeme.language]
        chosen = of_language[lexeme.language]
        share = min(1.0, sum(facet.documents for facet in chosen) / max(documents, 1))
        read += lexeme.documents * share * window_share
        weight = lexeme.times * idf(documents=documents, holding=min(lexeme.documents, documents)) * (K1 + 1)
        lists += [
            WeightedList(
                facet=facet.number,
                lexeme=lexeme.lexeme,
                weight=weight,
                base=K1 * (1 - B),
                slope=K1 * B / max(length, 1.0),
                is_whole=read <= budget,
            )
            for facet in chosen
        ]
    return lists


def _totals(facets: Iterable[FacetCounts], language: str) -> tuple[int, float]:
    """Return how many documents a language has over all platforms, and their average length."""
    same = [facet for facet in facets if facet.language == language]
    documents = sum(facet.documents for facet in same)
    return documents, sum(facet.lexemes for facet in same) / max(documents, 1)
