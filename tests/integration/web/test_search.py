"""Searching a brand's posts on the Evidence page."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from django.test import Client
from django.utils import timezone

from kairo.errors import Invalid
from kairo.interfaces.web.filters import Filters
from kairo.interfaces.web.search import mark_words, stretch
from tests.factories.boards import make_brand
from tests.factories.posts import import_posts, post, posts
from tests.integration.web.conftest import at_most, sign_in

LIST = "/b/northwind/evidence"
NOW = datetime(2026, 6, 10, 9, 30, tzinfo=UTC)


@pytest.fixture
def brand_id(tenant: UUID, tmp_path: Path) -> UUID:
    brand, at = make_brand(tenant), timezone.now()
    lines = [*posts(12, at=at), post(30, at=at, platform="tiktok", text="<b>Sunscreen</b> on a rainy day, why not")]
    import_posts(lines, tenant_id=tenant, brand_id=brand.id, folder=tmp_path, at=at)
    return brand.id


def test_the_best_posts_come_first_with_their_words_marked(client: Client, brand_id: UUID) -> None:
    page = client.get(LIST, {"q": "foaming cleanser"})
    with at_most(10):
        again = client.get(LIST, {"q": "foaming cleanser"}).content.decode()

    assert page.status_code == 200
    assert again.index("<mark>foaming</mark> <mark>cleanser</mark>") < again.index("red cheeks")
    assert "Why it is number 1" in again
    assert "place 1" in again
    assert 'value="foaming cleanser"' in again


def test_a_search_is_narrowed_and_its_address_says_so(client: Client, brand_id: UUID) -> None:
    page = client.get(LIST, {"q": "sunscreen", "platform": "tiktok"}).content.decode()

    assert page.count('class="post-row"') == 1
    assert "&lt;b&gt;<mark>Sunscreen</mark>&lt;/b&gt;" in page
    assert '<option value="tiktok" selected>' in page


def test_more_results_are_asked_for_in_the_address(
    client: Client, tenant: UUID, brand_id: UUID, tmp_path: Path
) -> None:
    at = timezone.now()
    lines = [
        post(100 + n, at=at, text=f"Sunscreen number {n} smells of {'abcdefghijklmnopqrstuvwxyz'[n]}{n}")
        for n in range(24)
    ]
    import_posts(lines, tenant_id=tenant, brand_id=brand_id, folder=tmp_path, at=at, name="more")

    first = client.get(LIST, {"q": "sunscreen", "platform": "instagram"}).content.decode()
    more = client.get(LIST, {"q": "sunscreen", "platform": "instagram", "k": "40"}).content.decode()

    assert first.count('class="post-row"') == 20
    assert 'href="?q=sunscreen&amp;platform=instagram&amp;k=40"' in first
    assert more.count('class="post-row"') > 20


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"q": "?!"}, "There is nothing to look for: give at least one word."),
        ({"q": "x" * 1001}, "A search holds at most 1,000 characters: shorten it."),
        ({"q": "x", "from": "2026-06-02", "to": "2026-06-01"}, "The first day is after the last one."),
        ({"q": "x", "from": "soon"}, "is not a day"),
    ],
)
def test_a_search_that_cannot_be_made_is_told_beside_its_box(
    client: Client, brand_id: UUID, asked: dict[str, str], words: str
) -> None:
    refused = client.get(LIST, asked)

    assert refused.status_code == 422
    assert words in refused.content.decode()


def test_a_search_that_finds_nothing_says_what_to_do(client: Client, brand_id: UUID) -> None:
    page = client.get(LIST, {"q": "sunscreen", "platform": "reddit"}).content.decode()

    assert "No post fits this search" in page


def test_nobody_searches_another_account(brand_id: UUID, stranger: UUID) -> None:
    make_brand(stranger, slug="elsewhere", name="Elsewhere")
    outsider = sign_in(stranger, email="eve@example.com")

    assert outsider.get(LIST, {"q": "sunscreen"}).status_code == 404
    assert "cleanser" not in outsider.get("/b/elsewhere/evidence", {"q": "sunscreen"}).content.decode()


@pytest.mark.parametrize(
    ("days", "moment", "window"),
    [
        ({}, NOW, None),
        ({"first_day": "2026-06-01", "last_day": "2026-06-02"}, datetime(2026, 6, 2, 23, 59, tzinfo=UTC), "48h"),
        ({"first_day": "2026-06-09"}, NOW, "34h"),
        ({"last_day": "2000-01-01"}, datetime(2000, 1, 1, 23, 59, tzinfo=UTC), "24h"),
        ({"last_day": "2099-12-31"}, datetime(2099, 12, 31, 23, 59, tzinfo=UTC), "876000h"),
        ({"first_day": "2026-07-01"}, datetime(2026, 7, 1, tzinfo=UTC), "1h"),
    ],
)
def test_days_become_a_moment_and_a_window_before_it(
    days: dict[str, str], moment: datetime, window: str | None
) -> None:
    assert stretch(Filters(**days), at=NOW) == (moment, window)


def test_days_in_the_wrong_order_are_refused() -> None:
    with pytest.raises(Invalid):
        stretch(Filters(first_day="2026-06-02", last_day="2026-06-01"), at=NOW - timedelta(days=1))


def test_marked_passages_are_the_text_again() -> None:
    passages = mark_words("Sunscreens, sun and SUNSCREEN.", "a sunscreen")

    assert "".join(passage.text for passage in passages) == "Sunscreens, sun and SUNSCREEN."
    assert [passage.text for passage in passages if passage.is_quoted] == ["Sunscreens", "SUNSCREEN"]
