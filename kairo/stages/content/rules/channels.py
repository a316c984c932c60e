"""Channels and their limits, as one table, and what a text does against them.

Lengths are in characters as a person counts them (X counts each Han, kana and hangul letter twice). The figures are
ours, meant to lie within what the platforms take, and were not checked against each; `ideal` is our rule of thumb.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from kairo.stages.content.contracts import ChannelCount, CountedPart
from kairo.stages.opportunities.contracts import Channel

_LINK = re.compile(r"(?:https?://|www\.)[^\s<>\"”»)\]]+", re.IGNORECASE)
_LINK_START = re.compile(r"(?:https?://|www\.)+", re.IGNORECASE)
_SIGNS = re.compile("[#＃]+")
_HASHTAG = re.compile(r"(?<![\w&/])[#＃](?=\w*[^\W\d_])\w+")
_WIDE = re.compile(
    "[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6]"
)
LINK_LENGTH_ON_X = 23


@dataclass(frozen=True)
class ChannelLimits:
    """What a channel takes. `title` is the longest title, or None where there is none."""

    max_length: int
    max_hashtags: int
    max_links: int
    max_line_breaks: int
    title: int | None = None
    max_cta: int = 150
    ideal: tuple[int, int] = (80, 1200)
    minutes_apart: int = 60
    counts_like_x: bool = False


LIMITS: dict[Channel, ChannelLimits] = {
    Channel.INSTAGRAM: ChannelLimits(2200, 30, 0, 30, ideal=(140, 1000)),
    Channel.TIKTOK: ChannelLimits(2200, 8, 0, 15, ideal=(80, 600)),
    Channel.LINKEDIN: ChannelLimits(3000, 5, 1, 40, ideal=(250, 1500)),
    Channel.X: ChannelLimits(280, 2, 1, 6, ideal=(60, 280), minutes_apart=15, counts_like_x=True),
    Channel.YOUTUBE: ChannelLimits(5000, 15, 5, 60, title=100, ideal=(150, 1500)),
    Channel.EMAIL: ChannelLimits(10_000, 0, 5, 120, title=78, ideal=(250, 2000), minutes_apart=720),
    Channel.BLOG: ChannelLimits(60_000, 0, 50, 1000, title=120, ideal=(400, 8000), minutes_apart=240),
    Channel.META_ADS: ChannelLimits(500, 0, 1, 4, title=40, max_cta=30, ideal=(50, 260), minutes_apart=0),
}


@dataclass(frozen=True)
class Violation:
    """A limit that a text breaks: the field, the limit's word, what was measured and what is allowed."""

    field: str
    code: str
    measured: int
    allowed: int

    def __str__(self) -> str:
        return f"{_SAID[self.code]}: {self.measured:,} of at most {self.allowed:,}"


_TOO_MUCH = {
    CountedPart.CHARACTERS: "too_long",
    CountedPart.HASHTAGS: "too_many_hashtags",
    CountedPart.LINKS: "too_many_links",
    CountedPart.LINE_BREAKS: "too_many_line_breaks",
}
_SAID = {
    "too_long": "too long, in characters",
    "too_many_hashtags": "too many hashtags",
    "too_many_links": "too many links",
    "too_many_line_breaks": "too many line breaks",
    "empty": "there is nothing to read",
    "no_title_here": "this channel has no title",
}


def length_on(channel: Channel, text: str) -> int:
    """Count a text as its channel does."""
    if not LIMITS[channel].counts_like_x:
        return len(text)
    shortened, links = _LINK.subn("", text)
    return len(shortened) + len(_WIDE.findall(shortened)) + links * LINK_LENGTH_ON_X


def hashtags_in(text: str) -> list[str]:
    """List the hashtags of a text as they are written."""
    return _HASHTAG.findall(text)


def links_in(text: str) -> list[str]:
    """List the links of a text."""
    return _LINK.findall(text)


def counts(channel: Channel, *, body: str, call_to_action: str | None) -> list[ChannelCount]:
    """Count what the channel limits in a text, each part with its limit."""
    limits = LIMITS[channel]
    whole = published_text(body, call_to_action)
    return [
        ChannelCount(part=CountedPart.CHARACTERS, used=length_on(channel, whole), allowed=limits.max_length),
        ChannelCount(part=CountedPart.HASHTAGS, used=len(hashtags_in(whole)), allowed=limits.max_hashtags),
        ChannelCount(part=CountedPart.LINKS, used=len(links_in(whole)), allowed=limits.max_links),
        ChannelCount(part=CountedPart.LINE_BREAKS, used=whole.count("\n"), allowed=limits.max_line_breaks),
    ]


def violations(channel: Channel, *, body: str, call_to_action: str | None, title: str | None = None) -> list[Violation]:
    """List the limits that a text breaks. Body and call to action go out as one text; so they count together."""
    limits = LIMITS[channel]
    counted = counts(channel, body=body, call_to_action=call_to_action)
    measures = (
        *(("body", _TOO_MUCH[count.part], count.used, count.allowed) for count in counted),
        ("call_to_action", "too_long", len(call_to_action or ""), limits.max_cta),
        ("title", "too_long", len(title or ""), limits.title or 0),
    )
    broken = [Violation(*measure) for measure in measures if measure[2] > measure[3]]
    if not body.strip():
        broken.append(Violation("body", "empty", 0, 1))
    return broken


def published_text(body: str, call_to_action: str | None) -> str:
    """Return what goes out: the body, and under it the call to action where the body does not hold it already."""
    if not call_to_action or call_to_action in body:
        return body
    return f"{body}\n\n{call_to_action}"


def fitted(channel: Channel, paragraphs: Iterable[str], *, call_to_action: str | None, tags: Iterable[str] = ()) -> str:
    """Return the body that the channel takes: whole paragraphs while they fit, then tags while they fit.

    The first paragraph always stays, cut at a word if it must be.
    """
    limits = LIMITS[channel]
    between = "\n\n" if limits.max_line_breaks >= 8 else "\n"
    first, *others = [part for part in paragraphs if part.strip()] or [""]
    body = _cut(channel, first, call_to_action)
    for part in others:
        longer = f"{body}{between}{part}"
        if not violations(channel, body=longer, call_to_action=call_to_action):
            body = longer
    tagged = ""
    for tag in tags:
        longer = f"{tagged} #{tag}".strip()
        if not violations(channel, body=f"{body}{between}{longer}", call_to_action=call_to_action):
            tagged = longer
    return f"{body}{between}{tagged}" if tagged else body


def _cut(channel: Channel, text: str, call_to_action: str | None) -> str:
    """Cut a paragraph to what the channel takes beside the call to action; links and hashtags become words first."""
    limits = LIMITS[channel]
    if len(links_in(text)) > limits.max_links:
        text = _LINK_START.sub("", text)
    if len(hashtags_in(text)) > limits.max_hashtags:
        text = _SIGNS.sub("", text)
    if text.count("\n") > limits.max_line_breaks - 2:
        text = " ".join(text.split())
    words = text.strip()
    while words and violations(channel, body=f"{words}…", call_to_action=call_to_action):
        if not violations(channel, body=words, call_to_action=call_to_action):
            return words
        words = _shorter(words)
    return words if words == text.strip() else f"{words}…"


def _shorter(text: str) -> str:
    """Take the last word off, or the last tenth where there are no words."""
    space = text.rfind(" ")
    if space > len(text) * 0.8:
        return text[:space].rstrip(" ,;:—–-(“«\n")
    return text[: min(len(text) - 1, int(len(text) * 0.95))].rstrip()
