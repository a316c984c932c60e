"""Signals from outside that speak of the same topic as an idea; none reaches a brand through a taboo."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from kairo.stages.opportunities.contracts import ExternalSignalBundleDTO
from kairo.stages.opportunities.rules.stems import content_stems
from kairo.stages.opportunities.rules.taboos import Taboo, taboos_in

SHARED_PART = 0.5
"""A signal is on the topic when half of the shorter side's words are shared."""
LONGEST_QUOTED = 80


def trends_on(
    signals: ExternalSignalBundleDTO, keys: frozenset[str], taboos: Sequence[Taboo], *, cited: Collection[UUID]
) -> tuple[str, ...]:
    """The open trends on a topic, in their own words, strongest first; `cited` posts do not echo themselves."""
    found = [
        (trend.relevance_score, trend.topic)
        for trend in signals.trends
        if trend.id not in cited and _is_on(keys, trend.topic) and not taboos_in(trend.topic, taboos)
    ]
    return tuple(text.strip()[:LONGEST_QUOTED] for _, text in sorted(found, key=lambda entry: (-entry[0], entry[1])))


def is_echoed(
    signals: ExternalSignalBundleDTO, keys: frozenset[str], taboos: Sequence[Taboo], *, cited: Collection[UUID]
) -> bool:
    """Whether a mention or a moment that is not itself cited speaks of the topic."""
    texts = [(mention.id, mention.title) for mention in signals.web_mentions]
    texts += [(moment.id, moment.description) for moment in signals.social_moments]
    return any(
        signal_id not in cited and _is_on(keys, text) and not taboos_in(text, taboos) for signal_id, text in texts
    )


def rivals_on(signals: ExternalSignalBundleDTO, keys: frozenset[str]) -> bool:
    """Whether a competitor has posted on the topic."""
    return any(_is_on(keys, post.post_snippet or "") for post in signals.competitor_posts)


def _is_on(keys: frozenset[str], text: str) -> bool:
    stems = set(content_stems(text))
    shared = len(keys & stems)
    return shared > 0 and shared >= SHARED_PART * min(len(keys), max(1, len(stems)))
