"""How often an address has shown a secret that is not valid: an API token, or the token of a sign-in link.

Kept in the memory of each process: a failed attempt writes nothing to the database, so hammering costs it nothing. With
N processes an address gets N times the allowance, which 256 random bits a token can afford.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Final

from kairo.errors import TooMany, Unauthenticated
from kairo.platform.tenancy.secrets import sha256_hex

WINDOW_S: Final = 60.0
ALLOWED_FAILURES: Final = 10
# So many failures of all addresses together are an attack from many: then each address may fail once only.
FAILURES_OF_AN_ATTACK: Final = 1_000
ALLOWED_UNDER_ATTACK: Final = 1
REMEMBERED_ADDRESSES: Final = 10_000
REMEMBERED_SECRETS: Final = 10_000


class FailedAttempts:
    """Counts failures in a sliding window; `at` is in seconds of any clock that only goes forward.

    An address waits for its own failures alone, never for those of others. A secret that was valid a while ago is
    looked up even then: others behind the same proxy cannot lock a program out that is at work.
    """

    def __init__(self) -> None:
        self._failures: OrderedDict[str, deque[float]] = OrderedDict()
        self._of_all: deque[float] = deque(maxlen=FAILURES_OF_AN_ATTACK)
        self._known: OrderedDict[str, None] = OrderedDict()
        self._lock = Lock()

    @contextmanager
    def attempt(self, secret: str, *, address: str, at: float) -> Iterator[None]:
        """Run the block that looks a secret up; it counts as a failure where the block raises Unauthenticated.

        Raises:
            TooMany: the address has failed too often just now; says after how many seconds the next attempt is taken.
        """
        digest = sha256_hex(secret)
        self._require_allowed(address, digest, at)
        try:
            yield
        except Unauthenticated:
            self._add(address, digest, at)
            raise
        self._remember(digest)

    def forget(self) -> None:
        """Start over, as a process does that was started anew."""
        with self._lock:
            self._failures.clear()
            self._of_all.clear()
            self._known.clear()

    def _require_allowed(self, address: str, digest: str, at: float) -> None:
        with self._lock:
            recent = self._recent(address, at)
            if not recent or len(recent) < self._allowed(at) or digest in self._known:
                return
            wait_s = int(recent[0] + WINDOW_S - at) + 1
        raise TooMany(
            f"Too many tokens that are not valid came from your address. Try again in {wait_s} seconds.",
            retry_after_s=wait_s,
        )

    def _allowed(self, at: float) -> int:
        is_attack = len(self._of_all) == FAILURES_OF_AN_ATTACK and at - self._of_all[0] < WINDOW_S
        return ALLOWED_UNDER_ATTACK if is_attack else ALLOWED_FAILURES

    def _add(self, address: str, digest: str, at: float) -> None:
        with self._lock:
            self._known.pop(digest, None)
            self._of_all.append(at)
            recent = self._failures.setdefault(address, deque(maxlen=ALLOWED_FAILURES))
            recent.append(at)
            self._failures.move_to_end(address)
            while len(self._failures) > REMEMBERED_ADDRESSES:
                self._failures.popitem(last=False)

    def _remember(self, digest: str) -> None:
        with self._lock:
            self._known[digest] = None
            self._known.move_to_end(digest)
            while len(self._known) > REMEMBERED_SECRETS:
                self._known.popitem(last=False)

    def _recent(self, address: str, at: float) -> deque[float]:
        recent = self._failures.get(address, deque())
        while recent and at - recent[0] >= WINDOW_S:
            recent.popleft()
        return recent


failed_attempts = FailedAttempts()
"""What this process has seen."""
