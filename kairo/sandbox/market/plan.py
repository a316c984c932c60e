"""What is planted in a market, when and by whom: the trends, and the decoys that look like trends."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kairo.sandbox.market.authors import Population
from kairo.sandbox.market.subjects import Subject, TopicKind

DAYS_A_TREND = 8.0
PEAK_SHARE = (0.08, 0.14)
"""A trend's posts at its peak, as a share of all posts of a day."""
FEWEST_TREND_POSTS = 18.0
LOUD_POSTS_A_DAY = 30
_STEEPNESS = 9.0
_HOUR = 3600

_Hours = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Wave:
    """A planted trend; hours count from the market's start. It rises as a logistic curve and falls as one."""

    name: str
    topic: int
    onset: float
    peak: float
    end: float
    a_day_at_peak: float

    def intensity(self, hours: _Hours) -> _Hours:
        """Return how strong the trend is at each hour, from 0 to 1 at its peak."""
        rising = _logistic((hours - self.onset) / (self.peak - self.onset), 0.55)
        falling = _logistic((self.end - hours) / (self.end - self.peak), 0.6)
        strength = np.where(hours < self.peak, rising, falling)
        return np.where((hours >= self.onset) & (hours < self.end), strength, 0.0)


@dataclass(frozen=True, slots=True)
class Burst:
    """A planted decoy, post by post: when and by whom. Posts with one text share its key; 0: each has its own."""

    name: str
    topic: int
    kind: TopicKind
    seconds: NDArray[np.int64]
    authors: NDArray[np.int64]
    text_key: int = 0


@dataclass(frozen=True)
class Plan:
    """All that is planted in a market of `hours` hours."""

    hours: int
    waves: tuple[Wave, ...]
    bursts: tuple[Burst, ...]

    def burst_posts(self) -> int:
        """Return how many posts the decoys have together."""
        return sum(len(burst.seconds) for burst in self.bursts)


def make_plan(*, seed: int, subject: Subject, days: int, posts_per_day: float, population: Population) -> Plan:
    """Draw what is planted. Long markets get a trend about every eight days, the last one still fresh at their end."""
    rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence((seed, 23, days))))
    kinds = {topic.kind: place for place, topic in enumerate(subject.topics)}
    draw = _Draw(rng, days, posts_per_day, population, kinds)
    bursts = [
        *(draw.loud_author(number, count) for number, count in _numbered(days / 30)),
        *(draw.coordinated_reposts(number, count) for number, count in _numbered(days / 12)),
        *(draw.engagement_bait(number, count) for number, count in _numbered(days / 20)),
        *(draw.news_shock(number, count) for number, count in _numbered(days / 15)),
    ]
    return Plan(hours=days * 24, waves=tuple(_waves(rng, subject, days, posts_per_day)), bursts=tuple(bursts))


def _waves(rng: np.random.Generator, subject: Subject, days: int, posts_per_day: float) -> Iterator[Wave]:
    candidates = [place for place, topic in enumerate(subject.topics) if topic.kind is TopicKind.TREND]
    order = [candidates[place] for place in rng.permutation(len(candidates))]
    count = max(1, round(days / DAYS_A_TREND))
    # A trend needs a past to rise above, and topics of short markets may come only once.
    count = count if days >= len(order) * DAYS_A_TREND else min(count, len(order))
    first, slot = 0.2 * days * 24, 0.8 * days * 24 / count
    squeeze = min(1.0, slot / 96)
    for number in range(count):
        rise, fall = (float(rng.uniform(*span)) * squeeze for span in ((36, 78), (60, 150)))
        is_last = number == count - 1
        onset = days * 24 - 1.1 * rise if is_last else first + slot * number + float(rng.uniform(0, 0.4)) * slot
        # About half of the time counts in full; the last trend is cut off soon after its peak.
        full_days = (rise if is_last else rise + fall) / 48
        a_day = max(float(rng.uniform(*PEAK_SHARE)) * posts_per_day, FEWEST_TREND_POSTS / full_days)
        yield Wave(
            name=f"trend-{number + 1}-{subject.topics[order[number % len(order)]].slug}",
            topic=order[number % len(order)],
            onset=onset,
            peak=onset + rise,
            end=onset + rise + fall,
            a_day_at_peak=a_day,
        )


