"""The stretch of a text that shows best why a search found it: an exact excerpt, never put together."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from kairo.stages.evidence.contracts import MAX_SNIPPET_CHARACTERS
from kairo.stages.evidence.rules.text import UNSPACED_LETTER, matching_words

_LONGEST_ENDING = 4
"""Forms of one word differ in so many letters at the end: "descale", "descaling"."""
_SHORTEST_STEM = 3


def snippet(text: str, query: str, *, size: int = MAX_SNIPPET_CHARACTERS) -> str:
    """Cut out at most `size` characters around the place where most of the query's words stand together.

    The beginning, where none of them does.
    """
    matches = _matches(text, query) if len(text) > size else []
    if not matches:
        return _cut(text, 0, size)
    start, end = _densest(matches, size)
    # A third of what is left leads in, the rest leads out.
    return _cut(text, max(0, start - (size - (end - start)) // 3), size)


def holds_match(text: str, query: str) -> bool:
    """Say whether any of the query's words stands in the text."""
    return bool(_matches(text, query))


def _matches(text: str, query: str) -> list[tuple[int, int, int]]:
    """List where words of the query stand: start, end, and which word of the query it is."""
    words = matching_words(query)
    spaced = [word for word in words if not UNSPACED_LETTER.search(word)]
    found = [
        (match.start(), match.end(), match.lastindex or 0)
        for match in (re.finditer(_forms_of(spaced), text, re.IGNORECASE) if spaced else ())
    ]
    for place, word in enumerate(words):
        if UNSPACED_LETTER.search(word):
            found += _pairs_of(text, word, -1 - place)
    return sorted(found)


def _forms_of(words: Sequence[str]) -> str:
    """Write the pattern of the words' forms, a group for each word."""
    return rf"(?<![^\W_])(?:{'|'.join(f'({_form_of(word)})' for word in dict.fromkeys(words))})(?![^\W_])"


def _form_of(word: str) -> str:
    if len(word) <= _SHORTEST_STEM:
        return re.escape(word)
    stem = word[: max(_SHORTEST_STEM, len(word) - _LONGEST_ENDING // 2)]
    return re.escape(stem).replace("е", "[её]") + rf"[^\W_]{{0,{_LONGEST_ENDING}}}"


def _pairs_of(text: str, word: str, place: int) -> list[tuple[int, int, int]]:
    pairs = {word[at : at + 2] for at in range(max(1, len(word) - 1))}
    return [
        (match.start(), match.end(), place * 1000 - number)
        for number, pair in enumerate(sorted(pairs))
        for match in re.finditer(re.escape(pair), text)
    ]


def _densest(matches: Sequence[tuple[int, int, int]], size: int) -> tuple[int, int]:
    """Return the earliest stretch of at most `size` characters that holds most different words of the query."""
    best, best_count, first = matches[0][:2], 0, 0
    inside: Counter[int] = Counter()
    for _, end, word in matches:
        inside[word] += 1
        while end - matches[first][0] > size and inside.total() > 1:
            leaving = matches[first][2]
            inside[leaving] -= 1
            if not inside[leaving]:
                del inside[leaving]
            first += 1
        if len(inside) > best_count:
            best, best_count = (matches[first][0], end), len(inside)
    return best


def _cut(text: str, start: int, size: int) -> str:
    """Cut at blanks where there are any nearby, and without blanks at the ends."""
    if start:
        blank = re.compile(r"\s").search(text, start, start + size // 4)
        start = blank.end() if blank else start
    cut = text[start : start + size]
    if start + size < len(text) and not text[start + size].isspace():
        blanks = [match.start() for match in re.finditer(r"\s", cut)]
        if blanks and blanks[-1] > size * 3 // 4:
            cut = cut[: blanks[-1]]
    return cut.strip()
