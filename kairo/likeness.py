"""How alike texts are beside what is usual: an embedder may put all texts of one language near each other."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

LEAST_TEXTS = 5
"""With fewer different texts nobody can say how alike texts usually are."""
MOST_TEXTS = 600
NEAR_FROM, NEAR_AT = 0.3, 0.8
"""Between what is usual and the same text: from here on a text counts as similar, and here as wholly so."""

Floats = npt.NDArray[np.float64]


def usual_similarity(vectors: Floats) -> float | None:
    """Return how alike two texts usually are, from vectors of length 1; None where there are too few texts."""
    different = np.unique(vectors, axis=0)
    if len(different) < LEAST_TEXTS:
        return None
    # They are sorted now: of very many every so many-th, not the first.
    different = different[:: -(-len(different) // MOST_TEXTS)]
    pairs = np.triu_indices(len(different), 1)
    return float(np.clip(np.median((different @ different.T)[pairs]), 0.0, 0.99))


def similarities(some: Floats, others: Floats) -> Floats:
    """Return the cosine of each pair, from vectors of length 1; a pair's is the same in whatever company."""
    return np.stack([(some * other).sum(axis=1) for other in others], axis=1)


def nearness(found: Floats, usual: float) -> Floats:
    """Return how much similarities count, 0 to 1, beside what is usual."""
    beyond = (found - usual) / (1.0 - usual)
    return np.asarray(np.clip((beyond - NEAR_FROM) / (NEAR_AT - NEAR_FROM), 0.0, 1.0))
