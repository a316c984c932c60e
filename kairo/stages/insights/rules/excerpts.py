"""What is shown of a cited item: the stretch of its text around the words that a statement is about."""

from __future__ import annotations

import re
from collections.abc import Iterable

from kairo.stages.insights.contracts.answers import MAX_SNIPPET

_WORD = re.compile(r"\w+")
_LEAD = 60
"""Characters shown before the words, so that they do not come out of nowhere."""
_LETTERS_OF_STEM = 5


def excerpt(text: str, about: Iterable[str], limit: int = MAX_SNIPPET) -> str:
    """Return a stretch of the text, letter by letter as it stands there, that holds the words if the text does."""
    bare = text.strip()
    if len(bare) <= limit:
        return bare
    at = next((place for words in about if (place := _place_of(words, bare)) is not None), 0)
    start = _word_start(bare, max(0, at - _LEAD)) if at + _LEAD > limit else 0
    stretch = bare[start : start + limit]
    if start + limit < len(bare) and not bare[start + limit].isspace():
        space = max(stretch.rfind(" "), stretch.rfind("\n"))
        stretch = stretch[:space] if space > limit // 2 else stretch
    return stretch.strip()


def _place_of(words: str, text: str) -> int | None:
    """Return where the words stand, as they are or else the first of them by its beginning."""
    folded, wanted = text.casefold(), words.casefold()
    if len(folded) != len(text):
        folded, wanted = text.lower(), words.lower()
    place = folded.find(wanted)
    if place >= 0:
        return place
    found = [at for word in _WORD.findall(wanted) if (at := folded.find(word[:_LETTERS_OF_STEM])) >= 0]
    return min(found) if found else None


def _word_start(text: str, place: int) -> int:
    space = text.find(" ", place)
    return place if place == 0 or space < 0 or space - place > _LEAD else space + 1
