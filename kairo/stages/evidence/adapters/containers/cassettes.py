"""The posts in recorded HTTP exchanges (VCR cassettes in YAML): the JSON bodies that the server answered."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Callable, Iterator
from itertools import count
from typing import TextIO

import yaml
from pydantic import JsonValue

from kairo.stages.evidence.adapters.containers.envelopes import unfolded
from kairo.stages.evidence.adapters.containers.json_records import refusal
from kairo.stages.evidence.adapters.containers.json_text import decoded
from kairo.stages.evidence.adapters.containers.opened import BrokenOff
from kairo.stages.evidence.contracts import MAX_RECORD_BYTES
from kairo.stages.evidence.ports import BadRecord, RawRecord, Record

MAX_CASSETTE_CHARACTERS = 64_000_000
"""YAML holds a scalar of any length at once; a cassette is a recorded test, not an archive."""

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_METHOD, _STATUS = ("request", "method"), ("response", "status", "code")
_BODIES = (("response", "body", "string"), ("response", "body", "base64_string"), ("response", "body"))
_ENCODED = ("tag:yaml.org,2002:binary", "!binary")


def cassette_records(source: TextIO, recognised: Callable[[Record], bool]) -> Iterator[RawRecord]:
    """Yield the posts of every answer that succeeded, in recorded order; `row` counts them.

    What the author deleted is left out, and so are answers that hold no post (about the server, an empty page).
    """
    rows = count(1)
    for exchange in _exchanges(_bounded(source)):
        if exchange.get(_METHOD, "GET").upper() == "DELETE" or not exchange.get(_STATUS, "200").startswith("2"):
            continue
        body = next((exchange[path] for path in _BODIES if path in exchange), "")
        if body.lstrip()[:1] not in ("{", "["):
            continue
        try:
            value = decoded(body)
        except BadRecord as error:
            row = next(rows)
            yield RawRecord(row, error=refusal(row, error, body))
            continue
        yield from (RawRecord(next(rows), fields=post) for post in _posts(value, recognised))


def _posts(value: JsonValue, recognised: Callable[[Record], bool]) -> Iterator[Record]:
    for element in value if isinstance(value, list) else [value]:
        if isinstance(element, dict):
            yield from filter(recognised, unfolded(element, recognised))


def _bounded(source: TextIO) -> str:
    text = source.read(MAX_CASSETTE_CHARACTERS + 1)
    if len(text) > MAX_CASSETTE_CHARACTERS:
        raise BrokenOff(f"a cassette of more than {MAX_CASSETTE_CHARACTERS:,} characters is not read")
    return text


def _exchanges(text: str) -> Iterator[dict[tuple[str, ...], str]]:
    """Yield the scalars of each interaction by their path.

    Events instead of objects: no tag is ever constructed, and an alias, which can make a small file huge, is nothing.
    """
    path: list[str | None] = []
    scalars: dict[tuple[str, ...], str] = {}
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            if isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
                path.append(None if isinstance(event, yaml.MappingStartEvent) else "[]")
            elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
                path.pop()
                if len(path) == 2:
                    yield scalars
                    scalars = {}
                _value_done(path)
            elif isinstance(event, yaml.ScalarEvent | yaml.AliasEvent):
                _note(event, path, scalars)
    except (yaml.YAMLError, ValueError) as error:
        raise BrokenOff("it is not valid YAML") from error


def _note(event: yaml.Event, path: list[str | None], scalars: dict[tuple[str, ...], str]) -> None:
    if not path:
        return
    if path[-1] is None:
        path[-1] = event.value if isinstance(event, yaml.ScalarEvent) else ""
        return
    if isinstance(event, yaml.ScalarEvent) and path[:2] == ["interactions", "[]"]:
        scalars[tuple(name or "" for name in path[2:])] = _plain(event)
    _value_done(path)


def _value_done(path: list[str | None]) -> None:
    if path and path[-1] != "[]":
        path[-1] = None


def _plain(event: yaml.ScalarEvent) -> str:
    value: str = event.value
    if event.tag not in _ENCODED:
        return value
    try:
        content = base64.b64decode(value)
        if content.startswith(b"\x1f\x8b"):
            content = zlib.decompressobj(wbits=31).decompress(content, 4 * MAX_RECORD_BYTES)
        return content.decode()
    except (zlib.error, ValueError):
        return ""
