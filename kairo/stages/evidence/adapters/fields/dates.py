"""Moments as sources write them: ISO 8601, Unix seconds or milliseconds, mail dates, and dates whose order is told."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum

from pydantic import JsonValue

from kairo.stages.evidence.ports import BadRecord

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
"""Before this there was nothing to capture: an older date is a wrong one."""
CLOCK_TOLERANCE = timedelta(days=2)
"""How far in the future a date may lie: time zones written wrongly, clocks that run ahead."""

_LONGEST_DATE = 64
_UNIX = re.compile(r"\d{9,16}(?:\.\d{1,9})?")
_COMPACT_DAY = re.compile(r"(?:19|20)\d{6}")
_BY_NUMBERS = re.compile(r"(\d{1,2})[./-](\d{1,2})[./-](\d{4})(?:[ T,]+(\d{1,2}:\d{2}(?::\d{2})?))?")
_YEAR_FIRST = re.compile(r"(\d{4})[./-](\d{1,2})[./-](\d{1,2})(?=\D|$)")
_MAIL = re.compile(
    r"(?:[A-Za-z]{3}, ?)?\d{1,2} [A-Za-z]{3} \d{4} \d{1,2}:\d{2}(?::\d{2})?(?: (?:[+-]\d{4}|[A-Z]{1,4}))?"
)
_CLOCK_BEFORE_YEAR = re.compile(r"[A-Za-z]{3} [A-Za-z]{3} \d{1,2} \d{2}:\d{2}:\d{2} [+-]\d{4} \d{4}")
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}(?:[T ].*)?", re.DOTALL)


class DateOrder(StrEnum):
    """In which order a file writes day and month; without it only dates that read one way are taken."""

    DAY_FIRST = "day_first"
    MONTH_FIRST = "month_first"


def published(value: JsonValue, name: str, *, received_at: datetime, order: DateOrder | None = None) -> datetime | None:
    """Return the moment in UTC, None when there is none; a moment without a zone is taken as UTC.

    Raises BadRecord when it is no date, can be read in two ways, or lies before 1990 or after tomorrow.
    """
    if value is None or value == "" or value != value:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise BadRecord("bad_date", f"{name} is not a date")
    moment = _from_text(value.strip(), name, order) if isinstance(value, str) else _from_unix(value, name)
    if moment is None:
        return None
    return _within_bounds(moment, name, received_at)


def _within_bounds(moment: datetime, name: str, received_at: datetime) -> datetime:
    try:
        at = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (OverflowError, ValueError) as error:
        raise BadRecord("bad_date", f"{name} lies outside the calendar") from error
    if at < EARLIEST:
        raise BadRecord("date_out_of_range", f"{name} is {at:%Y-%m-%d}, before {EARLIEST:%Y}")
    if at > received_at + CLOCK_TOLERANCE:
        raise BadRecord("date_out_of_range", f"{name} is {at:%Y-%m-%d}, in the future")
    return at


def _from_unix(value: float, name: str) -> datetime:
    if value < 0:
        raise BadRecord("date_out_of_range", f"{name} lies before {EARLIEST:%Y}")
    for unit in (1, 1_000, 1_000_000):
        if abs(value) < 10**11 * unit:
            return datetime.fromtimestamp(value / unit, tz=UTC)
    raise BadRecord("bad_date", f"{name} is too large a number for a date")


def _from_text(text: str, name: str, order: DateOrder | None) -> datetime | None:
    if not text or text.lower() in ("null", "none", "nan"):
        return None
    if len(text) > _LONGEST_DATE:
        raise BadRecord("bad_date", f"{name} is too long for a date")
    if _UNIX.fullmatch(text) and not _COMPACT_DAY.fullmatch(text):
        return _from_unix(float(text), name)
    by_numbers = _BY_NUMBERS.fullmatch(text)
    if by_numbers:
        return _in_order(by_numbers, name, order)
    moment = _iso(text) or _mail_date(text)
    if moment is None:
        raise BadRecord("bad_date", f"{name} is {text!a}, not a date (write it like 2026-01-31T18:00:00Z)")
    return moment


def _iso(text: str) -> datetime | None:
    dashed = _YEAR_FIRST.sub(lambda day: f"{day[1]}-{int(day[2]):02}-{int(day[3]):02}", text, count=1)
    if not _ISO.fullmatch(dashed) and not _COMPACT_DAY.fullmatch(dashed):
        return None
    for written in (dashed, dashed.removesuffix(" UTC"), dashed.replace(" +", "+").replace(" -", "-")):
        try:
            return datetime.fromisoformat(written)
        except ValueError:
            continue
    return None


def _mail_date(text: str) -> datetime | None:
    """Read the dates of mails and feeds, and those of Twitter's old archives ("Wed Aug 27 13:08:45 +0000 2008")."""
    try:
        if _CLOCK_BEFORE_YEAR.fullmatch(text):
            return datetime.strptime(text, "%a %b %d %H:%M:%S %z %Y")
        return parsedate_to_datetime(text) if _MAIL.fullmatch(text) else None
    except (ValueError, TypeError, OverflowError):
        return None


def _in_order(parts: re.Match[str], name: str, order: DateOrder | None) -> datetime:
    first, second, year, clock = int(parts[1]), int(parts[2]), int(parts[3]), parts[4]
    if order is None and first <= 12 and second <= 12 and first != second:
        raise BadRecord(
            "ambiguous_date",
            f"{name} is {parts[0]!a}: day or month first? Say date_order: day_first or month_first in a mapping",
        )
    month_first = order is DateOrder.MONTH_FIRST if order else first <= 12 < second
    month, day = (first, second) if month_first else (second, first)
    hour, minute, second_of_minute = (int(part) for part in f"{clock or '0:0'}:0".split(":")[:3])
    try:
        return datetime(year, month, day, hour, minute, second_of_minute, tzinfo=UTC)
    except ValueError as error:
        raise BadRecord("bad_date", f"{name} is {parts[0]!a}, not a day of the calendar") from error
