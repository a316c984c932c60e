"""Which aspects of a department a text covers: by the words that tell of the aspect, and by nearness of vectors.

An honest local measure, no more: it sees whether an aspect is spoken of, not whether what is said of it is right.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kairo.stages.knowledge.rules.aspect_words import WORDS_OF_ASPECTS

NEAR_COSINE = 0.45
"""So near a text is about the aspect by its vector alone."""
_WORD = re.compile(r"[^\W\d_]+")
_FEWEST_LETTERS = 4
_EMPTY_WORDS = frozenset(
    _WORD.findall(
        "a an and are at be by for from has have how in into is it its of on or our that the their them they this to"
        " use used using we what when where which who why with you your"
    )
)


@dataclass(frozen=True, slots=True, eq=False)
class AspectRead:
    """An aspect as it is looked for: what it is called, the words that tell of it (None: none), and its vector."""

    name: str
    words: re.Pattern[str] | None
    vector: NDArray[np.float32]


def read_aspects(names: Sequence[str], vectors: NDArray[np.float32]) -> list[AspectRead]:
    """Make aspects ready to be looked for; row i of the vectors belongs to name i."""
    return [AspectRead(name, _pattern(name), vector) for name, vector in zip(names, vectors, strict=True)]


def beginnings(aspect: str) -> tuple[str, ...]:
    """Return how the words begin that tell of an aspect: the known ones of a default aspect, else its own words."""
    known = WORDS_OF_ASPECTS.get(aspect.casefold())
    if known is not None:
        return known
    words = [word for word in _WORD.findall(aspect.casefold()) if word not in _EMPTY_WORDS]
    return tuple(dict.fromkeys(_stem(word) for word in words if len(word) >= _FEWEST_LETTERS))


def covers(text: str, vector: NDArray[np.float32], aspect: AspectRead) -> bool:
    """Say whether a text speaks of an aspect; `vector` is the text's, by the same embedder, or empty."""
    # Of a short statement and two words of an aspect the static embedder hardly knows anything: most of what is
    # covered lies below this, and is found by its words.
    if vector.shape == aspect.vector.shape and float(vector @ aspect.vector) >= NEAR_COSINE:
        return True
    return aspect.words is not None and aspect.words.search(text) is not None


def _pattern(aspect: str) -> re.Pattern[str] | None:
    """Make what finds the words of an aspect: a short English one stands for itself, "ad" is no beginning of "add"."""
    parts = [
        rf"{re.escape(begin)}s?\b" if len(begin) < _FEWEST_LETTERS and begin.isascii() else re.escape(begin)
        for begin in beginnings(aspect)
    ]
    return re.compile(rf"\b(?:{'|'.join(parts)})", re.IGNORECASE) if parts else None


def _stem(word: str) -> str:
    """Cut an English ending, so that "colours" is found in "colour" and "coloured"."""
    for ending in ("ies", "ing", "es", "ed", "s", "y"):
        if word.endswith(ending) and len(word) - len(ending) >= _FEWEST_LETTERS:
            return word[: -len(ending)]
    return word
