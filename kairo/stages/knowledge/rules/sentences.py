"""Sentences of source material, each a span of its passage letter by letter, and which of them state something."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from kairo.stages.knowledge.rules.gather_words import words_of

LEAST_WORDS = 5
LONGEST = 420
_END = re.compile(r"(?<=[.!?…。！？])[\"»”')\]]*\s+(?=[\"«“('\[]?[\w])|\n+")
_ABBREVIATION = re.compile(
    r"(?:\b(?:e\.g|i\.e|etc|vs|approx|no|dr|mr|mrs|ms|st|т\.е|т\.д|т\.п|др|руб|г|ул)\.|\b[A-ZА-Я]\.)$", re.I
)
_HEADING = re.compile(r"^\s{0,3}#{1,6}\s+(?P<text>.+?)\s*#*\s*$")
_MARKUP = re.compile(r"^\s*(?:[-*+•–]\s+|\d{1,3}[.)]\s+|>\s*|\|)+")
_JUNK = re.compile(r"https?://|www\.|^\W+$|[|]{1}.*[|]|[{}<>]|\bcookies?\b", re.IGNORECASE)
_QUESTION = re.compile(r"[?？]\W*$")


@dataclass(frozen=True)
class Sentence:
    """A sentence at its place in a passage: `passage_text[start:end] == text`. `heading` is the one above it."""

    text: str
    start: int
    end: int
    heading: str = ""


def sentences_of(text: str) -> list[Sentence]:
    """Split a passage; headings are not sentences, and stand over those that follow."""
    found: list[Sentence] = []
    heading = ""
    for start, end in _spans(text):
        piece = text[start:end]
        titled = _HEADING.match(piece)
        if titled:
            heading = titled["text"]
            continue
        marked = _MARKUP.match(piece)
        begin = start + (marked.end() if marked else 0)
        bare = text[begin:end].strip("*_ \t")
        if bare:
            at = text.index(bare, begin)
            found.append(Sentence(bare, at, at + len(bare), heading))
    return found


def states_something(sentence: Sentence) -> bool:
    """Whether a sentence can stand alone as a finding: long enough, no question, no link, no remains of markup."""
    words = words_of(sentence.text)
    if len(words) < LEAST_WORDS or len(sentence.text) > LONGEST:
        return False
    if _JUNK.search(sentence.text) or _QUESTION.search(sentence.text):
        return False
    letters = sum(letter.isalpha() for letter in sentence.text)
    return letters >= len(sentence.text) * 0.55


def _spans(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for cut in _END.finditer(text):
        if "\n" not in cut.group() and _ABBREVIATION.search(text[start : cut.start()]):
            continue
        yield start, cut.start()
        start = cut.end()
    if start < len(text):
        yield start, len(text)
