"""Decisions about outgoing requests: what follows an attempt, and when the next one is due. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from kairo.platform.outbound.contracts import ALL_EVENTS, DeliveryState

ALLOWED: Mapping[DeliveryState, frozenset[DeliveryState]] = {
    DeliveryState.PENDING: frozenset({DeliveryState.DELIVERED, DeliveryState.FAILED, DeliveryState.MISSED}),
    DeliveryState.DELIVERED: frozenset(),
    DeliveryState.FAILED: frozenset(),
    DeliveryState.MISSED: frozenset(),
}
# The backoff of the job table, so that people need to know one rhythm.
BACKOFF_S = (30, 60, 120)
MAX_ATTEMPTS = 4
MISSED_AFTER = timedelta(hours=24)
MAX_ASKED_DELAY_S = 3600.0
JITTER = 0.2

TRANSIENT = frozenset({408, 425, 429, 500, 502, 503, 504})
GONE = 410


@dataclass(frozen=True)
class AttemptOutcome:
    """How one attempt at a delivery ended; `asked_delay_s` is the receiver's own wish (Retry-After)."""

    ended_at: datetime
    status: int | None = None
    error: str | None = None
    retryable: bool = True
    asked_delay_s: float | None = None


@dataclass(frozen=True)
class Verdict:
    """What becomes of a delivery: still pending and due at `next_at`, or at its end."""

    state: DeliveryState
    next_at: datetime | None = None


def after_attempt(outcome: AttemptOutcome, *, attempts: int) -> Verdict:
    """Decide what follows the attempt number `attempts`, counted from 1."""
    if outcome.status is not None and 200 <= outcome.status < 300:
        return Verdict(DeliveryState.DELIVERED)
    if not outcome.retryable or outcome.status == GONE or attempts >= MAX_ATTEMPTS:
        return Verdict(DeliveryState.FAILED)
    delay_s = max(backoff_s(attempts), outcome.asked_delay_s or 0.0)
    return Verdict(DeliveryState.PENDING, next_at=outcome.ended_at + timedelta(seconds=delay_s))


def is_missed(due_at: datetime, *, at: datetime) -> bool:
    """Tell whether a delivery is so late that sending it now would surprise its receiver."""
    return at - due_at > MISSED_AFTER


def backoff_s(attempts: int) -> float:
    """Return how long to wait after the failed attempt number `attempts`, counted from 1."""
    return BACKOFF_S[min(attempts, len(BACKOFF_S)) - 1]


def jittered_s(delay_s: float, *, luck: float) -> int:
    """Spread a delay by up to a fifth: those who failed together must not come back together. `luck` is 0 to 1."""
    return max(1, round(delay_s * (1 + JITTER * luck)))


def asked_delay_s(retry_after: str | None, *, at: datetime) -> float | None:
    """Read a Retry-After header, in either form, as seconds from `at`; an hour at most, None where there is none."""
    if retry_after is None:
        return None
    text = retry_after.strip()
    if text.isascii() and text.isdecimal():
        return min(float(text[:9]), MAX_ASKED_DELAY_S)
    try:
        due_at = parsedate_to_datetime(text)
    except ValueError:
        return None
    aware = due_at if due_at.tzinfo else due_at.replace(tzinfo=UTC)
    return min(max((aware - at).total_seconds(), 0.0), MAX_ASKED_DELAY_S)


def wants(events: list[str], event: str) -> bool:
    """Tell whether an endpoint that asked for these events gets this one."""
    return ALL_EVENTS in events or event in events
