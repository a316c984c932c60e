"""Posts of a stretch of time in which one thing is suddenly spoken of; quiet ones before it, each of its own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

from kairo.platform.database.sessions import tenant_transaction
from kairo.stages.insights.models import Cluster, TrendCandidate
from kairo.stages.insights.operations import aggregate
from tests.factories.posts import post

SUBJECTS = (
    "window", "kettle", "garden", "ladder", "bottle", "carpet", "mirror", "pillow", "basket", "candle", "drawer",
    "hammer", "jacket", "lantern", "marble", "napkin", "orchard", "pencil", "quarry", "ribbon", "saddle", "tunnel",
)  # fmt: skip
MANNERS = ("slowly", "gladly", "calmly", "boldly", "firmly", "kindly", "neatly", "openly", "warmly", "wisely")
PLACES = ("kitchen", "harbour", "meadow", "cellar", "balcony", "library", "workshop", "station", "hallway")


def quiet_posts(*, until: datetime, days: int, a_day: int = 12) -> Iterator[dict[str, object]]:
    """Yield posts about this and that, evenly spread over the days before a moment."""
    for number in range(days * a_day):
        at = until - timedelta(minutes=(number + 1) * 1440 / a_day)
        yield trend_post(number, at=at, name="quiet", text=f"{_words(number)} and {_words(number * 7 + 3)}")


def burst(
    tag: str, *, at: datetime, count: int, hours: float = 12, name: str = "burst", **changes: object
) -> Iterator[dict[str, object]]:
    """Yield posts with a hashtag, each by its own author in its own words, over the hours before a moment."""
    for number in range(count):
        published_at = at - timedelta(hours=hours * (number + 0.5) / count)
        text = f"{_words(number * 11 + 5)} because of {tag} #{tag}"
        yield trend_post(number, at=published_at, name=name, **{"text": text, "hashtags": [tag], **changes})


def make_trend(tenant: UUID, *, at: datetime) -> UUID:
    """Put what is stored into clusters, and make one of them a candidate; returns that cluster."""
    aggregate(tenant_id=tenant)
    parts = ("surprise", "velocity", "acceleration", "breadth", "engagement", "novelty")
    with tenant_transaction(tenant):
        cluster = Cluster.objects.order_by("-size", "id")[0]
        TrendCandidate.objects.create(
            cluster=cluster,
            trend_score=50,
            surprise=8,
            velocity=0.5,
            acceleration=0.1,
            items=5,
            authors=4,
            detected_at=at,
            scored_at=at,
            **{f"{part}_score": 0.5 for part in parts},
        )
    return cluster.id


def trend_post(number: int, *, at: datetime, name: str, **changes: object) -> dict[str, object]:
    """Build a post of its own author, published at a moment."""
    given = {"published_at": at.isoformat(), "author": f"{name}-author-{number}"}
    return post(number, at=at, **given | {"platform_item_id": f"{name}-{number}", "url": None} | changes)


def _words(number: int) -> str:
    """Return a sentence that no other number below two thousand has."""
    number = number * 1237 % 1980
    subject, rest = SUBJECTS[number % len(SUBJECTS)], number // len(SUBJECTS)
    manner, place = MANNERS[rest % len(MANNERS)], PLACES[rest // len(MANNERS) % len(PLACES)]
    return f"The {subject} moved {manner} across the {place} with {SUBJECTS[(number * 5 + rest) % len(SUBJECTS)]}"
