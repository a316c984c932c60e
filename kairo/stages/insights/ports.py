"""What answers need from elsewhere: agents that read items, and a search for those that a question is about."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeAlias
from uuid import UUID

from kairo.stages.insights.contracts.agents import AgentItem, ExpandedQuery, Keyphrase, Sentiment, Topic
from kairo.stages.insights.contracts.trends import TrendCandidateDTO, TrendWindow

Items: TypeAlias = Sequence[AgentItem]


@dataclass(frozen=True)
class Agents:
    """One implementation of each agent: pure functions of the items of a window, and of the window before it."""

    keyphrases: Callable[[Items, Items], Sequence[Keyphrase]]
    sentiment: Callable[[Items], Sentiment | None]
    topics: Callable[[Items, Items], Sequence[Topic]]
    expansion: Callable[[str, Items], Sequence[ExpandedQuery]]


class FindsItems(Protocol):
    """Finds the items of a brand that a query is about within the window before `at`, the best first."""

    def __call__(
        self, *, brand_id: UUID, query: str, window: TrendWindow, at: datetime, platforms: Sequence[str], limit: int
    ) -> Sequence[UUID]: ...


class ReadsTrends(Protocol):
    """Reads the stored candidates that were open within a window."""

    def __call__(self, *, brand_id: UUID, window: TrendWindow, at: datetime) -> Sequence[TrendCandidateDTO]: ...


@dataclass(frozen=True)
class Limits:
    """How long agents may take at most: what is later is left out, so that a local command ends within 12 seconds."""

    simple_s: float = 8.0
    others_s: float = 10.0
    models_s: float = 12.0
    """For agents that ask a model: an attempt has 10 s. What is later, the local agents do after all."""


@dataclass(frozen=True)
class Sources:
    """Everything that an answer is made from, in one implementation."""

    agents: Agents
    find_items: FindsItems
    read_trends: ReadsTrends
    limits: Limits = Limits()
