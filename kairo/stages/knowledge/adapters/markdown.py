"""Markdown and plain text as the text that is stored: what people read, without the marks of its layout."""

from __future__ import annotations

import re
import unicodedata
from pathlib import PurePath

from kairo.stages.knowledge.contracts.documents import (
    MAX_DOCUMENT_CHARACTERS,
    DocumentKind,
    ReadText,
    UnreadableDocument,
)

_FRONT_MATTER = re.compile(r"\A---[^\S\n]*\n.*?\n(?:---|\.\.\.)[^\S\n]*(?:\n|\Z)", re.DOTALL)
_HEADING = re.compile(r"^ {0,3}(#{1,6})[ \t]+(.*?)[ \t]*#*[ \t]*$")
_UNDERLINE = re.compile(r"^ {0,3}(=+|-{2,})[ \t]*$")
_FENCE = re.compile(r"^ {0,3}(```+|~~~+)")
_RULE = re.compile(r"^ {0,3}(?:[-*_][ \t]*){3,}$")
_LIST_MARK = re.compile(r"^([ \t]*)(?:[-*+]|\d{1,9}[.)])[ \t]+(?:\[[ xX]\][ \t]+)?")
_QUOTE_MARK = re.compile(r"^ {0,3}(?:>[ \t]?)+")
_TABLE_RULE = re.compile(r"^[ \t]*\|?[ \t]*:?-{2,}:?[ \t]*(?:\|[ \t]*:?-{2,}:?[ \t]*)*\|?[ \t]*$")
_IMAGE = re.compile(r"!\[([^\]\n]{0,300})\]\([^)\n]{0,2000}\)")
_LINK = re.compile(r"\[([^\]\n]{1,300})\](?:\([^)\n]{0,2000}\)|\[[^\]\n]{0,100}\])")
_STRONG = re.compile(r"(\*\*|__)(?=\S)(.{1,300}?)(?<=\S)\1")
_EMPHASIS = re.compile(
    r"(?<![\w*])\*(?=\S)([^*\n]{1,300}?)(?<=\S)\*(?![\w*])|(?<![\w_])_(?=\S)([^_\n]{1,300}?)(?<=\S)_(?!\w)"
)
_CODE = re.compile(r"`([^`\n]{1,500})`")
_TAG = re.compile(r"</?[A-Za-z][^<>\n]{0,500}>")
_ESCAPE = re.compile(r"\\([\\`*_{}\[\]()#+\-.!|>~])")
# Control characters but for tab and line end, and halves of surrogate pairs.
_UNSTORABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_EMPTY_LINES = re.compile(r"\n{3,}")
_MOST_CONTROLS = 0.02
_UTF_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_SIGNATURES = (
    (
        b"PK\x03\x04",
        "This is a Word, Excel or other packed file: save it as PDF, Markdown or plain text and send that.",
    ),
    (b"\xd0\xcf\x11\xe0", "This is an old Office file: save it as PDF, Markdown or plain text and send that."),
    (b"\x89PNG", "This is a picture: send the text itself, or a PDF in which the text can be selected."),
    (b"\xff\xd8\xff", "This is a picture: send the text itself, or a PDF in which the text can be selected."),
    (b"GIF8", "This is a picture: send the text itself, or a PDF in which the text can be selected."),
    (b"\x1f\x8b", "This is a packed file: unpack it and send what is in it."),
    (b"{\\rtf", "This is RTF: save it as PDF, Markdown or plain text and send that."),
)


def read_text_file(content: bytes, *, name: str) -> ReadText:
    """Read Markdown, by the ending of its name, or plain text.

    Raises:
        UnreadableDocument: it is no text, or holds none.
    """
    text = decoded(content, name=name)
    stem = PurePath(name).stem or "Untitled"
    if PurePath(name).suffix.lower() in {".md", ".markdown", ".mdown", ".mkd"}:
        plain, headings = without_marks(text)
        title = headings[0][1] if headings else stem
        return checked(ReadText(kind=DocumentKind.MARKDOWN, title=title[:200], text=plain, headings=headings), name)
    return checked(ReadText(kind=DocumentKind.TEXT, title=stem[:200], text=tidy(text)), name)


def checked(read: ReadText, name: str) -> ReadText:
    """Return what was read, if it is something and not too much.

    Raises:
        UnreadableDocument: there is no word in it, or it is too long.
    """
    if not any(map(str.isalpha, read.text)):
        raise UnreadableDocument(f"{name} holds no text: there is nothing in it that could be cited.")
    if len(read.text) > MAX_DOCUMENT_CHARACTERS:
        raise _too_long(name, len(read.text))
    return read


