"""Trends and clusters over HTTP."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

from django.test import Client
from django.utils import timezone

from kairo.platform.tenancy.operations import issue_token
from kairo.stages.insights import operations
from tests.factories.brands import stored_brand
from tests.factories.posts import import_posts
from tests.factories.trending import burst, quiet_posts


def a_client(tenant: UUID) -> Client:
    token = issue_token(tenant_id=tenant, name="tests").token
    return Client(headers={"Authorization": f"Bearer {token}"})


def test_trends_are_told_with_their_cluster(tenant: UUID, tmp_path: Path) -> None:
    now = timezone.now()
    brand = stored_brand(tenant)
    posts = [*quiet_posts(until=now - timedelta(hours=1), days=14), *burst("glasshouse", at=now, count=10)]
    import_posts(posts, tenant_id=tenant, brand_id=brand.id, folder=tmp_path, at=now)
    operations.follow_new_items(tenant_id=tenant, at=now)
    client = a_client(tenant)

    page = client.get(f"/api/brands/{brand.id}/trends?window=24h").json()

    [trend] = page["items"]
    assert page["next_cursor"] is None
    assert trend["label"] == "#glasshouse"
    assert len(trend["series"]) == 24
    told = client.get(f"/api/clusters/{trend['cluster_id']}").json()
    assert told["items"] == 10
    assert told["candidates"][0]["id"] == trend["id"]


def test_a_window_that_there_is_not_is_refused(tenant: UUID) -> None:
    brand = stored_brand(tenant)

    answer = a_client(tenant).get(f"/api/brands/{brand.id}/trends?window=2y")

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"].endswith("window")


def test_what_is_not_there_is_not_found(tenant: UUID) -> None:
    client = a_client(tenant)

    assert client.get(f"/api/brands/{uuid4()}/trends").status_code == 404
    assert client.get(f"/api/clusters/{uuid4()}").status_code == 404
