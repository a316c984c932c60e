"""The original record, made safe to keep as PostgreSQL jsonb: no NUL, no lone surrogates, bounded in size and depth."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator
from itertools import islice
from json import JSONEncoder

from pydantic import JsonValue

from kairo.stages.evidence.adapters.fields.texts import storable_text
from kairo.stages.evidence.ports import BadRecord, Record

MAX_RAW_BYTES = 64_000
MAX_DEPTH = 64
"""How deep lists and objects may lie in each other; real records stay below ten."""

_NAMES_OF_DROPPED = 50
_EXCERPT_CHARACTERS = 200
_ENCODER = JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def storable(record: Record, *, keep: Collection[str]) -> dict[str, JsonValue]:
    """Return the record as it can be kept; a too large one keeps the fields named in `keep` and says so under `_cut`.

    Raises BadRecord when it is nested too deep.
    """
    fields = dict(record)
    size = _size_if_safe(fields)
    if size is None:
        fields = _safe_object(fields, MAX_DEPTH)
        size = _size(fields)
    return fields if size <= MAX_RAW_BYTES else _cut(fields, keep, size)


def excerpt(record: Record) -> str:
    """Return the beginning of a record for a person who looks for it in the file."""
    return excerpt_of_text(", ".join(islice(_named_texts(record, 3), 8)))


def _named_texts(record: Record, depth: int) -> Iterator[str]:
    for name, value in record.items():
        if isinstance(value, str) and value:
            yield f"{name}: {value[:_EXCERPT_CHARACTERS]}"
        elif isinstance(value, dict) and depth:
            yield from _named_texts(value, depth - 1)


def excerpt_of_text(text: str) -> str:
    """Return the beginning of a text that could not be read as a record."""
    return storable_text(text[:_EXCERPT_CHARACTERS])


def _size_if_safe(fields: dict[str, JsonValue]) -> int | None:
    """Return the size in bytes of a record that can be kept untouched, None for one that must be looked through.

    Writing it once in C is several times faster than looking at each value in Python.
    """
    try:
        written = _ENCODER.encode(fields)
        size = len(written.encode())
    except RecursionError as error:
        raise _too_deep() from error
    except ValueError:
        return None
    if "\\u0000" in written or written.count("{") + written.count("[") > MAX_DEPTH:
        return None
    return size


def _safe_object(fields: dict[str, JsonValue], depth: int) -> dict[str, JsonValue]:
    return {storable_text(name): _safe(value, depth - 1) for name, value in fields.items()}


def _safe(value: JsonValue, depth: int) -> JsonValue:
    if isinstance(value, str):
        return storable_text(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if not isinstance(value, dict | list):
        return value
    if depth <= 0:
        raise _too_deep()
    if isinstance(value, dict):
        return _safe_object(value, depth)
    return [_safe(element, depth - 1) for element in value]


def _cut(fields: dict[str, JsonValue], keep: Collection[str], size: int) -> dict[str, JsonValue]:
    kept = dict(_that_fit(fields, keep))
    dropped: list[JsonValue] = [name[:100] for name in fields if name not in kept]
    return {**kept, "_cut": {"bytes": size, "dropped": dropped[:_NAMES_OF_DROPPED]}}


def _that_fit(fields: dict[str, JsonValue], keep: Collection[str]) -> Iterator[tuple[str, JsonValue]]:
    room = MAX_RAW_BYTES - 10_000
    for name in keep:
        cost = _size({name: fields[name]}) if name in fields else 0
        if name in fields and cost <= room:
            room -= cost
            yield name, fields[name]


def _size(fields: dict[str, JsonValue]) -> int:
    return len(_ENCODER.encode(fields).encode())


def _too_deep() -> BadRecord:
    return BadRecord("too_deep", f"lists and objects lie in each other more than {MAX_DEPTH} deep")
