"""What a market talks about: topics, words, hashtags, sounds and a brand; read from subjects/<slug>/*.yaml."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, cached_property
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from pydantic import Field

from kairo.sandbox.market.facts import facts
from kairo.sandbox.market.personas import read_yaml, small_talk
from kairo.sandbox.market.rules import RuleText, compile_rules
from kairo.sandbox.market.scene import Rule
from kairo.shapes import Strict


class UnknownSubject(LookupError):
    """There is no subject of this name; the message lists those there are."""


class TopicKind(StrEnum):
    """How much is spoken of a topic over time."""

    EVERGREEN = "evergreen"
    SEASONAL = "seasonal"
    WEEKLY = "weekly"
    DYING = "dying"
    TREND = "trend"
    LOUD_AUTHOR = "loud_author"
    COORDINATED_REPOSTS = "coordinated_reposts"
    ENGAGEMENT_BAIT = "engagement_bait"
    NEWS_SHOCK = "news_shock"


class Sound(Strict):
    """A piece of music or speech that videos share."""

    title: str
    author: str


class TrendMarks(Strict):
    """By what a trend can be recognised."""

    hashtag: str
    keywords: list[str]
    audio: Sound


class Topic(Strict):
    """One thing that people post about.

    `share` weighs it among the others, `months` lifts it in some months; weekly ones are lifted on their `weekdays`
    (Monday is 0). `heat` multiplies what reactions its posts get.
    """

    slug: str
    kind: TopicKind
    name: str
    share: float = Field(gt=0)
    heat: float = 1.0
    emojis: str = ""
    hashtags: dict[str, str]
    keywords: list[str]
    months: dict[int, float] = {}
    weekdays: list[int] = []
    trend: TrendMarks | None = None


class SubjectFile(Strict):
    """A subject as its file spells it; words in one string are separated by spaces."""

    slug: str
    name: str
    languages: dict[str, float]
    hashtags: dict[str, str]
    emojis: str
    handle_words: str
    handle_places: str
    places: list[str]
    sounds: list[Sound]
    topics: list[Topic]
    decoy_topics: list[Topic]


class TextsFile(Strict):
    """What is said of a subject in one language: rules for all topics, and for each one."""

    shared: dict[str, RuleText]
    topics: dict[str, dict[str, RuleText]]
    decoys: dict[str, dict[str, RuleText]] = {}


@dataclass(frozen=True)
class Texts:
    """The compiled texts of one language."""

    shared: Mapping[str, Rule]
    topics: Mapping[str, Mapping[str, Rule]]

    def rules(self, topic: str) -> dict[str, Rule]:
        """Return what texts about this topic may name, but for the voice of whoever writes."""
        return {**self.shared, **self.topics[topic]}


@dataclass(frozen=True)
class Subject:
    """A subject, with all that people say about it. `brand_file` is a brand that would listen to it."""

    file: SubjectFile
    texts: Mapping[str, Texts]
    brand_file: str

    @property
    def slug(self) -> str:
        return self.file.slug

    @cached_property
    def topics(self) -> tuple[Topic, ...]:
        """All topics: the ordinary ones, then those of the decoys."""
        return (*self.file.topics, *self.file.decoy_topics)


def subject_slugs() -> list[str]:
    """List the subjects that come with the sandbox."""
    return sorted(entry.name for entry in _shelf().iterdir() if entry.is_dir() and entry.name[0].isalpha())


@cache
def load_subject(slug: str) -> Subject:
    """Return a subject that comes with the sandbox. Raises UnknownSubject."""
    if slug not in subject_slugs():
        raise UnknownSubject(f"no subject {slug!r}; there are {', '.join(subject_slugs())}")
    return read_subject(_shelf().joinpath(slug))


def read_subject(folder: Traversable | Path) -> Subject:
    """Read a subject from a folder: subject.yaml, brand.yaml and one file of texts a language."""
    file = SubjectFile.model_validate(read_yaml(folder.joinpath("subject.yaml").read_text(encoding="utf-8")))
    texts = {language: _texts(folder.joinpath(f"{language}.yaml"), language) for language in file.languages}
    return Subject(file=file, texts=texts, brand_file=folder.joinpath("brand.yaml").read_text(encoding="utf-8"))


def _texts(path: Traversable | Path, language: str) -> Texts:
    file = TextsFile.model_validate(read_yaml(path.read_text(encoding="utf-8")))
    topics = {slug: compile_rules(rules) for slug, rules in {**file.topics, **file.decoys}.items()}
    return Texts(shared={**facts(language), **small_talk(language), **compile_rules(file.shared)}, topics=topics)


def _shelf() -> Traversable:
    return resources.files(__package__).joinpath("subjects")
