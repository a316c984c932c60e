"""The rows of CSV and TSV files, by their headings; a row out of step, or with an open quote, is refused alone."""

from __future__ import annotations

import csv
import re
from collections import deque
from collections.abc import Iterator, Sequence
from itertools import count
from typing import TextIO

from pydantic import JsonValue

from kairo.stages.evidence.adapters.containers.json_records import refusal
from kairo.stages.evidence.contracts import MAX_RECORD_BYTES, UnreadableFile
from kairo.stages.evidence.ports import BadRecord, RawRecord

_DELIMITERS = ",;\t|"
_SEPARATOR_LINE = re.compile(rf"sep=([{_DELIMITERS}])\s*", re.IGNORECASE)
_NOT_DECODED = re.compile("[\udc80-\udcff]")
_NESTED = re.compile(r"[^/\s]+(?:/[^/\s]+){1,7}")
_MOST_COLUMNS = 2_000
_MOST_SECOND_READINGS = 100
"""How often lines behind an open quote are read again: a file made of such quotes must not take for ever."""

# Python's own limit of 131,072 characters a cell is below what a transcript needs.
csv.field_size_limit(MAX_RECORD_BYTES + 1)


def table_rows(source: TextIO, name: str) -> Iterator[RawRecord]:
    """Yield each row below the headings; `row` counts as a spreadsheet does, the headings being row 1.

    Raises UnreadableFile when the first row is no row of headings.
    """
    lines = _Lines(source)
    first = _first_line(lines, name)
    told = _SEPARATOR_LINE.fullmatch(first)
    if not told:
        lines.put_back([first])
    delimiter = told[1] if told else _delimiter_of(first)
    rows = _rows(lines, delimiter)
    headings = next(rows, None)
    if not isinstance(headings, list):
        raise UnreadableFile(f"{name}: the first row holds no headings that can be read", code="no_headings")
    if len(headings) > _MOST_COLUMNS:
        raise UnreadableFile(f"{name}: {len(headings):,} columns are more than any export has", code="no_headings")
    columns = _columns(headings)
    is_nested = any(map(_NESTED.fullmatch, columns))
    for row, cells in zip(count(3 if told else 2), rows, strict=False):
        if isinstance(cells, BadRecord):
            yield RawRecord(row, error=refusal(row, cells, cells.text))
        elif any(cells):
            yield _record(columns, cells, row, is_nested=is_nested)


def _first_line(lines: _Lines, name: str) -> str:
    try:
        return next(lines, "")
    except OverflowError as error:
        raise UnreadableFile(
            f"{name}: the first line is longer than any row of headings", code="no_headings"
        ) from error


class _OutOfStep(BadRecord):
    def __init__(self, code: str, reason: str, text: str) -> None:
        super().__init__(code, reason)
        self.text = text


class _Lines:
    """The lines of a file, kept for as long as the row that they make is not complete."""

    def __init__(self, source: TextIO) -> None:
        self._source = source
        self._waiting: deque[str] = deque()
        self.of_row: list[str] = []
        self._size = 0
        self.at_end = False

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._waiting.popleft() if self._waiting else self._source.readline(MAX_RECORD_BYTES + 1)
        if not line:
            self.at_end = True
            raise StopIteration
        self.of_row.append(line)
        self._size += len(line)
        if self._size > MAX_RECORD_BYTES:
            raise OverflowError
        return line

    def begin_row(self) -> None:
        self.of_row = []
        self._size = 0
        self.at_end = False

    def put_back(self, lines: Sequence[str]) -> None:
        self._waiting.extendleft(reversed(lines))

    def skip_line(self) -> None:
        """Drop the rest of a line that is too long to be held."""
        while self.of_row and not self.of_row[-1].endswith(("\n", "\r")):
            self.of_row = [self._source.readline(65_536)]
            if not self.of_row[0]:
                return


