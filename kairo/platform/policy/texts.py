"""Small decisions about one text: where it may be cut, which script it is written in, which terms it names."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from functools import cache, lru_cache
from threading import Lock

ELLIPSIS = "…"
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_QUOTED = re.compile(r"“[^”]*”|«[^»]*»|\"[^\"]*\"|„[^“]*“|https?://\S+|@\w+|#\w+|\[[a-z]+\]")
_CYRILLIC = re.compile(r"[\u0400-\u04ff]")
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]")
_LEAST_LETTERS = 12
"""A text with fewer letters (a name, a figure) says nothing of its language."""
_ONE_AT_A_TIME = Lock()


def truncated(text: str, limit: int) -> str:
    """Return the text cut at a word so that it has at most `limit` characters, its ellipsis included."""
    if len(text) <= limit:
        return text
    head = text[: limit - 1]
    space = max(head.rfind(" "), head.rfind("\n"), head.rfind("\u00a0"))
    if not text[limit - 1].isspace() and space > limit // 2:
        head = head[:space]
    return head.rstrip(" \t\n\u00a0,;:—–-(“«") + ELLIPSIS


def is_blank(text: str) -> bool:
    """Say whether nothing in the text can be read: no letter and no digit of any script."""
    return not any(unicodedata.category(character)[0] in "LN" for character in text)


def is_in_language(text: str, language: str) -> bool:
    """Say whether the text's own words, quotes and names of others aside, are written as that language is.

    Russian is told from languages in Latin letters by its script; of any other language nothing is claimed.
    """
    own = _QUOTED.sub(" ", text)
    cyrillic, latin = len(_CYRILLIC.findall(own)), len(_LATIN.findall(own))
    if cyrillic + latin < _LEAST_LETTERS or language not in {"en", "ru"}:
        return True
    return cyrillic >= latin if language == "ru" else latin >= cyrillic


def terms_in(text: str, terms: Iterable[str]) -> list[str]:
    """List the terms that the text names in any inflection, in English and Russian, as they were written."""
    joined = f" {' '.join(_stems(text))} "
    return [term for term in terms if (stems := _stems(term)) and f" {' '.join(stems)} " in joined]


def _stems(text: str) -> list[str]:
    folded = unicodedata.normalize("NFKC", text).casefold().replace("ё", "е")
    return [_stem(word) for word in _WORD.findall(folded)]


@cache
def _stemmer(language: str) -> Callable[[str], str]:
    import snowballstemmer

    stem: Callable[[str], str] = snowballstemmer.stemmer(language).stemWord
    return stem


@lru_cache(maxsize=20_000)
def _stem(word: str) -> str:
    # A stemmer holds the word that it works on.
    with _ONE_AT_A_TIME:
        return _stemmer("russian" if _CYRILLIC.search(word) else "english")(word)
