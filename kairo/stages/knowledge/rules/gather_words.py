"""Words of gathered texts: folded, and as the stems in which English and Russian forms of a word meet."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from threading import Lock
from typing import Protocol

_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_CYRILLIC = re.compile(r"[а-яё]", re.IGNORECASE)
_LATIN = re.compile(r"[a-z]", re.IGNORECASE)
# A stemmer holds the word that it works on.
_ONE_AT_A_TIME = Lock()
_LISTED = """
a about after all also an and any are as at be been before being but by can could did do does each for from had
has have he her his how i if in into is it its itself just may might more most much my no nor not of off on one only
or other our out over own per she should so some such than that the their them then there these they this those
through to too under until up upon us very was we were what when where which while who whose why will with within
without would you your и а но или в во на по к ко с со у о об от до из за для при над под между через не ни же ли бы
что чтобы как так также это этот эта эти тот та те его ее их наш наша наши ваш ваша ваши мы вы они он она оно я ты
быть был была были есть будет может можно уже еще все всё весь вся который которая которые если когда где кто чем
очень более менее только лишь том того тому
"""
_EMPTY = frozenset(_LISTED.split())


class _Stemmer(Protocol):
    def stemWord(self, word: str) -> str: ...  # noqa: N802, the library's own name


def words_of(text: str) -> list[str]:
    """List the words of a text in their order, folded: lower case, ё as е."""
    return [found.group().lower().replace("ё", "е").replace("’", "'") for found in _WORD.finditer(text)]


def language_of(text: str) -> str:
    """Return whose letters a text is mostly written in: ru or en; for wording and stems, nothing finer."""
    return "ru" if len(_CYRILLIC.findall(text)) > len(_LATIN.findall(text)) else "en"


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """Return the form in which the forms of a folded word meet."""
    with _ONE_AT_A_TIME:
        return _stemmer("russian" if _CYRILLIC.search(word) else "english").stemWord(word.removesuffix("'s"))


def content_stems(text: str) -> frozenset[str]:
    """Return the stems of the words that carry a text's meaning."""
    return frozenset(stem(word) for word in words_of(text) if word not in _EMPTY and (len(word) > 1 or word.isdigit()))


@cache
def _stemmer(algorithm: str) -> _Stemmer:
    import snowballstemmer

    stemmer: _Stemmer = snowballstemmer.stemmer(algorithm)
    return stemmer
