"""Moments as callers give them."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, WithJsonSchema

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
LATEST = datetime(2100, 1, 1, tzinfo=UTC)
_NUMBER = re.compile(r"[+-]?[0-9.]*")


def _text(value: Any) -> Any:
    if isinstance(value, datetime):
        return value
    # Pydantic would take a number for seconds since 1970, or for milliseconds, by its size.
    if not isinstance(value, str) or _NUMBER.fullmatch(value.strip()):
        raise ValueError("give a date and time like 2026-06-01T12:00:00Z")
    return value


def _of_our_time(moment: datetime) -> datetime:
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    if not EARLIEST <= aware < LATEST:
        raise ValueError("give a moment of the years 2000 to 2099")
    # PostgreSQL takes offsets below 16 hours only.
    return aware.astimezone(UTC)


Moment = Annotated[
    datetime,
    BeforeValidator(_text),
    AfterValidator(_of_our_time),
    WithJsonSchema(
        {
            "type": "string",
            "format": "date-time",
            "description": "A moment of the years 2000 to 2099 (RFC 3339); without an offset it is UTC",
            "examples": ["2026-06-01T12:00:00Z"],
        }
    ),
]
