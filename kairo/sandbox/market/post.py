"""One post of the market: what the schedule knows of it at once, and the details that are worked out when asked for."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from kairo.sandbox.market.authors import Author, Population
from kairo.sandbox.market.captions import Composer
from kairo.sandbox.market.dice import Dice, mixed
from kairo.sandbox.market.instagram import instagram_record
from kairo.sandbox.market.records import Record, instagram_code
from kairo.sandbox.market.subjects import Sound, Subject, Topic
from kairo.sandbox.market.tiktok import tiktok_record

_COAUTHORED_PERCENT = 4
_OWN_SOUND_PERCENT = 58
_TREND_SOUND_PERCENT = 50
_DURATIONS = (6, 8, 9, 11, 12, 14, 15, 17, 19, 22, 24, 28, 31, 36, 42, 48, 55, 59, 64, 75, 88, 95, 130, 175)
_ADVERT_TAGS = {"ad", "реклама"}


class WrongPlatform(ValueError):
    """The post was published on the other platform."""


class Platform(StrEnum):
    INSTAGRAM = "instagram"
    TIKTOK = "tiktok"


class Media(StrEnum):
    IMAGE = "image"
    CAROUSEL = "carousel"
    VIDEO = "video"


@dataclass(frozen=True, slots=True)
class Backdrop:
    """What all posts of one market share, for the details that are written later."""

    subject: Subject
    population: Population
    composer: Composer


@dataclass(frozen=True, slots=True)
class MarketPost:
    """One post. `planted` names the trend or decoy that it was planted for, if any; a scrape does not show it.

    `plays` is 0 where there is nothing to play; `likes` is the true count, also where the platform hides it.
    """

    id: str
    platform: Platform
    published_at: datetime
    author: Author
    topic: Topic
    planted: str | None
    caption: str
    language: str
    hashtags: tuple[str, ...]
    media: Media
    plays: int
    likes: int
    comments: int
    shares: int
    saves: int
    key: int
    backdrop: Backdrop = field(repr=False, compare=False)

    @property
    def url(self) -> str:
        """Return the permalink."""
        if self.platform is Platform.TIKTOK:
            return f"https://www.tiktok.com/@{self.author.handle}/video/{self.id}"
        return f"https://www.instagram.com/p/{instagram_code(int(self.id))}/"

    @property
    def is_advert(self) -> bool:
        return bool(_ADVERT_TAGS.intersection(self.hashtags))

    @property
    def seconds_long(self) -> int | None:
        """Return how long the video is; None where there is none."""
        return self.chance(1).pick(_DURATIONS) if self.media is Media.VIDEO else None

    @property
    def coauthor(self) -> Author | None:
        """Return the other account that shows the post as its own, if the author shared it that way."""
        chance = self.chance(2)
        if self.platform is Platform.TIKTOK or not chance.percent(_COAUTHORED_PERCENT):
            return None
        other = self.backdrop.population.author(chance.below(len(self.backdrop.population)))
        return None if other.number == self.author.number else other

    @property
    def sound(self) -> Sound | None:
        """Return the music under the post; None where it is the author's own sound, or nothing to hear."""
        chance, marks = self.chance(3), self.topic.trend
        if self.media is not Media.VIDEO:
            return None
        if marks and chance.percent(_TREND_SOUND_PERCENT if self.planted else _TREND_SOUND_PERCENT // 5):
            return marks.audio
        return None if chance.percent(_OWN_SOUND_PERCENT) else chance.pick(self.backdrop.subject.file.sounds)

    def chance(self, salt: int) -> Dice:
        """Return dice for one detail of this post, the same every time it is asked for."""
        return Dice(mixed(self.key, salt))

    def to_apify(self) -> Record:
        """Return the post as the scraper of its own platform gives it."""
        return self.to_apify_tiktok() if self.platform is Platform.TIKTOK else self.to_apify_instagram()

    def to_apify_instagram(self, *, input_url: str | None = None, is_pinned: bool = False) -> Record:
        """Return the post as Apify's instagram-scraper gives it. Raises WrongPlatform for a TikTok post."""
        if self.platform is not Platform.INSTAGRAM:
            raise WrongPlatform(f"{self.id} was published on {self.platform}")
        return instagram_record(self, input_url=input_url, is_pinned=is_pinned)

    def to_apify_tiktok(self, *, input_query: str | None = None, is_pinned: bool = False) -> Record:
        """Return the post as Apify's clockworks/tiktok-scraper gives it. Raises WrongPlatform for an Instagram post."""
        if self.platform is not Platform.TIKTOK:
            raise WrongPlatform(f"{self.id} was published on {self.platform}")
        return tiktok_record(self, input_query=input_query, is_pinned=is_pinned)
