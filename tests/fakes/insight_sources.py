"""Agents, search and trends that deliver what a test says, in place of the local ones behind the same ports."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

from kairo.stages.insights.contracts.agents import (
    AspectSentiment,
    ExpandedQuery,
    Keyphrase,
    Quote,
    Sentiment,
    Shares,
    Topic,
    TopicState,
)
from kairo.stages.insights.contracts.trends import TrendCandidateDTO, TrendWindow
from kairo.stages.insights.ports import Agents, Items, Sources


def phrases_of(*words: str, growth: float | None = 1.0) -> Callable[[Items, Items], Sequence[Keyphrase]]:
    """Deliver each of the words as a phrase of the items that hold it."""

    def mine(items: Items, previous: Items) -> Sequence[Keyphrase]:
        found = []
        for place, word in enumerate(words):
            ids = tuple(item.id for item in items if word in item.text.casefold())
            if ids:
                found.append(
                    Keyphrase(phrase=word, score=1 - place / 10, frequency=len(ids), growth=growth, item_ids=ids)
                )
        return found

    return mine


def mood_about(aspect: str, *, good: str, bad: str) -> Callable[[Items], Sentiment]:
    """Deliver a mood in which items with the word `good` like the aspect, and those with `bad` do not."""

    def read(items: Items) -> Sentiment:
        told = [item for item in items if aspect in item.text.casefold()]
        liked = tuple(Quote(item_id=item.id, text=item.text, score=0.9) for item in told if good in item.text)
        disliked = tuple(Quote(item_id=item.id, text=item.text, score=-0.9) for item in told if bad in item.text)
        voiced = max(1, len(liked) + len(disliked))
        shares = Shares(positive=len(liked) / voiced, neutral=0, negative=len(disliked) / voiced)
        aspects = (AspectSentiment(aspect=aspect, shares=shares, item_ids=tuple(item.id for item in told)),)
        return Sentiment(shares=shares, confidence=0.8, aspects=aspects if told else (), liked=liked, disliked=disliked)

    return read


def one_topic(label: str) -> Callable[[Items, Items], Sequence[Topic]]:
    """Deliver one topic of all items."""

    def find(items: Items, previous: Items) -> Sequence[Topic]:
        ids = tuple(item.id for item in items)
        return [Topic(key="one", label=label, size=len(ids), growth=1.0, state=TopicState.STEADY, item_ids=ids)]

    return find


def fails(*_: object) -> Sequence[Keyphrase]:
    """Stumble, as an agent may."""
    raise RuntimeError("the agent stumbled")


def scripted(
    *,
    keyphrases: Callable[[Items, Items], Sequence[Keyphrase]] = lambda items, previous: (),
    sentiment: Callable[[Items], Sentiment | None] = lambda items: None,
    topics: Callable[[Items, Items], Sequence[Topic]] = lambda items, previous: (),
    wordings: Sequence[ExpandedQuery] = (),
    finds: Sequence[UUID] = (),
    trends: Sequence[TrendCandidateDTO] = (),
) -> Sources:
    """Put sources together of which each delivers what is given here."""

    def find_items(
        *, brand_id: UUID, query: str, window: TrendWindow, at: datetime, platforms: Sequence[str], limit: int
    ) -> Sequence[UUID]:
        return finds[:limit]

    def read_trends(*, brand_id: UUID, window: TrendWindow, at: datetime) -> Sequence[TrendCandidateDTO]:
        return trends

    agents = Agents(keyphrases=keyphrases, sentiment=sentiment, topics=topics, expansion=lambda query, items: wordings)
    return Sources(agents=agents, find_items=find_items, read_trends=read_trends)
