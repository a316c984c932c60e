"""When a cluster is a trend, how strong a one, and how its life goes on."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from kairo.stages.insights.contracts.trends import TrendStatus

MIN_ITEMS = 5
MIN_VOICES = 3
MIN_SURPRISE = 6.0
"""Orders of magnitude: one look in a million would find as much by chance."""
MIN_LIFT = 3.0
"""However sure, a rise by less than this factor is no trend."""
MIN_LIFT_IN_FIRST_WEEK, MIN_SURPRISE_IN_FIRST_WEEK = 12.0, 9.0
"""As long as nobody knows how the days of a week differ: what comes back weekly rises by as much on its day."""
LEAST_OF_PEAK = 0.6
"""What has passed its peak does not open any more: as a share of the peak's rate."""
LEAST_SHARE_OF_VOICES = 0.4
"""Fewer voices an item than this, or texts, and it is a few who make the noise."""
WINDOW = timedelta(hours=72)
"""The items that a candidate is judged by."""
MATURES_AFTER = timedelta(hours=6)
FADES_BELOW, STALE_BELOW = 0.5, 0.1
"""Of the rate at its peak."""
SILENT_AFTER = timedelta(hours=72)

WEIGHTS = {
    "surprise": 0.30,
    "velocity": 0.20,
    "acceleration": 0.05,
    "breadth": 0.20,
    "engagement": 0.10,
    "novelty": 0.15,
}
FULL_SURPRISE = 30.0
FULL_VELOCITY = 2.0
FULL_VOICES = 40
MANY_PLATFORMS = 3


@dataclass(frozen=True, slots=True)
class Voice:
    """Of one item of a cluster, what tells a crowd from a loud few.

    `voice` is its author, or its text where the format names no author; None where nobody knows. `text` is the same
    for all that repeat one post.
    """

    at: datetime
    voice: int | None
    text: int
    platform: str
    engagement: float


@dataclass(frozen=True, slots=True)
class Crowd:
    """Who made a cluster's newest items; `counted` is how many of them count when spam is discounted."""

    items: int
    voices: int
    texts: int
    counted: int
    platforms: tuple[str, ...]
    engagement: float

    @property
    def is_broad(self) -> bool:
        """Whether enough people say enough different things."""
        least = LEAST_SHARE_OF_VOICES * self.items
        return (
            self.counted >= MIN_ITEMS
            and self.voices >= MIN_VOICES
            and self.texts >= MIN_VOICES
            and min(self.voices, self.texts) >= least
        )


@dataclass(frozen=True, slots=True)
class Rise:
    """How a cluster's count stands against its past: surprise in orders of magnitude, rates in items an hour."""

    surprise: float
    lift: float
    velocity: float
    acceleration: float
    past_items: float
    """Items in the past that the count is compared with; 0: never met before."""
    past_share: float
    """What was expected, as a share of what came."""
    rate_of_peak: float
    """The rate now, as a share of the highest of the last two weeks."""
    knows_the_week: bool = True

    @property
    def is_burst(self) -> bool:
        if self.knows_the_week:
            return self.surprise >= MIN_SURPRISE and self.lift >= MIN_LIFT
        return self.surprise >= MIN_SURPRISE_IN_FIRST_WEEK and self.lift >= MIN_LIFT_IN_FIRST_WEEK

    @property
    def is_rising(self) -> bool:
        return self.velocity > 0 and self.rate_of_peak >= LEAST_OF_PEAK


@dataclass(frozen=True, slots=True)
class TrendScore:
    """0–100 for all, 0–1 for each part."""

    total: float
    parts: dict[str, float]


@dataclass(frozen=True, slots=True)
class Signs:
    """What a look at an open candidate shows."""

    at: datetime
    detected_at: datetime
    last_item_at: datetime
    is_burst: bool
    rate_of_peak: float


def crowd_of(items: Iterable[Voice]) -> Crowd:
    """Count who speaks: of one text the first counts, and of one voice the first of those."""
    ordered = sorted(items, key=lambda item: (item.at, item.text, item.voice or 0))
    texts: set[int] = set()
    voices: set[int] = set()
    counted: set[int] = set()
    for item in ordered:
        is_new_text = item.text not in texts
        texts.add(item.text)
        if item.voice is not None:
            voices.add(item.voice)
            if is_new_text:
                counted.add(item.voice)
    return Crowd(
        items=len(ordered),
        voices=len(voices),
        texts=len(texts),
        counted=len(counted),
        platforms=tuple(sorted({item.platform for item in ordered})),
        engagement=sum(item.engagement for item in ordered) / len(ordered) if ordered else 0.0,
    )


