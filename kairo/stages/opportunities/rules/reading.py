"""Evidence items as the synthesizer reads them: language, headline, sentences as they stand in the text, words.

A sentence here is always a span of the item, letter by letter, because it may become a quote.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kairo.stages.evidence.contracts import EvidenceItemDTO
from kairo.stages.opportunities.rules.lexicon.english import STOP_WORDS
from kairo.stages.opportunities.rules.stems import (
    content_stems,
    cyrillic_letters,
    han_letters,
    latin_letters,
    words_of,
)

MAX_READ_CHARACTERS = 6_000
"""What a post says, it says early; a transcript's later minutes add time, not topics."""
MAX_SENTENCES = 60
SHORT_TEXT_WORDS = 4
ENGLISH_SHARE = 0.25
_BREAK = re.compile(r"(?<=[.!?…])[\"'”’)\]]*\s+(?=\S)|(?<=[。！？；])|\n+")
_ABBREVIATION = re.compile(
    r"(?:\b(?:vs|def|mr|mrs|ms|dr|st|no|approx|e\.g|i\.e|etc|inc|ltd|jr)|\b[A-Za-z])\.$", re.IGNORECASE
)
_HASHTAG = re.compile(r"[#＃](\w{2,60})")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A span of an item's text or transcript, as it stands there."""

    text: str
    is_headline: bool
    order: int


@dataclass(frozen=True, slots=True)
class Post:
    """One evidence item with what reading it found. `row` is its row in the vectors."""

    item: EvidenceItemDTO
    row: int
    language: str
    sentences: tuple[Sentence, ...]
    stems: frozenset[str]
    headline_stems: frozenset[str]
    tags: tuple[str, ...]
    published_at: datetime

    @property
    def headline(self) -> str:
        """The first line, which is the title where the format has one."""
        return " ".join(sentence.text for sentence in self.sentences if sentence.is_headline)

    @property
    def comments(self) -> int:
        return self.item.comments or 0

    @property
    def points(self) -> int:
        return self.item.likes or 0


def read_posts(evidence: Sequence[EvidenceItemDTO]) -> list[Post]:
    """Read every dated item that has words, newest first, in an order that does not depend on the order given."""
    dated = [(item.published_at, row) for row, item in enumerate(evidence) if item.published_at is not None]
    dated.sort(key=lambda entry: (-entry[0].timestamp(), evidence[entry[1]].platform, str(evidence[entry[1]].id)))
    posts: dict[UUID, Post] = {}
    for published_at, row in dated:
        item = evidence[row]
        if item.id in posts:
            continue
        post = _read(item, row, published_at)
        if post.sentences:
            posts[item.id] = post
    return list(posts.values())


def language_of(text: str, hint: str | None = None) -> str:
    """`zh`, `ru` or `en` by script; a Latin text keeps another language's hint unless it reads like English."""
    han, cyrillic, latin = han_letters(text), cyrillic_letters(text), latin_letters(text)
    if han * 5 >= latin + cyrillic and han > 0:
        return "zh"
    if cyrillic > latin:
        return "ru"
    base = (hint or "en").split("-")[0].lower()
    if base in ("en", "zh", "ru", "und", "") or _reads_like_english(text):
        return "en"
    return base


def _reads_like_english(text: str) -> bool:
    """Short texts mislead language guessers: plain letters and English function words outweigh the hint."""
    words = words_of(text[:600])
    function_words = sum(word in STOP_WORDS for word in words)
    return text.isascii() and (len(words) <= SHORT_TEXT_WORDS or function_words >= ENGLISH_SHARE * len(words))


def dominant_language(posts: Sequence[Post]) -> str:
    """The language most of these posts are written in; the first post decides a tie."""
    counts: dict[str, int] = {}
    for post in posts:
        counts[post.language] = counts.get(post.language, 0) + 1
    return max(counts, key=lambda language: (counts[language], language == posts[0].language))


def split_sentences(text: str) -> list[str]:
    """Cut a text into sentences that each stand in it letter by letter."""
    found: list[str] = []
    start = 0
    for match in _BREAK.finditer(text):
        piece = text[start : match.start()]
        if match.group().strip("\"'”’)] \t") == "" and "\n" not in match.group() and _ABBREVIATION.search(piece):
            continue
        found.append(text[start : match.end()].strip())
        start = match.end()
    found.append(text[start:].strip())
    return [piece for piece in found if any(letter.isalnum() for letter in piece)]


def _read(item: EvidenceItemDTO, row: int, published_at: datetime) -> Post:
    text = item.text[:MAX_READ_CHARACTERS]
    first, _, rest = text.lstrip().partition("\n")
    sentences = [Sentence(piece, True, order) for order, piece in enumerate(split_sentences(first))]
    body = split_sentences(rest) + split_sentences((item.transcript or "")[:MAX_READ_CHARACTERS])
    sentences += [Sentence(piece, False, len(sentences) + order) for order, piece in enumerate(body)]
    if sentences and not sentences[0].is_headline:
        sentences[0] = Sentence(sentences[0].text, True, 0)
    tags = tuple(dict.fromkeys([*(tag.strip() for tag in item.hashtags if tag.strip()), *_HASHTAG.findall(text)]))
    everything = " ".join([text, (item.transcript or "")[:MAX_READ_CHARACTERS], *tags])
    return Post(
        item=item,
        row=row,
        language=language_of(text or everything, item.language),
        sentences=tuple(sentences[:MAX_SENTENCES]),
        stems=frozenset(content_stems(everything)),
        headline_stems=frozenset(content_stems(" ".join([first, *tags]))),
        tags=tags,
        published_at=published_at,
    )
