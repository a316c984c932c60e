"""Search over HTTP: what comes back, and what is refused."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from django.test import Client
from django.utils import timezone

from kairo.platform.tenancy.operations import issue_token
from tests.factories.brands import stored_brand
from tests.factories.posts import import_posts, post


@pytest.fixture
def brand(tenant: UUID, tmp_path: Path) -> UUID:
    now = timezone.now()
    brand_id = stored_brand(tenant).id
    lines = [
        post(0, at=now, text="My espresso machine leaks"),
        post(1, at=now, text="Espresso on the tube", platform="youtube"),
        post(2, at=now, text="Old espresso talk", published_at=(now - timedelta(days=400)).isoformat()),
    ]
    import_posts(lines, tenant_id=tenant, brand_id=brand_id, folder=tmp_path, at=now)
    return brand_id


@pytest.fixture
def http(tenant: UUID) -> Client:
    token = issue_token(tenant_id=tenant, name="tests").token
    return Client(headers={"authorization": f"Bearer {token}"})


def path(brand: UUID, query: str) -> str:
    return f"/api/brands/{brand}/evidence/search?{query}"


def test_an_answer_holds_items_with_ranks_and_scores(http: Client, brand: UUID) -> None:
    answer = http.get(path(brand, "q=espresso+machine&k=2")).json()

    assert (answer["mode"], answer["cache"], answer["degraded"], answer["next_cursor"]) == ("hybrid", "miss", [], None)
    assert len(answer["items"]) == 2
    best = answer["items"][0]
    assert best["snippet"] == "My espresso machine leaks"
    assert {name: best[name] for name in ("platform_item_id", "platform", "author", "url")} == {
        "platform_item_id": "post-0", "platform": "instagram", "author": "person0",
        "url": "https://www.instagram.com/p/0/",
    }  # fmt: skip
    assert best["ranks"] == {"lexical": 1, "dense": 1}
    assert best["score"] > answer["items"][1]["score"]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ("window=1m", {"post-0", "post-1"}),
        ("window=2y", {"post-0", "post-1", "post-2"}),
        ("platform=youtube", {"post-1"}),
        ("platform=youtube&platform=instagram&window=3d", {"post-0", "post-1"}),
        ("lang=ru", set()),
        ("mode=dense", {"post-0", "post-1", "post-2"}),
    ],
)
def test_filters_and_modes(http: Client, brand: UUID, filters: str, expected: set[str]) -> None:
    answer = http.get(path(brand, f"q=espresso&{filters}")).json()

    assert {item["platform_item_id"] for item in answer["items"]} == expected


@pytest.mark.parametrize(
    "query",
    [
        "",
        "q=",
        "q=%20",
        "q=!!!",
        f"q={'x' * 1001}",
        "q=a&k=0",
        "q=a&k=201",
        "q=a&mode=psychic",
        "q=a&window=ever",
        "q=%00",
    ],
)
def test_what_cannot_be_searched_is_refused(http: Client, brand: UUID, query: str) -> None:
    answer = http.get(path(brand, query))

    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"]


def test_somebody_elses_brand_is_not_there(stranger: UUID, brand: UUID) -> None:
    token = issue_token(tenant_id=stranger, name="tests").token

    answer = Client(headers={"authorization": f"Bearer {token}"}).get(path(brand, "q=espresso"))

    assert answer.status_code == 404
