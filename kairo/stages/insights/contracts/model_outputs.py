"""What a model has to answer when it does an agent's work: posts by the ids that they had, words that stand in them.

Nothing in here counts anything: shares, growth and sizes are computed from the ids.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from kairo.shapes import Strict
from kairo.stages.insights.contracts.answers import MAX_INSIGHT, MAX_INSIGHTS, MAX_TLDR, InsightType

PostId = Annotated[str, StringConstraints(min_length=1, max_length=12)]
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=60)]


class MinedPhrase(Strict):
    """A phrase with posts that it stands in."""

    phrase: Words
    post_ids: tuple[PostId, ...] = Field(min_length=1)


class MinedPhrases(Strict):
    """The phrases that stand for what the posts are about, the most telling first."""

    phrases: tuple[MinedPhrase, ...] = Field(min_length=1, max_length=15)


class ToldQuote(Strict):
    """Words of a post, letter by letter; `strength` says how clearly they praise or complain."""

    post_id: PostId
    quote: str = Field(min_length=1, max_length=240)
    strength: float = Field(ge=0, le=1)


class ToldAspect(Strict):
    """A part of the subject that the posts name, and which of them praise it or complain about it."""

    aspect: Words
    praising: tuple[PostId, ...] = ()
    complaining: tuple[PostId, ...] = ()


class ToldMoods(Strict):
    """Which posts are positive and which are negative; the others are neutral."""

    positive: tuple[PostId, ...]
    negative: tuple[PostId, ...]
    aspects: tuple[ToldAspect, ...] = Field((), max_length=8)
    praise: tuple[ToldQuote, ...] = Field((), max_length=8)
    complaints: tuple[ToldQuote, ...] = Field((), max_length=8)


class ToldTopic(Strict):
    """Posts that speak of the same thing, of now and of the time before."""

    label: Words
    post_ids: tuple[PostId, ...] = Field(min_length=2)
    earlier_post_ids: tuple[PostId, ...] = ()


class ToldTopics(Strict):
    """What the posts speak of; a post is in one topic at most."""

    topics: tuple[ToldTopic, ...] = Field(min_length=1, max_length=20)


class ToldWording(Strict):
    """Another way to ask the same, and how near it is to what was asked."""

    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
    weight: float = Field(gt=0, le=1)


class ToldWordings(Strict):
    """Other wordings of a query."""

    wordings: tuple[ToldWording, ...] = Field(max_length=6)


class ToldInsight(Strict):
    """A sentence on some of the findings, and the posts of these that it cites."""

    type: InsightType
    text: str = Field(min_length=1, max_length=MAX_INSIGHT)
    findings: tuple[int, ...] = Field(min_length=1, max_length=3)
    post_ids: tuple[PostId, ...] = Field(min_length=1, max_length=3)


class ToldAnswer(Strict):
    """An answer that words the findings anew and adds nothing to them."""

    tldr: str = Field(min_length=1, max_length=MAX_TLDR)
    insights: tuple[ToldInsight, ...] = Field(min_length=1, max_length=MAX_INSIGHTS)
