"""What the agents of one command found, and the statements that are made of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from kairo.stages.insights.contracts.agents import AgentItem, Keyphrase, Sentiment, Topic
from kairo.stages.insights.contracts.answers import AnalysisMode, InsightType
from kairo.stages.insights.contracts.trends import TrendCandidateDTO, TrendWindow

MOOD_LANGUAGES = frozenset({"en", "ru"})
"""In these the local sentiment was trained and measured: of others it says nothing."""


def with_mood(items: Sequence[AgentItem]) -> list[AgentItem]:
    """Return the items in which feelings can be read; one without a known language counts as such."""
    return [item for item in items if item.language is None or item.language in MOOD_LANGUAGES]


@dataclass(frozen=True)
class Findings:
    """All that an answer is written from. What an agent did not deliver is None, what it found nothing of is empty.

    `has_past`: the window before holds enough to compare with; else nothing can be called new or risen.
    """

    mode: AnalysisMode
    window: TrendWindow
    query: str | None
    items: Sequence[AgentItem]
    has_past: bool = True
    keyphrases: Sequence[Keyphrase] | None = None
    sentiment: Sentiment | None = None
    topics: Sequence[Topic] | None = None
    trends: Sequence[TrendCandidateDTO] | None = None

    @property
    def total(self) -> int:
        return len(self.items)

    @property
    def mood_total(self) -> int:
        if self.sentiment is not None and self.sentiment.reads_all_languages:
            return self.total
        return len(with_mood(self.items))


@dataclass(frozen=True)
class Statement:
    """A sentence with all items that it rests on, best first; `about` are the words to look for in them."""

    type: InsightType
    text: str
    item_ids: Sequence[UUID]
    confidence: float
    about: tuple[str, ...] = ()


@dataclass
class Draft:
    """An answer before policy has seen it."""

    header: str
    tldr: str
    statements: list[Statement] = field(default_factory=list)


def confidence(items: int, share: float = 1.0) -> float:
    """Return how sure a statement is that so many items back, of which a share agrees: 1 item .33, 8 items .8."""
    return round(share * items / (items + 2), 2)