def trend_score(rise: Rise, crowd: Crowd) -> TrendScore:
    """Combine what speaks for a trend; each part is 0–1 and stands on the row."""
    parts = {
        "surprise": _share(rise.surprise, FULL_SURPRISE),
        "velocity": _saturated(rise.velocity, FULL_VELOCITY),
        "acceleration": _saturated(rise.acceleration, FULL_VELOCITY),
        "breadth": breadth(crowd),
        "engagement": min(1.0, max(0.0, crowd.engagement)),
        "novelty": novelty(rise),
    }
    total = 100 * sum(WEIGHTS[name] * part for name, part in parts.items())
    return TrendScore(round(min(100.0, total), 2), {name: round(part, 4) for name, part in parts.items()})


def breadth(crowd: Crowd) -> float:
    """Return how widely a cluster is carried: mostly by its voices, the rest by its platforms."""
    voices = min(1.0, math.log1p(crowd.counted) / math.log1p(FULL_VOICES))
    platforms = min(1.0, len(crowd.platforms) / MANY_PLATFORMS)
    return 0.8 * voices + 0.2 * platforms


def novelty(rise: Rise) -> float:
    """Return how little of this was there before: 1 where nothing was."""
    return min(1.0, max(0.0, 1 - rise.past_share)) / (1 + 0.02 * rise.past_items)


def opens(rise: Rise, crowd: Crowd) -> bool:
    """Tell whether a cluster becomes a candidate."""
    return rise.is_burst and rise.is_rising and crowd.is_broad


ALLOWED: dict[TrendStatus, frozenset[TrendStatus]] = {
    TrendStatus.EMERGING: frozenset({TrendStatus.ACTIVE, TrendStatus.FADING, TrendStatus.STALE}),
    TrendStatus.ACTIVE: frozenset({TrendStatus.FADING, TrendStatus.STALE}),
    TrendStatus.FADING: frozenset({TrendStatus.ACTIVE, TrendStatus.STALE}),
    TrendStatus.STALE: frozenset(),
}
"""A cluster that bursts again after it went stale becomes a new candidate."""


def next_status(status: TrendStatus, signs: Signs) -> TrendStatus:
    """Return how a candidate's life goes on: forward, or back to active on a new burst."""
    if status is TrendStatus.STALE:
        return status
    if signs.at - signs.last_item_at >= SILENT_AFTER:
        return TrendStatus.STALE
    if signs.is_burst:
        matured = signs.at - signs.detected_at >= MATURES_AFTER
        return TrendStatus.ACTIVE if status is not TrendStatus.EMERGING or matured else status
    if signs.rate_of_peak < FADES_BELOW:
        has_faded = status is TrendStatus.FADING and signs.rate_of_peak < STALE_BELOW
        return TrendStatus.STALE if has_faded else TrendStatus.FADING
    if status is TrendStatus.EMERGING and signs.at - signs.detected_at >= MATURES_AFTER:
        return TrendStatus.ACTIVE
    return status


def folded(candidates: Sequence[tuple[frozenset[object], float]], *, shared: float = 0.5) -> list[int]:
    """Return the places of the candidates that stand for themselves, the strongest first.

    One trend shows as a hashtag, a sound and several phrases at once: of candidates that share most of the smaller
    one's items only the strongest is told.
    """
    order = sorted(range(len(candidates)), key=lambda place: (-candidates[place][1], place))
    kept: list[int] = []
    for place in order:
        items = candidates[place][0]
        if not any(overlap(items, candidates[other][0]) >= shared for other in kept):
            kept.append(place)
    return kept


def overlap(one: frozenset[object], other: frozenset[object]) -> float:
    """Return how much of the smaller set lies in the other one."""
    smaller = min(len(one), len(other))
    return len(one & other) / smaller if smaller else 0.0


def _share(value: float, full: float) -> float:
    return min(1.0, max(0.0, value / full))


def _saturated(value: float, half: float) -> float:
    """Return 0 for what does not rise, a half at `half`, and never quite 1."""
    return value / (value + half) if value > 0 else 0.0
