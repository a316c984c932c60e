"""What of a text is looked up: its words for PostgreSQL's dictionaries, and the character pairs of unspaced scripts.

Documents and queries go through the same functions, so that they meet.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from kairo.stages.evidence.rules.text import UNSPACED_LETTER, matching_words

NO_LANGUAGE = "und"
"""Stands where an item's language is not known (ISO 639-2)."""
MAX_WORD_CHARACTERS = 60
"""A longer word is no word that somebody searches for; an index entry has a bound."""
MAX_LEXED_CHARACTERS = 60_000
"""So much of a text is looked up: the search tables of PostgreSQL hold a megabyte a text."""

# Those that every PostgreSQL since 15 brings; the words of other languages stay as they are.
_DICTIONARIES = {
    "ar": "arabic", "ca": "catalan", "da": "danish", "de": "german", "el": "greek", "en": "english", "es": "spanish",
    "eu": "basque", "fi": "finnish", "fr": "french", "ga": "irish", "hi": "hindi", "hu": "hungarian",
    "hy": "armenian", "id": "indonesian", "it": "italian", "lt": "lithuanian", "ne": "nepali", "nl": "dutch",
    "no": "norwegian", "pt": "portuguese", "ro": "romanian", "ru": "russian", "sr": "serbian", "sv": "swedish",
    "ta": "tamil", "tr": "turkish", "yi": "yiddish",
}  # fmt: skip
_UNSPACED_RUN = re.compile(f"(?:{UNSPACED_LETTER.pattern})+")
_IDEOGRAPH = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U000323af]")


@dataclass(frozen=True, slots=True)
class LexedText:
    """A text's spaced words, and the pairs of the rest; each a list with blanks between."""

    words: str
    pairs: str


def dictionary(language: str | None) -> str:
    """Return the name of PostgreSQL's text search configuration for a language."""
    return _DICTIONARIES.get(language or NO_LANGUAGE, "simple")


def lexed_document(text: str) -> LexedText:
    """Take a text apart for the index: of unspaced scripts each pair of letters, and each ideograph alone."""
    return _lexed(text[:MAX_LEXED_CHARACTERS], _document_pairs)


def lexed_query(text: str) -> LexedText:
    """Take a query apart: a single ideograph is looked up alone, of longer runs their pairs."""
    return _lexed(text, _pairs)


def _lexed(text: str, pairs_of: Callable[[str], Iterator[str]]) -> LexedText:
    words: list[str] = []
    pairs: list[str] = []
    for word in matching_words(text):
        if word.isascii() or not UNSPACED_LETTER.search(word):
            words.append(word[:MAX_WORD_CHARACTERS])
            continue
        words += [part[:MAX_WORD_CHARACTERS] for part in _UNSPACED_RUN.split(word) if part]
        for run in _UNSPACED_RUN.findall(word):
            pairs += pairs_of(run)
    return LexedText(words=" ".join(words), pairs=" ".join(pairs))


def _document_pairs(run: str) -> Iterator[str]:
    yield from _pairs(run)
    if len(run) > 1:
        yield from _IDEOGRAPH.findall(run)


def _pairs(run: str) -> Iterator[str]:
    if len(run) == 1:
        yield run
    for place in range(len(run) - 1):
        yield run[place : place + 2]
