"""By which keys an item belongs with others: its hashtags, its sound, and the phrases that stand out in its text.

Which phrases an item may bring is decided from the item alone, so that the same item has the same keys whenever and
beside whichever others it comes in.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

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
KNOWN_WORDS = 65_536
"""So many words are not read again when they are met again."""
LONGEST_KEY = 80
LABEL_WORDS = 3
LONG_ENOUGH = 12
"""Longer words are no rarer than words of this length."""
NAME_BONUS = 4

_Found: TypeAlias = tuple[int, int, str, str]
"""Of a word or a pair: minus its weight, its place in the text, how it is shown, and its key."""

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
    words: dict[str, _Found] = {}
    pairs: dict[str, _Found] = {}
    place = 0
    for clause in _BREAK.split(text):
        before: tuple[str, int, str] | None = None
        for number, found in enumerate(_WORD.findall(clause)):
            place += 1
            read = _read(found, language)
            if read is None:
                before = None
                continue
            root, weight, lowered = read
            if number and found[0].isupper():
                weight += NAME_BONUS
            if root not in words:
                words[root] = (-weight, place, lowered, root)
            if before is not None and before[0] != root:
                pair = f"{before[0]} {root}"
                if pair not in pairs:
                    pairs[pair] = (-weight - before[1], place, f"{before[2]} {lowered}", pair)
            before = (root, weight, lowered)
    # A place is taken once: what comes behind it is never compared.
    strongest = (*sorted(pairs.values())[:MOST_PAIRS], *sorted(words.values())[:MOST_WORDS])
    return tuple(
        Key(ClusterKeyType.KEYPHRASE, key[:LONGEST_KEY], label[:LONGEST_KEY]) for _, _, label, key in strongest
    )


@lru_cache(maxsize=KNOWN_WORDS)
def _read(word: str, language: str | None) -> tuple[str, int, str] | None:
    """Return a word's stem, how much it stands out, and how it is shown; None for one that never does."""
    lowered = unicodedata.normalize("NFKC", word).casefold()
    if lowered in PLAIN_WORDS:
        return None
    return _stem(lowered, language), min(len(lowered), LONG_ENOUGH), lowered


def _hashtag_keys(hashtags: Iterable[str]) -> list[Key]:
    tags = [unicodedata.normalize("NFKC", tag).casefold().lstrip("#")[:LONGEST_KEY] for tag in hashtags]
    worded = [tag for tag in dict.fromkeys(tags) if tag and not tag.isdigit()]
    return [Key(ClusterKeyType.HASHTAG, tag, f"#{tag}") for tag in worded[:MOST_HASHTAGS]]


def _stem(word: str, language: str | None) -> str:
    """Return a word's stem; a guess at the language of a short text must not keep two forms of one word apart."""
    if word.isascii():
        return stem(folded(word), "en")
    return stem(folded(word), "ru" if language in (None, "ru", "uk", "bg") else None)
