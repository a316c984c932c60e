"""What an analysis agent reads and what it finds; every finding names the items that it rests on."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from pydantic import Field

from kairo.shapes import Frozen


class AgentItem(Frozen):
    """One item as an agent reads it."""

    id: UUID
    text: str
    language: str | None
    author: str | None = None
    published_at: datetime | None
    engagement: float | None = Field(None, ge=0, le=100, description="Percentile within the platform's recent items")


class Keyphrase(Frozen):
    """A phrase that stands for what the items are about."""

    phrase: str
    score: float = Field(ge=0, le=1)
    frequency: int = Field(ge=1, description="Items that hold the phrase in one of its forms")
    growth: float | None = Field(description="Share of items against the previous window, 1 is unchanged; none: new")
    item_ids: tuple[UUID, ...] = Field(min_length=1)


class Quote(Frozen):
    """Words that stand in an item exactly as here."""

    item_id: UUID
    text: str = Field(min_length=1)
    score: float


class Shares(Frozen):
    """How a set of items divides; the three add up to 1."""

    positive: float = Field(ge=0, le=1)
    neutral: float = Field(ge=0, le=1)
    negative: float = Field(ge=0, le=1)


class AspectSentiment(Frozen):
    """What is said of one part of the subject."""

    aspect: str
    shares: Shares
    item_ids: tuple[UUID, ...] = Field(min_length=1)


class Sentiment(Frozen):
    """How the items speak of the subject."""

    shares: Shares
    confidence: float = Field(ge=0, le=1)
    aspects: tuple[AspectSentiment, ...]
    liked: tuple[Quote, ...]
    disliked: tuple[Quote, ...]
    reads_all_languages: bool = Field(False, description="Feelings were read in every item, whatever its language")


class TopicState(StrEnum):
    """How a topic stands against the window before."""

    NEW = "new"
    GROWING = "growing"
    STEADY = "steady"
    FADING = "fading"


class Topic(Frozen):
    """Items that speak of the same thing."""

    key: str
    label: str
    size: int = Field(ge=0, description="Items in this window; 0 where a topic has gone")
    growth: float | None = Field(description="Share of items against the previous window; none: new")
    state: TopicState
    item_ids: tuple[UUID, ...] = Field(description="The most typical first")


class ExpansionSource(StrEnum):
    """Where another wording of a query comes from."""

    ORIGINAL = "original"
    CO_OCCURRENCE = "co_occurrence"
    NEIGHBOUR = "neighbour"
    SYNONYM = "synonym"
    TRANSLATION = "translation"
    MODEL = "model"


class ExpandedQuery(Frozen):
    """One wording of what was asked, and how much it weighs beside the original (1)."""

    text: str
    weight: float = Field(gt=0, le=1)
    source: ExpansionSource
