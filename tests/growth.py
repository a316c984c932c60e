"""How work grows with its input, told by processor time: a bound that a busy or slow machine does not move."""

from __future__ import annotations

import time
from collections.abc import Callable

TIMES_LARGER = 4
MOST_TIMES_LONGER = 10
"""Work that grows like its input takes 4 times as long for 4 times as much; work that grows like its square, 16."""
_TAKES = 2
_NOISE_S = 0.05


def grows_like_its_input(work: Callable[[int], object], size: int) -> bool:
    """Whether `work` takes at most 10 times as long for four times the size; of two takes each, the better counts.

    A twentieth of a second is forgiven: it is noise, and a square of anything that matters is far beyond it.
    """
    return _seconds(work, size * TIMES_LARGER) <= MOST_TIMES_LONGER * _seconds(work, size) + _NOISE_S


def _seconds(work: Callable[[int], object], size: int) -> float:
    best = float("inf")
    for _ in range(_TAKES):
        since = time.process_time()
        work(size)
        best = min(best, time.process_time() - since)
    return best
