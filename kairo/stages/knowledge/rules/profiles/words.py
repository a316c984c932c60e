"""Words of a brand and their stems, by Snowball's rules; for comparing, never for showing."""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from threading import Lock
from typing import Protocol

RUSSIAN, ENGLISH, OTHER = "ru", "en", "other"
_ALGORITHMS = {RUSSIAN: "russian", ENGLISH: "english"}
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_CYRILLIC = re.compile("[\u0400-\u04ff]")
_HAN = re.compile("[\u3400-\u9fff]")
_LATIN = re.compile("[a-z\u00e0-\u024f]")
# A stemmer holds the word that it works on.
_ONE_AT_A_TIME = Lock()


def _listed(words: str) -> frozenset[str]:
    return frozenset(words.split())


_PLAIN = _listed(
    "a an and are as at be been but by can do does for from get had has have he her his how i if in into is it "
    "its just like make me more most my no not of off on one or our out over own she so some such than that the "
    "their them then there these they this those to too up use very was we well what when where which while who "
    "why will with without would you your about after all also any because before being between both each every "
    "few here only other same say says still under until were без бы был была были было быть в вам вас весь во "
    "вот все всё вы где да даже для до его ее её если есть еще ещё же за и из или им их к как когда который кто "
    "ли мне мой мы на над нам нас наш не него нее неё нет ни но ну о об от очень по под при про с свой себя со "
    "так такой там то того тоже только том ты у уже чем что чтобы эта эти это этот я "
)
"""Words that say nothing of a subject."""


class _Stemmer(Protocol):
    def stemWord(self, word: str) -> str: ...  # noqa: N802, the library's own name


def folded(text: str) -> str:
    """Return the form in which texts are compared: NFKC, lower case, plain apostrophes, ё as е."""
    return unicodedata.normalize("NFKC", text).casefold().replace("’", "'").replace("ё", "е")


def words_of(text: str) -> list[str]:
    """List the words of a text in the form for comparing."""
    return _WORD.findall(folded(text))


def has_han(text: str) -> bool:
    """Tell whether a text holds Chinese signs, between which no spaces stand."""
    return _HAN.search(text) is not None


def language_of(text: str) -> str:
    """Tell by its letters whether a text is read as Russian, as English, or as neither."""
    cyrillic, latin = len(_CYRILLIC.findall(folded(text))), len(_LATIN.findall(folded(text)))
    if not cyrillic and not latin:
        return OTHER
    return RUSSIAN if cyrillic >= latin else ENGLISH


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """Return the stem of a folded word; one of other letters is its own."""
    language = language_of(word)
    if language not in _ALGORITHMS:
        return word
    with _ONE_AT_A_TIME:
        return _stemmer(language).stemWord(word.removesuffix("'s"))


def stems_of(text: str) -> tuple[str, ...]:
    """Return the stems of all words of a text, in order."""
    return tuple(stem(word) for word in words_of(text))


def telling_words(text: str) -> list[str]:
    """List the words of a text that say something, each once."""
    return [word for word in dict.fromkeys(words_of(text)) if len(word) > 2 and word not in _PLAIN]


def telling_stems(text: str) -> tuple[str, ...]:
    """Return the stems of the words that say something, each once, in order."""
    return tuple(dict.fromkeys(stem(word) for word in telling_words(text)))


@cache
def _stemmer(language: str) -> _Stemmer:
    import snowballstemmer

    stemmer: _Stemmer = snowballstemmer.stemmer(_ALGORITHMS[language])
    return stemmer
