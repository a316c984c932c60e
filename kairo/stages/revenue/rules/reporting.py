"""What is told of attribution: shares, how sure they are, and the rest as an aggregate with an interval."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

NORMAL_95 = 1.96


def modelled_rest(probabilities: Sequence[float]) -> tuple[float, float, float]:
    """Return how many unattributed conversions come from ads all the same: expected, and an interval of 95 %.

    Each gives the probability that one of its candidates led to it; credit is given to none of them.
    """
    expected = sum(probabilities)
    spread = NORMAL_95 * sqrt(sum(share * (1 - share) for share in probabilities))
    return expected, max(0.0, expected - spread), min(float(len(probabilities)), expected + spread)


def lift(converted: int, shown: int, converted_held_out: int, held_out: int) -> tuple[float, float, float] | None:
    """Return how many more of a hundred convert who see ads than of those who do not, with an interval of 95 %.

    None where a group is empty: then nothing is known.
    """
    if shown <= 0 or held_out <= 0:
        return None
    rate, base = converted / shown, converted_held_out / held_out
    variance = rate * (1 - rate) / shown + base * (1 - base) / held_out
    spread = NORMAL_95 * sqrt(variance)
    difference = rate - base
    return difference, difference - spread, difference + spread
