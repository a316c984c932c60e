"""Chance for one text: a small generator of numbers that is cheap to start, because every post has a key of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

_T = TypeVar("_T")
_MASK = (1 << 64) - 1
_MULTIPLIER = 6364136223846793005
_INCREMENT = 1442695040888963407
_GOLDEN = 0x9E3779B97F4A7C15


class Dice:
    """Throws that depend on the key alone: Knuth's 64-bit linear congruential generator, read from its upper bits."""

    __slots__ = ("_state",)

    def __init__(self, key: int) -> None:
        self._state = ((key ^ (key >> 29)) * _GOLDEN + _INCREMENT) & _MASK

    def below(self, bound: int) -> int:
        """Return a whole number from 0 to bound - 1, every one as likely; bound is at most 2³¹."""
        self._state = state = (self._state * _MULTIPLIER + _INCREMENT) & _MASK
        return (state >> 33) * bound >> 31

    def percent(self, chance: float) -> bool:
        """Say yes with this chance out of 100."""
        self._state = state = (self._state * _MULTIPLIER + _INCREMENT) & _MASK
        return (state >> 33) * 100 < chance * 2147483648

    def pick(self, options: Sequence[_T]) -> _T:
        """Return one of the options; an option that stands there twice is twice as likely."""
        self._state = state = (self._state * _MULTIPLIER + _INCREMENT) & _MASK
        return options[(state >> 33) * len(options) >> 31]

    def between(self, least: int, most: int) -> int:
        """Return a whole number from least to most, both included."""
        return least + self.below(most - least + 1)

    def some(self, options: Sequence[_T], count: int) -> list[_T]:
        """Return `count` different places of the options in the order drawn; all of them where there are no more."""
        size = len(options)
        if count >= size:
            return list(options)
        state = self._state
        drawn: dict[int, None] = {}
        while len(drawn) < count:
            state = (state * _MULTIPLIER + _INCREMENT) & _MASK
            drawn[(state >> 33) * size >> 31] = None
        self._state = state
        return [options[place] for place in drawn]


def mixed(*numbers: int) -> int:
    """Return a 64-bit key that every one of the numbers changes (splitmix64 over their chain)."""
    key = 0
    for number in numbers:
        key = (key ^ (number & _MASK)) + _GOLDEN & _MASK
        key = (key ^ key >> 30) * 0xBF58476D1CE4E5B9 & _MASK
        key = (key ^ key >> 27) * 0x94D049BB133111EB & _MASK
        key ^= key >> 31
    return key
