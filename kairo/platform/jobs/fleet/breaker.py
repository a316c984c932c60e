"""Not asking again at once what has just not answered."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

FIRST_PAUSE_S = 5.0
LONGEST_PAUSE_S = 60.0


@dataclass
class Breaker:
    """Opens at the first failure and stays open longer each time; the first success closes it. Shared by threads."""

    _pause_s: float = 0.0
    _open_until: float = field(default=0.0)

    @property
    def is_open(self) -> bool:
        return time.monotonic() < self._open_until

    def fail(self) -> float:
        """Note a failure, and return for how many seconds nothing is tried."""
        self._pause_s = min(LONGEST_PAUSE_S, max(FIRST_PAUSE_S, 2 * self._pause_s))
        self._open_until = time.monotonic() + self._pause_s
        return self._pause_s

    def succeed(self) -> bool:
        """Note a success, and say whether it was the first after a failure."""
        failed_before = self._pause_s > 0
        self._pause_s = self._open_until = 0.0
        return failed_before
