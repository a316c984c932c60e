"""When a surface is read next: at its cadence after a success, later and later after failures."""

from __future__ import annotations

from datetime import datetime, timedelta

SPREAD = 0.1
"""Surfaces that were made together must not be read together for ever: up to a tenth of a wait is added."""
FIRST_RETRY = timedelta(minutes=2)
LONGEST_RETRY = timedelta(hours=6)
LONGEST_WAIT = timedelta(hours=24)
_MOST_DOUBLINGS = 12


def after_success(at: datetime, *, cadence_minutes: int, luck: float) -> datetime:
    """Return when a surface that was read is due again; `luck` is from 0 to 1."""
    return at + _spread(timedelta(minutes=cadence_minutes), luck)


def after_failure(
    at: datetime, *, cadence_minutes: int, failures: int, retryable: bool, asked_delay_s: float = 0, luck: float
) -> datetime:
    """Return when a surface that failed `failures` times in a row is due again.

    What may pass by itself is tried again after two minutes, then after double the time, up to six hours. What a
    person must mend waits double the cadence each time, up to a day or the cadence itself. No host is asked before it
    wants to be.
    """
    cadence = timedelta(minutes=cadence_minutes)
    doublings = min(failures, _MOST_DOUBLINGS)
    if retryable:
        wait = min(FIRST_RETRY * 2 ** (doublings - 1), LONGEST_RETRY)
    else:
        wait = max(cadence, min(cadence * 2**doublings, LONGEST_WAIT))
    return at + _spread(max(wait, timedelta(seconds=asked_delay_s)), luck)


def _spread(wait: timedelta, luck: float) -> timedelta:
    return wait * (1 + SPREAD * luck)
