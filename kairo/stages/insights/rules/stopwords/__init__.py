"""Words that end a phrase, or say nothing when they stand alone, by language; the lists are this project's own."""

from __future__ import annotations

from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).parent
_DEFAULT = "en"
LANGUAGES = ("de", "en", "es", "fr", "it", "ja", "pt", "ru", "uk", "zh")


@cache
def phrase_ends(language: str | None) -> frozenset[str]:
    """Return the folded words that no phrase of the language holds.

    English ones count in every language: posts of all languages quote English.
    """
    own = _read(language) if language in LANGUAGES else frozenset()
    return own | _read(_DEFAULT)


@cache
def own_phrase_ends(language: str) -> frozenset[str]:
    """Return the listed words of one language alone; none where the language has no list."""
    return _read(language) if language in LANGUAGES else frozenset()


@cache
def generic_words(language: str | None) -> frozenset[str]:
    """Return the folded words that may stand inside a phrase, and are none by themselves."""
    own = _read(f"{language}.generic") if (_FOLDER / f"{language}.generic.txt").exists() else frozenset()
    return own | _read(f"{_DEFAULT}.generic")


@cache
def generic_subjects() -> frozenset[str]:
    """Return the subjects that fit any market, in English and Russian."""
    return _read("subjects")


def _read(name: str) -> frozenset[str]:
    lines = (_FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())