def _too_long(name: str, characters: int) -> UnreadableDocument:
    return UnreadableDocument(
        f"{name} holds {characters:,} characters of text, and {MAX_DOCUMENT_CHARACTERS:,} are taken: send it in parts."
    )


def decoded(content: bytes, *, name: str) -> str:
    """Decode text in UTF-8, or in UTF-16 where it is marked as such.

    Raises:
        UnreadableDocument: it is no text in them.
    """
    for signature, advice in _SIGNATURES:
        if content.startswith(signature):
            raise UnreadableDocument(f"{name} cannot be read. {advice}")
    encoding = next((encoding for mark, encoding in _UTF_MARKS if content.startswith(mark)), "utf-8")
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        raise UnreadableDocument(
            f"{name} is not text in UTF-8 (byte {error.start}): save it with that encoding, or as PDF, and send that."
        ) from error
    if len(text) > 2 * MAX_DOCUMENT_CHARACTERS:
        raise _too_long(name, len(text))
    controls = sum(unicodedata.category(sign) == "Cc" and sign not in "\t\n\r\f\v" for sign in text[:10_000])
    if "\x00" in text or controls > _MOST_CONTROLS * min(len(text), 10_000):
        raise UnreadableDocument(f"{name} is no text but data of some program: send PDF, Markdown or plain text.")
    return text


def tidy(text: str) -> str:
    """Return a text with plain line ends, NFC, and no characters that nothing can store or show."""
    lines = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n\n")
    kept = _UNSTORABLE.sub("", lines)
    return _EMPTY_LINES.sub("\n\n", "\n".join(line.rstrip() for line in kept.split("\n"))).strip()


def without_marks(markdown: str) -> tuple[str, tuple[tuple[int, str], ...]]:
    """Return what a Markdown text says, and its headings with the places where they begin in that text."""
    source = _without_comments(_FRONT_MATTER.sub("", tidy(markdown) + "\n", count=1))
    lines: list[tuple[str, bool]] = []
    fence: str | None = None
    for line in source.split("\n"):
        fenced = _FENCE.match(line)
        if fenced and fence in (None, fenced[1][:3]):
            fence = None if fence else fenced[1][:3]
            continue
        if fence is not None:
            lines.append((line, False))
        elif _UNDERLINE.match(line) and lines and lines[-1][0].strip() and not lines[-1][1]:
            lines[-1] = (lines[-1][0].strip(), True)
        elif "|" in line and _TABLE_RULE.match(line):
            continue
        else:
            lines.append(_read_line(line))
    return _joined(lines)


def _without_comments(text: str) -> str:
    """Take out HTML comments; one that is not closed is none. In one pass: a pattern would look for each end anew."""
    kept: list[str] = []
    at = 0
    while (begun := text.find("<!--", at)) >= 0 and (ended := text.find("-->", begun)) >= 0:
        kept.append(text[at:begun])
        at = ended + len("-->")
    return "".join([*kept, text[at:]])


def _read_line(line: str) -> tuple[str, bool]:
    """Return what a line says, and whether it is a heading."""
    heading = _HEADING.match(line)
    if heading:
        return _inline(heading[2]), True
    if _RULE.match(line):
        return "", False
    said = _LIST_MARK.sub(r"\1", _QUOTE_MARK.sub("", line))
    if said.lstrip().startswith("|"):
        said = " · ".join(cell.strip() for cell in said.strip().strip("|").split("|"))
    return _inline(said).rstrip(), False


def _inline(text: str) -> str:
    plain = _LINK.sub(r"\1", _IMAGE.sub(r"\1", text))
    plain = _CODE.sub(r"\1", plain)
    plain = _STRONG.sub(r"\2", plain)
    plain = _EMPHASIS.sub(lambda found: found[1] or found[2], plain)
    return _ESCAPE.sub(r"\1", _TAG.sub("", plain))


def _joined(lines: list[tuple[str, bool]]) -> tuple[str, tuple[tuple[int, str], ...]]:
    """Put the lines together, headings apart from what is around them, and tell where each heading begins."""
    blocks: list[str] = []
    headings: list[tuple[int, str]] = []
    length = 0
    blank = True
    for text, is_heading in lines:
        if not text.strip():
            blank = True
            continue
        separator = "" if not blocks else ("\n\n" if blank or is_heading else "\n")
        if is_heading:
            headings.append((length + len(separator), text))
        blocks.append(separator + text)
        length += len(separator) + len(text)
        blank = is_heading
    return "".join(blocks), tuple(headings)
