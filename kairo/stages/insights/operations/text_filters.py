"""The analysis agents over plain texts, and nothing stored: for pipelines, and for measuring."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from kairo.platform.embeddings import default_embedder
from kairo.stages.insights.contracts.agents import AgentItem
from kairo.stages.insights.rules import keyphrases, sentiment, topics

PlainText = tuple[str, str | None, datetime | None]
"""A text, its language, and when it was published."""


def sentiment_of(text: str, language: str | None) -> tuple[str, dict[str, float]]:
    """Return the label of a text (negative, neutral, positive) and the probability of each."""
    return sentiment.scores_of([text], [language], default_embedder().embed)[0]


def keyphrases_of(text: str, language: str | None) -> list[tuple[str, float]]:
    """Return the phrases that stand for a text with their scores (0–1), the best first, at most 15."""
    return keyphrases.of_text(text, language, default_embedder().embed)


def topics_of(texts: Sequence[PlainText]) -> list[tuple[str, str] | None]:
    """Return the key and the label of each text's topic; None for a text that nothing else is like."""
    items = [
        AgentItem(id=UUID(int=place), text=text, language=language, published_at=published_at)
        for place, (text, language, published_at) in enumerate(texts)
    ]
    clusters = topics.clusters_of(items, default_embedder().embed)
    found: list[tuple[str, str] | None] = [None] * len(items)
    for cluster, named in zip(clusters, topics.labels_of(items, clusters), strict=True):
        for place in cluster:
            found[place] = named
    return found
