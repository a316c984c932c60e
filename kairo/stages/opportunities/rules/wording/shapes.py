"""What the wording of an opportunity is given, and what it must be able to say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from kairo.stages.brands.contracts import PersonaDTO
from kairo.stages.opportunities.contracts import Channel, OpportunityType, Quote
from kairo.stages.opportunities.rules.ideas.shapes import Core, Idea
from kairo.stages.opportunities.rules.reading import Post
from kairo.stages.opportunities.rules.timing import Bet, Pulse


@dataclass(frozen=True, slots=True)
class Frame:
    """One way to word a title. `name` is the same for every title that this construction makes."""

    name: str
    text: str


LONGEST_TOPIC = 80


@dataclass(frozen=True, slots=True)
class Burst:
    """An open trend as the cited posts show it: so many, by so many voices, within so many hours."""

    topic: str
    posts: int
    voices: int
    hours: int


@dataclass(frozen=True)
class Brief:
    """Everything that is known of an opportunity when it is put into words. The lead post stands first in `posts`."""

    idea: Idea
    posts: tuple[Post, ...]
    quotes: tuple[Quote, ...]
    pulse: Pulse
    bet: Bet
    seen: int
    type: OpportunityType
    channels: tuple[Channel, ...]
    persona: PersonaDTO | None
    pillar: str | None
    voices: int
    sample: int
    busier_than: int | None
    as_of: datetime
    label: str
    turn: int
    trends: tuple[str, ...] = ()
    is_echoed: bool = False
    burst: Burst | None = None

    @property
    def channel(self) -> Channel:
        return self.channels[0]

    @property
    def lead(self) -> Post:
        return self.posts[0]


class Wording(Protocol):
    """One language's way of putting an opportunity into words."""

    def titles(self, core: Core, posts: tuple[Post, ...]) -> list[Frame]: ...

    def label(self, core: Core, words: str) -> str: ...

    def angle(self, brief: Brief) -> str: ...

    def why_now(self, brief: Brief) -> str: ...

    def change_of_mind(self, brief: Brief) -> str: ...

    def prediction(self, brief: Brief) -> str: ...

    def reason(self, part: str, facts: Mapping[str, str | int | float]) -> str: ...

    def explanation(self, brief: Brief, strongest: str, weakest: str) -> str: ...
