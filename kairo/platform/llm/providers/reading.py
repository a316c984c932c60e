"""Picking values out of a provider's answer: what is missing or of another kind reads as nothing."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import JsonValue

from kairo.platform.llm.contracts import Outcome, Usage
from kairo.platform.llm.ports import AttemptFailed


def part(value: JsonValue, *path: str | int) -> JsonValue:
    """Return what stands at a path of keys and places, or None."""
    for step in path:
        if isinstance(value, dict) and isinstance(step, str):
            value = value.get(step)
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            value = value[step]
        else:
            return None
    return value


def text_at(value: JsonValue, *path: str | int) -> str:
    """Return the text at a path, "" where there is none."""
    found = part(value, *path)
    return found if isinstance(found, str) else ""


def objects_at(value: JsonValue, *path: str | int) -> Iterator[dict[str, JsonValue]]:
    """Walk through the objects of the list at a path."""
    found = part(value, *path)
    for entry in found if isinstance(found, list) else []:
        if isinstance(entry, dict):
            yield entry


def counted(value: JsonValue, name_in: str, *names_out: str) -> Usage | None:
    """Return the usage that an object tells, or None where it does not tell how much went in."""
    tokens_in = _count(value, name_in)
    if tokens_in is None:
        return None
    return Usage(tokens_in=tokens_in, tokens_out=sum(_count(value, name) or 0 for name in names_out))


def no_text(usage: Usage | None) -> AttemptFailed:
    """Make the error for an answer in which there is nothing to read."""
    return AttemptFailed(Outcome.BROKEN, "The provider's answer holds no text.", may_be_billed=True, usage=usage)


def _count(value: JsonValue, name: str) -> int | None:
    found = part(value, name)
    return found if isinstance(found, int) and not isinstance(found, bool) and found >= 0 else None