def _rows(lines: _Lines, delimiter: str) -> Iterator[list[str] | _OutOfStep]:
    reader = csv.reader(lines, delimiter=delimiter)
    second_readings = 0
    while True:
        lines.begin_row()
        try:
            cells = next(reader, None)
        except OverflowError:
            cells = None
        except csv.Error as error:
            yield _OutOfStep("broken_row", f"the row cannot be read: {error}", lines.of_row[0])
            continue
        if cells is None and not lines.of_row:
            return
        if cells is not None and not _has_open_quote(lines):
            yield cells
            continue
        second_readings += 1
        yield _refused(lines, read_again=second_readings <= _MOST_SECOND_READINGS)


def _has_open_quote(lines: _Lines) -> bool:
    """Say whether the last row swallowed the rest of the file: csv itself closes an open quote without a word."""
    return lines.at_end and len(lines.of_row) > 1 and sum(line.count('"') for line in lines.of_row) % 2 == 1


def _refused(lines: _Lines, *, read_again: bool) -> _OutOfStep:
    first, *others = lines.of_row
    if not others:
        lines.skip_line()
        return _OutOfStep("too_large", f"the row is larger than {MAX_RECORD_BYTES:,} bytes", first)
    if not read_again:
        lines.skip_line()
        return _OutOfStep("open_quote", f"a quote is never closed: {len(others) + 1} lines were not read", first)
    lines.put_back(others)
    return _OutOfStep("open_quote", "a quote is opened in this row and never closed", first)


def _delimiter_of(line: str) -> str:
    columns = {sign: len(next(csv.reader([line], delimiter=sign), [])) for sign in _DELIMITERS}
    return max(columns, key=lambda sign: columns[sign])


def _columns(headings: list[str]) -> list[str]:
    """Name the columns; one without a heading, or with another's, gets its place into its name."""
    columns: list[str] = []
    for place, heading in enumerate(headings, start=1):
        name = heading.strip()
        columns.append(name if name and name not in columns else f"{name or 'column'} {place}")
    return columns


def _record(columns: list[str], cells: list[str], row: int, *, is_nested: bool) -> RawRecord:
    while len(cells) > len(columns) and not cells[-1]:
        cells.pop()
    if len(cells) != len(columns):
        error = BadRecord("wrong_columns", f"the row has {len(cells)} cells, the headings are {len(columns)}")
        return RawRecord(row, error=refusal(row, error, ", ".join(cells)[:400]))
    fields = dict(zip(columns, cells, strict=True))
    if any(not cell.isascii() and _NOT_DECODED.search(cell) for cell in cells):
        error = BadRecord("bad_encoding", "the row holds bytes that are no characters in the file's encoding")
        return RawRecord(row, error=refusal(row, error, ", ".join(cells)[:400]))
    return RawRecord(row, fields=_nested(fields) if is_nested else fields)


def _nested(fields: dict[str, str]) -> dict[str, JsonValue]:
    """Rebuild the objects and lists that a table spreads over headings like `authorMeta/name` and `hashtags/0/name`."""
    tree: dict[str, JsonValue] = {}
    for heading, cell in fields.items():
        if not _NESTED.fullmatch(heading):
            tree[heading] = cell
        elif cell:
            _plant(tree, heading.split("/"), cell)
    return {name: _with_lists(branch) for name, branch in tree.items()}


def _plant(tree: dict[str, JsonValue], path: list[str], cell: str) -> None:
    *branches, leaf = path
    for name in branches:
        branch = tree.setdefault(name, {})
        if not isinstance(branch, dict):
            return
        tree = branch
    tree.setdefault(leaf, cell)


def _with_lists(branch: JsonValue) -> JsonValue:
    if not isinstance(branch, dict):
        return branch
    grown = {name: _with_lists(inner) for name, inner in branch.items()}
    if grown and all(name.isascii() and name.isdigit() for name in grown):
        return [grown[name] for name in sorted(grown, key=int)]
    return grown
