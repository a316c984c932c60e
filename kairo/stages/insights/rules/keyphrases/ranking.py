"""Which phrases stand for a text: ranks by rarity, embedding, position and frequency, fused, then made diverse."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from kairo.stages.insights.rules.keyphrases.chunks import Chunk
from kairo.stages.insights.rules.rarity import rarity

Embed: TypeAlias = Callable[[Sequence[str]], NDArray[np.float32]]
_Floats: TypeAlias = NDArray[np.float64]

# Weights of the ranks (each 0–1 within its text) and of the length, by logistic regression on the 1,500 Inspec
# abstracts that are not its test part; their keyphrases of the text itself.
_RARITY, _MEANING, _EARLY, _FREQUENT = 1.29, 0.87, 0.70, 1.47
_BY_LENGTH = {1: -1.23, 2: 0.56, 3: 0.68}
_BASE = -3.3
_DIVERSITY = 0.1
"""How much a phrase loses that repeats one before it; more would drop the forms that people search for."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A phrase with all its forms: the one to show, where it first stands (0 is the start, 1 the end), how often."""

    phrase: str
    words: tuple[str, ...]
    key: tuple[str, ...]
    place: float
    count: int


def grouped(chunks: Iterable[Chunk], *, length: int) -> list[Candidate]:
    """Bring the forms of each phrase together, in the order of the text; the most frequent form is shown."""
    forms: dict[tuple[str, ...], list[Chunk]] = {}
    for chunk in chunks:
        forms.setdefault(chunk.key, []).append(chunk)
    return [
        Candidate(
            phrase=Counter(chunk.text for chunk in found).most_common(1)[0][0],
            words=found[0].words,
            key=key,
            place=found[0].start / max(1, length),
            count=len(found),
        )
        for key, found in forms.items()
    ]


def fused_scores(candidates: Sequence[Candidate], cosines: _Floats, language: str | None) -> _Floats:
    """Return how likely each candidate is a keyphrase, 0–1; `cosines` are those to the whole."""
    fused = (
        _RARITY * _ranks([rarity(candidate.words, language) for candidate in candidates])
        + _MEANING * _ranks(cosines)
        + _EARLY * _ranks([-candidate.place for candidate in candidates])
        + _FREQUENT * _ranks([candidate.count for candidate in candidates])
        + np.array([_BY_LENGTH.get(_length(candidate), 0.0) for candidate in candidates])
    )
    scores: _Floats = 1.0 / (1.0 + np.exp(-(fused + _BASE)))
    return scores


def diverse(scores: _Floats, vectors: NDArray[np.float32], k: int) -> list[int]:
    """Return the places of the k best by maximal marginal relevance, the best first; ties go to the earlier."""
    repeated = np.zeros(len(scores))
    left = np.ones(len(scores), dtype=bool)
    chosen: list[int] = []
    while len(chosen) < min(k, len(scores)):
        gains = np.where(left, scores - _DIVERSITY * repeated, -np.inf)
        best = int(np.argmax(gains))
        chosen.append(best)
        left[best] = False
        repeated = np.maximum(repeated, vectors @ vectors[best])
    return chosen


def _length(candidate: Candidate) -> int:
    """Signs of Chinese or Japanese come two to a word."""
    if len(candidate.words) == 1 and not candidate.words[0].isascii() and "\u3041" <= candidate.words[0][0] <= "\u9fff":
        return math.ceil(len(candidate.words[0]) / 2)
    return len(candidate.words)


def _ranks(values: Sequence[float] | _Floats) -> _Floats:
    """Return each value's share of smaller ones; equal values share their middle."""
    _, places, counts = np.unique(
        np.asarray(values, dtype=np.float64).round(6), return_inverse=True, return_counts=True
    )
    middles = np.cumsum(counts) - (counts + 1) / 2
    shares: _Floats = (middles[places] + 0.5) / len(places)
    return shares
