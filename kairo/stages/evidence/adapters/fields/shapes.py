"""Parts of a record whose type is not taken for granted: objects, lists, yes or no."""

from __future__ import annotations

from pydantic import JsonValue

from kairo.stages.evidence.ports import Record

_YES = frozenset({"true", "1", "yes"})


def nested(record: Record, *path: str) -> Record:
    """Return the object at the end of the path, an empty one where there is none."""
    current: Record = record
    for name in path:
        inner = current.get(name)
        if not isinstance(inner, dict):
            return {}
        current = inner
    return current


def listed(record: Record, name: str) -> list[JsonValue]:
    """Return the list in a field, an empty one where there is none."""
    value = record.get(name)
    return value if isinstance(value, list) else []


def objects(record: Record, name: str) -> list[Record]:
    """Return the objects of the list in a field."""
    return [element for element in listed(record, name) if isinstance(element, dict)]


def is_true(value: JsonValue) -> bool:
    """Say whether a field says yes; tables write it as text."""
    return value is True or (isinstance(value, str) and value.strip().lower() in _YES)
