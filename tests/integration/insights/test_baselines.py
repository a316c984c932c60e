"""Looks go by the baseline in use: without one, and before it was learned, as built in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from kairo.platform.database.sessions import tenant_transaction
from kairo.stages.insights import operations
from kairo.stages.insights.contracts.baselines import BUILT_IN, ServingBaseline, TrendBaseline
from kairo.stages.insights.models import TrendCandidate
from tests.factories.brands import stored_brand
from tests.factories.posts import import_posts
from tests.factories.trending import burst, quiet_posts

NOW = datetime(2026, 5, 20, 12, tzinfo=UTC)
UNEVEN = TrendBaseline(dispersion=2.0, weight=10.0)


@pytest.fixture
def brand(tenant: UUID, tmp_path: Path) -> UUID:
    """A brand with two weeks of posts, and a hashtag that was spoken of before it bursts."""
    brand_id = stored_brand(tenant).id
    told = [
        *quiet_posts(until=NOW - timedelta(hours=1), days=14, a_day=36),
        *burst("glasshouse", at=NOW - timedelta(days=4), count=7, hours=200, name="earlier"),
        *burst("glasshouse", at=NOW, count=24),
    ]
    import_posts(told, tenant_id=tenant, brand_id=brand_id, folder=tmp_path, at=NOW)
    operations.aggregate(tenant_id=tenant)
    return brand_id


def put_in_use(tenant: UUID, baseline: TrendBaseline, *, learned_until: datetime) -> None:
    serving = ServingBaseline(version=2, learned_until=learned_until, baseline=baseline)
    with tenant_transaction(tenant):
        operations.set_trend_baseline(serving=serving, at=NOW)


def surprise(tenant: UUID) -> float:
    """Look as of now, and return how surprising the hashtag's burst is."""
    operations.score(tenant_id=tenant, at=NOW)
    with tenant_transaction(tenant):
        return TrendCandidate.objects.get(cluster__display_name="#glasshouse").surprise


@pytest.mark.usefixtures("brand")
def test_a_look_goes_by_the_baseline_in_use(tenant: UUID) -> None:
    without = surprise(tenant)
    put_in_use(tenant, BUILT_IN, learned_until=NOW - timedelta(days=1))
    built_in = surprise(tenant)
    put_in_use(tenant, UNEVEN, learned_until=NOW - timedelta(days=1))
    learned = surprise(tenant)
    put_in_use(tenant, BUILT_IN, learned_until=NOW - timedelta(days=1))
    assert built_in == without
    assert learned < without
    assert surprise(tenant) == without


@pytest.mark.usefixtures("brand")
def test_what_was_learned_of_later_posts_does_not_judge_an_earlier_look(tenant: UUID) -> None:
    without = surprise(tenant)
    put_in_use(tenant, UNEVEN, learned_until=NOW + timedelta(days=1))
    assert surprise(tenant) == without


def test_a_replay_goes_by_it_too(tenant: UUID, brand: UUID) -> None:
    def scores() -> list[float]:
        found = operations.replay(
            tenant_id=tenant, brand_id=brand, since=NOW - timedelta(days=1), until=NOW, step=timedelta(hours=1)
        )
        return [one.trend_score for one in found if one.label == "#glasshouse"]

    without = scores()
    put_in_use(tenant, BUILT_IN, learned_until=NOW - timedelta(days=3))
    built_in = scores()
    put_in_use(tenant, UNEVEN, learned_until=NOW - timedelta(days=3))
    assert without
    assert built_in == without
    assert scores() != without
