"""Whether what an opportunity says still stands when some of its posts are gone."""

from __future__ import annotations

import re
from collections.abc import Iterable

RUN_WORDS = 3
"""Three words in a row, or three letters of a script without spaces, tell whose sentence it was."""

_WORD = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff]|[^\W_]+")


def rests_on(said: Iterable[str], gone: Iterable[str], remaining: Iterable[str]) -> bool:
    """Say whether words stand in what is said that only the posts that are gone hold, and none that remains."""
    theirs = _runs(gone) - _runs(remaining)
    return not theirs.isdisjoint(_runs(said))


def _runs(texts: Iterable[str]) -> set[tuple[str, ...]]:
    runs: set[tuple[str, ...]] = set()
    for text in texts:
        words = _WORD.findall(text.casefold())
        runs.update(zip(*(words[start:] for start in range(RUN_WORDS)), strict=False))
    return runs
