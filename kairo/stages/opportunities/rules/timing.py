"""When a topic was spoken of: counts in two spans, how unusual that is, and the bet that follows from it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from kairo.stages.opportunities.contracts import OpportunityType
from kairo.stages.opportunities.rules.reading import Post

DAY = timedelta(days=1)
HORIZON_DAYS = 14
"""A prediction is due after this many days."""
TREND_POSTS = 4
TREND_VOICES = 3
TREND_TAIL = 0.15
"""A topic is a trend when so many recent posts had at most this chance under its own past rate."""


@dataclass(frozen=True, slots=True)
class Pulse:
    """A topic's posts in time. `recent` and `before` count two spans of `span_days`, one after the other."""

    total: int
    recent: int
    before: int
    span_days: int
    window_days: int
    newest_at: datetime
    oldest_at: datetime
    age_days: float
    comments: int | None
    points: int | None

    @property
    def is_rising(self) -> bool:
        return self.recent > self.before and self.total >= TREND_POSTS and self.tail <= TREND_TAIL

    @property
    def tail(self) -> float:
        """The chance of at least `recent` posts had the rate of the span before gone on (half a post added)."""
        return poisson_tail(self.recent, self.before + 0.5)


@dataclass(frozen=True, slots=True)
class Bet:
    """At least `posts` more posts on the topic by `due_at`, with the probability that the past rate gives this."""

    posts: int
    due_at: datetime
    probability: float
    expected: float
    unadjusted: float


def window_days_of(posts: Sequence[Post], as_of: datetime) -> int:
    """How many days the evidence reaches back, at least one week and at most 30 days."""
    oldest = min(post.published_at for post in posts)
    return max(7, min(30, math.ceil((as_of - oldest) / DAY)))


def pulse_of(posts: Sequence[Post], *, as_of: datetime, window_days: int) -> Pulse:
    """Count a topic's posts in the newest third of the window and in the third before it."""
    span = 10 if window_days >= 21 else max(3, window_days // 2)
    ages = [max(0.0, (as_of - post.published_at) / DAY) for post in posts]
    comments = [post.item.comments for post in posts if post.item.comments is not None]
    points = [post.item.likes for post in posts if post.item.likes is not None]
    return Pulse(
        total=len(posts),
        recent=sum(age < span for age in ages),
        before=sum(span <= age < 2 * span for age in ages),
        span_days=span,
        window_days=window_days,
        newest_at=max(post.published_at for post in posts),
        oldest_at=min(post.published_at for post in posts),
        age_days=min(ages),
        comments=sum(max(0, count) for count in comments) if comments else None,
        points=sum(max(0, count) for count in points) if points else None,
    )


def bet_on(seen: int, *, window_days: int, as_of: datetime, shift: float = 0.0) -> Bet:
    """Bet on a topic's own rate going on: as many posts as it would bring, probability from the same rate.

    `seen` posts came in the window, so the rate is (seen + 0.5) a window; it is taken as gamma-distributed, what comes
    as Poisson under it: few posts give a humble bet. `shift` corrects its log-odds by how earlier bets ended.
    """
    shape = seen + 0.5
    expected = shape * HORIZON_DAYS / window_days
    posts = max(1, math.floor(expected))
    chance = min(0.95, max(0.05, _gamma_poisson_tail(posts, shape, HORIZON_DAYS / window_days)))
    return Bet(
        posts=posts,
        due_at=as_of + HORIZON_DAYS * DAY,
        probability=round(min(0.95, max(0.05, _moved(chance, shift))), 2),
        expected=round(expected, 2),
        unadjusted=round(chance, 2),
    )


def type_of(
    pulse: Pulse, *, voices: int, has_rival: bool, compares: bool, has_event: bool, has_signal: bool
) -> OpportunityType:
    """Decide the type from the data: an event, a rival's posts, a rise, a comparison; what only stays is evergreen."""
    if has_event:
        return OpportunityType.CAMPAIGN
    if has_rival:
        return OpportunityType.COMPETITIVE
    if has_signal or (pulse.is_rising and voices >= TREND_VOICES):
        return OpportunityType.TREND
    return OpportunityType.COMPETITIVE if compares else OpportunityType.EVERGREEN


def _moved(chance: float, shift: float) -> float:
    odds = chance / (1.0 - chance) * math.exp(shift)
    return odds / (1.0 + odds)


def poisson_tail(count: int, rate: float) -> float:
    """P(X ≥ count) for a Poisson variable."""
    term, below = math.exp(-rate), 0.0
    for step in range(count):
        below += term
        term *= rate / (step + 1)
    return max(0.0, 1.0 - below)


def _gamma_poisson_tail(count: int, shape: float, scale: float) -> float:
    """P(X ≥ count) when the rate itself is gamma-distributed: a negative binomial tail."""
    success = 1.0 / (1.0 + scale)
    term, below = success**shape, 0.0
    for step in range(count):
        below += term
        term *= (shape + step) / (step + 1) * (1.0 - success)
    return max(0.0, 1.0 - below)
