"""How seldom a word is met in everyday writing, from counts that scripts/count_words.py makes of free texts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from kairo.stages.insights.rules.stems import stem

_FOLDER = Path(__file__).parent
_COUNTED = ("en", "ru")


def rarity(words: Sequence[str], language: str | None) -> float:
    """Return the mean of the words' inverse document frequencies (natural log); folded words, at least one.

    A language without counts is read by the English ones, which rates all its own words alike.
    """
    documents, counts = _counts(language if language in _COUNTED else "en")
    return sum(math.log((documents + 1) / (counts.get(stem(word, language), 0) + 1)) for word in words) / len(words)


@cache
def _counts(language: str) -> tuple[int, dict[str, int]]:
    documents, *lines = (_FOLDER / f"{language}.txt").read_text(encoding="utf-8").splitlines()
    return int(documents), {word: int(count) for word, _, count in (line.partition(" ") for line in lines)}
