"""How somebody writes down what they say: small letters, no apostrophes, slang for common words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property


@dataclass(frozen=True)
class Spelling:
    """One way to write; the same words always come out the same, so that a voice stays itself.

    `number` is unique among all spellings of a market: texts are respelt once for each and kept under it.
    """

    number: int
    lower: bool = False
    drops_apostrophes: bool = False
    swaps: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def _small_swaps(self) -> Mapping[str, str]:
        return {word.lower(): swap for word, swap in self.swaps.items()}

    def spell(self, text: str) -> str:
        """Return the text as this person would type it."""
        if self.lower:
            text = text.lower()
        if self.swaps:
            text = self._swapped(text)
        return text.replace("'", "") if self.drops_apostrophes else text

    def _swapped(self, text: str) -> str:
        # Longest first: "going to be" must not be taken apart by "going to".
        words = sorted(self.swaps, key=len, reverse=True)
        pattern = re.compile(rf"(?<![\w#@])({'|'.join(map(re.escape, words))})(?!\w)", re.IGNORECASE)
        return pattern.sub(lambda match: self._swap(match[0]), text)

    def _swap(self, word: str) -> str:
        swapped = self._small_swaps[word.lower()]
        starts_large = word[0].isupper() and not word.isupper()
        return swapped[:1].upper() + swapped[1:] if starts_large else swapped
