"""Stems by which the forms of a word meet, by Snowball's rules; for comparing, never for showing."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache, lru_cache
from threading import Lock
from typing import Protocol

_ALGORITHMS = {
    "de": "german",
    "en": "english",
    "es": "spanish",
    "fr": "french",
    "it": "italian",
    "nl": "dutch",
    "pt": "portuguese",
    "ru": "russian",
    "sv": "swedish",
    "tr": "turkish",
}
_DEFAULT = "en"
# A stemmer holds the word that it works on: agents, which run side by side, take turns.
_ONE_AT_A_TIME = Lock()


class _Stemmer(Protocol):
    def stemWord(self, word: str) -> str: ...  # noqa: N802, the library's own name


def folded(word: str) -> str:
    """Return the form in which words are looked up: lower case, plain apostrophes, ё as е."""
    return word.lower().replace("’", "'").replace("ё", "е")


@lru_cache(maxsize=65_536)
def stem(word: str, language: str | None) -> str:
    """Return the stem of a folded word; a Latin word is read as English where the language writes other letters."""
    if word.isascii() and language in ("ru", "uk", "zh", "ja", None):
        language = _DEFAULT
    stemmer = _stemmer_of(language)
    if stemmer is None:
        return word
    with _ONE_AT_A_TIME:
        return stemmer.stemWord(word.removesuffix("'s"))


def stems_of(words: Iterable[str], language: str | None) -> tuple[str, ...]:
    """Return the stems of words as they are written."""
    return tuple(stem(folded(word), language) for word in words)


@cache
def _stemmer_of(language: str | None) -> _Stemmer | None:
    if language not in _ALGORITHMS:
        return None
    import snowballstemmer

    stemmer: _Stemmer = snowballstemmer.stemmer(_ALGORITHMS[language])
    return stemmer
