"""What an ad may come to, by the outcomes of those that are like it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

SHARPNESS = 6.0
"""How much more the nearest count: a neighbour that is 0.1 nearer weighs e^0.6 = 1.8 times as much."""
USUAL_WEIGHT = 10.0
"""The usual outcome counts as so many neighbours as near as the nearest one would be at similarity 0.5."""


def expected_outcome(similarities: Sequence[float], outcomes: Sequence[float], *, usual: float) -> float:
    """Return the mean of neighbours' outcomes, the nearer counting more, drawn to what is usual.

    Neighbours that are not like the ad at all leave what is usual.
    """
    if not len(similarities):
        return usual
    near: NDArray[np.float64] = np.exp(SHARPNESS * (np.asarray(similarities, dtype=float) - 0.5))
    return float((near @ np.asarray(outcomes, dtype=float) + USUAL_WEIGHT * usual) / (near.sum() + USUAL_WEIGHT))
