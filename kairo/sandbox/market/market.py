"""The market itself: from a seed to posts in order of time, and to the truth about them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property

from kairo.sandbox.market.authors import populate
from kairo.sandbox.market.captions import Caption, Composer
from kairo.sandbox.market.dice import Dice
from kairo.sandbox.market.plan import Burst, Plan, make_plan
from kairo.sandbox.market.post import Backdrop, MarketPost, Media, Platform
from kairo.sandbox.market.records import instagram_id, tiktok_id
from kairo.sandbox.market.reposts import reposted
from kairo.sandbox.market.schedule import Block, Schedule
from kairo.sandbox.market.subjects import Subject, Topic

_CAROUSEL_PERCENT = 42
"""Of the Instagram posts that are no videos."""


@dataclass(frozen=True)
class Market:
    """A market that lasts `days` days from `start` with about `posts_per_day` posts a day, all planted ones included.

    A very quiet market gets somewhat more: what is planted has to be large enough to be seen. It holds the people, the
    plan and the rates, never the posts: walking through it takes no more memory however many there are.
    Raises ValueError for a start without a time zone, and for a seed, days or rate out of range.
    """

    seed: int
    start: datetime
    days: int
    posts_per_day: float
    subject: Subject

    def __post_init__(self) -> None:
        if self.start.tzinfo is None:
            raise ValueError("the start needs a time zone")
        if self.seed < 0 or self.days < 1 or self.posts_per_day <= 0:
            raise ValueError("a market needs a seed of 0 or more, at least a day, and posts on it")

    @cached_property
    def schedule(self) -> Schedule:
        """Return who posts when about what."""
        population = populate(seed=self.seed, subject=self.subject, posts=self.days * self.posts_per_day)
        return Schedule(
            seed=self.seed,
            subject=self.subject,
            population=population,
            plan=make_plan(
                seed=self.seed,
                subject=self.subject,
                days=self.days,
                posts_per_day=self.posts_per_day,
                population=population,
            ),
            start_second=int(self.start.timestamp()),
            posts_per_day=self.posts_per_day,
        )

    def posts(self) -> Iterator[MarketPost]:
        """Write all posts, in order of time."""
        population = self.schedule.population
        composer = Composer(self.subject, population)
        press = _Press(self.schedule, composer, Backdrop(self.subject, population, composer))
        for block in self.schedule.blocks():
            yield from press.posts(block)


@dataclass(frozen=True, slots=True)
class _Stream:
    """What one stream of posts is about; `text` is what all posts of coordinated accounts repeat."""

    topic: Topic
    planted: str | None
    is_wave: bool
    text: Caption | None


class _Press:
    """Turns the columns of a block into posts."""

    def __init__(self, schedule: Schedule, composer: Composer, backdrop: Backdrop) -> None:
        self._population = schedule.population
        self._composer = composer
        self._backdrop = backdrop
        self._streams = list(_streams(schedule, composer))

    def posts(self, block: Block) -> Iterator[MarketPost]:
        counts = block.reactions
        columns = (block.second, block.stream, block.author, block.key, block.is_tiktok, block.is_video)
        reactions = (counts.plays, counts.likes, counts.comments, counts.shares, counts.saves)
        rows = zip(*(column.tolist() for column in (*columns, *reactions)), strict=True)
        for ordinal, row in enumerate(rows, block.first_ordinal):
            yield self._post(ordinal, *row)

    def _post(
        self,
        ordinal: int,
        second: int,
        stream_number: int,
        author_number: int,
        key: int,
        is_tiktok: bool,
        is_video: bool,
        *counts: int,
    ) -> MarketPost:
        stream, author = self._streams[stream_number], self._population.author(author_number)
        at = datetime.fromtimestamp(second, UTC)
        platform = Platform.TIKTOK if is_tiktok else Platform.INSTAGRAM
        if stream.text is not None:
            caption = reposted(stream.text, Dice(key))
        else:
            caption = self._composer.caption(
                key=key, author=author, topic=stream.topic, platform=platform, at=at, trending=stream.is_wave
            )
        return MarketPost(
            id=post_id(is_tiktok, second, ordinal),
            platform=platform,
            published_at=at,
            author=author,
            topic=stream.topic,
            planted=stream.planted,
            caption=caption.text,
            language=caption.language,
            hashtags=caption.hashtags,
            media=Media.VIDEO if is_video else _still(key),
            plays=counts[0],
            likes=counts[1],
            comments=counts[2],
            shares=counts[3],
            saves=counts[4],
            key=key,
            backdrop=self._backdrop,
        )


def post_id(is_tiktok: bool, second: int, ordinal: int) -> str:
    """Return the id of the post with this place in the market, counted from 0."""
    return str(tiktok_id(second, ordinal) if is_tiktok else instagram_id(second, ordinal))


def _still(key: int) -> Media:
    return Media.CAROUSEL if key // 7 % 100 < _CAROUSEL_PERCENT else Media.IMAGE


def _streams(schedule: Schedule, composer: Composer) -> Iterator[_Stream]:
    topics, plan = schedule.subject.topics, schedule.plan
    for topic in schedule.subject.file.topics:
        yield _Stream(topic, None, is_wave=False, text=None)
    for wave in plan.waves:
        yield _Stream(topics[wave.topic], wave.name, is_wave=True, text=None)
    for burst in plan.bursts:
        text = _shared_text(schedule, plan, burst, composer) if burst.text_key else None
        yield _Stream(topics[burst.topic], burst.name, is_wave=False, text=text)


def _shared_text(schedule: Schedule, plan: Plan, burst: Burst, composer: Composer) -> Caption:
    first = schedule.population.author(int(burst.authors[0]))
    at = datetime.fromtimestamp(schedule.start_second + int(burst.seconds[0]), UTC)
    topic = schedule.subject.topics[burst.topic]
    return composer.caption(
        key=burst.text_key, author=first, topic=topic, platform=Platform.INSTAGRAM, at=at, trending=False
    )
