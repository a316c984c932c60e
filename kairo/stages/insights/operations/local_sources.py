"""The local implementations, without a model: this stage's rules, the evidence stage's search, stored trends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from kairo.platform.embeddings import default_embedder
from kairo.platform.policy.texts import terms_in
from kairo.stages.evidence import operations as evidence
from kairo.stages.evidence.contracts import SearchHitDTO
from kairo.stages.insights.contracts.agents import ExpandedQuery, Keyphrase, Sentiment, Topic
from kairo.stages.insights.contracts.trends import TrendCandidateDTO, TrendWindow
from kairo.stages.insights.ports import Agents, Items, Sources
from kairo.stages.insights.queries.trends import trends
from kairo.stages.insights.rules.conflicts import with_generic_subjects, with_voices_on_aspects
from kairo.stages.insights.rules.expansion import expand
from kairo.stages.insights.rules.findings import with_mood
from kairo.stages.insights.rules.keyphrases import mine
from kairo.stages.insights.rules.sentiment import read, scores_of
from kairo.stages.insights.rules.topics import topics

MOST_PHRASES = 15
MOST_ASPECTS = 12
MOST_TOPICS = 1_000
MIN_READABLE = 3
MOST_READ_FOR_WORDINGS = 200
ALIKE = 0.5
"""From this cosine on, an item without any of the query's words is still about it."""
LEAST_OF_BEST = 0.35
"""An item whose words score less than this share of the best one's names the query in passing."""


def names(text: str, subject: str) -> bool:
    """Say whether a text speaks of a subject in any inflection."""
    return bool(terms_in(text, [subject]))


def _find_items(
    *, brand_id: UUID, query: str, window: TrendWindow, at: datetime, platforms: Sequence[str], limit: int
) -> Sequence[UUID]:
    answer = evidence.search(brand_id, query, at=at, window=window.value, platforms=platforms, k=limit)
    best = max((hit.scores.lexical or 0.0 for hit in answer.items), default=0.0)
    return [hit.id for hit in answer.items if _is_about(hit, best)]


def _is_about(hit: SearchHitDTO, best: float) -> bool:
    """Say whether a hit is about the query: a search ranks everything, an analysis must leave the rest out."""
    lexical, dense = hit.scores.lexical, hit.scores.dense
    return (lexical is not None and lexical >= LEAST_OF_BEST * best) or (dense is not None and dense >= ALIKE)


def _read_trends(*, brand_id: UUID, window: TrendWindow, at: datetime) -> Sequence[TrendCandidateDTO]:
    return trends(brand_id, window, at)


def _keyphrases(items: Items, previous: Items) -> Sequence[Keyphrase]:
    return mine(items, previous, default_embedder().embed, MOST_PHRASES)


def _sentiment(items: Items) -> Sentiment | None:
    readable = with_mood(items)
    if len(readable) < MIN_READABLE:
        return None
    embed = default_embedder().embed
    found = read(readable, embed, aspects=mine(readable, (), embed, MOST_ASPECTS))
    if found is None:
        return None
    voiced = with_voices_on_aspects(found, readable, names=names, judge=_judge)
    return with_generic_subjects(voiced, readable, names=names, named=terms_in, judge=_judge)


def _judge(texts: Sequence[str], languages: Sequence[str | None]) -> Sequence[Mapping[str, float]]:
    return [scores for _, scores in scores_of(texts, languages, default_embedder().embed)]


def _topics(items: Items, previous: Items) -> Sequence[Topic]:
    return topics(items, previous, default_embedder().embed, MOST_TOPICS)


def _expansion(query: str, items: Items) -> Sequence[ExpandedQuery]:
    return expand(query, items[:MOST_READ_FOR_WORDINGS], default_embedder().embed)


LOCAL_SOURCES = Sources(
    agents=Agents(keyphrases=_keyphrases, sentiment=_sentiment, topics=_topics, expansion=_expansion),
    find_items=_find_items,
    read_trends=_read_trends,
)
