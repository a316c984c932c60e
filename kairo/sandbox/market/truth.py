"""The hidden truth of a market: what was planted, when, and in which posts. Nothing that a scrape would show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

import numpy as np

from kairo.sandbox.market.market import Market, post_id
from kairo.sandbox.market.plan import Wave
from kairo.sandbox.market.records import Json
from kairo.sandbox.market.schedule import DEATH_AT, Block, Schedule
from kairo.sandbox.market.subjects import TopicKind

_HOUR = 3600
_Kept = tuple[int, int, str]
"""A post's place in the market, its second and its id."""
_DAY = 86_400


@dataclass(frozen=True, slots=True)
class PlantedTrend:
    """A true trend. `post_ids`: every post about its topic between onset and end, also those nobody planted."""

    name: str
    topic: str
    keywords: tuple[str, ...]
    hashtag: str
    audio: str
    onset_at: datetime
    peak_at: datetime
    end_at: datetime
    post_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PlantedDecoy:
    """Something that looks like a trend and is none.

    `is_false` says that a detector which opens on it is wrong; a news shock is real but over within the hour, so that
    opening on it is neither hit nor miss.
    """

    name: str
    kind: str
    topic: str
    periods: tuple[tuple[datetime, datetime], ...]
    post_ids: tuple[str, ...]
    is_false: bool


@dataclass(frozen=True, slots=True)
class HiddenTruth:
    """All that was planted, and who the posts came from: `personas` and `topics` are shares of `posts`."""

    subject: str
    seed: int
    starts_at: datetime
    ends_at: datetime
    posts: int
    trends: tuple[PlantedTrend, ...]
    decoys: tuple[PlantedDecoy, ...]
    personas: dict[str, float]
    topics: dict[str, float]

    def to_json(self) -> dict[str, Json]:
        """Return the truth in JSON's types; times as ISO 8601 in UTC."""
        return {name: _json(value) for name, value in asdict(self).items()}


def hidden_truth(market: Market) -> HiddenTruth:
    """Walk the market's schedule, without writing a text, and note what is planted where."""
    schedule = market.schedule
    seen = _Seen.of(schedule)
    for block in schedule.blocks():
        seen.note(block)
    return HiddenTruth(
        subject=schedule.subject.slug,
        seed=market.seed,
        starts_at=_at(schedule, 0),
        ends_at=_at(schedule, schedule.plan.hours),
        posts=seen.total,
        trends=tuple(_trend(schedule, wave, seen) for wave in schedule.plan.waves),
        decoys=(*_quiet_decoys(schedule, seen), *_sudden_decoys(schedule, seen)),
        personas=_shares(seen.personas, seen.total),
        topics=_shares(seen.topics, seen.total),
    )


@dataclass
class _Seen:
    """The planted posts met so far. Ids are kept for topics that trends, bumps and deaths are about, and for bursts."""

    schedule: Schedule
    kept: dict[int, list[_Kept]]
    personas: Counter[str]
    topics: Counter[str]
    total: int = 0

    @classmethod
    def of(cls, schedule: Schedule) -> _Seen:
        kinds = {TopicKind.TREND, TopicKind.WEEKLY, TopicKind.DYING}
        telling = [place for place, topic in enumerate(schedule.subject.file.topics) if topic.kind in kinds]
        planted = range(schedule.topic_count, schedule.stream_count)
        return cls(schedule, {stream: [] for stream in (*telling, *planted)}, Counter(), Counter())

    def note(self, block: Block) -> None:
        people, subject = self.schedule.population, self.schedule.subject
        self.total += len(block)
        for persona, count in enumerate(np.bincount(people.persona[block.author]).tolist()):
            self.personas[people.kinds[persona].name] += count
        for stream, count in enumerate(np.bincount(block.stream).tolist()):
            self.topics[subject.topics[self.schedule.topic_of(stream)].slug] += count
        for place in np.flatnonzero(np.isin(block.stream, list(self.kept))).tolist():
            second = int(block.second[place])
            name = post_id(bool(block.is_tiktok[place]), second, block.first_ordinal + place)
            self.kept[int(block.stream[place])].append((block.first_ordinal + place, second, name))

    def ids(self, *streams: int) -> Iterator[tuple[int, str]]:
        """Return the kept posts of these streams with their second, in the order in which the market tells them."""
        return ((second, name) for _, second, name in sorted(post for stream in streams for post in self.kept[stream]))


