"""Decisions about the copy of a run's events that goes out on a channel. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

# A look of its own behind the one at each commit: what that one missed is at most this late.
LOOK_EVERY_S = 15
LOOK_AGAIN_S = 60
MISSED_AFTER = timedelta(hours=24)


def next_look_at(at: datetime, *, every_s: int = LOOK_EVERY_S) -> datetime:
    """Return when the events up to `at` are looked after: the same moment for all that happen close together.

    It is never so near that the look could be under way already.
    """
    return datetime.fromtimestamp((at.timestamp() // every_s + 2) * every_s, tz=UTC)


def is_missed(behind_since: datetime, *, at: datetime) -> bool:
    """Tell whether events are so late that publishing them now would surprise who listens."""
    return at - behind_since > MISSED_AFTER