def _numbered(wanted: float) -> Iterator[tuple[int, int]]:
    count = max(1, round(wanted))
    return ((number, count) for number in range(count))


@dataclass(frozen=True)
class _Draw:
    """Draws the decoys of one market."""

    rng: np.random.Generator
    days: int
    posts_per_day: float
    population: Population
    kinds: dict[TopicKind, int]

    def loud_author(self, number: int, count: int) -> Burst:
        """One account that posts the same thing thirty times a day; fewer where the market is small."""
        a_day = LOUD_POSTS_A_DAY if self.posts_per_day >= 100 else max(4, round(0.3 * self.posts_per_day))
        length = min(self.days, int(self.rng.integers(4, 9)))
        start = self._somewhere(number, count, length * 24)
        times = start + np.sort(self.rng.random(a_day * length)) * length * 24 * _HOUR
        author = int(self.rng.choice(self.population.of_kind("pro", "creator")))
        return self._burst(TopicKind.LOUD_AUTHOR, number, times, np.full(len(times), author))

    def coordinated_reposts(self, number: int, count: int) -> Burst:
        """The same text from many accounts within an hour."""
        size = int(np.clip(0.12 * self.posts_per_day, 8, 60))
        times = self._somewhere(number, count, 1) + np.sort(self.rng.random(size) ** 1.4) * _HOUR
        text_key = int(self.rng.integers(1, 2**62))
        return self._burst(TopicKind.COORDINATED_REPOSTS, number, times, self._crowd(size), text_key)

    def engagement_bait(self, number: int, count: int) -> Burst:
        """A ring of six accounts that ask for comments with a handful of texts."""
        length = min(self.days, 5)
        size = int(np.clip(0.02 * self.posts_per_day * length, 12, 240))
        times = self._somewhere(number, count, length * 24) + np.sort(self.rng.random(size)) * length * 24 * _HOUR
        ring = self._crowd(6)
        return self._burst(TopicKind.ENGAGEMENT_BAIT, number, times, ring[self.rng.integers(0, len(ring), size)])

    def news_shock(self, number: int, count: int) -> Burst:
        """Something happens, and for one hour many people post about it, each in their own words."""
        size = int(np.clip(0.15 * self.posts_per_day, 10, 150))
        times = self._somewhere(number, count, 1) + np.sort(self.rng.random(size) ** 1.5) * _HOUR
        return self._burst(TopicKind.NEWS_SHOCK, number, times, self._crowd(size))

    def _burst(
        self, kind: TopicKind, number: int, times: _Hours, authors: NDArray[np.int64], text_key: int = 0
    ) -> Burst:
        name = f"{kind.value}-{number + 1}"
        return Burst(name, self.kinds[kind], kind, times.astype(np.int64), authors.astype(np.int64), text_key)

    def _somewhere(self, number: int, count: int, hours: int) -> float:
        """Return a start in seconds that leaves room for so many hours, within the decoy's part of the market."""
        part = self.days * 24 / count
        room = max(0.0, part - hours)
        return (part * number + float(self.rng.random()) * room) * _HOUR

    def _crowd(self, size: int) -> NDArray[np.int64]:
        speakers = self.population.speaking("en")
        return self.rng.permutation(speakers)[: min(size, len(speakers))].astype(np.int64)


def _logistic(share: _Hours, middle: float) -> _Hours:
    """Return a logistic rise from 0 at share 0 to 1 at share 1, steepest at `middle`."""
    low, high = (1 / (1 + np.exp(-_STEEPNESS * (bound - middle))) for bound in (0.0, 1.0))
    rise: _Hours = (1 / (1 + np.exp(-_STEEPNESS * (np.clip(share, 0, 1) - middle))) - low) / (high - low)
    return rise
