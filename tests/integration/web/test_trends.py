"""The trends of a brand and the cluster behind one, on their pages."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.utils import timezone

from kairo.interfaces.web.trends import sparkline
from kairo.platform.database.sessions import tenant_transaction
from kairo.stages.insights.contracts.trends import SeriesPoint, TrendWindow
from kairo.stages.insights.models import Cluster
from tests.factories.boards import make_brand
from tests.factories.posts import import_posts
from tests.factories.trending import burst, make_trend
from tests.integration.web.conftest import at_most, sign_in

PAGE = "/b/northwind/trends"
HOSTILE = "<script>document.title='owned'</script>"


@pytest.fixture
def cluster_id(tenant: UUID, tmp_path: Path) -> UUID:
    brand, at = make_brand(tenant), timezone.now()
    import_posts(burst("glasshouse", at=at, count=8), tenant_id=tenant, brand_id=brand.id, folder=tmp_path, at=at)
    return make_trend(tenant, at=at)


def test_a_trend_is_listed_with_its_numbers_and_leads_to_its_cluster(client: Client, cluster_id: UUID) -> None:
    with at_most(10):
        page = client.get(PAGE).content.decode()

    assert f'href="{PAGE}/{cluster_id}"' in page
    assert "Emerging" in page
    assert "+0.5 posts/h in a day" in page
    assert "50\N{NO-BREAK SPACE}%: 4 voices" in page
    assert "<polyline points=" in page
    assert "Why 50" in page


def test_the_cluster_shows_its_life_and_the_posts_of_the_brand(client: Client, tenant: UUID, cluster_id: UUID) -> None:
    with tenant_transaction(tenant):
        Cluster.objects.filter(id=cluster_id).update(display_name=HOSTILE)

    with at_most(10):
        page = client.get(f"{PAGE}/{cluster_id}").content.decode()

    assert "<script>document" not in page
    assert page.count('class="post-row"') == 8
    assert 'id="life-table"' in page
    assert "As a trend" in page
    assert page.count("<tr data-day=") == 14
    assert "/b/northwind/insights?mode=sentiment&amp;query=%3Cscript" in page


def test_without_trends_the_page_says_what_one_needs(client: Client, tenant: UUID) -> None:
    make_brand(tenant)

    page = client.get(PAGE, {"window": "24h"}).content.decode()

    assert "Nothing rises in this window" in page
    assert '<a href="?window=24h" aria-current="true">' in page


@pytest.mark.parametrize("asked", [{"window": "1y"}, {"page": "0"}, {"page": "x"}, {"page": "99999"}])
def test_a_window_or_page_that_there_is_not_is_not_found(client: Client, tenant: UUID, asked: dict[str, str]) -> None:
    make_brand(tenant)

    assert client.get(PAGE, asked).status_code == 404


def test_a_page_behind_the_last_leads_back(client: Client, cluster_id: UUID) -> None:
    page = client.get(PAGE, {"page": "2"})

    assert page.status_code == 200
    assert "No weaker trends" in page.content.decode()


def test_a_cluster_of_another_account_or_brand_is_not_found(
    client: Client, tenant: UUID, stranger: UUID, cluster_id: UUID
) -> None:
    make_brand(tenant, slug="other", name="Other")
    make_brand(stranger)

    assert sign_in(stranger, email="eve@example.com").get(f"{PAGE}/{cluster_id}").status_code == 404
    assert client.get(f"/b/other/trends/{cluster_id}").status_code == 404
    assert client.get(f"{PAGE}/{uuid4()}").status_code == 404


@pytest.mark.parametrize(
    ("window", "given", "points"),
    [
        (TrendWindow.DAY, 24, 24),
        (TrendWindow.THREE_DAYS, 72, 24),
        (TrendWindow.WEEK, 168, 28),
        (TrendWindow.MONTH, 30, 30),
    ],
)
def test_a_sparkline_has_about_thirty_points_and_loses_no_post(window: TrendWindow, given: int, points: int) -> None:
    start = datetime(2026, 6, 1, tzinfo=UTC)
    series = [SeriesPoint(at=start + timedelta(hours=number), count=number) for number in range(given)]

    line = sparkline(series, window)

    assert len(line.points) == len(line.line.split()) == points
    assert sum(point.count for point in line.points) == sum(point.count for point in series)
