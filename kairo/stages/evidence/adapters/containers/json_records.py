"""The records of JSON files: one a line, the elements of a list, or one document."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import TextIO

from pydantic import JsonValue

from kairo.stages.evidence.adapters.containers.envelopes import LIST_NAMES
from kairo.stages.evidence.adapters.containers.json_text import JsonText, decoded
from kairo.stages.evidence.adapters.fields.raw import excerpt_of_text
from kairo.stages.evidence.contracts import MAX_RECORD_BYTES, RejectedRecord
from kairo.stages.evidence.ports import BadRecord, RawRecord


def json_lines(source: TextIO) -> Iterator[RawRecord]:
    """Yield the record of each line; `row` is the line, blank lines counted."""
    for row in count(1):
        line = source.readline(MAX_RECORD_BYTES + 1)
        if not line:
            return
        if len(line) > MAX_RECORD_BYTES and not line.endswith("\n"):
            _skip_line(source)
        if not line.isspace():
            yield _from_line(line, row)


def json_document(source: TextIO) -> Iterator[RawRecord]:
    """Yield the elements of a list, or the objects that stand one after the other (most often a single one).

    An object too large to be held is searched for the list of records that it carries.
    """
    text = JsonText(source)
    for row in count(1):
        sign = text.peek()
        if not sign:
            return
        if sign == "[" and row == 1:
            yield from _elements(text)
            yield from _trailing(text, row)
            return
        try:
            yield _record(text.value(), row)
        except BadRecord as error:
            is_large = error.code == "too_large"
            if is_large and _enter_list(text):
                yield from _elements(text)
                return
            yield RawRecord(row, error=refusal(row, error, "" if is_large else text.skip_value()))
            if text.peek() != "{":
                yield from _trailing(text, row + 1)
                return


def _skip_line(source: TextIO) -> None:
    while True:
        piece = source.readline(65_536)
        if not piece or piece.endswith("\n"):
            return


def _from_line(line: str, row: int) -> RawRecord:
    try:
        return _record(decoded(line), row)
    except BadRecord as error:
        return RawRecord(row, error=refusal(row, error, line))


def _record(value: JsonValue, row: int) -> RawRecord:
    if isinstance(value, dict):
        return RawRecord(row, fields=value)
    error = BadRecord("not_an_object", "the record is not an object with named fields")
    return RawRecord(row, error=refusal(row, error, repr(value)[:200] if isinstance(value, str | bool | None) else ""))


def refusal(row: int, error: BadRecord, text: str) -> RejectedRecord:
    """Return what is kept of a record that could not be read."""
    return RejectedRecord(row=row, code=error.code, reason=error.reason, excerpt=excerpt_of_text(text))


def _elements(text: JsonText) -> Iterator[RawRecord]:
    """Yield the elements of the list at the cursor; a missing or doubled comma between them is forgiven."""
    text.take()
    row = 1
    while True:
        sign = text.peek()
        if not sign:
            yield RawRecord(row, error=RejectedRecord(row, "broken_file", "the file ends in the middle of its list"))
            return
        if sign in "],":
            text.take()
        if sign == "]":
            return
        if sign != ",":
            yield _element(text, row)
            row += 1


def _trailing(text: JsonText, row: int) -> Iterator[RawRecord]:
    if text.peek():
        error = BadRecord("trailing_text", "the file goes on with what is no record; that was not read")
        yield RawRecord(row, error=refusal(row, error, text.skip_value()))


def _element(text: JsonText, row: int) -> RawRecord:
    try:
        return _record(text.value(), row)
    except BadRecord as error:
        return RawRecord(row, error=refusal(row, error, text.skip_value()))


def _enter_list(text: JsonText) -> bool:
    """Move the cursor to the list of records inside the object at the cursor; without one, move behind the object."""
    depth = 0
    while True:
        sign = text.peek()
        if sign not in ("{", ",", "}"):
            return False
        text.take()
        depth += (sign == "{") - (sign == "}")
        if depth == 0:
            return False
        if text.peek() == '"' and _enter_member(text):
            return True


def _enter_member(text: JsonText) -> bool:
    """Read a name and move to its value if that is a list of records or may hold one; else move behind it."""
    try:
        name = text.value()
    except BadRecord:
        return False
    if text.peek() != ":":
        return False
    text.take()
    sign = text.peek()
    if name in LIST_NAMES and sign == "[":
        return True
    if not (name in LIST_NAMES and sign == "{"):
        text.skip_value()
    return False
