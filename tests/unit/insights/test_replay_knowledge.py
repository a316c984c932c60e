"""A replay does not know what came later: neither later posts, nor what posts drew in the end."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from kairo.stages.evidence.queries import ArrivedItem
from kairo.stages.insights.contracts.trends import TrendOpening
from kairo.stages.insights.operations.replaying import openings

START = datetime(2026, 5, 1, tzinfo=UTC)
END = START + timedelta(days=16)
BURST_AT = START + timedelta(days=12)


def arrived(number: int, at: datetime, tag: str, *, engagement: float = 0.5) -> ArrivedItem:
    own = UUID(int=number + 1)
    return ArrivedItem(
        arrival=own,
        id=own,
        platform="instagram",
        published_at=at,
        author_key=f"author-{number}",
        format_has_author=True,
        hashtags=(tag,),
        audio_id=None,
        title=None,
        text="",
        language="en",
        content_hash=str(number),
        original=own,
        engagement=engagement,
        embedder="static",
        vector=None,
    )


def stream() -> list[ArrivedItem]:
    quiet = [arrived(number, START + timedelta(hours=number), f"tag{number % 9}") for number in range(16 * 24)]
    bursts = [
        arrived(1000 + 100 * which + number, BURST_AT + timedelta(days=which, minutes=20 * number), tag)
        for which, tag in enumerate(("glasshouse", "lantern"))
        for number in range(20)
    ]
    return sorted([*quiet, *bursts], key=lambda item: (item.published_at, item.id))


def replayed(items: list[ArrivedItem], *, until: datetime) -> list[TrendOpening]:
    return list(openings(items, since=START, until=until, step=timedelta(hours=1)))


def test_both_bursts_open() -> None:
    assert [one.label for one in replayed(stream(), until=END)] == ["#glasshouse", "#lantern"]


@pytest.mark.parametrize("hours", [1, 5, 30])
def test_later_posts_change_nothing_that_opened_before(hours: int) -> None:
    until = BURST_AT + timedelta(hours=hours)
    known = [item for item in stream() if item.published_at < until]

    told = [one for one in replayed(stream(), until=END) if one.opened_at <= until]

    assert replayed(known, until=until) == told
    assert bool(told) == (hours > 1)


def test_what_posts_drew_later_changes_nothing() -> None:
    loud = [replace(item, engagement=1.0 if item.id.int > 1000 else 0.0) for item in stream()]

    assert replayed(loud, until=END) == replayed(stream(), until=END)
