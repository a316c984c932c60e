"""What stands against a time: the past, a neighbour too near, and a text that the brand has used already."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from kairo.errors import FieldError, Invalid
from kairo.stages.content.contracts import DuplicateContent, TimeTaken
from kairo.stages.content.rules.channels import LIMITS
from kairo.stages.opportunities.contracts import Channel

SAME_TEXT = 0.85
"""Jaccard similarity of runs of three words from which two texts count as one."""
REMEMBERED = timedelta(days=90)
FARTHEST = timedelta(days=730)
GRACE = timedelta(minutes=30)
"""How long after its time a variant may still be told to have gone out before it counts as missed."""
RUN_WORDS = 3
_WORD = re.compile(r"[\u3400-\u9fff]|[^\W_]+")


@dataclass(frozen=True)
class Planned:
    """Another variant of the brand on the same channel: when it goes or went out, and its text."""

    variant_id: UUID
    at: datetime
    text: str
    is_out: bool


def require_future(wanted: datetime, *, at: datetime) -> None:
    """Refuse a moment that has passed or lies absurdly far ahead.

    Raises:
        Invalid: names the field.
    """
    if not at < wanted <= at + FARTHEST:
        message = "name a moment in the future, at most two years ahead"
        raise Invalid(f"metadata.publish_at: {message}.", errors=(FieldError("metadata.publish_at", message),))


def require_free(channel: Channel, wanted: datetime, text: str, others: Iterable[Planned]) -> None:
    """Refuse a time that is taken, or a text that is out or planned already.

    Raises:
        TimeTaken: another variant goes out too near to it.
        DuplicateContent: another variant says the same.
    """
    apart = timedelta(minutes=LIMITS[channel].minutes_apart)
    runs = _runs(text)
    for other in others:
        if not other.is_out and abs(other.at - wanted) < apart:
            raise TimeTaken(
                f"Variant {other.variant_id} goes out on {channel} at {other.at:%Y-%m-%d %H:%M} UTC. Leave at least"
                f" {LIMITS[channel].minutes_apart} minutes between two posts."
            )
        if abs(other.at - wanted) <= REMEMBERED and _alike(runs, _runs(other.text)) >= SAME_TEXT:
            told = "went out" if other.is_out else "is planned"
            raise DuplicateContent(
                f"Variant {other.variant_id} says nearly the same and {told} on {channel} at {other.at:%Y-%m-%d}."
                " Change the text, or archive one of the two."
            )


def _runs(text: str) -> frozenset[tuple[str, ...]]:
    words = _WORD.findall(text.casefold())
    if len(words) < RUN_WORDS:
        return frozenset({tuple(words)})
    return frozenset(zip(*(words[start:] for start in range(RUN_WORDS)), strict=False))


def _alike(one: frozenset[tuple[str, ...]], other: frozenset[tuple[str, ...]]) -> float:
    return len(one & other) / len(one | other)
