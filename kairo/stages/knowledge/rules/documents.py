"""How a document's text is cut into passages: stretches of it, each about one thing, that can be cited."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

SHORTEST_PASSAGE = 200
"""Shorter paragraphs are put together with what follows them, as far as both stand under one heading."""
LONGEST_PASSAGE = 900
_PARAGRAPH_BREAK = re.compile(r"\n[^\S\n]*\n\s*")
_SENTENCE_END = re.compile(r"(?<=[.!?…])[\"'”»)]*\s+|(?<=[。！？])")
_BLANK = re.compile(r"\s+")
_VISIBLE = re.compile(r"\S")


@dataclass(frozen=True, slots=True)
class Stretch:
    """A passage by its place in the text, in characters, and the heading that it stands under."""

    start: int
    end: int
    heading: str | None


def cut_into_passages(text: str, headings: Sequence[tuple[int, str]] = ()) -> list[Stretch]:
    """Cut a text into passages of at most 900 characters, none of which begins or ends with a blank.

    `headings` are (place, words), in order: no passage stands under two of them. What is left out is blanks, and the
    headings themselves, which each passage under them carries.
    """
    places = [place for place, _ in headings]
    stretches: list[Stretch] = []
    for start, end in _pieces(text, headings):
        under = bisect_right(places, start) - 1
        heading = headings[under][1] if under >= 0 else None
        last = stretches[-1] if stretches else None
        if last is not None and last.heading == heading and _belongs(last, start, end, places):
            stretches[-1] = Stretch(last.start, end, heading)
        else:
            stretches.append(Stretch(start, end, heading))
    return stretches


def _belongs(last: Stretch, start: int, end: int, headings: Sequence[int]) -> bool:
    is_short = last.end - last.start < SHORTEST_PASSAGE or end - start < SHORTEST_PASSAGE
    same_section = bisect_right(headings, last.start) == bisect_right(headings, start)
    return is_short and same_section and end - last.start <= LONGEST_PASSAGE


def _pieces(text: str, headings: Sequence[tuple[int, str]]) -> Iterator[tuple[int, int]]:
    """Yield paragraphs, long ones cut at the ends of sentences, or where need be between words."""
    begins = [(0, ""), *headings]
    for (start, heading), (section_end, _) in pairwise([*begins, (len(text), "")]):
        # The number of a page is a heading that does not stand in the text.
        section_start = start + len(heading) if text.startswith(heading, start) else start
        for start, end in _split(text, section_start, section_end, _PARAGRAPH_BREAK):
            yield from _cut(text, start, end)


def _cut(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    if end - start <= LONGEST_PASSAGE:
        yield start, end
        return
    begun: int | None = None
    last_end = start
    for first, last in _split(text, start, end, _SENTENCE_END):
        if begun is not None and last - begun > LONGEST_PASSAGE:
            yield begun, last_end
            begun = None
        if last - first > LONGEST_PASSAGE:
            yield from _chopped(text, first, last)
            continue
        begun, last_end = (first if begun is None else begun), last
    if begun is not None:
        yield begun, last_end


def _chopped(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Cut what has no end of a sentence between two words, and where there is no blank anywhere."""
    while end - start > LONGEST_PASSAGE:
        blanks = [found.start() for found in _BLANK.finditer(text, start + 1, start + LONGEST_PASSAGE)]
        at = blanks[-1] if blanks else start + LONGEST_PASSAGE
        yield start, at
        following = _VISIBLE.search(text, at, end)
        start = following.start() if following else end
    if start < end:
        yield start, end


def _split(text: str, start: int, end: int, between: re.Pattern[str]) -> Iterator[tuple[int, int]]:
    """Yield what stands between the breaks, without blanks at its ends."""
    at = start
    for found in between.finditer(text, start, end):
        yield from _trimmed(text, at, found.start())
        at = found.end()
    yield from _trimmed(text, at, end)


def _trimmed(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    piece = text[start:end]
    inner = piece.strip()
    if inner:
        first = start + len(piece) - len(piece.lstrip())
        yield first, first + len(inner)
