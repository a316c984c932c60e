"""How a text will look on its channel: its lines, with hashtags and links told apart. Nothing of it is HTML."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from kairo.stages.opportunities.contracts import Channel

FOLDS = {
    Channel.INSTAGRAM: 125,
    Channel.LINKEDIN: 210,
    Channel.TIKTOK: 100,
    Channel.YOUTUBE: 150,
    Channel.META_ADS: 125,
}
"""After about so many characters the platform hides the rest behind a tap; our rule of thumb."""
_HEADING = re.compile(r"#{1,6}\s+(?P<text>.+)")
_NAMED_LINK = re.compile(r"\[(?P<name>[^\]\n]+)\]\((?:https?://|www\.)[^\s)]+\)")
_MARKED = re.compile(r"(?P<link>(?:https?://|www\.)[^\s<>\"”»)\]]+)|(?P<hashtag>(?<![\w&/])[#＃](?=\w*[^\W\d_])\w+)")


class LineKind(StrEnum):
    """What a line of a preview is."""

    TEXT = "text"
    HEADING = "heading"
    QUOTE = "quote"


@dataclass(frozen=True)
class Piece:
    """A run of letters; `kind` is plain, link or hashtag."""

    text: str
    kind: str = "plain"


@dataclass(frozen=True)
class Line:
    """One line of a preview. `is_folded`: readers see it only after a tap."""

    kind: LineKind
    pieces: tuple[Piece, ...]
    is_folded: bool = False


@dataclass(frozen=True)
class Preview:
    """A text as its channel shows it."""

    channel: Channel
    title: str | None
    lines: tuple[Line, ...]
    call_to_action: str | None

    @property
    def folds(self) -> bool:
        return any(line.is_folded for line in self.lines)


def preview_of(channel: Channel, *, title: str | None, body: str, call_to_action: str | None) -> Preview:
    """Lay a text out as its channel does; a call to action that stands in the body is not shown twice."""
    shown = None if call_to_action and call_to_action in body else call_to_action
    return Preview(channel=channel, title=title, lines=tuple(_lines(channel, body)), call_to_action=shown)


def _lines(channel: Channel, body: str) -> Iterator[Line]:
    read = 0
    for text in body.split("\n"):
        is_folded = channel in FOLDS and read >= FOLDS[channel]
        read += len(text) + 1
        if text.strip():
            kind, said = _kind(channel, text)
            yield Line(kind, tuple(_article_pieces(said) if channel is Channel.BLOG else _pieces(said)), is_folded)


def _kind(channel: Channel, text: str) -> tuple[LineKind, str]:
    if channel is not Channel.BLOG:
        return LineKind.TEXT, text
    if heading := _HEADING.fullmatch(text):
        return LineKind.HEADING, heading["text"]
    if text.startswith(">"):
        return LineKind.QUOTE, text[1:].strip()
    return LineKind.TEXT, text


def _article_pieces(text: str) -> Iterator[Piece]:
    """Cut a line of Markdown: a link is shown by its name."""
    end = 0
    for found in _NAMED_LINK.finditer(text):
        yield from _pieces(text[end : found.start()])
        yield Piece(found["name"], "link")
        end = found.end()
    yield from _pieces(text[end:])


def _pieces(text: str) -> Iterator[Piece]:
    end = 0
    for found in _MARKED.finditer(text):
        if found.start() > end:
            yield Piece(text[end : found.start()])
        yield Piece(found[0], found.lastgroup or "plain")
        end = found.end()
    if end < len(text):
        yield Piece(text[end:])
