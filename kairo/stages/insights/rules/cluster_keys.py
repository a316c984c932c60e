"""By which keys an item belongs with others: its hashtags, its sound, and the phrases that stand out in its text.

Which phrases an item may bring is decided from the item alone, so that the same item has the same keys whenever and
beside whichever others it comes in.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from kairo.stages.insights.contracts.trends import ClusterKeyType
from kairo.stages.insights.rules.plain_words import PLAIN_WORDS
from kairo.stages.insights.rules.stems import folded, stem

MOST_HASHTAGS = 8
MOST_WORDS = 6
MOST_PAIRS = 3
READ_CHARACTERS = 600
"""What a post is about stands in its first lines."""
READ_AGAIN = 512
"""Of so many texts the phrases are remembered: a label is made of those that were just found."""
LONGEST_KEY = 80
LABEL_WORDS = 3
LONG_ENOUGH = 12
"""Longer words are no rarer than words of this length."""
NAME_BONUS = 4

_WORD = re.compile(r"[^\W\d_]{3,}(?:['’-][^\W\d_]+)*")
_BREAK = re.compile(r"[.!?,;:()\[\]\"“”«»\n/|]+")


@dataclass(frozen=True, slots=True)
class Key:
    """One cluster that an item belongs to by its words or marks; `label` is how a person reads it."""

    key_type: ClusterKeyType
    key: str
    label: str


def keys_of(*, hashtags: Iterable[str], audio_id: str | None, text: str, language: str | None) -> tuple[Key, ...]:
    """List the keys of an item, hashtags first, without repeats; an item may have none."""
    found = [*_hashtag_keys(hashtags)]
    if audio_id:
        found.append(Key(ClusterKeyType.AUDIO, audio_id[:LONGEST_KEY], f"sound {audio_id[:LONGEST_KEY]}"))
    found += phrase_keys(text, language)
    return tuple({(key.key_type, key.key): key for key in found}.values())


def semantic_label(title: str | None, text: str, language: str | None) -> str:
    """Name what an item is about by the phrases that stand out most in it."""
    phrases = [key.label for key in phrase_keys(title or text, language)][:LABEL_WORDS]
    return " · ".join(phrases) or " ".join((title or text).split())[:LONGEST_KEY] or "posts without words"


def phrase_keys(text: str, language: str | None) -> tuple[Key, ...]:
    """List the words and pairs of words that stand out, those that do most first.

    Length stands in for rarity, as long words are rare ones; a capital inside a sentence speaks for a name.
    """
    return _phrase_keys(text[:READ_CHARACTERS], language)


@lru_cache(maxsize=READ_AGAIN)
def _phrase_keys(text: str, language: str | None) -> tuple[Key, ...]:
    words: dict[str, tuple[float, int, str]] = {}
    pairs: dict[str, tuple[float, int, str]] = {}
    place = 0
    for clause in _BREAK.split(text):
        before: tuple[str, float, str] | None = None
        for number, found in enumerate(_WORD.findall(clause)):
            place += 1
            lowered = unicodedata.normalize("NFKC", found).casefold()
            if lowered in PLAIN_WORDS:
                before = None
                continue
            weight = min(len(lowered), LONG_ENOUGH) + (NAME_BONUS if number and found[0].isupper() else 0)
            root = _stem(lowered, language)
            words.setdefault(root, (-weight, place, lowered))
            if before is not None and before[0] != root:
                pairs.setdefault(f"{before[0]} {root}", (-weight - before[1], place, f"{before[2]} {lowered}"))
            before = (root, weight, lowered)
    return tuple(
        Key(ClusterKeyType.KEYPHRASE, key[:LONGEST_KEY], label[:LONGEST_KEY])
        for key, label in (*_strongest(pairs, MOST_PAIRS), *_strongest(words, MOST_WORDS))
    )


def _strongest(found: dict[str, tuple[float, int, str]], most: int) -> list[tuple[str, str]]:
    ranked: Sequence[tuple[str, tuple[float, int, str]]] = sorted(found.items(), key=lambda entry: entry[1][:2])
    return [(stem, label) for stem, (_, _, label) in ranked[:most]]


def _hashtag_keys(hashtags: Iterable[str]) -> list[Key]:
    tags = [unicodedata.normalize("NFKC", tag).casefold().lstrip("#")[:LONGEST_KEY] for tag in hashtags]
    worded = [tag for tag in dict.fromkeys(tags) if tag and not tag.isdigit()]
    return [Key(ClusterKeyType.HASHTAG, tag, f"#{tag}") for tag in worded[:MOST_HASHTAGS]]


def _stem(word: str, language: str | None) -> str:
    """Return a word's stem; a guess at the language of a short text must not keep two forms of one word apart."""
    if word.isascii():
        return stem(folded(word), "en")
    return stem(folded(word), "ru" if language in (None, "ru", "uk", "bg") else None)
