"""A file opened as text whatever it was saved as: plain or gzip, its encoding found, never larger than its bounds."""

from __future__ import annotations

import gzip
import io
import re
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from kairo.stages.evidence.adapters.containers.encodings import encoding_of
from kairo.stages.evidence.contracts import UnreadableFile

MAX_EXPANDED_BYTES = 16_000_000_000
MAX_EXPANSION = 200
"""A gzip file may hold at most this many times its own size: texts reach 30, a bomb 1,000."""
_EXPANSION_ALLOWANCE = 20_000_000
"""Small files may expand beyond the ratio: a thousand equal test rows do."""

_GZIP = b"\x1f\x8b"
_HEAD_BYTES = 65_536
_KNOWN_BINARIES = (
    (b"PK\x03\x04", "a zip archive or a spreadsheet: unpack it, or save the sheet as CSV"),
    (b"PAR1", "a Parquet file: export it as CSV or JSONL"),
    (b"SQLite format 3", "a SQLite database: export the table as CSV"),
    (b"%PDF", "a PDF document"),
    (b"BZh", "a bzip2 file: unpack it first"),
    (b"\xfd7zXZ", "an xz file: unpack it first"),
    (b"\x28\xb5\x2f\xfd", "a zstd file: unpack it first"),
    (b"\xd0\xcf\x11\xe0", "an old Excel or Word file: save the sheet as CSV"),
)


class BrokenOff(Exception):
    """The file cannot be read any further; what was read before stands."""


@dataclass(frozen=True)
class OpenedFile:
    """The text of a file from its start, with its first characters for a look at what it is."""

    text: TextIO
    head: str
    name: str


@contextmanager
def opened(path: Path, *, name: str | None = None) -> Iterator[OpenedFile]:
    """Open a file as text; it is closed again at the end of the block. People know it by `name`, else by its path's.

    Raises UnreadableFile when it is missing, empty, or not text; reading on raises BrokenOff where it breaks off.
    """
    name = name or path.name
    _refuse_what_is_no_file(path, name)
    try:
        encoding, head = _sniff(path, name)
    except BrokenOff as error:
        raise UnreadableFile(f"{name} cannot be read: {error}") from error
    errors = "replace" if encoding.startswith("utf-16") else "surrogateescape"
    with _expanded(path, name) as stream, io.TextIOWrapper(stream, encoding, errors=errors, newline="") as text:
        start = re.sub("^\ufeff", "", head.decode(encoding, errors))
        yield OpenedFile(text=text, head=start, name=name)


def _refuse_what_is_no_file(path: Path, name: str) -> None:
    try:
        if not path.is_file():
            raise UnreadableFile(f"{name or path} is not a file", code="no_such_file")
        if path.stat().st_size == 0:
            raise UnreadableFile(f"{name} is empty", code="empty_file")
    except (OSError, ValueError) as error:
        raise UnreadableFile(f"{name} cannot be opened: {error}") from error


def _sniff(path: Path, name: str) -> tuple[str, bytes]:
    with _expanded(path, name) as stream:
        head = _head(stream)
        if not head.strip():
            raise UnreadableFile(f"{name} is empty", code="empty_file")
        found = next((what for start, what in _KNOWN_BINARIES if head.startswith(start)), None)
        if found:
            raise UnreadableFile(f"{name} is {found}", code="not_text")
        return encoding_of(head, _pieces(stream), name), head


def _head(stream: io.BufferedReader) -> bytes:
    """Read the first bytes; a file that breaks off within them has at least those before."""
    head = stream.read1(_HEAD_BYTES)
    for piece in _pieces(stream):
        if len(head) >= _HEAD_BYTES:
            break
        head += piece
    return head


def _pieces(stream: io.BufferedReader) -> Iterator[bytes]:
    """Yield the bytes up to the end or to where the file breaks off; `read1` loses nothing of what came before that."""
    try:
        while piece := stream.read1(_HEAD_BYTES):
            yield piece
    except BrokenOff:
        return


@contextmanager
def _expanded(path: Path, name: str) -> Iterator[io.BufferedReader]:
    try:
        file = path.open("rb")
    except OSError as error:
        raise UnreadableFile(f"{name} cannot be opened: {error.strerror}") from error
    with file:
        compressed = file.read(2) == _GZIP
        file.seek(0)
        most = min(MAX_EXPANDED_BYTES, MAX_EXPANSION * path.stat().st_size + _EXPANSION_ALLOWANCE)
        source = _Bounded(gzip.GzipFile(fileobj=file), most) if compressed else _Bounded(file, sys.maxsize)
        yield io.BufferedReader(source, _HEAD_BYTES)


class _Bounded(io.RawIOBase):
    """The bytes of a stream up to a bound; damage and excess end it with BrokenOff."""

    def __init__(self, source: io.BufferedReader | gzip.GzipFile, most: int) -> None:
        self._source = source
        self._left = most

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        try:
            piece = self._source.read1(len(buffer))
        except (OSError, EOFError, zlib.error) as error:
            raise BrokenOff(f"it is damaged ({error})") from error
        self._left -= len(piece)
        if self._left < 0:
            raise BrokenOff("it expands to more than any honest file of its size")
        buffer[: len(piece)] = piece
        return len(piece)
