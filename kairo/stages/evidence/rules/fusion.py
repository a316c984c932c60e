"""One ranking out of two: strategies behind one interface, and near-duplicates folded under their best item."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Protocol, TypeVar

ItemT = TypeVar("ItemT", bound=Hashable)

RRF_K = 60
UNKNOWN_EMBEDDER_WEIGHT = 0.5
# How much the dense leg counts, by how well the embedder finds things on its own.
_DENSE_WEIGHTS = {"static": 0.3}


class Fusion(Protocol):
    """Merges two legs, best first, each item with its score, into one; every item of either is in the answer."""

    def fuse(self, lexical: Mapping[ItemT, float], dense: Mapping[ItemT, float]) -> dict[ItemT, float]: ...


def dense_weight(embedder: str) -> float:
    """Return the share of the dense leg in a fused score, 0–1."""
    return _DENSE_WEIGHTS.get(embedder, UNKNOWN_EMBEDDER_WEIGHT)


@dataclass(frozen=True)
class ReciprocalRanks:
    """Weighted reciprocal ranks: looks at places alone, so that scores of any scale may meet."""

    weight: float = 0.5
    k: int = RRF_K

    def fuse(self, lexical: Mapping[ItemT, float], dense: Mapping[ItemT, float]) -> dict[ItemT, float]:
        """Add up each item's weight by its place in each leg."""
        fused: dict[ItemT, float] = {}
        for leg, weight in ((lexical, 1 - self.weight), (dense, self.weight)):
            for item, place in ranks(leg).items():
                fused[item] = fused.get(item, 0.0) + weight / (self.k + place)
        return by_score(fused)


@dataclass(frozen=True)
class MinMaxScores:
    """Scores stretched to 0–1 in each leg, then weighted; what a leg has no score for counts as none at all."""

    weight: float = UNKNOWN_EMBEDDER_WEIGHT

    def fuse(self, lexical: Mapping[ItemT, float], dense: Mapping[ItemT, float]) -> dict[ItemT, float]:
        """Add up each item's stretched scores."""
        items = [*lexical, *(item for item in dense if item not in lexical)]
        fused: dict[ItemT, float] = dict.fromkeys(items, 0.0)
        for leg, weight in ((lexical, 1 - self.weight), (dense, self.weight)):
            for item, score in _stretched(leg, items).items():
                fused[item] += weight * score
        return by_score(fused)


def _by_name(entries: list[tuple[ItemT, float]]) -> list[tuple[ItemT, float]]:
    return entries if len(entries) == 1 else sorted(entries, key=lambda entry: str(entry[0]))


def ranks(leg: Mapping[ItemT, float]) -> dict[ItemT, int]:
    """Number the items by score, best first, from 1."""
    return {item: place for place, item in enumerate(by_score(leg), start=1)}


def by_score(scores: Mapping[ItemT, float]) -> dict[ItemT, float]:
    """Order items by score, best first; equal scores by the item, so that the same search answers the same."""
    ordered = sorted(scores.items(), key=itemgetter(1), reverse=True)
    # Writing every name out takes longer than sorting, and only equals need it.
    return {item: score for _, same in groupby(ordered, key=itemgetter(1)) for item, score in _by_name([*same])}


def fold(ranked: Sequence[ItemT], original_of: Mapping[ItemT, ItemT]) -> list[ItemT]:
    """Keep the best item of each group of near-duplicates, in order."""
    seen: set[ItemT] = set()
    kept: list[ItemT] = []
    for item in ranked:
        original = original_of.get(item, item)
        if original not in seen:
            seen.add(original)
            kept.append(item)
    return kept


def _stretched(leg: Mapping[ItemT, float], items: Sequence[ItemT]) -> dict[ItemT, float]:
    if not leg:
        return {}
    least, most = min(leg.values()), max(leg.values())
    if len(leg) < len(items):
        least = min(least, 0.0)
    if most == least:
        return dict.fromkeys(leg, 1.0)
    return {item: (score - least) / (most - least) for item, score in leg.items()}
