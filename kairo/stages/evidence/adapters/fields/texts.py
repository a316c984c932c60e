"""Texts as sources write them, made into what a person reads: entities decoded, markup gone, nothing unstorable."""

from __future__ import annotations

import html
import re

from pydantic import JsonValue

from kairo.stages.evidence.contracts import MAX_TEXT_CHARACTERS
from kairo.stages.evidence.ports import BadRecord, Record

_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_LINE_TAG = re.compile(r"<(?:br\b|/p\b|/div\b|/li\b|/h[1-6]\b|/blockquote\b|/pre\b|p\b)[^<>]*>", re.IGNORECASE)
_TAG = re.compile(r"</?[A-Za-z!][^<>]*>")
_EMPTY_LINES = re.compile(r"\n{3,}")


def storable_text(text: str) -> str:
    """Drop NUL characters and replace lone surrogates by U+FFFD: PostgreSQL takes neither."""
    if "\0" in text:
        text = text.replace("\0", "")
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def read_text(text: str) -> str:
    """Make one text storable, with plain line ends and nothing around it."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return storable_text(text).strip()


def text_of(record: Record, *names: str) -> str:
    """Return the first text among the named fields, "" when there is none.

    Raises BadRecord where a field holds something that is no text.
    """
    for name in names:
        text = written(record.get(name), name)
        if text:
            return text
    return ""


def written(value: JsonValue, name: str) -> str:
    """Return the value as text; a number is written out, NaN (how tables say "missing") is none.

    Raises BadRecord for a list, an object, true or false.
    """
    if isinstance(value, str):
        return read_text(value)
    if value is None or value != value:
        return ""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadRecord("bad_text", f"{name} is not a text")
    try:
        return str(value)
    except ValueError as error:
        raise BadRecord("bad_text", f"{name} is a number of thousands of digits, not a text") from error


def optional_text(record: Record, *names: str) -> str:
    """Return the first of the named fields that holds a text, else "": for fields that an item can do without."""
    for name in names:
        value = record.get(name)
        text = read_text(value) if isinstance(value, str) else ""
        if text:
            return text
    return ""


def bounded_text(text: str, name: str) -> str:
    """Return the text. Raises BadRecord when it is longer than any post or hour-long transcript."""
    if len(text) > MAX_TEXT_CHARACTERS:
        raise BadRecord("text_too_long", f"{name} has {len(text):,} characters, more than {MAX_TEXT_CHARACTERS:,}")
    return text


def unescaped(text: str) -> str:
    """Decode HTML entities once; one without its semicolon stays, for it is part of an address ("?a=1&copy=2")."""
    if "&" not in text:
        return text
    return read_text(_ENTITY.sub(lambda entity: html.unescape(entity[0]), text))


def text_of_html(markup: str) -> str:
    """Return what a person reads in a piece of HTML: a line for each paragraph and break, no tags, no entities."""
    lines = _LINE_TAG.sub("\n", markup) if "<" in markup else markup
    read = unescaped(_TAG.sub("", lines)).replace("\u00a0", " ")
    return _EMPTY_LINES.sub("\n\n", "\n".join(line.strip() for line in read.split("\n"))).strip()
