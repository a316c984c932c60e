"""The places that a brand listens to, over HTTP; and its items by platform, language and date."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.utils import timezone

from kairo.platform.tenancy.contracts import Role
from tests.factories.brands import stored_brand
from tests.factories.callers import caller
from tests.factories.posts import import_posts, post, posts
from tests.factories.uploads import as_jsonl, sent, worked_off

HASHTAG = {"platform": "Instagram", "surface_type": "hashtag", "surface_key": "skincare", "cadence_minutes": 30}


@pytest.fixture
def brand_id(tenant: UUID) -> UUID:
    return stored_brand(tenant).id


@pytest.fixture
def client(tenant: UUID) -> Client:
    return caller(tenant)


def test_a_surface_is_added_once_and_changed(client: Client, brand_id: UUID) -> None:
    path = f"/api/brands/{brand_id}/surfaces"

    added = client.post(path, HASHTAG, content_type="application/json")
    again = client.post(path, HASHTAG, content_type="application/json")
    changed = client.patch(
        f"{path}/{added.json()['id']}", {"role": "competitor", "is_active": False}, content_type="application/json"
    )
    [listed] = client.get(path).json()["items"]

    assert (added.status_code, added.json()["platform"], added.json()["role"]) == (201, "instagram", "market")
    assert (again.status_code, again.json()["code"]) == (409, "surface_exists")
    assert changed.status_code == 200
    assert listed == changed.json()
    assert (listed["role"], listed["is_active"], listed["cadence_minutes"]) == ("competitor", False, 30)
    assert listed["last_run"] is None


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"surface_type": "rumour"}, "surface_type"),
        ({"surface_type": "import"}, "surface_type"),
        ({"surface_key": "  "}, "surface_key"),
        ({"cadence_minutes": 1}, "cadence_minutes"),
        ({"role": "spy"}, "role"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_surface_that_cannot_be_is_refused(
    client: Client, brand_id: UUID, change: dict[str, object], field: str
) -> None:
    answer = client.post(f"/api/brands/{brand_id}/surfaces", HASHTAG | change, content_type="application/json")

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"].endswith(field)


def test_each_surface_tells_its_last_reading_and_what_went_wrong(tenant: UUID, client: Client, brand_id: UUID) -> None:
    now = timezone.now()
    content = as_jsonl([post(1, at=now), post(2, at=now, likes=-1)])
    worked_off(tenant, sent(client, brand_id, content, name="first.jsonl"))

    [surface] = client.get(f"/api/brands/{brand_id}/surfaces").json()["items"]

    run = surface["last_run"]
    assert (run["status"], run["read"], run["new"], run["rejected"], run["error"]) == ("succeeded", 2, 1, 1, None)


def test_surfaces_page_newest_first(client: Client, brand_id: UUID) -> None:
    path = f"/api/brands/{brand_id}/surfaces"
    for number in range(3):
        client.post(path, HASHTAG | {"surface_key": f"tag{number}"}, content_type="application/json")

    first = client.get(f"{path}?limit=2").json()
    second = client.get(f"{path}?limit=2&cursor={first['next_cursor']}").json()

    assert [surface["surface_key"] for surface in first["items"]] == ["tag2", "tag1"]
    assert ([surface["surface_key"] for surface in second["items"]], second["next_cursor"]) == (["tag0"], None)


def test_strangers_and_viewers_change_no_surface(tenant: UUID, stranger: UUID, client: Client, brand_id: UUID) -> None:
    path = f"/api/brands/{brand_id}/surfaces"
    surface = client.post(path, HASHTAG, content_type="application/json").json()
    change = {"is_active": False}

    of_stranger = caller(stranger).patch(f"{path}/{surface['id']}", change, content_type="application/json")
    of_viewer = caller(tenant, role=Role.VIEWER).patch(
        f"{path}/{surface['id']}", change, content_type="application/json"
    )
    nowhere = client.patch(f"{path}/{uuid4()}", change, content_type="application/json")

    assert (of_stranger.status_code, of_stranger.json()["code"]) == (404, "brand_not_found")
    assert of_viewer.status_code == 403
    assert (nowhere.status_code, nowhere.json()["code"]) == (404, "surface_not_found")
    assert client.get(path).json()["items"] == [surface]


def test_items_are_listed_by_platform_language_and_date(
    tenant: UUID, client: Client, brand_id: UUID, tmp_path: Path
) -> None:
    now = timezone.now()
    lines = [*posts(6, at=now), post(6, at=now, published_at=None), post(7, at=now, platform="tiktok")]
    import_posts(lines, tenant_id=tenant, brand_id=brand_id, folder=tmp_path, at=now)

    def listed(**query: str) -> list[str]:
        answer = client.get(f"/api/brands/{brand_id}/evidence", query)
        assert answer.status_code == 200, answer.content
        return [item["platform_item_id"] for item in answer.json()["items"]]

    since, until = _moment(now - timedelta(hours=4)), _moment(now - timedelta(hours=2))
    assert listed() == [*(f"post-{n}" for n in range(6)), "post-7", "post-6"]
    assert listed(platform="tiktok") == ["post-7"]
    assert listed(lang="fr") == []
    assert listed(**{"from": since}) == ["post-0", "post-1", "post-2", "post-3"]
    assert listed(to=until) == ["post-2", "post-3", "post-4", "post-5", "post-7"]
    assert listed(**{"from": since, "to": until}) == ["post-2", "post-3"]
    assert client.get(f"/api/brands/{brand_id}/evidence?from=yesterday").status_code == 422


def test_items_page_without_loss_where_dates_are_equal_or_missing(
    tenant: UUID, client: Client, brand_id: UUID, tmp_path: Path
) -> None:
    now = timezone.now()
    moment = (now - timedelta(days=1)).isoformat()
    lines = [post(n, at=now, published_at=moment if n % 2 else None) for n in range(11)]
    import_posts(lines, tenant_id=tenant, brand_id=brand_id, folder=tmp_path, at=now)

    seen: list[str] = []
    cursor = ""
    while True:
        page = client.get(f"/api/brands/{brand_id}/evidence?limit=3{cursor}").json()
        seen += [item["platform_item_id"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"

    assert sorted(seen) == sorted(f"post-{n}" for n in range(11))
    assert all(int(name.removeprefix("post-")) % 2 for name in seen[:5])


def _moment(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")
