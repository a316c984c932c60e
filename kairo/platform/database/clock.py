"""One clock for all that becomes due: real time, or a virtual one that every process of a simulation shares.

Due times of jobs, backoff and crons follow it in the database's functions too (`kairo_now()`). Leases, heartbeats and
time limits never do: a worker is silent for real seconds. It takes two to leave real time, so that no accident does:
processes started with KAIRO_VIRTUAL_CLOCK, and a moment written by the owner of the tables.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import connections
from django.db.models import DateTimeField, Func
from django.utils import timezone

from kairo.errors import Conflict, Invalid
from kairo.platform.database.sql import rows

_SET = """
INSERT INTO virtual_clock (stands_at) VALUES (%s) ON CONFLICT (id) DO UPDATE SET stands_at = excluded.stands_at
"""
_MOVE = """
INSERT INTO virtual_clock (stands_at) VALUES (now() + make_interval(secs => %(by_s)s))
ON CONFLICT (id) DO UPDATE SET stands_at = virtual_clock.stands_at + make_interval(secs => %(by_s)s) RETURNING stands_at
"""


class ClockIsReal(Conflict):
    """This process follows real time, which nobody moves."""

    code = "clock_is_real"


class ClockNow(Func):
    """The clock's time as the database tells it, for queries and defaults."""

    function = "kairo_now"
    arity = 0
    output_field = DateTimeField()


def now() -> datetime:
    """Return what time it is for whatever is decided by time; handed to operations as `at`."""
    if not settings.KAIRO_VIRTUAL_CLOCK:
        return timezone.now()
    [[at]] = rows("SELECT kairo_now()")
    told: datetime = at
    return told


def set_clock(at: datetime) -> None:
    """Have the virtual clock stand at this moment, for all processes that follow it, until it is moved.

    Raises:
        ClockIsReal: KAIRO_VIRTUAL_CLOCK is not set.
        Invalid: the moment has no time zone.
    """
    _require_virtual()
    if at.tzinfo is None:
        raise Invalid("The clock is set to a moment with a time zone, such as 2026-03-02T09:00:00+00:00.")
    with connections["owner"].cursor() as cursor:
        cursor.execute(_SET, [at])


def move_clock(by: timedelta) -> datetime:
    """Move the virtual clock on, from real time if nobody has set it yet, and return where it stands.

    Raises:
        ClockIsReal: KAIRO_VIRTUAL_CLOCK is not set.
    """
    _require_virtual()
    with connections["owner"].cursor() as cursor:
        cursor.execute(_MOVE, {"by_s": by.total_seconds()})
        found: tuple[datetime] = cursor.fetchone()
    return found[0]


def release_clock() -> None:
    """Let the clock follow real time again.

    Raises:
        ClockIsReal: KAIRO_VIRTUAL_CLOCK is not set.
    """
    _require_virtual()
    with connections["owner"].cursor() as cursor:
        cursor.execute("DELETE FROM virtual_clock")


def _require_virtual() -> None:
    if not settings.KAIRO_VIRTUAL_CLOCK:
        raise ClockIsReal("This process follows real time. Start it with KAIRO_VIRTUAL_CLOCK=true to move the clock.")
