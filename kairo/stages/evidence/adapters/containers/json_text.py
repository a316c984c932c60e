"""JSON read value by value in flat memory: one broken, enormous or bottomless record costs that record alone.

A streaming parser (ijson) gives up the rest of the file at the first NaN, large number or broken escape; here the
reader finds the end of the refused value by its brackets and goes on behind it.
"""

from __future__ import annotations

import re
from json import JSONDecodeError, JSONDecoder
from typing import TextIO

from pydantic import JsonValue

from kairo.stages.evidence.contracts import MAX_RECORD_BYTES
from kairo.stages.evidence.ports import BadRecord

_PIECE = 65_536
_NEAR_THE_END = 16
_BLANKS = re.compile(r"[\s\ufeff]*")
_STRUCTURE = re.compile(r'["{}\[\],]')
_STRING_END = re.compile(r'["\\]')
_NOT_DECODED = re.compile("[\udc80-\udcff]")
_DECODER = JSONDecoder()


def decoded(text: str) -> JsonValue:
    """Decode one JSON text. Raises BadRecord when it is none, too large, or nested too deep."""
    _refuse_large(text)
    _refuse_wrong_bytes(text)
    try:
        value: JsonValue = _DECODER.decode(text)
    except RecursionError as error:
        raise _too_deep() from error
    except ValueError as error:
        raise _broken(error) from error
    return value


class JsonText:
    """A cursor over a JSON text of any length."""

    def __init__(self, source: TextIO) -> None:
        self._source = source
        self._text = ""
        self._at = 0

    def peek(self) -> str:
        """Return the next character that is not blank, "" at the end."""
        while True:
            blanks = _BLANKS.match(self._text, self._at)
            self._at = blanks.end() if blanks else self._at
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more():
                return ""

    def take(self) -> None:
        """Step over the character that `peek` returned."""
        self._at += 1

    def value(self) -> JsonValue:
        """Read the value at the cursor. Raises BadRecord, and stays where it is, when it cannot be read."""
        self._forget_what_was_read()
        while True:
            try:
                value, end = _DECODER.raw_decode(self._text, self._at)
            except JSONDecodeError as error:
                self._read_on_after(error)
                continue
            except RecursionError as error:
                raise _too_deep() from error
            except ValueError as error:
                raise _broken(error) from error
            if end == len(self._text) and self._text[end - 1].isalnum() and self._room() and self._more():
                continue
            return self._checked(value, end)

    def skip_value(self) -> str:
        """Step over the value at the cursor by its brackets alone, in flat memory; return how it begins."""
        start = self._text[self._at : self._at + 200]
        depth = 0
        self._at += self._text[self._at] in "}],"
        while True:
            mark = _STRUCTURE.search(self._text, self._at)
            if mark is None:
                if not self._next_piece():
                    return start
                continue
            sign = mark[0]
            if depth == 0 and sign in "}],":
                self._at = mark.start()
                return start
            self._at = mark.end()
            depth += (sign in "{[") - (sign in "}]")
            if sign == '"':
                self._skip_string()

    def _skip_string(self) -> None:
        while True:
            mark = _STRING_END.search(self._text, self._at)
            if mark is None:
                if not self._next_piece():
                    return
                continue
            self._at = mark.end()
            if mark[0] == '"':
                return
            if self._at == len(self._text) and not self._next_piece():
                return
            self._at += 1

    def _checked(self, value: JsonValue, end: int) -> JsonValue:
        read = self._text[self._at : end]
        _refuse_large(read)
        _refuse_wrong_bytes(read)
        self._at = end
        return value

    def _forget_what_was_read(self) -> None:
        # An error of the decoder counts the lines before it: what lies behind the cursor would make each one dearer.
        if self._at > _PIECE:
            self._text, self._at = self._text[self._at :], 0

    def _read_on_after(self, error: JSONDecodeError) -> None:
        """Read more when the end of what is held cuts the value off; raise BadRecord when it is wrong or too large."""
        cut_off = error.pos >= len(self._text) - _NEAR_THE_END or error.msg.startswith("Unterminated string")
        if cut_off and not self._room():
            raise _too_large() from error
        if not cut_off or not self._more():
            raise _broken(error) from error

    def _room(self) -> bool:
        return len(self._text) - self._at <= MAX_RECORD_BYTES

    def _more(self) -> bool:
        """Read on behind what is held; twice as much each time, so that a long value is not parsed again too often."""
        held = self._text[self._at :]
        piece = self._source.read(max(_PIECE, len(held)))
        self._text, self._at = held + piece, 0
        return bool(piece)

    def _next_piece(self) -> bool:
        self._text, self._at = self._source.read(_PIECE), 0
        return bool(self._text)


def _refuse_large(text: str) -> None:
    if len(text) * 4 > MAX_RECORD_BYTES and len(text.encode("utf-8", "surrogatepass")) > MAX_RECORD_BYTES:
        raise _too_large()


def _refuse_wrong_bytes(text: str) -> None:
    if not text.isascii() and _NOT_DECODED.search(text):
        raise BadRecord("bad_encoding", "the record holds bytes that are no characters in the file's encoding")


def _broken(error: ValueError) -> BadRecord:
    why = error.msg if isinstance(error, JSONDecodeError) else "a number of thousands of digits"
    return BadRecord("broken_json", f"the record is not valid JSON: {why}")


def _too_deep() -> BadRecord:
    return BadRecord("too_deep", "the record is nested too deep to be read")


def _too_large() -> BadRecord:
    return BadRecord("too_large", f"the record is larger than {MAX_RECORD_BYTES:,} bytes")
