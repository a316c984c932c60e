"""The list of a brand's posts and what narrows it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.test import Client

from kairo.interfaces.web.evidence_list import ITEMS_PER_PAGE
from kairo.platform.database.sessions import tenant_transaction
from kairo.stages.evidence.contracts import CaptureStatus, SurfaceRole, SurfaceType
from kairo.stages.evidence.models import CaptureRun, NormalizedEvidenceItem, Surface
from tests.factories.boards import NOON, make_brand, make_item
from tests.integration.web.conftest import at_most, sign_in

LIST = "/b/northwind/evidence"
NORMALISED = {
    "normalized_text": "how do i descale it",
    "content_hash": "x",
    "language": "en",
    "engagement_score": 0.5,
    "holds_real_content": True,
    "has_transcript": False,
    "normalized_at": NOON,
}


@pytest.fixture
def brand_id(tenant: UUID) -> UUID:
    return make_brand(tenant).id


def _page(client: Client, **asked: str) -> str:
    response = client.get(LIST, asked)
    assert response.status_code == 200
    return response.content.decode()


def test_posts_are_listed_newest_first_with_what_is_known_of_them(client: Client, tenant: UUID, brand_id: UUID) -> None:
    make_item(tenant, brand_id=brand_id, text="The older one", published_at=NOON - timedelta(days=3))
    newer = make_item(
        tenant,
        brand_id=brand_id,
        text="The <b>newer</b> one",
        platform="tiktok",
        author_ref="maria",
        counts={"view_count": 12_345, "like_count": 1},
    )

    with at_most(10):
        page = _page(client)

    assert page.index("The &lt;b&gt;newer&lt;/b&gt; one") < page.index("The older one")
    assert f'href="/b/northwind/evidence/{newer}"' in page
    assert "12,345 views" in page
    assert "1 like<" in page
    assert "maria" in page
    assert "No counts captured" in page


def test_a_post_that_repeats_another_leads_to_it(client: Client, tenant: UUID, brand_id: UUID) -> None:
    first = make_item(tenant, brand_id=brand_id, text="How do I descale it?")
    repeat = make_item(tenant, brand_id=brand_id, text="How do I descale it")
    with tenant_transaction(tenant):
        NormalizedEvidenceItem.objects.create(item_id=repeat, is_near_duplicate_of_id=first, **NORMALISED)

    page = _page(client)

    assert page.count("Repeats another post") == 1
    assert f'<a href="/b/northwind/evidence/{first}" hx-get' in page


def test_the_list_is_narrowed_by_platform_and_language(client: Client, tenant: UUID, brand_id: UUID) -> None:
    english = make_item(tenant, brand_id=brand_id, text="In English", platform="reddit")
    make_item(tenant, brand_id=brand_id, text="Elsewhere", platform="tiktok")
    with tenant_transaction(tenant):
        NormalizedEvidenceItem.objects.create(item_id=english, **NORMALISED)

    of_reddit, in_english, in_russian = (
        _page(client, platform="Reddit"),
        _page(client, language="en"),
        _page(client, language="ru"),
    )

    assert "In English" in of_reddit
    assert "Elsewhere" not in of_reddit
    assert '<option value="reddit" selected>' in of_reddit
    assert "Elsewhere" not in in_english
    assert "No post fits these filters" in in_russian


def test_a_day_is_a_day_of_the_readers_zone(client: Client, tenant: UUID, brand_id: UUID) -> None:
    late = datetime(2026, 7, 1, 22, 30, tzinfo=UTC)
    make_item(tenant, brand_id=brand_id, text="Past midnight in Berlin", published_at=late)
    second_of_july = {"from": "2026-07-02", "to": "2026-07-02"}

    assert "Past midnight in Berlin" in _page(client, **second_of_july, zone="Europe/Berlin")
    assert "Past midnight in Berlin" not in _page(client, **second_of_july)
    assert "Past midnight in Berlin" in _page(client, **{"from": "2026-07-01", "to": "2026-07-01"})


@pytest.mark.parametrize("zone", ["../../etc/passwd", "Nowhere/Land", "America", "x" * 5000, "\0"])
def test_a_zone_that_does_not_exist_is_read_as_utc(client: Client, brand_id: UUID, zone: str) -> None:
    assert client.get(LIST, {"from": "2026-07-01", "zone": zone}).status_code == 200


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"from": "yesterday"}, "“yesterday” is not a day"),
        ({"to": "9999-12-31"}, "2000 to 2099"),
        ({"from": "2026-07-02", "to": "2026-07-01"}, "The first day is after the last one"),
        ({"from": "<script>"}, "“&lt;script&gt;” is not a day"),
    ],
)
def test_days_that_make_no_sense_are_explained_beside_the_form(
    client: Client, brand_id: UUID, asked: dict[str, str], words: str
) -> None:
    response = client.get(LIST, asked)

    assert response.status_code == 422
    assert words in response.content.decode()
    assert 'role="search"' in response.content.decode()


def test_a_long_list_is_paged_with_its_filters(client: Client, tenant: UUID, brand_id: UUID) -> None:
    items = [
        make_item(tenant, brand_id=brand_id, text=f"Post {number}", published_at=NOON - timedelta(minutes=number))
        for number in range(ITEMS_PER_PAGE + 1)
    ]

    with at_most(10):
        first = _page(client, platform="instagram")
    second = _page(client, platform="instagram", after=str(items[-2]))

    assert f"?platform=instagram&amp;after={items[-2]}" in first
    assert str(items[-1]) not in first
    assert str(items[-1]) in second
    assert "Older posts" not in second


def test_an_empty_list_says_how_to_bring_posts_in(client: Client, brand_id: UUID) -> None:
    with at_most(10):
        page = _page(client)

    assert "No evidence yet" in page
    assert "kairo ingest import FILE --brand northwind" in page


def test_a_broken_page_mark_is_not_found(client: Client, brand_id: UUID) -> None:
    assert client.get(LIST, {"after": "tomorrow"}).status_code == 404


def test_a_stranger_finds_no_list_and_no_post_of_it(tenant: UUID, stranger: UUID, brand_id: UUID) -> None:
    item = make_item(tenant, brand_id=brand_id, text="Not for everybody")
    make_brand(stranger, slug="theirs")
    theirs = sign_in(stranger, email="mallory@example.com")

    assert theirs.get(LIST).status_code == 404
    beyond = theirs.get("/b/theirs/evidence", {"after": str(item)})
    assert "Not for everybody" not in beyond.content.decode()


def test_the_list_is_for_members() -> None:
    assert Client().get(LIST)["Location"] == "/sign-in"


def test_each_surface_says_whose_it_is_and_how_its_last_reading_went(
    client: Client, tenant: UUID, brand_id: UUID
) -> None:
    make_item(tenant, brand_id=brand_id, text="How do I descale it?")
    with tenant_transaction(tenant):
        surface = Surface.objects.create(
            brand_id=brand_id,
            platform="reddit",
            surface_type=SurfaceType.SEARCH,
            surface_key="<i>descaler</i>",
            role=SurfaceRole.COMPETITOR,
        )
        CaptureRun.objects.create(
            surface=surface, status=CaptureStatus.FAILED, started_at=NOON, ended_at=NOON, error="It asked us to wait."
        )

    with at_most(10):
        page = _page(client)

    assert "&lt;i&gt;descaler&lt;/i&gt;" in page
    assert "Search · Reddit · A competitor&#x27;s" in page
    assert "Could not be read" in page
    assert "It asked us to wait." in page
    assert "posts.jsonl" in page
