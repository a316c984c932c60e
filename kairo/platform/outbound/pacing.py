"""How often one host or receiver is asked, within one process."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

MAX_HOSTS = 10_000


@dataclass
class _Bucket:
    tokens: float
    counted_at: float
    next_turn_at: float


class HostPace:
    """A bucket of tokens for each host: `burst` requests at once, then `per_second`."""

    def __init__(self, *, per_second: float, burst: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_second = per_second
        self._burst = float(burst)
        self._clock = clock
        self._lock = Lock()
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def claim(self, host: str) -> float:
        """Take a token for a request now and return 0, or return after how many seconds to ask again.

        Those who are sent away get one turn after the other, so that they do not all come back together.
        """
        with self._lock:
            now = self._clock()
            bucket = self._bucket(host, now)
            if bucket.tokens >= 1:
                bucket.tokens -= 1
                return 0.0
            turn_at = max(now + (1 - bucket.tokens) / self._per_second, bucket.next_turn_at)
            bucket.next_turn_at = turn_at + 1 / self._per_second
            return turn_at - now

    def forget(self) -> None:
        """Start anew with every host, as a new process does."""
        with self._lock:
            self._buckets.clear()

    def _bucket(self, host: str, now: float) -> _Bucket:
        bucket = self._buckets.setdefault(host, _Bucket(self._burst, now, now))
        self._buckets.move_to_end(host)
        if len(self._buckets) > MAX_HOSTS:
            self._buckets.popitem(last=False)
        bucket.tokens = min(self._burst, bucket.tokens + (now - bucket.counted_at) * self._per_second)
        bucket.counted_at = now
        return bucket