def _trend(schedule: Schedule, wave: Wave, seen: _Seen) -> PlantedTrend:
    topic = schedule.subject.topics[wave.topic]
    assert topic.trend is not None
    same = [schedule.topic_count + at for at, other in enumerate(schedule.plan.waves) if other.topic == wave.topic]
    onset, end = _at(schedule, wave.onset), _at(schedule, min(wave.end, schedule.plan.hours))
    first, last = onset.timestamp(), end.timestamp()
    return PlantedTrend(
        name=wave.name,
        topic=topic.slug,
        keywords=tuple(topic.trend.keywords),
        hashtag=topic.trend.hashtag,
        audio=topic.trend.audio.title,
        onset_at=onset,
        peak_at=_at(schedule, wave.peak),
        end_at=end,
        post_ids=tuple(name for second, name in seen.ids(wave.topic, *same) if first <= second < last),
    )


def _quiet_decoys(schedule: Schedule, seen: _Seen) -> Iterator[PlantedDecoy]:
    """Return the decoys that are topics: those that come back every week, and those that die."""
    for number, topic in enumerate(schedule.subject.file.topics):
        if topic.kind is TopicKind.WEEKLY:
            days = _own_days(schedule, topic.weekdays)
            ids = (name for second, name in seen.ids(number) if any(a <= second < b for a, b in days))
            periods = tuple((_utc(first), _utc(last)) for first, last in days)
            yield PlantedDecoy(f"seasonal_bump-{topic.slug}", "seasonal_bump", topic.slug, periods, tuple(ids), True)
        if topic.kind is TopicKind.DYING:
            period = (_at(schedule, 0), _at(schedule, DEATH_AT * schedule.plan.hours))
            ids = (name for _, name in seen.ids(number))
            yield PlantedDecoy(f"dead_topic-{topic.slug}", "dead_topic", topic.slug, (period,), tuple(ids), True)


def _own_days(schedule: Schedule, weekdays: list[int]) -> list[tuple[int, int]]:
    """Return the days of a weekly topic within the market, as seconds from midnight to midnight (UTC)."""
    first, last = schedule.start_second, schedule.start_second + schedule.plan.hours * _HOUR
    midnights = range(first // _DAY * _DAY, last, _DAY)
    return [
        (max(midnight, first), min(midnight + _DAY, last))
        for midnight in midnights
        if _utc(midnight).weekday() in weekdays
    ]


def _sudden_decoys(schedule: Schedule, seen: _Seen) -> Iterator[PlantedDecoy]:
    """Return the decoys that were planted post by post."""
    for stream, burst in enumerate(schedule.plan.bursts, schedule.topic_count + len(schedule.plan.waves)):
        first, last = (schedule.start_second + int(burst.seconds[place]) for place in (0, -1))
        yield PlantedDecoy(
            name=burst.name,
            kind=burst.kind.value,
            topic=schedule.subject.topics[burst.topic].slug,
            periods=((_utc(first), _utc(last + 1)),),
            post_ids=tuple(name for _, name in seen.ids(stream)),
            is_false=burst.kind is not TopicKind.NEWS_SHOCK,
        )


def _at(schedule: Schedule, hours: float) -> datetime:
    return _utc(schedule.start_second + round(hours * _HOUR))


def _utc(second: int) -> datetime:
    return datetime.fromtimestamp(second, UTC)


def _shares(counts: Counter[str], total: int) -> dict[str, float]:
    return {name: round(counts[name] / total, 6) for name in sorted(counts) if counts[name]}


def _json(value: object) -> Json:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, dict):
        return {str(name): _json(held) for name, held in value.items()}
    if isinstance(value, list | tuple):
        return [_json(held) for held in value]
    if value is None or isinstance(value, str | int | float):
        return value
    raise TypeError(f"{type(value).__name__} has no place in JSON")
