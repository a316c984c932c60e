"""Who speaks in an item: a number that stands for its author, or for its text where the format names none."""

from __future__ import annotations

from hashlib import blake2b

from kairo.stages.evidence.queries import ArrivedItem


def voice_of(item: ArrivedItem) -> int | None:
    """Return who speaks: the author, or the text where the format names none; None where nobody knows."""
    if not item.format_has_author:
        return number_of(f"text:{item.content_hash or item.id}")
    return number_of(f"{item.platform}/{item.author_key}") if item.author_key else None


def number_of(name: str) -> int:
    """Return 64 bits that stand for a name."""
    return int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), "big", signed=True)
