"""Which encoding a file was saved in: UTF-8, UTF-16 or, where the bytes speak for it, Windows' Western code page."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from itertools import chain

from kairo.stages.evidence.contracts import UnreadableFile

_BYTE_ORDER_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_NOT_UTF8 = re.compile("[\udc80-\udcff]")
_LETTERS = re.compile(rb"[A-Za-z\x80-\xff]")
_HIGH = re.compile(rb"[\x80-\xff]")
_MOST_NULS = 0.10
_MOST_ACCENTS = 0.30
"""Western texts have far fewer accented letters than this; Cyrillic, Greek and Chinese code pages have far more."""


def encoding_of(head: bytes, rest: Iterator[bytes], name: str) -> str:
    """Return the encoding of a file that starts with `head`; `rest` is read up to the first byte that is not ASCII.

    Raises UnreadableFile for bytes that are no text, and for code pages that cannot be told apart.
    """
    marked = next((encoding for mark, encoding in _BYTE_ORDER_MARKS if head.startswith(mark)), None)
    if marked:
        return marked
    if b"\0" in head:
        return _unmarked_utf16(head, name)
    piece = next((piece for piece in chain([head], rest) if not piece.isascii()), b"")
    is_last = not next(rest, b"")
    return _of_accents(piece, is_last, name) if piece else "utf-8"


def _unmarked_utf16(head: bytes, name: str) -> str:
    for encoding, zeros in (("utf-16-le", head[1::2]), ("utf-16-be", head[0::2])):
        other = head[0::2] if encoding == "utf-16-le" else head[1::2]
        if zeros.count(0) > 0.4 * len(zeros) and other.count(0) < 0.05 * len(other) + 1:
            return encoding
    if head.count(0) > _MOST_NULS * len(head) or _NOT_UTF8.search(_from_utf8(head, is_last=False)):
        raise UnreadableFile(f"{name} is not a text file", code="not_text")
    return "utf-8"


def _from_utf8(piece: bytes, *, is_last: bool) -> str:
    return codecs.getincrementaldecoder("utf-8")("surrogateescape").decode(piece, final=is_last)


def _of_accents(piece: bytes, is_last: bool, name: str) -> str:
    text = _from_utf8(piece, is_last=is_last)
    wrong = len(_NOT_UTF8.findall(text))
    if not wrong:
        return "utf-8"
    right = len(re.findall("[\u0080-\ud7ff\ue000-\U0010ffff]", text))
    if right >= wrong:
        return "utf-8"
    letters = len(_LETTERS.findall(piece))
    if len(_HIGH.findall(piece)) > max(4, _MOST_ACCENTS * letters):
        raise UnreadableFile(f"{name} is in an encoding that cannot be told: save it as UTF-8", code="unknown_encoding")
    return "cp1252"
