"""Who posts when about what: an hour of the market at a time, drawn from rates and from the plan."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from kairo.sandbox.market.authors import Population
from kairo.sandbox.market.engagement import Reactions, reactions
from kairo.sandbox.market.plan import Plan
from kairo.sandbox.market.subjects import Subject, Topic, TopicKind

_HOUR = 3600
_WEEK_SHIFT = 96
"""Hours from the start of Unix time to its first Monday."""
WEEKLY_LIFT, WEEKLY_REST = 4.5, 0.45
"""A weekly topic on its own days and on the others."""
DEATH_AT = 0.75
"""The share of the market's length after which nobody posts about a dying topic any more."""
_FEWEST_ORDINARY = 0.35

_Ints = NDArray[np.int64]
_Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Block:
    """The posts of one hour in order of time, as columns. `stream` counts topics first, then waves, then bursts."""

    first_ordinal: int
    second: _Ints
    stream: _Ints
    author: _Ints
    key: NDArray[np.uint64]
    is_tiktok: NDArray[np.bool_]
    is_video: NDArray[np.bool_]
    reactions: Reactions

    def __len__(self) -> int:
        return len(self.second)


@dataclass(frozen=True)
class Schedule:
    """The whole market before a word of it is written; `blocks` may be walked any number of times."""

    seed: int
    subject: Subject
    population: Population
    plan: Plan
    start_second: int
    posts_per_day: float

    @property
    def topic_count(self) -> int:
        return len(self.subject.file.topics)

    @property
    def stream_count(self) -> int:
        return self.topic_count + len(self.plan.waves) + len(self.plan.bursts)

    def topic_of(self, stream: int) -> int:
        """Return the number of the topic that a stream of posts is about."""
        if stream < self.topic_count:
            return stream
        planted = stream - self.topic_count
        waves = self.plan.waves
        return waves[planted].topic if planted < len(waves) else self.plan.bursts[planted - len(waves)].topic

    def blocks(self) -> Iterator[Block]:
        """Draw the market hour by hour. Each hour has a generator of its own: none depends on those before it."""
        rates = self._rates()
        topics = self.subject.topics
        heat = np.array([topics[self.topic_of(stream)].heat for stream in range(self.stream_count)])
        planted = _Planted.of(self.plan, self.topic_count)
        ordinal = 0
        for hour in range(self.plan.hours):
            block = self._block(hour, rates[hour], planted, heat, ordinal)
            ordinal += len(block)
            yield block

    def _block(self, hour: int, rates: _Floats, planted: _Planted, heat: _Floats, ordinal: int) -> Block:
        rng = np.random.Generator(
            np.random.PCG64(np.random.SeedSequence((self.seed, crc32(self.subject.slug.encode()), 37, hour)))
        )
        streams = np.repeat(np.arange(len(rates)), rng.poisson(rates))
        busy = self.population.busy(self._hour_of_week(hour))
        authors = _drawn(rng, busy, len(streams))
        # Trends are carried by many people, not by those who post most.
        carried = np.flatnonzero(streams >= self.topic_count)
        authors[carried] = _drawn(rng, np.sqrt(busy), len(carried))
        seconds = hour * _HOUR + (rng.random(len(streams)) * _HOUR).astype(np.int64)
        of_hour = planted.within(hour * _HOUR, (hour + 1) * _HOUR)
        seconds = np.concatenate([seconds, planted.second[of_hour]])
        authors = np.concatenate([authors, planted.author[of_hour]])
        streams = np.concatenate([streams, planted.stream[of_hour]])
        order = np.argsort(seconds, kind="stable")
        seconds, authors, streams = seconds[order], authors[order], streams[order]
        is_tiktok = rng.random(len(order)) < self.population.tiktok[authors]
        is_video = is_tiktok | (rng.random(len(order)) < self.population.video[authors])
        return Block(
            first_ordinal=ordinal,
            second=seconds + self.start_second,
            stream=streams,
            author=authors,
            key=rng.integers(0, 2**64, len(order), dtype=np.uint64),
            is_tiktok=is_tiktok,
            is_video=is_video,
            reactions=reactions(
                rng,
                followers=self.population.followers[authors],
                heat=heat[streams],
                is_tiktok=is_tiktok,
                is_video=is_video,
                is_bait=planted.is_bait[streams],
            ),
        )

    def _hour_of_week(self, hour: int) -> int:
        return (self.start_second // _HOUR + hour - _WEEK_SHIFT) % 168

    def _rates(self) -> _Floats:
        """Return the posts an hour of each topic and wave: a row an hour of the market."""
        hours = np.arange(self.plan.hours)
        middles = hours.astype(np.float64) + 0.5
        of_week = np.array([self.population.busy(hour).sum() for hour in range(168)])
        cycle = of_week[(self.start_second // _HOUR + hours - _WEEK_SHIFT) % 168] / of_week.mean()
        waves = [wave.a_day_at_peak / 24 * wave.intensity(middles) * cycle for wave in self.plan.waves]
        topics = np.array([topic.share * self._lift(topic, hours) * cycle for topic in self.subject.file.topics])
        planted = float(sum(wave.sum() for wave in waves)) + self.plan.burst_posts()
        total = self.posts_per_day * self.plan.hours / 24
        ordinary = max(total - planted, _FEWEST_ORDINARY * total)
        return np.vstack([topics * ordinary / topics.sum(), *waves]).T

    def _lift(self, topic: Topic, hours: _Ints) -> _Floats:
        """Return how much more than usual is spoken of a topic in each hour."""
        if topic.kind is TopicKind.SEASONAL:
            days = range(self.start_second, self.start_second + (len(hours) + 24) * _HOUR, 24 * _HOUR)
            months = [datetime.fromtimestamp(day, UTC).month for day in days]
            return np.array([topic.months.get(month, 1.0) for month in months])[hours // 24]
        if topic.kind is TopicKind.WEEKLY:
            weekday = (self.start_second // _HOUR + hours - _WEEK_SHIFT) // 24 % 7
            return np.where(np.isin(weekday, topic.weekdays), WEEKLY_LIFT, WEEKLY_REST)
        if topic.kind is TopicKind.DYING:
            age = hours / len(hours)
            return np.where(age < DEATH_AT, 3.0 * 2.0 ** (-7 * age), 0.0)
        return np.ones(len(hours))


@dataclass(frozen=True)
class _Planted:
    """The posts of all bursts, by time. `is_bait` says for every stream whether it begs for comments."""

    second: _Ints
    author: _Ints
    stream: _Ints
    is_bait: NDArray[np.bool_]

    @classmethod
    def of(cls, plan: Plan, topics: int) -> _Planted:
        first = topics + len(plan.waves)
        second = np.concatenate([burst.seconds for burst in plan.bursts])
        author = np.concatenate([burst.authors for burst in plan.bursts])
        stream = np.concatenate([np.full(len(burst.seconds), first + at) for at, burst in enumerate(plan.bursts)])
        order = np.argsort(second, kind="stable")
        is_bait = [False] * first + [burst.kind is TopicKind.ENGAGEMENT_BAIT for burst in plan.bursts]
        return cls(second[order], author[order], stream[order], np.array(is_bait))

    def within(self, start: int, end: int) -> slice:
        return slice(*np.searchsorted(self.second, [start, end]).tolist())


def _drawn(rng: np.random.Generator, weights: _Floats, count: int) -> _Ints:
    bounds = np.cumsum(weights)
    drawn: _Ints = np.searchsorted(bounds, rng.random(count) * bounds[-1], side="right")
    return drawn
