"""Items as the agents read them, from plain texts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from kairo.stages.insights.contracts.agents import AgentItem


def items_of(
    texts: Sequence[str], language: str | None = "en", *, first: int = 1, at: Sequence[datetime] | None = None
) -> list[AgentItem]:
    """Return an item a text, with ids counted from `first`; `at` dates them."""
    return [
        AgentItem(id=UUID(int=first + place), text=text, language=language, published_at=at[place] if at else None)
        for place, text in enumerate(texts)
    ]
