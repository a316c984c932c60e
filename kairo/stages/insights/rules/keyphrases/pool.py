"""The phrases of many items: in which items each stands, in any of its forms, and which are worth ranking."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from kairo.stages.insights.contracts.agents import AgentItem
from kairo.stages.insights.rules.keyphrases.chunks import Chunk, chunks, parts
from kairo.stages.insights.rules.keyphrases.ranking import Candidate

Key = tuple[str, ...]
_FEW_ITEMS = 12
_LONGEST_ITEM = 20_000
_SAME_AS_LONGER = 0.7
"""A phrase that stands so often inside a longer one is a part of it, and no phrase of its own."""


@dataclass
class Pool:
    """Where each phrase stands; a shorter phrase inside a longer one counts too."""

    items: Sequence[AgentItem]
    _holders: dict[Key, dict[int, Chunk]] = field(default_factory=lambda: defaultdict(dict))
    _forms: dict[Key, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    _places: dict[Key, float] = field(default_factory=dict)

    @classmethod
    def of(cls, items: Sequence[AgentItem]) -> Pool:
        """Read the phrases of the items; a text that repeats another, letter by letter, counts as an item too."""
        pool = cls(items)
        for place, item in enumerate(items):
            text = item.text[:_LONGEST_ITEM]
            for chunk in chunks(text, item.language):
                pool._add(chunk, place, len(text), whole=True)
                if len(chunk.words) > 1:
                    for part in parts(chunk, item.language):
                        pool._add(part, place, len(text), whole=False)
        return pool

    def _add(self, chunk: Chunk, place: int, length: int, *, whole: bool) -> None:
        self._holders[chunk.key].setdefault(place, chunk)
        # A form that stands for itself somewhere is shown before one that was cut out of a longer phrase.
        self._forms[chunk.key][chunk.text] += 1000 if whole else 1
        self._places[chunk.key] = min(self._places.get(chunk.key, 1.0), chunk.start / max(1, length))

    def count(self, key: Key) -> int:
        return len(self._holders.get(key, ()))

    def places(self, key: Key) -> frozenset[int]:
        """Return the places of the items that hold the phrase."""
        return frozenset(self._holders.get(key, ()))

    def item_ids(self, key: Key) -> tuple[UUID, ...]:
        return tuple(self.items[place].id for place in self._holders.get(key, ()))

    def candidates(self, most: int) -> list[Candidate]:
        """Return the phrases that enough items hold and no longer phrase stands for, the most frequent first."""
        least = 1 if len(self.items) <= _FEW_ITEMS else 2
        frequent = [key for key, holders in self._holders.items() if len(holders) >= least]
        inside = self._most_frequent_longer(frequent)
        kept = [key for key in frequent if inside.get(key, 0) < _SAME_AS_LONGER * self.count(key)]
        kept.sort(key=lambda key: (-self.count(key), -len(key), key))
        return [
            Candidate(
                phrase=self._forms[key].most_common(1)[0][0],
                words=next(iter(self._holders[key].values())).words,
                key=key,
                place=self._places[key],
                count=self.count(key),
            )
            for key in kept[:most]
        ]

    def _most_frequent_longer(self, keys: Sequence[Key]) -> dict[Key, int]:
        """Map each phrase to the count of the most frequent phrase that holds it."""
        longest: dict[Key, int] = {}
        for key in keys:
            held = self.count(key)
            for length in range(1, len(key)):
                for at in range(len(key) - length + 1):
                    part = key[at : at + length]
                    longest[part] = max(longest.get(part, 0), held)
        return longest
