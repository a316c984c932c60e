"""Counts as people and tables write them: 1200, "1,234", "1.2K", "1 234"; never guessed where two readings fit."""

from __future__ import annotations

import math
import re
from decimal import Decimal

from pydantic import JsonValue

from kairo.stages.evidence.ports import BadRecord, Record

LARGEST_COUNT = 2**63 - 1
"""What a PostgreSQL bigint holds."""

_MISSING = frozenset({"", "-", "–", "—", "nan", "null", "none", "n/a", "na"})
_TIMES = {"k": 10**3, "тыс": 10**3, "m": 10**6, "млн": 10**6, "b": 10**9, "млрд": 10**9, "万": 10**4, "亿": 10**8}
_WRITTEN = re.compile(rf"([+-]?)([\d.,]+?)\s?({'|'.join(_TIMES)})?\.?", re.IGNORECASE)
_SPACES_BETWEEN_DIGITS = re.compile(r"(?<=\d)[ \u00a0\u2009\u202f'’](?=\d{3})")
_LONGEST_NUMBER = 40


def count_of(record: Record, *names: str) -> int | None:
    """Return the first count among the named fields, None when there is none.

    Raises BadRecord for a count that is negative, not whole, not a number, or that can be read in two ways.
    """
    for name in names:
        value = record.get(name)
        if value is None:
            continue
        count = read_count(value, name)
        if count is not None:
            return count
    return None


def read_count(value: JsonValue, name: str) -> int | None:
    """Return the count that the value says, None where it says that there is none (empty, NaN, "n/a")."""
    number = _signed(value, name)
    if number is None:
        return None
    if number < 0:
        raise BadRecord("negative_count", f"{name} is negative: a count cannot be")
    if number > LARGEST_COUNT:
        raise BadRecord("bad_number", f"{name} is larger than any count")
    return number


def signed_of(record: Record, name: str) -> int | None:
    """Return a whole number that may be negative (a score, or -1 for "hidden"), None when there is none."""
    return _signed(record.get(name), name)


def _signed(value: JsonValue, name: str) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool):
        raise BadRecord("bad_number", f"{name} is true or false, not a number")
    if isinstance(value, int):
        return value
    if isinstance(value, float):
        return _whole(value, name)
    if isinstance(value, str):
        return _from_text(value.strip(), name)
    raise BadRecord("bad_number", f"{name} is not a number")


def _whole(value: float, name: str) -> int | None:
    if math.isnan(value):
        return None
    if not math.isfinite(value) or not value.is_integer():
        raise BadRecord("bad_number", f"{name} is {value}, not a whole number")
    return int(value)


def _from_text(text: str, name: str) -> int | None:
    if text.isascii() and text.isdigit() and len(text) <= _LONGEST_NUMBER:
        return int(text)
    if text.casefold() in _MISSING:
        return None
    parts = _WRITTEN.fullmatch(_SPACES_BETWEEN_DIGITS.sub("", text)) if len(text) <= _LONGEST_NUMBER else None
    if parts is None:
        raise BadRecord("bad_number", f"{name} is {text[:_LONGEST_NUMBER]!a}, not a number")
    sign, digits, unit = parts.groups()
    times = _TIMES[unit.lower()] if unit else 1
    readings = {reading * times for reading in _readings(digits)}
    whole = {int(reading) for reading in readings if reading == reading.to_integral_value()}
    if len(whole) > 1:
        found = " or ".join(f"{reading:,}" for reading in sorted(whole))
        raise BadRecord("ambiguous_number", f"{name} is {text!a}: {found}? Write it without separators")
    if not whole:
        raise BadRecord("bad_number", f"{name} is {text!a}, not a whole number")
    return -whole.pop() if sign == "-" else whole.pop()


def _readings(digits: str) -> set[Decimal]:
    """List what the digits may mean, with "." and "," each as the mark of thousands or of decimals.

    "1,000" is read as a thousand alone: nobody writes a count of one like this, while "1.000" is how tables print 1.0.
    """
    readings: set[Decimal] = set()
    for thousands, decimals in ((",", "."), (".", ",")):
        head, _, tail = digits.partition(decimals)
        if not _is_grouped(head, thousands) or not (tail.isdigit() or decimals not in digits):
            continue
        if decimals == "," and tail == "000" and "." not in head:
            continue
        readings.add(Decimal(f"{head.replace(thousands, '')}.{tail or 0}"))
    return readings


def _is_grouped(head: str, mark: str) -> bool:
    first, *groups = head.split(mark)
    if not groups:
        return first.isdigit()
    return first.isdigit() and len(first) <= 3 and first != "0" and all(len(it) == 3 and it.isdigit() for it in groups)
