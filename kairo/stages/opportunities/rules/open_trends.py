"""Open trends among the posts that reach a brand: which posts each is made of, and what it lends to their ideas."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from kairo.stages.opportunities.contracts import ExternalSignalBundleDTO, TrendSignalDTO
from kairo.stages.opportunities.rules.candidates import Candidate, Field
from kairo.stages.opportunities.rules.reading import Post
from kairo.stages.opportunities.rules.taboos import taboos_in
from kairo.stages.opportunities.rules.voices import independent_voices
from kairo.stages.opportunities.rules.wording.shapes import LONGEST_TOPIC, Burst

LEAST_POSTS = 3
"""With fewer posts that reach the brand a trend is not the brand's."""
BURST = timedelta(hours=72)
MOST_LIFT = 0.15
"""What a trend of score 100 adds to the strength of an idea in its posts."""


@dataclass(frozen=True, slots=True)
class OpenTrend:
    """A trend with the rows of its newest posts that reach the brand, newest first; `score` is 0–100."""

    topic: str
    score: float
    rows: tuple[int, ...]


def open_trends(signals: ExternalSignalBundleDTO, field: Field) -> tuple[OpenTrend, ...]:
    """Return the trends of which the brand's evidence holds enough posts, the strongest first."""
    row_of = {post.item.id: row for row, post in enumerate(field.posts)}
    found = []
    for signal in signals.trends:
        if taboos_in(signal.topic, field.profile.taboos):
            continue
        rows = _newest([row_of[item] for item in signal.item_ids if item in row_of], field.posts)
        if len(rows) >= LEAST_POSTS:
            found.append(OpenTrend(_named(signal), signal.relevance_score, rows))
    return tuple(sorted(found, key=lambda trend: (-trend.score, trend.topic, trend.rows)))


def lifted(candidate: Candidate, trends: Sequence[OpenTrend]) -> Candidate:
    """Return a candidate whose lead is a post of a trend with that trend's posts and more strength; else as it is.

    One that counts its posts in its title keeps to them.
    """
    trend = trend_of(candidate.lead, trends)
    if trend is None or candidate.is_group:
        return candidate
    return replace(
        candidate,
        topic=tuple(dict.fromkeys([*trend.rows, *candidate.topic])),
        core_topic=candidate.core_topic | set(trend.rows),
        strength=round(candidate.strength + MOST_LIFT * trend.score / 100, 5),
    )


def trend_of(row: int, trends: Sequence[OpenTrend]) -> OpenTrend | None:
    """Return the strongest trend that a post is part of."""
    return next((trend for trend in trends if row in trend.rows), None)


def burst_in(cited: Sequence[Post], field: Field, trends: Sequence[OpenTrend]) -> Burst | None:
    """Count the posts of the lead's trend among the cited ones; None where they are too few to speak of one."""
    trend = trend_of(field.row_of(cited[0]), trends)
    if trend is None:
        return None
    members = {field.posts[row].item.id for row in trend.rows}
    posts = [post for post in cited if post.item.id in members]
    voices = independent_voices(posts)
    if voices < LEAST_POSTS:
        return None
    times = [post.published_at for post in posts]
    hours = max(1, math.ceil((max(times) - min(times)) / timedelta(hours=1)))
    return Burst(trend.topic, posts=len(posts), voices=voices, hours=hours)


def _newest(rows: Sequence[int], posts: Sequence[Post]) -> tuple[int, ...]:
    ordered = sorted(set(rows), key=lambda row: (-posts[row].published_at.timestamp(), row))
    return tuple(row for row in ordered if posts[row].published_at >= posts[ordered[0]].published_at - BURST)


def _named(signal: TrendSignalDTO) -> str:
    return signal.topic.strip()[:LONGEST_TOPIC]
