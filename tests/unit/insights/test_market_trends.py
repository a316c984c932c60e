"""Planted trends and decoys of a market: what a replay finds, with floors."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from uuid import UUID

import pytest

from kairo.platform.embeddings import default_embedder
from kairo.sandbox.market import MarketPost
from kairo.stages.evidence.queries import ArrivedItem
from kairo.stages.evidence.rules.text import content_hash, normalise
from kairo.stages.insights.contracts.trends import TrendOpening
from kairo.stages.insights.operations.replaying import openings
from tests.unit.sandbox.markets import START, posts_of, truth_of

SEED = 11
MOSTLY = 0.5

pytestmark = pytest.mark.long


@cache
def opened() -> list[TrendOpening]:
    items = _arrived(posts_of(seed=SEED))
    return list(openings(items, since=START, until=START + timedelta(days=30), step=timedelta(hours=3)))


@cache
def shares() -> list[tuple[TrendOpening, dict[str, float]]]:
    """Return each opening with what part of its posts belongs to each planted trend or decoy."""
    truth = truth_of(seed=SEED)
    written = posts_of(seed=SEED)
    plants = {trend.name: set(trend.post_ids) for trend in truth.trends}
    plants |= {decoy.name: set(decoy.post_ids) for decoy in truth.decoys}
    return [(one, {name: _share(one, written, members) for name, members in plants.items()}) for one in opened()]


def test_every_planted_trend_is_found_before_its_peak() -> None:
    truth = truth_of(seed=SEED)
    first = {
        trend.name: min((one.opened_at for one, of in shares() if of[trend.name] >= MOSTLY), default=LATEST)
        for trend in truth.trends
    }

    assert first
    assert all(first[trend.name] <= trend.peak_at for trend in truth.trends)


def test_no_decoy_opens() -> None:
    decoys = [decoy.name for decoy in truth_of(seed=SEED).decoys if decoy.is_false]

    assert [(name, one.label) for one, of in shares() for name in decoys if of[name] >= MOSTLY] == []


LATEST = datetime.max.replace(tzinfo=UTC)


def _share(one: TrendOpening, written: list[MarketPost], members: set[str]) -> float:
    return sum(written[item.int - 1].id in members for item in one.item_ids) / len(one.item_ids)


def _arrived(posts: list[MarketPost]) -> list[ArrivedItem]:
    texts = [normalise(post.caption) for post in posts]
    vectors = default_embedder().embed([text.text for text in texts])
    originals: dict[str, UUID] = {}
    items = []
    for number, (post, text, vector) in enumerate(zip(posts, texts, vectors, strict=True)):
        own, digest = UUID(int=number + 1), content_hash(text)
        items.append(
            ArrivedItem(
                arrival=own,
                id=own,
                platform=post.platform.value,
                published_at=post.published_at,
                author_key=post.author.handle.lower(),
                format_has_author=True,
                hashtags=tuple(post.hashtags),
                audio_id=post.sound.title if post.sound else None,
                title=None,
                text=text.text,
                language=post.language,
                content_hash=digest,
                original=originals.setdefault(digest, own) if digest else own,
                engagement=0.5,
                embedder="static",
                vector=vector if vector.any() else None,
            )
        )
    return items
