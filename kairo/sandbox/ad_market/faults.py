"""What may go wrong between a program and a platform, to be brought about on purpose."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np


class Fault(StrEnum):
    """LOST: carried out, and the line is cut before the answer. GATEWAY: a page instead of JSON, nothing done."""

    LOST = "lost"
    BROKEN = "broken"
    GATEWAY = "gateway"
    SLOW = "slow"
    THROTTLED = "throttled"


@dataclass
class Faults:
    """Faults that befall the next calls: those that were asked for, then by chance at `rate`, drawn from `seed`."""

    rate: float = 0.0
    seed: int = 0
    slow_s: float = 0.2
    _planned: dict[str, deque[Fault]] = field(default_factory=dict)
    _befallen: int = 0

    def plan(self, *faults: Fault, method: str = "POST") -> None:
        """Have the next calls of a method end like this, one each."""
        self._planned.setdefault(method, deque()).extend(faults)

    def next(self, method: str) -> Fault | None:
        """Return what befalls this call."""
        planned = self._planned.get(method)
        if planned:
            return planned.popleft()
        self._befallen += 1
        rng = np.random.default_rng([self.seed, self._befallen])
        if rng.random() >= self.rate:
            return None
        return list(Fault)[int(rng.integers(len(Fault)))]
