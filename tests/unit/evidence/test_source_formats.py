"""Each shape with its traps, on small files made by hand."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import JsonValue

from kairo.stages.evidence.adapters.formats.reddit import RedditPosts
from kairo.stages.evidence.adapters.formats.youtube import YouTubePlayerAnswers
from kairo.stages.evidence.contracts import MediaType, UnreadableFile
from kairo.stages.evidence.ports import BadRecord
from tests.unit.evidence.source_reading import RECEIVED_AT, fixture, read


@pytest.mark.parametrize(
    ("name", "format_name", "items", "codes"),
    [
        ("apify_instagram.json", "apify_instagram", 3, [(4, "source_error")]),
        ("apify_tiktok.json", "apify_tiktok", 2, []),
        ("tiktok_page.json", "tiktok", 2, []),
        ("apify_youtube.json", "apify_youtube", 2, []),
        ("apify_reddit.json", "apify_reddit", 2, [(3, "not_a_post")]),
        ("hackernews.json", "hackernews", 2, []),
        ("mastodon_statuses.json", "mastodon", 2, [(3, "repost"), (4, "not_public")]),
        ("bluesky_thread.json", "bluesky", 4, [(2, "unavailable_post")]),
        ("bluesky_feed.json", "bluesky", 2, [(2, "repost")]),
        ("generic.csv", "generic", 2, [(4, "ambiguous_date"), (5, "no_text"), (6, "wrong_columns")]),
        ("generic.jsonl", "generic", 2, []),
        ("youtube_transcripts.jsonl", "youtube_transcript", 1, [(2, "empty_transcript")]),
    ],
)
def test_the_format_is_recognised_and_every_record_accounted_for(
    name: str, format_name: str, items: int, codes: list[tuple[int, str]]
) -> None:
    read_file = read(fixture(name))

    assert read_file.format_name == format_name
    assert (len(read_file.items), read_file.codes) == (items, codes)
    assert all(reject.reason and reject.excerpt for reject in read_file.rejects)


@pytest.mark.parametrize("name", ["apify_instagram", "apify_tiktok", "apify_youtube", "apify_reddit", "hackernews"])
def test_a_format_named_by_the_person_reads_the_same(name: str) -> None:
    path = fixture(f"{name}.json")

    assert read(path, format_name=name) == read(path)


def test_hidden_likes_on_instagram_are_unknown_and_not_refused() -> None:
    pinned = read(fixture("apify_instagram.json")).items[0]

    assert pinned.counts.likes is None
    assert pinned.published_at == datetime(2021, 3, 4, 8, tzinfo=UTC)


def test_an_instagram_video_counts_plays_and_names_its_sound() -> None:
    video = read(fixture("apify_instagram.json")).items[1]

    assert video.media_type is MediaType.VIDEO
    assert video.counts.views == 48_213
    assert video.audio_id == "88001122"
    assert video.author_ref == "grindhouse"
    assert video.hashtags == ("coldbrew", "coffee")
    assert video.text_content == "𝗖𝗼𝗹𝗱 𝗯𝗿𝗲𝘄 in three steps ☕️\n\nSave this for the weekend. #ColdBrew #coffee"


def test_an_instagram_post_without_a_caption_is_an_item_without_text() -> None:
    carousel = read(fixture("apify_instagram.json")).items[2]

    assert (carousel.text_content, carousel.media_type) == ("", MediaType.CAROUSEL)


def test_tiktok_from_apify_keeps_counts_tags_and_sound() -> None:
    video, slides = read(fixture("apify_tiktok.json")).items

    assert (video.author_ref, video.audio_id, video.language) == ("brewwithme", "7412345000000000001", "en")
    assert (video.counts.views, video.counts.likes, video.counts.shares) == (120_400, 5_120, 310)
    assert video.hashtags == ("coffeetok", "pourover")
    assert slides.media_type is MediaType.CAROUSEL
    assert slides.published_at == datetime(2025, 11, 19, 9, tzinfo=UTC)


def test_tiktoks_own_shape_gets_its_address_and_reads_either_form_of_counts() -> None:
    video, photos = read(fixture("tiktok_page.json")).items

    assert video.url == "https://www.tiktok.com/@beanlab/video/7500000000000000001"
    assert photos.url == "https://www.tiktok.com/@beanlab/photo/7500000000000000002"
    assert (photos.author_ref, photos.counts.views) == ("beanlab", 40_100)


def test_youtube_subtitles_become_a_transcript_without_times_or_entities() -> None:
    video, silent = read(fixture("apify_youtube.json")).items

    assert video.transcript == "welcome back salt & water matter more than the machine"
    assert video.text_content == "Espresso at home: the first week\nWhat changed in seven days. #espresso"
    assert (silent.transcript, silent.counts.views, silent.counts.likes) == (None, 12_345, None)


def test_a_fetched_transcript_that_names_its_video_is_an_item() -> None:
    [item] = read(fixture("youtube_transcripts.jsonl")).items

    assert item.transcript == "welcome back salt & water"
    assert item.url == "https://www.youtube.com/watch?v=a1B2c3D4e5F"
    assert item.language == "en"


def test_a_reddit_post_voted_below_zero_stands_at_zero_and_a_deleted_author_is_none() -> None:
    post, comment = read(fixture("apify_reddit.json")).items

    assert post.text_content == "Which grinder & why?\nBudget is 200.\n\n\xa0\n\nThanks"
    assert post.platform_item_id == "1abcde"
    assert (comment.author_ref, comment.counts.likes, comment.title) == (None, 0, None)


def test_hacker_news_comments_are_read_as_text() -> None:
    story, comment = read(fixture("hackernews.json")).items

    assert (story.media_type, story.url) == (MediaType.LINK, "https://news.ycombinator.com/item?id=41000001")
    assert comment.text_content == "It works, but I'd rather have JSON.\nSee https://example.com"
    assert comment.counts.likes is None


def test_mastodon_handles_are_whole_and_a_content_warning_is_the_title() -> None:
    ana, ben = read(fixture("mastodon_statuses.json")).items

    assert (ana.author_ref, ben.author_ref) == ("ana@mastodon.example", "ben@other.example")
    assert ana.text_content == "Fresh roast today.\nWho is in?\n\nDetails: https://roast.example/new & more"
    assert (ben.title, ben.media_type) == ("Long post", MediaType.CAROUSEL)
    assert (ana.counts.likes, ana.counts.comments, ana.counts.shares) == (3, 1, 2)


def test_a_bluesky_thread_yields_every_reply() -> None:
    read_file = read(fixture("bluesky_thread.json"))

    assert [item.text_content for item in read_file.items] == [
        "Is decaf any good now?",
        "Yes, try the sugar cane ones",
        "Agreed",
        "No",
    ]
    assert read_file.items[1].author_ref == "did:plc:other"


def test_bluesky_takes_the_earlier_date_and_does_not_believe_a_clock_from_the_future() -> None:
    early, ahead = read(fixture("bluesky_feed.json")).items

    assert early.published_at == datetime(1999, 1, 1, tzinfo=UTC)
    assert ahead.published_at == datetime(2026, 11, 15, 7, 30, 2, tzinfo=UTC)
    assert (early.hashtags, early.media_type) == (("coffee",), MediaType.LINK)


def test_a_generic_table_keeps_its_cells_as_they_are() -> None:
    first, second = read(fixture("generic.csv")).items

    assert (first.platform, first.author_ref, first.language) == ("trustpilot", "ana", "en")
    assert (first.counts.views, first.counts.likes, first.counts.shares) == (1_200, 1_234, None)
    assert first.text_content == "Slow delivery\nIt took nine days.\nNobody answered."
    assert first.published_at == datetime(2026, 11, 3, 8, tzinfo=UTC)
    assert first.hashtags == ("delivery", "slow")
    assert first.raw["Store"] == "Berlin"
    assert (second.title, second.counts.likes) == ("=SUM(A1)", 1_234)
    assert (second.author_ref, second.format_has_author) == (None, True)


def test_an_address_that_could_run_code_is_never_kept_as_a_link() -> None:
    second = read(fixture("generic.csv")).items[1]

    assert second.url is None


def test_generic_lines_keep_unknown_fields_and_join_segments() -> None:
    post, video = read(fixture("generic.jsonl")).items

    assert (post.hashtags, post.raw["campaign"]) == (("latte", "art"), "autumn")
    assert (video.transcript, video.published_at) == ("hello & welcome today we brew", None)


MAPPING = {
    "platform": "=trustpilot",
    "platform_item_id": "Review",
    "text": "Said",
    "published_at": "Day",
    "likes": "user.thumbs",
    "date_order": "day_first",
}


def test_a_mapping_reads_headings_of_their_own_and_says_the_order_of_dates(tmp_path: Path) -> None:
    path = tmp_path / "reviews.json"
    path.write_text(json.dumps([{"Review": 7, "Said": "Good", "Day": "03/04/2026", "user": {"thumbs": 2}}]))

    [item] = read(path, mapping=MAPPING).items

    assert (item.platform, item.platform_item_id, item.text_content) == ("trustpilot", "7", "Good")
    assert item.published_at == datetime(2026, 4, 3, tzinfo=UTC)
    assert item.counts.likes == 2


@pytest.mark.parametrize(
    ("mapping", "message"),
    [
        ({"platform": "=x", "text": "Said"}, "platform_item_id"),
        ({"platform": "=x", "platform_item_id": "Review"}, "title, text, transcript"),
        ({**MAPPING, "colour": "x"}, "the mapping names colour"),
        ({**MAPPING, "date_order": "random"}, "day_first or month_first"),
        ({**MAPPING, "likes": "Thumbs"}, "no heading Thumbs"),
    ],
)
def test_a_mapping_that_cannot_work_is_refused_with_what_is_wrong(
    tmp_path: Path, mapping: dict[str, str], message: str
) -> None:
    path = tmp_path / "reviews.json"
    path.write_text(json.dumps([{"Review": 7, "Said": "Good", "Day": "03/04/2026", "user": {"thumbs": 2}}]))

    with pytest.raises(UnreadableFile, match=message) as refused:
        read(path, mapping=mapping)

    assert refused.value.code == "bad_mapping"


def _reddit(**fields: JsonValue) -> dict[str, JsonValue]:
    return {"id": "x1", "created_utc": 1_700_000_000, "title": "T", "permalink": "/r/a/comments/x1/t/", **fields}


def test_reddit_json_with_an_author_field_has_authors() -> None:
    item = RedditPosts().to_item(_reddit(author="ana"), received_at=RECEIVED_AT)
    deleted = RedditPosts().to_item(_reddit(author="[deleted]"), received_at=RECEIVED_AT)

    assert (item.author_ref, item.format_has_author) == ("ana", True)
    assert (deleted.author_ref, deleted.format_has_author) == (None, True)
    assert item.url == "https://www.reddit.com/r/a/comments/x1/t/"


def test_one_reddit_record_without_the_author_field_does_not_make_the_format_authorless(tmp_path: Path) -> None:
    path = tmp_path / "posts.jsonl"
    path.write_text("\n".join(json.dumps(record) for record in (_reddit(author="ana"), _reddit(id="x2"))))

    read_file = read(path)

    assert read_file.format_has_author is True
    assert [item.format_has_author for item in read_file.items] == [True, True]


def test_a_reddit_listing_is_opened_into_posts_and_comments(tmp_path: Path) -> None:
    comment = {"id": "c1", "created_utc": 1_700_000_000, "body": "Yes", "link_id": "t3_x1", "score": 3}
    children = [{"kind": "t3", "data": _reddit(author="a")}, {"kind": "t1", "data": comment}]
    path = tmp_path / "listing.json"
    path.write_text(json.dumps({"kind": "Listing", "data": {"after": None, "children": children}}))

    read_file = read(path)

    assert [item.platform_item_id for item in read_file.items] == ["x1", "t1_c1"]


def test_the_web_shape_of_reddit_is_recognised(tmp_path: Path) -> None:
    path = tmp_path / "web.csv"
    path.write_text(
        "postId,title,link,publishingDate,postUpvotes,commentCount\n"
        "t3_q1,Which beans?,https://old.reddit.com/r/Coffee/comments/q1/which/?utm=1,2026-11-01T10:00:00Z,1.2K,14\n"
    )

    read_file = read(path)

    [item] = read_file.items
    assert (read_file.format_name, item.platform_item_id, item.counts.likes) == ("reddit_web", "q1", 1_200)
    assert item.url == "https://www.reddit.com/r/Coffee/comments/q1/which/"
    assert read_file.format_has_author is False


@pytest.mark.parametrize(
    ("status", "code"),
    [
        ({"status": "LOGIN_REQUIRED", "reason": "Sign in to confirm your age"}, "age_restricted"),
        ({"status": "LOGIN_REQUIRED", "reason": "Sign in to confirm you’re not a bot"}, "blocked"),
        (
            {"status": "UNPLAYABLE", "reason": "Not available in your country"},
            "blocked",
        ),
        ({"status": "ERROR", "reason": "This video is unavailable"}, "unavailable"),
        ({"status": "LOGIN_REQUIRED", "reason": "Private", "messages": ["This is a private video"]}, "unavailable"),
        ({"status": "OK"}, "missing_video"),
    ],
)
def test_each_reason_why_a_video_cannot_be_read_has_its_code(status: dict[str, JsonValue], code: str) -> None:
    with pytest.raises(BadRecord) as refused:
        YouTubePlayerAnswers().to_item({"playabilityStatus": status}, received_at=RECEIVED_AT)

    assert refused.value.code == code


def test_a_page_that_asks_for_robots_is_named_as_a_block(tmp_path: Path) -> None:
    path = tmp_path / "watch.html"
    path.write_text('<!DOCTYPE html><html><body><form class="g-recaptcha"></form></body></html>')

    with pytest.raises(UnreadableFile, match="blocked the request") as refused:
        read(path)

    assert refused.value.code == "blocked"


def test_negative_counts_are_refused_and_named(tmp_path: Path) -> None:
    path = tmp_path / "posts.json"
    path.write_text(json.dumps([{"shortCode": "A", "caption": "x", "ownerUsername": "o", "commentsCount": -4}]))

    [reject] = read(path).rejects

    assert (reject.code, reject.reason) == ("negative_count", "commentsCount is negative: a count cannot be")
