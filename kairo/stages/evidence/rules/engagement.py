"""How much a post moved people, compared with its own platform: a percentile, because platforms count differently."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from kairo.stages.evidence.contracts import Counts

NEUTRAL = 0.5
SHRINKING_ITEMS = 10
"""So many imaginary middling posts stand beside the platform's own, so that the best of three is not yet a hit."""

# How many likes one such act is worth: about twenty views bring one like; a comment or a share costs more than a tap.
_LIKES_EACH = np.array([0.05, 1.0, 5.0, 5.0])
# Views are bought and counted by each platform's own rule, so they weigh half.
_WEIGHTS = np.array([0.5, 1.0, 1.0, 1.0])


def raw_engagement(counts: Sequence[Counts]) -> NDArray[np.float64]:
    """Return one raw score a post: the weighted mean of its counts in likes' worth, on a logarithmic scale.

    A missing or hidden count (None, or negative as platforms hide it) is left out of the mean, not taken as zero; a
    post without any count gives NaN.
    """
    table = np.array([(one.views, one.likes, one.comments, one.shares) for one in counts], dtype=np.float64)
    table = table.reshape(-1, len(_WEIGHTS))
    known = table >= 0
    worth = np.log1p(np.where(known, table, 0.0) * _LIKES_EACH)
    weights = known * _WEIGHTS
    total = weights.sum(axis=1)
    raw: NDArray[np.float64] = np.divide(
        (worth * weights).sum(axis=1), total, out=np.full(len(table), np.nan), where=total > 0
    )
    return raw


def engagement_scores(raw: NDArray[np.float64], reference: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the percentile, 0–1, of raw scores among the raw scores of the platform's own recent posts.

    Ties take their middle rank; few reference posts pull the score towards 0.5; a post without counts scores 0.5.
    """
    known = np.sort(reference[~np.isnan(reference)])
    below = np.searchsorted(known, raw, side="left")
    up_to = np.searchsorted(known, raw, side="right")
    ranks = (below + up_to) / 2
    scores = (ranks + NEUTRAL * SHRINKING_ITEMS) / (len(known) + SHRINKING_ITEMS)
    return np.where(np.isnan(raw), NEUTRAL, scores)
