"""How a file holds its records, told by its first characters: JSON lines or document, table, cassette, timed text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

from kairo.stages.evidence.adapters.containers.cassettes import cassette_records
from kairo.stages.evidence.adapters.containers.envelopes import unfolded
from kairo.stages.evidence.adapters.containers.json_records import json_document, json_lines
from kairo.stages.evidence.adapters.containers.json_text import decoded
from kairo.stages.evidence.adapters.containers.opened import BrokenOff, OpenedFile, opened
from kairo.stages.evidence.adapters.containers.tables import table_rows
from kairo.stages.evidence.adapters.containers.timed_text import transcript_record
from kairo.stages.evidence.contracts import RejectedRecord
from kairo.stages.evidence.ports import BadRecord, RawRecord, Record

_NAMED_LINES = re.compile(r"\.(?:jsonl|ndjson|jsonlines)(?:\.gz)?$", re.IGNORECASE)
_CASSETTE = re.compile(r"^(?:http_)?interactions:\s*$", re.MULTILINE)


def records_in(path: Path, recognised: Callable[[Record], bool], *, name: str | None = None) -> Iterator[RawRecord]:
    """Yield every record of a file in its order, one at a time; pages and threads are opened into their posts.

    Raises UnreadableFile when the file is none that can be read; where it breaks off later, the last record says so.
    """
    last_row = 0
    with opened(path, name=name) as file:
        try:
            for record in _unfolded(_records(file, recognised), recognised):
                last_row = record.row
                yield record
        except BrokenOff as error:
            row = last_row + 1
            reason = f"the file breaks off here, what follows was not read: {error}"
            yield RawRecord(row, error=RejectedRecord(row, "broken_file", reason))


def _records(file: OpenedFile, recognised: Callable[[Record], bool]) -> Iterator[RawRecord]:
    start = file.head.lstrip()
    if start.startswith("<"):
        return transcript_record(file.text, file.name)
    if _is_lines(start, file.name):
        return json_lines(file.text)
    if start.startswith(("[", "{")):
        return json_document(file.text)
    if _CASSETTE.search(file.head):
        return cassette_records(file.text, recognised)
    return table_rows(file.text, file.name)


def _is_lines(start: str, name: str) -> bool:
    """Say whether each line is a record of its own, also where the first one is broken."""
    first, _, others = start.partition("\n")
    if start.startswith("["):
        return bool(_NAMED_LINES.search(name) and others.strip() and _is_json(first))
    if _NAMED_LINES.search(name) or others.lstrip().startswith('{"'):
        return True
    return start.startswith("{") and _is_json(first)


def _is_json(line: str) -> bool:
    try:
        decoded(line)
    except BadRecord:
        return False
    return True


def _unfolded(records: Iterator[RawRecord], recognised: Callable[[Record], bool]) -> Iterator[RawRecord]:
    """Open what carries posts; the posts of a file that is one page are counted one by one."""
    for record in records:
        if record.fields is None:
            yield record
            continue
        for place, fields in enumerate(unfolded(record.fields, recognised), start=record.row):
            yield RawRecord(place if record.row == 1 else record.row, fields=fields)
