"""How sure one may be that two texts repeat each other: a cascade of words, letters and vectors on one scale.

0.90 means that of the pairs with that score or more, at least 95 % say the same. The table was fitted on MRPC (train)
and STS-B (dev, English and Russian), and made stricter for English after a look at QQP (dev). A language or embedder
that is not in it gives no evidence by vectors.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kairo.stages.evidence.rules.wording import Wording, is_copy, says_otherwise

SURE = 0.90
SAME_WORDS_SCORE = 1.0
COPY_SCORE = 0.95
MIN_SHARED_LETTERS = 0.6
"""Vectors are believed only between texts that share so many of their 3-grams: alone, they rank topics."""

_Knots = Sequence[tuple[float, float]]
_CALIBRATION: dict[tuple[str, str], _Knots] = {
    ("static", "en"): ((0.70, 0.0), (0.90, 0.60), (0.94, 0.75), (0.98, SURE), (1.0, 1.0)),
    ("static", "ru"): ((0.70, 0.0), (0.90, 0.60), (0.94, 0.75), (0.97, SURE), (1.0, 1.0)),
}


def calibrated_cosine(cosine: float, *, embedder: str, language: str | None) -> float:
    """Map a cosine of two vectors to the common scale; 0 where the embedder was not calibrated for the language."""
    knots = _CALIBRATION.get((embedder, language or ""))
    if knots is None or cosine <= knots[0][0]:
        return 0.0
    cosines, scores = zip(*knots, strict=True)
    return float(np.interp(cosine, cosines, scores))


def repeat_score(one: Wording, other: Wording, *, cosine: float | None, embedder: str, language: str | None) -> float:
    """Return how surely one text repeats the other, 0–1, by the cheapest step of the cascade that is sure."""
    if not one.units or not other.units:
        return 0.0
    if one.units == other.units:
        return SAME_WORDS_SCORE
    if is_copy(one, other):
        return COPY_SCORE
    score = 0.0 if cosine is None else calibrated_cosine(cosine, embedder=embedder, language=language)
    if score == 0.0 or shared_letters(one, other) < MIN_SHARED_LETTERS or says_otherwise(one, other):
        return 0.0
    return score


def shared_letters(one: Wording, other: Wording) -> float:
    """Return the Jaccard similarity of the character 3-grams of two texts."""
    ours, theirs = _grams(one), _grams(other)
    return len(ours & theirs) / len(ours | theirs)


def _grams(wording: Wording) -> set[str]:
    spelled = f" {' '.join(wording.units)} "
    return {spelled[at : at + 3] for at in range(len(spelled) - 2)}
