"""Whether a challenger beats the champion on the same held-out examples, looked at as often as one likes.

For each example the champion's loss minus the challenger's is one number. The bound below their mean is a normal
mixture confidence sequence: with probability 1 - ALPHA it holds at all sizes at once, so a comparison that is repeated
each day as examples come in promotes a challenger that is no better in at most ALPHA of all cases over its whole life.
Examples that hang together (one ad's days, one deal's stages) are to be summed to one pair before they come here.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from kairo.stages.learning.contracts.registry import ComparisonDTO, Verdict

Losses = Sequence[float] | NDArray[np.float64]

ALPHA = 0.05
MARGIN = 0.01
"""The challenger must save so much of the champion's mean loss; less is not worth a change."""
SEEN_GAIN = 0.05
LEAST_PAIRS = 100
TUNED_TO = 1_000
"""The bound is tightest at about so many pairs."""
_WIDTH_AT_POWER = 1.0
"""A standard normal lies above -1 in 84 % of all cases: a little more than the 80 % that are promised."""


def compare(champion: Losses, challenger: Losses, *, margin: float = MARGIN, alpha: float = ALPHA) -> ComparisonDTO:
    """Compare losses on the same examples, in the same order.

    Raises:
        ValueError: the lists differ in length, are empty, or hold something that is no number.
    """
    theirs, ours = np.asarray(champion, dtype=float), np.asarray(challenger, dtype=float)
    if len(theirs) != len(ours) or not len(theirs):
        raise ValueError(f"{len(theirs)} losses of the champion and {len(ours)} of the challenger are no pairs.")
    if not (np.isfinite(theirs).all() and np.isfinite(ours).all()):
        raise ValueError("A loss is no number.")
    saved = theirs - ours
    pairs, level = len(saved), abs(float(theirs.mean())) or 1.0
    spread = float(saved.std(ddof=1)) if pairs > 1 else 0.0
    gain = float(saved.mean()) / level
    reach = spread * bound_width(pairs, alpha=alpha) / level
    needed = pairs_needed(spread / level, alpha=alpha)
    if pairs >= LEAST_PAIRS and gain - reach > 0 and gain >= margin:
        verdict = Verdict.BETTER
    elif pairs >= LEAST_PAIRS and gain + reach < margin:
        verdict = Verdict.WORSE
    else:
        verdict = Verdict.NOT_YET
    return ComparisonDTO(
        verdict=verdict,
        pairs=pairs,
        champion_loss=float(theirs.mean()),
        challenger_loss=float(ours.mean()),
        gain=gain,
        lower=gain - reach,
        margin=margin,
        pairs_needed=needed,
        says=_says(verdict, pairs, gain, gain - reach, margin, needed),
    )


def bound_width(pairs: int, *, alpha: float = ALPHA, tuned_to: int = TUNED_TO) -> float:
    """Return how far the one-sided bound lies from the mean, in standard deviations of one pair."""
    scale = 2 * math.log(1 / (2 * alpha)) + math.log(1 + 2 * math.log(1 / (2 * alpha)))
    ratio = scale / tuned_to
    inside = pairs * ratio + 1
    return math.sqrt(2 * inside / (pairs**2 * ratio) * math.log(1 + math.sqrt(inside) / (2 * alpha)))


def pairs_needed(spread: float, *, gain: float = SEEN_GAIN, alpha: float = ALPHA) -> int | None:
    """Return how many pairs show a gain in 4 of 5 cases, or None where more than a hundred million would be needed.

    `spread` is the standard deviation of a pair, as a share of the champion's mean loss.
    """
    if spread == 0:
        return LEAST_PAIRS
    pairs = LEAST_PAIRS
    while spread * (bound_width(pairs, alpha=alpha) + _WIDTH_AT_POWER / math.sqrt(pairs)) > gain:
        pairs = math.ceil(pairs * 1.05)
        if pairs > 100_000_000:
            return None
    return pairs


def _says(verdict: Verdict, pairs: int, gain: float, lower: float, margin: float, needed: int | None) -> str:
    found = f"{gain:+.1%} on {pairs:,} pairs, surely more than {lower:+.1%}"
    if verdict is Verdict.BETTER:
        return f"Better: {found}."
    if verdict is Verdict.WORSE:
        return f"Not better by {margin:.0%}: {found}."
    if pairs < LEAST_PAIRS:
        return f"Too few pairs to say: {pairs} of at least {LEAST_PAIRS}."
    enough = f"a gain of {SEEN_GAIN:.0%} shows with about {needed:,}" if needed else "no number of pairs is in reach"
    return f"Not decided: {found}; {enough}."
