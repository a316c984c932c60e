"""Which characters people cannot see, and which belong to a word: tables of Unicode, and nothing of the business."""

from __future__ import annotations

import re
import unicodedata

# Blank or steering characters. Cf as a whole would be wrong: Arabic number signs (U+0600…) are Cf and visible. Unicode
# calls the Hangul and Braille blanks letters or symbols, so that a post made of them would look like text.
_UNSEEN = (
    "\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164\ufe00-\ufe0e\ufeff\uffa0\ufff0-\ufffc"
    "\ud800-\udfff\ue000-\uf8ff\ufdd0-\ufdef\ufffe\uffff"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff\U000f0000-\U0010ffff"
)
# Scripts and emoji in which a joiner between two signs changes what people see.
_JOINED = "\u0600-\u0dff\u1000-\u109f\u1780-\u17ff\u2190-\u27bf\u2b00-\u2bff\ufe0f\U0001f000-\U0001faff"

_UNSEEN_PATTERN = re.compile(f"[{_UNSEEN}]+")
_STRAY_JOINER = re.compile(f"(?<![{_JOINED}])[\u200c\u200d]|[\u200c\u200d](?![{_JOINED}])")
_LINE_END = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")

# Emoji selectors, enclosing keycaps and half marks are combining marks that never belong to a word.
_NOT_IN_WORDS = {*range(0x20D0, 0x2100), *range(0xFE00, 0xFE10), *range(0xFE20, 0xFE30)}
MARKS = "".join(
    chr(point)
    for point in range(0x300, 0xFFFF)
    if point not in _NOT_IN_WORDS and unicodedata.category(chr(point)) in ("Mn", "Mc")
)
"""Vowel signs and accents: `\\w` leaves them out, which would tear Hindi, Thai and decomposed words apart."""


def without_unseen(text: str) -> str:
    """Drop control, bidirectional, zero-width and blank characters; every kind of line end becomes `\\n`."""
    if text.isascii() and text.isprintable():
        return text
    seen = _UNSEEN_PATTERN.sub("", _LINE_END.sub("\n", text))
    return _STRAY_JOINER.sub("", seen)
