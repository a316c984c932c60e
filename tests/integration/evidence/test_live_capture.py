"""Surfaces read from real local servers: what is stored, what is seen again, where a reading goes on."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from kairo.platform.database.sessions import tenant_transaction
from kairo.stages.evidence import queries
from kairo.stages.evidence.contracts import CaptureStatus
from kairo.stages.evidence.models import EvidenceSighting
from tests.factories.brands import stored_brand
from tests.factories.surfaces import NOON, captured, entry, feed, stored_surface, surface_now
from tests.integration.outbound.servers import Site, page

HOUR = timedelta(hours=1)


@pytest.fixture
def brand_id(tenant: UUID) -> UUID:
    return stored_brand(tenant).id


def _feed_page(*numbers: int, **headers: str) -> bytes:
    return page(feed(entry(number) for number in numbers), headers={"content-type": "application/rss+xml", **headers})


def test_a_feeds_entries_become_items(tenant: UUID, brand_id: UUID) -> None:
    with Site(_feed_page(0, 1, 2)) as site:
        surface = stored_surface(tenant, brand_id, site.url("/feed.xml"))
        report = captured(tenant, surface)
        with tenant_transaction(tenant):
            items = queries.items(brand_id)

    assert (report.status, report.new, report.known, report.rejected) == (CaptureStatus.SUCCEEDED, 3, 0, 0)
    assert [item.title for item in items] == ["Post 0", "Post 1", "Post 2"]
    newest = items[0]
    assert newest.url == "https://blog.example/posts/0"
    assert newest.platform_item_id == "https://blog.example/posts/0"
    assert newest.author == "Person 0"
    assert newest.text.startswith("Post 0\nDoes anyone else get red cheeks")
    assert newest.published_at == NOON - HOUR
    assert newest.hashtags == ["skincare"]
    assert newest.normalized_text


def test_the_same_feed_again_is_sighted_and_never_stored_twice(tenant: UUID, brand_id: UUID) -> None:
    with Site({"/feed.xml": _feed_page(0, 1)}) as site:
        surface = stored_surface(tenant, brand_id, site.url("/feed.xml"))
        captured(tenant, surface)
        site.answer = {"/feed.xml": _feed_page(2, 0, 1)}
        again = captured(tenant, surface, at=NOON + HOUR)

    assert (again.new, again.known) == (1, 2)
    with tenant_transaction(tenant):
        assert len(queries.items(brand_id)) == 3
        assert EvidenceSighting.objects.count() == 5


def test_a_surface_says_when_it_was_read_and_when_it_is_due(tenant: UUID, brand_id: UUID) -> None:
    with Site(_feed_page(0)) as site:
        surface = stored_surface(tenant, brand_id, site.url("/feed.xml"), cadence_minutes=30)
        captured(tenant, surface)

    now = surface_now(tenant, surface)
    assert (now.last_captured_at, now.next_due_at) == (NOON, NOON + timedelta(minutes=30))
    assert (now.failure_count, now.last_error) == (0, None)
    assert now.last_run is not None
    assert (now.last_run.status, now.last_run.new) == (CaptureStatus.SUCCEEDED, 1)


def test_a_feed_is_asked_only_for_what_has_changed(tenant: UUID, brand_id: UUID) -> None:
    changed_at = "Mon, 01 Jun 2026 10:00:00 GMT"
    with Site(_feed_page(0, etag='"v1"', **{"last-modified": changed_at})) as site:
        surface = stored_surface(tenant, brand_id, site.url("/feed.xml"))
        captured(tenant, surface)
        site.answer = page(b"", status=304, length=False)
        unchanged = captured(tenant, surface, at=NOON + HOUR)

    first, second = (seen.headers for seen in site.requests)
    assert "if-none-match" not in first
    assert (second["if-none-match"], second["if-modified-since"]) == ('"v1"', changed_at)
    assert (unchanged.status, unchanged.unchanged, unchanged.read) == (CaptureStatus.SUCCEEDED, True, 0)
    assert surface_now(tenant, surface).last_captured_at == NOON + HOUR
