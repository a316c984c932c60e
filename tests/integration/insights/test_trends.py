"""From imported posts to stored candidates, and what becomes of them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from django.utils import timezone

from kairo.errors import NotFound
from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.jobs.models import Job
from kairo.platform.jobs.runner import run_job_by_id
from kairo.stages.evidence.operations import INGESTED
from kairo.stages.insights import operations, queries
from kairo.stages.insights.contracts.trends import (
    ClusterKeyType,
    InvalidReplay,
    TrendCandidateDTO,
    TrendStatus,
    TrendWindow,
)
from kairo.stages.insights.models import TrendCandidate
from tests.factories.brands import stored_brand
from tests.factories.posts import import_posts
from tests.factories.trending import burst, quiet_posts
from tests.integration.insights.cluster_rows import stored_rows

NOW = datetime(2026, 5, 20, 12, tzinfo=UTC)
DAYS = 14


@pytest.fixture
def brand(tenant: UUID) -> UUID:
    return stored_brand(tenant).id


def take_in(tenant: UUID, brand: UUID, folder: Path, posts: Iterable[dict[str, object]], *, at: datetime = NOW) -> None:
    name = f"posts-{len(list(folder.iterdir()))}"
    import_posts(posts, tenant_id=tenant, brand_id=brand, folder=folder, at=at, name=name)
    operations.follow_new_items(tenant_id=tenant, at=at)


def trends_of(
    tenant: UUID, brand: UUID, *, at: datetime = NOW, window: TrendWindow = TrendWindow.WEEK
) -> list[TrendCandidateDTO]:
    with tenant_transaction(tenant):
        return queries.trends(brand, window, at)


def test_a_burst_of_many_voices_opens_a_candidate(tenant: UUID, brand: UUID, tmp_path: Path) -> None:
    quiet = quiet_posts(until=NOW - timedelta(hours=1), days=DAYS)

    take_in(tenant, brand, tmp_path, [*quiet, *burst("glasshouse", at=NOW, count=10)])

    [trend] = trends_of(tenant, brand)
    assert trend.label == "#glasshouse"
    assert trend.status is TrendStatus.EMERGING
    assert trend.cluster_key_type is ClusterKeyType.HASHTAG
    assert trend.authors == 10
    assert len(trend.item_ids) == 10
    assert trend.surprise > 6
    assert trend.detected_at == NOW
    assert sum(point.count for point in trend.series) == 10
    assert 0 < trend.trend_score <= 100


def test_quiet_weeks_open_nothing(tenant: UUID, brand: UUID, tmp_path: Path) -> None:
    take_in(tenant, brand, tmp_path, quiet_posts(until=NOW, days=DAYS))

    assert trends_of(tenant, brand) == []


def test_one_loud_author_opens_nothing(tenant: UUID, brand: UUID, tmp_path: Path) -> None:
    quiet = quiet_posts(until=NOW - timedelta(hours=1), days=DAYS)

    take_in(tenant, brand, tmp_path, [*quiet, *burst("glasshouse", at=NOW, count=30, author="loud")])

    assert trends_of(tenant, brand) == []


def test_one_text_of_many_accounts_opens_nothing(tenant: UUID, brand: UUID, tmp_path: Path) -> None:
    quiet = quiet_posts(until=NOW - timedelta(hours=1), days=DAYS)
    same = burst("glasshouse", at=NOW, count=30, text="Win a glasshouse, comment below! #glasshouse")

    take_in(tenant, brand, tmp_path, [*quiet, *same])

    assert trends_of(tenant, brand) == []


def test_a_candidate_grows_old_without_new_posts(tenant: UUID, brand: UUID, tmp_path: Path) -> None:
    quiet = list(quiet_posts(until=NOW - timedelta(hours=1), days=DAYS))
    take_in(tenant, brand, tmp_path, [*quiet, *burst("glasshouse", at=NOW, count=10)])

    lives = []
    more = burst("glasshouse", at=NOW + timedelta(hours=8), hours=7, count=8, name="more")
    take_in(tenant, brand, tmp_path, more, at=NOW + timedelta(hours=8))
    for hours in (8, 40, 90):
        at = NOW + timedelta(hours=hours)
        operations.score(tenant_id=tenant, at=at, among=())
        with tenant_transaction(tenant):
            lives.append(TrendStatus(TrendCandidate.objects.get(cluster__cluster_key="glasshouse").status))

    assert lives == [TrendStatus.ACTIVE, TrendStatus.FADING, TrendStatus.STALE]


def test_a_second_burst_after_the_end_is_a_new_candidate(tenant: UUID, brand: UUID, tmp_path: Path) -> None:
    quiet = list(quiet_posts(until=NOW - timedelta(hours=1), days=DAYS))
    take_in(tenant, brand, tmp_path, [*quiet, *burst("glasshouse", at=NOW, count=10)])
    operations.score(tenant_id=tenant, at=NOW + timedelta(hours=90), among=())
    later = NOW + timedelta(days=20)
    more_quiet = [post | {"platform_item_id": f"later-{place}"} for place, post in enumerate(_shifted(quiet, days=20))]

    take_in(tenant, brand, tmp_path, [*more_quiet, *burst("glasshouse", at=later, count=40, name="again")], at=later)

    with tenant_transaction(tenant):
        found = TrendCandidate.objects.filter(cluster__cluster_key="glasshouse").order_by("detected_at")
        assert [TrendStatus(row.status) for row in found] == [TrendStatus.STALE, TrendStatus.EMERGING]


def test_a_brand_sees_the_trends_of_its_own_posts(tenant: UUID, brand: UUID, tmp_path: Path) -> None:
    other = stored_brand(tenant, brand__slug="other").id

    take_in(
        tenant,
        brand,
        tmp_path,
        [*quiet_posts(until=NOW - timedelta(hours=1), days=DAYS), *burst("glasshouse", at=NOW, count=10)],
    )

    assert [trend.label for trend in trends_of(tenant, brand)] == ["#glasshouse"]
    assert trends_of(tenant, other) == []


def test_strangers_see_neither_trends_nor_clusters(tenant: UUID, stranger: UUID, brand: UUID, tmp_path: Path) -> None:
    quiet = quiet_posts(until=NOW - timedelta(hours=1), days=DAYS)
    take_in(tenant, brand, tmp_path, [*quiet, *burst("glasshouse", at=NOW, count=10)])
    [trend] = trends_of(tenant, brand)

    with tenant_transaction(stranger):
        with pytest.raises(NotFound):
            queries.trends(brand, TrendWindow.WEEK, NOW)
        with pytest.raises(NotFound):
            queries.cluster(trend.cluster_id)


def test_an_import_leads_to_trends_by_itself(tenant: UUID, brand: UUID, tmp_path: Path) -> None:
    now = timezone.now()
    quiet = quiet_posts(until=now - timedelta(hours=1), days=DAYS)
    import_posts(
        [*quiet, *burst("glasshouse", at=now, count=10)], tenant_id=tenant, brand_id=brand, folder=tmp_path, at=now
    )
    with tenant_transaction(tenant):
        job = Job.objects.filter(kind=INGESTED).latest("created_at")
        Job.objects.filter(id=job.id).update(available_at=now)

    run_job_by_id(job.id)

    assert [trend.label for trend in trends_of(tenant, brand, at=timezone.now())] == ["#glasshouse"]


def test_a_replay_tells_what_would_have_opened_and_changes_nothing(tenant: UUID, brand: UUID, tmp_path: Path) -> None:
    quiet = quiet_posts(until=NOW - timedelta(hours=1), days=DAYS)
    take_in(tenant, brand, tmp_path, [*quiet, *burst("glasshouse", at=NOW - timedelta(days=2), count=12)])
    before = stored_rows(tenant)

    found = operations.replay(
        tenant_id=tenant,
        brand_id=brand,
        since=NOW - timedelta(days=5),
        until=NOW,
        step=timedelta(hours=1),
    )

    [opening] = found
    assert opening.label == "#glasshouse"
    assert NOW - timedelta(days=2, hours=12) < opening.opened_at <= NOW - timedelta(days=2)
    assert stored_rows(tenant) == before


@pytest.mark.parametrize(
    ("since", "until", "step"),
    [(0, 0, 60), (1, 0, 60), (0, 400 * 24, 60), (0, 24, 30), (0, 24, 90)],
    ids=["empty", "backwards", "too long", "half an hour", "an hour and a half"],
)
def test_a_replay_of_no_stretch_is_refused(tenant: UUID, brand: UUID, since: int, until: int, step: int) -> None:
    with pytest.raises(InvalidReplay):
        operations.replay(
            tenant_id=tenant,
            brand_id=brand,
            since=NOW + timedelta(hours=since),
            until=NOW + timedelta(hours=until),
            step=timedelta(minutes=step),
        )


def _shifted(posts: Iterable[dict[str, object]], *, days: int) -> Iterable[dict[str, object]]:
    for one in posts:
        moved = datetime.fromisoformat(str(one["published_at"])) + timedelta(days=days)
        yield one | {"published_at": moved.isoformat()}
