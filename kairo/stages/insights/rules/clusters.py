"""Semantic clusters: an item joins the nearest one that was spoken of lately, or opens its own.

Decided item after item, in their order: the same items in the same order give the same clusters, however they are cut
into batches.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

JOIN_SIMILARITY = 0.62
"""Cosine to a cluster's centroid from which on an item belongs to it."""
RECENT = timedelta(days=10)
"""A cluster that got nothing for so long takes nothing in any more; longer than a week, for what comes back weekly."""
RECENT_ITEMS = 20_000
"""Nor does one that none of so many items before went into: who compares with all can never keep up with millions."""
BLOCK_ITEMS = 256
_NEARLY = 1e-4
"""Similarities from matrix products differ in their last digits with the shape of the matrix."""

_SHORTEST = 1e-12

_Vectors = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class SemanticItem:
    """An item with a vector of length 1; `place` is its number in the order in which items came."""

    name: str
    at: datetime
    vector: _Vectors
    place: int = 0


@dataclass(frozen=True, slots=True)
class SemanticCluster:
    """A cluster as it is stored: the sum of its vectors, when it was last spoken of, and its newest item's place."""

    key: str
    total: _Vectors
    last_at: datetime
    place: int = 0


class SemanticClusters:
    """The clusters that items of one stretch of time can join."""

    def __init__(
        self,
        known: Iterable[SemanticCluster] = (),
        *,
        similarity: float = JOIN_SIMILARITY,
        recent: timedelta = RECENT,
    ) -> None:
        self._similarity = similarity
        self._recent_s = recent.total_seconds()
        stored = sorted(known, key=lambda cluster: cluster.key)
        self._keys = [cluster.key for cluster in stored]
        self._place_of = {key: place for place, key in enumerate(self._keys)}
        width = len(stored[0].total) if stored else 0
        self._totals = np.array([cluster.total for cluster in stored], dtype=np.float32).reshape(len(stored), width)
        self._units = _units(self._totals)
        self._last = np.array([cluster.last_at.timestamp() for cluster in stored], dtype=np.float64)
        self._newest = np.array([cluster.place for cluster in stored], dtype=np.int64)

    def join(self, items: Sequence[SemanticItem], decided: Sequence[str | None] | None = None) -> list[str]:
        """Return the key of each item's cluster, in the order of the items; what is `decided` already stays so."""
        given = decided or [None] * len(items)
        keys: list[str] = []
        for first in range(0, len(items), BLOCK_ITEMS):
            keys += self._join_block(items[first : first + BLOCK_ITEMS], given[first : first + BLOCK_ITEMS])
        return keys

    def stored(self, keys: Iterable[str]) -> list[SemanticCluster]:
        """Return these clusters as they are to be stored."""
        return [
            SemanticCluster(
                key, self._totals[place], datetime.fromtimestamp(self._last[place], UTC), int(self._newest[place])
            )
            for key, place in ((key, self._place_of[key]) for key in sorted(set(keys)))
        ]

    def _join_block(self, block: Sequence[SemanticItem], decided: Sequence[str | None]) -> list[str]:
        times = np.array([item.at.timestamp() for item in block])
        came = np.array([item.place for item in block])
        vectors = np.stack([item.vector for item in block])
        known = len(self._keys)
        places = np.flatnonzero(
            (self._last[:known] >= times.min() - self._recent_s)
            & (self._last[:known] <= times.max() + self._recent_s)
            & (self._newest[:known] > came.min() - RECENT_ITEMS)
        )
        near = vectors @ self._units[places].T if len(places) else np.zeros((len(block), 0), dtype=np.float32)
        changed = _Changed(self._near_enough(near, places, times, came), width=vectors.shape[1])
        return [
            self._join_one(
                item, at, key, changed.candidates(number, item.vector, at, self._similarity, self._recent_s), changed
            )
            for number, (item, at, key) in enumerate(zip(block, times.tolist(), decided, strict=True))
        ]

    def _near_enough(
        self, near: _Vectors, places: NDArray[np.int64], times: NDArray[np.float64], came: NDArray[np.int64]
    ) -> list[list[tuple[int, float]]]:
        """List for each item of a block the clusters that it may be near enough to, with their similarities.

        One in thousands is: what a cluster's age forbids is looked at for those alone.
        """
        hits = np.flatnonzero(near >= self._similarity - _NEARLY)
        rows, columns = np.divmod(hits, max(1, near.shape[1]))
        found = places[columns]
        open_ = (np.abs(self._last[found] - times[rows]) <= self._recent_s) & (
            self._newest[found] > came[rows] - RECENT_ITEMS
        )
        listed: list[list[tuple[int, float]]] = [[] for _ in near]
        similarities = near[rows[open_], columns[open_]].tolist()
        for row, place, similarity in zip(rows[open_].tolist(), found[open_].tolist(), similarities, strict=True):
            listed[row].append((place, similarity))
        return listed

    def _join_one(
        self, item: SemanticItem, at: float, key: str | None, candidates: Sequence[int], changed: _Changed
    ) -> str:
        place = self._nearest(item.vector, candidates) if key is None else self._place_of.get(key)
        if place is None:
            key = key or cluster_key(item.name)
            place = self._place_of[key] if key in self._place_of else self._open(key, len(item.vector))
        self._take_in(place, item, at)
        changed.note(place, self._units[place], self._last[place])
        return self._keys[place]

    def _nearest(self, vector: _Vectors, places: Sequence[int]) -> int | None:
        """Return the place of the nearest cluster that is near enough; of equally near ones the first by key.

        Worked out from the sums alone, one by one: the same whichever block or batch a cluster was changed in.
        """
        found: list[tuple[float, str, int]] = []
        exact = vector.astype(np.float64)
        for place in places:
            total = self._totals[place].astype(np.float64)
            similarity = float(total @ exact) / max(math.sqrt(float(total @ total)), _SHORTEST)
            found.append((round(1 - similarity, 6), self._keys[place], place))
        distance, _, nearest = min(found, default=(1.0, "", -1))
        return nearest if 1 - distance >= self._similarity else None

    def _open(self, key: str, width: int) -> int:
        place = len(self._keys)
        if place == len(self._totals):
            more = max(BLOCK_ITEMS, place // 2)
            self._totals = _grown(self._totals, more, width)
            self._units = _grown(self._units, more, width)
            self._last = np.concatenate([self._last, np.full(more, -np.inf)])
            self._newest = np.concatenate([self._newest, np.zeros(more, dtype=np.int64)])
        self._keys.append(key)
        self._place_of[key] = place
        return place

    def _take_in(self, place: int, item: SemanticItem, at: float) -> None:
        self._totals[place] += item.vector
        self._units[place] = self._totals[place] / max(float(np.linalg.norm(self._totals[place])), _SHORTEST)
        self._last[place] = max(self._last[place], at)
        self._newest[place] = item.place


class _Changed:
    """Which clusters a block's items may be near: those that the block itself changes are compared anew for each."""

    def __init__(self, near: Sequence[Sequence[tuple[int, float]]], *, width: int) -> None:
        self._near = near
        self._slot_of: dict[int, int] = {}
        self._changed: list[int] = []
        self._last = np.zeros(len(near), dtype=np.float64)
        self._units = np.zeros((len(near), width), dtype=np.float32)

    def candidates(self, number: int, vector: _Vectors, at: float, least: float, recent_s: float) -> list[int]:
        """Return the places of which one is the nearest, if any is near enough."""
        known = len(self._slot_of)
        again = self._units[:known] @ vector
        again[np.abs(self._last[:known] - at) > recent_s] = -1.0
        unchanged = [(place, similarity) for place, similarity in self._near[number] if place not in self._slot_of]
        best = max((similarity for _, similarity in unchanged), default=least)
        enough = max(best, float(again.max(initial=-1.0)), least) - _NEARLY
        found = [place for place, similarity in unchanged if similarity >= enough]
        return found + [self._changed[slot] for slot in np.flatnonzero(again >= enough).tolist()]

    def note(self, place: int, unit: _Vectors, last: float) -> None:
        """Know that a cluster has changed."""
        slot = self._slot_of.setdefault(place, len(self._slot_of))
        if slot == len(self._changed):
            self._changed.append(place)
        self._units[slot], self._last[slot] = unit, last


def cluster_key(name: str) -> str:
    """Return the key of the semantic cluster that an item opens: the same whenever it is worked out again."""
    return blake2b(name.encode(), digest_size=16).hexdigest()


def _units(totals: _Vectors) -> _Vectors:
    units: _Vectors = totals / np.maximum(np.linalg.norm(totals, axis=1, keepdims=True), _SHORTEST)
    return units


def _grown(rows: _Vectors, more: int, width: int) -> _Vectors:
    return np.concatenate([rows.reshape(len(rows), width), np.zeros((more, width), dtype=np.float32)])
