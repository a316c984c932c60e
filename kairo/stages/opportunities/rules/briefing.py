"""What is known of an opportunity before it is put into words: timing, type, channels, persona, signals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from kairo.stages.brands.contracts import BrandSnapshotDTO, PersonaDTO
from kairo.stages.evidence.contracts import SurfaceRole
from kairo.stages.opportunities.contracts import (
    Channel,
    ExternalSignalBundleDTO,
    LearningSummaryDTO,
    OpportunityType,
    Quote,
)
from kairo.stages.opportunities.rules.candidates import Candidate, Field
from kairo.stages.opportunities.rules.channels import rank_channels
from kairo.stages.opportunities.rules.events import compares_names, names_event
from kairo.stages.opportunities.rules.fit import Embed
from kairo.stages.opportunities.rules.open_trends import OpenTrend, burst_in
from kairo.stages.opportunities.rules.predictions import matching, measure_of
from kairo.stages.opportunities.rules.reading import Post
from kairo.stages.opportunities.rules.signals import is_echoed, rivals_on, trends_on
from kairo.stages.opportunities.rules.timing import Pulse, bet_on, pulse_of, type_of, window_days_of
from kairo.stages.opportunities.rules.voices import independent_voices
from kairo.stages.opportunities.rules.wording.shapes import Brief


@dataclass(frozen=True)
class Desk:
    """What drafting works with: the surveyed evidence, the brand, what comes from outside, and the moment."""

    field: Field
    brand: BrandSnapshotDTO
    signals: ExternalSignalBundleDTO
    learning: LearningSummaryDTO
    embed: Embed
    as_of: datetime
    open_trends: tuple[OpenTrend, ...] = ()


@dataclass(frozen=True)
class Place:
    """A place on the board. Its number and the channels used before it vary what is said and where."""

    number: int
    used: Mapping[Channel, int]


def brief_for(
    desk: Desk, candidate: Candidate, posts: list[Post], quotes: list[Quote], *, label: str, place: Place
) -> Brief:
    """Measure one candidate's posts, and decide its type and channels."""
    window = window_days_of(desk.field.posts, desk.as_of)
    pulse = pulse_of(posts, as_of=desk.as_of, window_days=window)
    persona = _persona(desk.brand, candidate.fit.persona)
    seen = matching(measure_of(label), desk.field.stems_of_all)
    voices = independent_voices(posts)
    trends = _trends(desk, candidate, posts)
    burst = burst_in(posts, desk.field, desk.open_trends)
    has_trend = bool(trends) or burst is not None
    return Brief(
        idea=candidate.idea,
        posts=tuple(posts),
        quotes=tuple(quotes),
        pulse=pulse,
        bet=bet_on(max(1, seen), window_days=window, as_of=desk.as_of, shift=desk.learning.probability_shift),
        seen=seen,
        type=_type(desk, candidate, posts, pulse, voices=voices, has_trend=has_trend),
        channels=tuple(rank_channels(candidate.idea.kind, posts, persona, desk.learning, place.used)),
        persona=persona,
        pillar=candidate.fit.pillar,
        voices=voices,
        sample=len(desk.field.posts),
        busier_than=_busier_than(desk, posts[0]) if len(posts) == 1 else None,
        as_of=desk.as_of,
        label=label,
        turn=place.number,
        trends=trends,
        is_echoed=has_trend or _is_echoed(desk, candidate, posts),
        burst=burst,
    )


def _trends(desk: Desk, candidate: Candidate, posts: list[Post]) -> tuple[str, ...]:
    cited = {post.item.id for post in posts}
    return trends_on(desk.signals, candidate.keys, desk.field.profile.taboos, cited=cited)


def _is_echoed(desk: Desk, candidate: Candidate, posts: list[Post]) -> bool:
    cited = {post.item.id for post in posts}
    return is_echoed(desk.signals, candidate.keys, desk.field.profile.taboos, cited=cited)


def _type(
    desk: Desk, candidate: Candidate, posts: list[Post], pulse: Pulse, *, voices: int, has_trend: bool
) -> OpportunityType:
    cites_rival = any(SurfaceRole.COMPETITOR in post.item.roles for post in posts)
    return type_of(
        pulse,
        voices=voices,
        has_rival=cites_rival or rivals_on(desk.signals, candidate.keys),
        compares=compares_names(candidate.idea),
        has_event=names_event(candidate.idea),
        has_signal=has_trend,
    )


def _persona(brand: BrandSnapshotDTO, name: str | None) -> PersonaDTO | None:
    return next((persona for persona in brand.personas if persona.name == name), None)


def _busier_than(desk: Desk, post: Post) -> int | None:
    """The share of relevant posts that drew less comment, or less liking where comments are not counted; in percent."""
    by_comments = [other.item.comments for other in desk.field.posts if other.item.comments is not None]
    mine, counts = post.item.comments, by_comments
    if mine is None:
        mine, counts = post.item.likes, [other.item.likes for other in desk.field.posts if other.item.likes is not None]
    if mine is None or len(counts) < 10:
        return None
    return int(100 * sum(count < mine for count in counts) / len(counts))
