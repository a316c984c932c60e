"""Which statements say the same, on evidence's calibrated scale: of pairs at 0.90 or more, at least 95 % do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kairo.stages.evidence.operations import ComparedText, compared_texts, how_surely_repeats
from kairo.stages.knowledge.contracts.graph import SURE_REPEAT

_NEAR_ENOUGH = 0.5
"""No repeat, not even one that was cut off, has a vector further away: the rest is not compared word by word."""


@dataclass(frozen=True)
class Superseded:
    """A text that a newer one repeats: the newer one's place, and how surely it does."""

    by: int
    similarity: float


def compared(texts: Sequence[str]) -> list[ComparedText]:
    """Read statements as `superseded` compares them, all at once: this embeds, and belongs outside of transactions."""
    return compared_texts(texts)


def superseded(texts: Sequence[ComparedText], *, fresh: int, threshold: float = SURE_REPEAT) -> dict[int, Superseded]:
    """Map the place of each text that a newer one repeats to the newest such one; pure.

    `texts` are in the order of their making, the last `fresh` of them are new. Older ones were compared before, and are
    not compared with each other again.
    """
    found: dict[int, Superseded] = {}
    for newer in range(max(1, len(texts) - fresh), len(texts)):
        for older in _candidates(texts, newer):
            similarity = how_surely_repeats(texts[newer], texts[older])
            if similarity >= threshold:
                found[older] = Superseded(by=newer, similarity=similarity)
    return found


def repeats_any(text: ComparedText, others: Sequence[ComparedText]) -> bool:
    """Say whether a text surely says what one of the others says."""
    texts = [*others, text]
    return any(how_surely_repeats(text, others[place]) >= SURE_REPEAT for place in _candidates(texts, len(others)))


def _candidates(texts: Sequence[ComparedText], newer: int) -> list[int]:
    """List the earlier texts whose vectors are near, or whose words are the same."""
    text = texts[newer]
    return [
        place
        for place, other in enumerate(texts[:newer])
        if (text.content_hash and text.content_hash == other.content_hash) or _are_near(text, other)
    ]


def _are_near(one: ComparedText, other: ComparedText) -> bool:
    if one.embedder != other.embedder:
        return True
    return near_enough(one.vector, other.vector)


def near_enough(one: NDArray[np.float32], other: NDArray[np.float32]) -> bool:
    """Say whether two vectors of one embedder are near enough for their texts to be compared word by word."""
    return one.shape == other.shape and float(one @ other) >= _NEAR_ENOUGH
