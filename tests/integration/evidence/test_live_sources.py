"""Each live source against a local server that speaks as the real one does."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest

from kairo.platform.database.sessions import tenant_transaction
from kairo.stages.evidence import queries
from kairo.stages.evidence.adapters.live.bluesky import Bluesky
from kairo.stages.evidence.adapters.live.hackernews import HackerNews
from kairo.stages.evidence.contracts import CaptureStatus, EvidenceItemDTO, InvalidSurface
from tests.factories.brands import stored_brand
from tests.factories.surfaces import NOON, captured, stored_surface, surface_now
from tests.integration.evidence.open_services import (
    RECORDED_TAG,
    algolia,
    bluesky_post,
    hit,
    json_page,
    recorded_mastodon,
)
from tests.integration.outbound.servers import Seen, Site, page


@pytest.fixture
def brand_id(tenant: UUID) -> UUID:
    return stored_brand(tenant).id


def _items(tenant: UUID, brand_id: UUID) -> list[EvidenceItemDTO]:
    with tenant_transaction(tenant):
        return queries.items(brand_id, limit=200)


def _asked(seen: Seen) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(seen.path).query).items()}


def test_a_recorded_mastodon_hashtag_is_read_to_its_end_by_the_link_header(tenant: UUID, brand_id: UUID) -> None:
    with Site({}) as site:
        site.answer = recorded_mastodon(site)
        key = site.url(f"/tags/{RECORDED_TAG}")
        surface = stored_surface(tenant, brand_id, key, platform="mastodon", surface_type="hashtag")
        report = captured(tenant, surface, at=NOON + timedelta(days=90))

    assert (report.status, report.new, report.rejected, report.pages) == (CaptureStatus.SUCCEEDED, 30, 0, 3)
    assert [("max_id" in seen.path) for seen in site.requests] == [False, True, True, True]
    items = _items(tenant, brand_id)
    assert {item.author for item in items} == {"mastodonpy_test_2@localhost:3000"}
    assert all(item.text.startswith("Toot number") and item.hashtags == [RECORDED_TAG] for item in items)


def test_a_mastodon_profile_is_looked_up_first(tenant: UUID, brand_id: UUID) -> None:
    status = {
        "id": "9", "uri": "https://m.example/s/9", "url": "https://m.example/@ana/9", "content": "<p>You &amp; me</p>",
        "created_at": "2026-05-31T10:00:00.000Z", "account": {"acct": "ana", "url": "https://m.example/@ana"},
        "favourites_count": 3, "reblogs_count": 1, "replies_count": 0, "visibility": "public", "reblog": None,
    }  # fmt: skip
    answers = {
        "/api/v1/accounts/lookup?acct=ana": json_page({"id": "77", "acct": "ana"}),
        "/api/v1/accounts/77/statuses?limit=40&exclude_reblogs=true": json_page([status]),
    }
    with Site(answers) as site:
        surface = stored_surface(tenant, brand_id, site.url("/@ana"), platform="mastodon", surface_type="profile")
        report = captured(tenant, surface)

    assert (report.new, report.error) == (1, None)
    [item] = _items(tenant, brand_id)
    assert (item.text, item.author, item.likes) == ("You & me", "ana@m.example", 3)


def test_a_mastodon_server_cannot_send_the_reader_elsewhere(tenant: UUID, brand_id: UUID) -> None:
    elsewhere = {"link": '<https://elsewhere.example/api/v1/timelines/tag/tea?max_id=1>; rel="next"'}
    with Site(json_page([{"id": "1"}], headers=elsewhere)) as site:
        surface = stored_surface(tenant, brand_id, site.url("/tags/tea"), platform="mastodon", surface_type="hashtag")
        report = captured(tenant, surface)

    assert report.status is CaptureStatus.FAILED
    assert "continues on another server" in str(report.error)


def test_hacker_news_is_searched_newest_first_until_its_last_page(tenant: UUID, brand_id: UUID) -> None:
    hits = [hit(number, at=NOON) for number in range(150)]
    with Site(algolia(hits)) as site:
        surface = stored_surface(tenant, brand_id, "espresso machine", platform="hackernews", surface_type="search")
        report = captured(tenant, surface, HackerNews(site.url("")))

    assert (report.new, report.rejected, report.pages) == (150, 0, 2)
    asked = _asked(site.requests[0])
    assert (asked["query"], asked["tags"]) == ("espresso machine", "(story,comment)")
    newest = _items(tenant, brand_id)[0]
    assert (newest.platform_item_id, newest.author, newest.comments) == ("40000000", "hacker0", 0)


def test_a_second_reading_ends_at_the_page_that_was_seen_before(tenant: UUID, brand_id: UUID) -> None:
    hits = [hit(number, at=NOON) for number in range(250)]
    with Site(algolia(hits)) as site:
        source = HackerNews(site.url(""))
        surface = stored_surface(tenant, brand_id, "espresso", platform="hackernews", surface_type="search")
        first = captured(tenant, surface, source)
        site.answer = algolia([hit(0, at=NOON, objectID="50000000"), *hits])
        second = captured(tenant, surface, source, at=NOON + timedelta(hours=1))
        third = captured(tenant, surface, source, at=NOON + timedelta(hours=2))

    assert [(report.pages, report.new, report.known) for report in (first, second, third)] == [
        (3, 250, 0),
        (2, 1, 199),
        (1, 0, 100),
    ]


def test_what_another_surface_has_seen_is_new_to_this_one(tenant: UUID, brand_id: UUID) -> None:
    hits = [hit(number, at=NOON) for number in range(150)]
    with Site(algolia(hits)) as site:
        source = HackerNews(site.url(""))
        for key in ("espresso", "coffee"):
            surface = stored_surface(tenant, brand_id, key, platform="hackernews", surface_type="search")
            report = captured(tenant, surface, source)

    assert (report.pages, report.new, report.known) == (2, 0, 150)


def test_a_bluesky_profile_is_read_by_its_cursor_and_reposts_are_kept_aside(tenant: UUID, brand_id: UUID) -> None:
    repost = {"post": bluesky_post(5, at=NOON), "reason": {"$type": "app.bsky.feed.defs#reasonRepost"}}
    late = bluesky_post(2, at=NOON, indexedAt=(NOON - timedelta(hours=1)).isoformat())
    first = {"feed": [{"post": bluesky_post(0, at=NOON)}, {"post": bluesky_post(1, at=NOON)}], "cursor": "c2"}
    second = {"feed": [{"post": late}, repost]}
    asked = "/xrpc/app.bsky.feed.getAuthorFeed?actor=ana.bsky.social&filter=posts_with_replies&limit=100"
    with Site({asked: json_page(first), f"{asked}&cursor=c2": json_page(second)}) as site:
        surface = stored_surface(tenant, brand_id, "@ana.bsky.social", platform="bluesky", surface_type="profile")
        report = captured(tenant, surface, Bluesky(feeds=site.url(""), search=site.url("")))

    assert (report.new, report.rejected, report.pages) == (3, 1, 2)
    items = {item.platform_item_id: item for item in _items(tenant, brand_id)}
    assert items[str(late["uri"])].published_at == NOON - timedelta(hours=3)


def test_bluesky_ends_a_guests_search_after_its_first_page(tenant: UUID, brand_id: UUID) -> None:
    found = {"posts": [bluesky_post(number, at=NOON) for number in range(3)], "cursor": "3"}
    asked = "/xrpc/app.bsky.feed.searchPosts?q=%23coffee&tag=coffee&sort=latest&limit=100"
    with Site({asked: json_page(found), f"{asked}&cursor=3": page(b"", status=403)}) as site:
        surface = stored_surface(tenant, brand_id, "#coffee", platform="bluesky", surface_type="hashtag")
        report = captured(tenant, surface, Bluesky(feeds=site.url(""), search=site.url("")))

    assert (report.status, report.new) == (CaptureStatus.SUCCEEDED, 3)
    assert report.warnings == ["Bluesky shows guests the first page of a search only."]


@pytest.mark.parametrize(
    "answer",
    [b"<html>busy</html>", b"[1, 2]", b'{"hits": "none"}', b'{"hits": [', b"[" * 100_000],
    ids=["a web page", "another shape", "no list", "cut short", "nested without end"],
)
def test_an_answer_that_is_not_what_the_service_gives_is_refused(tenant: UUID, brand_id: UUID, answer: bytes) -> None:
    with Site(page(answer)) as site:
        surface = stored_surface(tenant, brand_id, "espresso", platform="hackernews", surface_type="search")
        report = captured(tenant, surface, HackerNews(site.url("")))

    assert report.status is CaptureStatus.FAILED
    assert str(report.error).startswith("127.0.0.1 answered with")
    assert surface_now(tenant, surface).failure_count == 1


def test_records_of_another_shape_are_kept_aside_and_the_others_are_taken(tenant: UUID, brand_id: UUID) -> None:
    with Site(json_page({"hits": [hit(0, at=NOON), 7, {"objectID": None}], "nbPages": 1})) as site:
        surface = stored_surface(tenant, brand_id, "espresso", platform="hackernews", surface_type="search")
        report = captured(tenant, surface, HackerNews(site.url("")))

    assert (report.new, report.rejected) == (1, 2)


@pytest.mark.parametrize(
    ("platform", "surface_type", "key"),
    [
        ("rss", "feed", "example.com/feed"),
        ("rss", "profile", "https://example.com/feed"),
        ("hackernews", "list", "best"),
        ("mastodon", "hashtag", "coffee"),
        ("mastodon", "profile", "https://mastodon.social/tags/coffee"),
        ("bluesky", "profile", "ana"),
        ("apify", "list", "no actor"),
        ("apify", "list", "apify/instagram-scraper {broken"),
        ("instagram", "profile", "https://www.instagram.com/acme"),
    ],
)
def test_a_place_that_cannot_be_read_is_refused_where_it_is_named(
    tenant: UUID, brand_id: UUID, platform: str, surface_type: str, key: str
) -> None:
    with pytest.raises(InvalidSurface, match="cannot be read"):
        stored_surface(tenant, brand_id, key, platform=platform, surface_type=surface_type)
