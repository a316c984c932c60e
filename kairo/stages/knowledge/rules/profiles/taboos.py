"""Taboos as patterns: stems, and the words so near in meaning that a brand that bars the one bars the other.

Neighbours come from the vocabulary of the static embedder, which is the same wherever Kairo runs: they are listed once,
when the profile is compiled, and nobody has to guess later why a post was left out.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from kairo.stages.knowledge.contracts.profiles import NeighbourState, TabooNeighbour, TabooPattern
from kairo.stages.knowledge.rules.profiles.words import ENGLISH, folded, language_of, stems_of, words_of

NEAR = 0.68
"""Cosine from which a word counts as its neighbour.

The least at which at least 95 in 100 pairs were right on the calibration half of tests/fixtures/taboo_neighbours.json
(15 of 15); on the half held out 14 of 14 were right, and 14 of 35 right ones were found. Precision is what counts: a
wrong neighbour silently takes posts from a board, a missed one leaves the brand where it is without any.
"""
MOST_NEIGHBOURS = 12
SHORTEST = 3


class Vocabulary(Protocol):
    """Words with their vectors, row by row, of length 1."""

    @property
    def words(self) -> Sequence[str]: ...

    @property
    def vectors(self) -> NDArray[np.float32]: ...


def taboo_patterns(
    terms: Sequence[str], *, own_words: Collection[str], vocabulary: Vocabulary
) -> tuple[TabooPattern, ...]:
    """Turn a brand's taboos into patterns. What the brand says of itself, `own_words` as stems, is no neighbour."""
    places = {word: place for place, word in enumerate(vocabulary.words)}
    named = list(dict.fromkeys(term.strip() for term in terms if words_of(term)))
    barred = {stem for term in named for stem in stems_of(term)}
    return tuple(_pattern(term, set(own_words) | barred, vocabulary, places) for term in named)


def _pattern(term: str, kept_out: Collection[str], vocabulary: Vocabulary, places: dict[str, int]) -> TabooPattern:
    language, words = language_of(term), words_of(term)
    state = NeighbourState.NONE_NEAR
    neighbours: tuple[TabooNeighbour, ...] = ()
    if language != ENGLISH:
        state = NeighbourState.OTHER_LANGUAGE
    elif len(words) > 1:
        # Of two words each has neighbours of its own: `loss` is nothing that a brand without `weight loss` bars.
        state = NeighbourState.PHRASE
    elif words[0] not in places:
        state = NeighbourState.UNKNOWN_WORD
    else:
        neighbours = _near(words[0], kept_out, vocabulary, places[words[0]])
        state = NeighbourState.FOUND if neighbours else NeighbourState.NONE_NEAR
    return TabooPattern(
        term=term, language=language, stems=stems_of(term), neighbours=neighbours, neighbour_state=state
    )


def _near(word: str, kept_out: Collection[str], vocabulary: Vocabulary, place: int) -> tuple[TabooNeighbour, ...]:
    cosines = vocabulary.vectors @ vocabulary.vectors[place]
    found = []
    for row in np.flatnonzero(cosines >= NEAR).tolist():
        other = vocabulary.words[row]
        # A piece of the word itself stands in the vocabulary beside it, and is no word.
        if len(other) < SHORTEST or word.startswith(other) or stems_of(other)[0] in kept_out:
            continue
        found.append(TabooNeighbour(word=folded(other), similarity=round(float(cosines[row]), 2)))
    found.sort(key=lambda one: (-one.similarity, one.word))
    return tuple(found[:MOST_NEIGHBOURS])
