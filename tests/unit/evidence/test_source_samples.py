"""Real exports of real platforms: every record of them comes out, and each file's format is found by itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from kairo.stages.evidence.contracts import MediaType, UnreadableFile
from tests.shared_data import shared
from tests.unit.evidence.source_reading import read


@pytest.mark.parametrize("name", ["SkincareAddiction", "Coffee", "headphones", "Sneakers"])
def test_each_of_a_thousand_reddit_rows_becomes_an_item_of_its_own(name: str) -> None:
    read_file = read(shared(f"evidence/reddit-top-2013/{name}.csv"))

    assert read_file.format_name == "reddit"
    assert read_file.rejects == []
    assert len({item.platform_item_id for item in read_file.items}) == 1000


def test_a_reddit_csv_is_a_format_without_authors() -> None:
    read_file = read(shared("evidence/reddit-top-2013/Coffee.csv"))

    assert read_file.format_has_author is False
    assert {(item.author_ref, item.format_has_author) for item in read_file.items} == {(None, False)}


def test_a_reddit_row_keeps_what_people_read_and_counted() -> None:
    items = {item.platform_item_id: item for item in read(shared("evidence/reddit-top-2013/Coffee.csv")).items}

    item = items["154aav"]

    assert item.title == "Rommate thought my kettle was a stovetop unit... This is why I can't have nice things :("
    assert item.text_content == item.title
    assert item.url is not None
    assert item.url.startswith("https://www.reddit.com/r/Coffee/comments/154aav/")
    assert item.published_at == datetime(2012, 12, 19, 18, 1, 21, tzinfo=UTC)
    assert (item.counts.likes, item.counts.comments) == (1093, 161)
    assert item.media_type is MediaType.IMAGE
    assert item.raw["ups"] == "1311"


def test_entities_in_reddit_titles_are_decoded() -> None:
    titles = [item.title or "" for item in read(shared("evidence/reddit-top-2013/SkincareAddiction.csv")).items]

    assert "Skincare Products Before & After SCA" in titles
    assert not any("&amp;" in title for title in titles)


def test_every_launch_of_the_product_hunt_days_is_read() -> None:
    read_file = read(shared("evidence/producthunt-daily/posts.jsonl"))

    assert (read_file.format_name, read_file.format_has_author) == ("producthunt", False)
    assert (len(read_file.items), read_file.rejects) == (1050, [])


def test_a_product_that_is_launched_again_is_another_item_and_one_listed_twice_a_day_is_not() -> None:
    ids = [item.platform_item_id for item in read(shared("evidence/producthunt-daily/posts.jsonl")).items]

    assert {"claude:2026-07-02", "claude:2026-07-28"} <= set(ids)
    assert ids.count("agentgrade:2026-06-28") == 2
    assert len(set(ids)) == 1044


def test_chinese_text_and_beijing_time_survive() -> None:
    item = read(shared("evidence/producthunt-daily/posts.jsonl")).items[0]

    assert item.text_content.startswith("Folio AI\n增强版的Claude，专为PowerPoint而生\n")
    assert item.language == "zh"
    assert item.published_at == datetime(2026, 6, 26, 19, 1, tzinfo=UTC)
    assert item.url == "https://www.producthunt.com/products/folio-ai"
    assert item.counts.likes == 311


def test_the_recorded_mastodon_exchanges_hold_thirty_statuses() -> None:
    read_file = read(shared("evidence/mastodon-cassette/test_pagination_iterator.yaml"))

    assert (read_file.format_name, read_file.rejects) == ("mastodon", [])
    assert len(read_file.items) == 80
    assert len({item.platform_item_id for item in read_file.items}) == 30


def test_a_mastodon_status_is_read_without_its_markup() -> None:
    item = read(shared("evidence/mastodon-cassette/test_pagination_iterator.yaml")).items[0]

    assert item.text_content == "Toot number 0! #fgiztsshwiaqqiztpmmjbtvmescsculuvmgjgopwoeidbcrixp"
    assert item.hashtags == ("fgiztsshwiaqqiztpmmjbtvmescsculuvmgjgopwoeidbcrixp",)
    assert item.author_ref == "mastodonpy_test_2@localhost:3000"
    assert item.published_at == datetime(2026, 8, 1, 13, 52, 56, 988000, tzinfo=UTC)


@pytest.mark.parametrize("name", ["post_record", "extended_post_record"])
def test_a_bare_bluesky_record_gets_its_author_from_its_address(name: str) -> None:
    read_file = read(shared(f"evidence/bluesky-post/{name}.json"))

    [item] = read_file.items

    assert read_file.format_name == "bluesky"
    assert item.author_ref == "did:plc:kvwvcn5iqfooopmyzvb4qzba"
    assert item.published_at is not None


def test_a_bluesky_thread_is_opened_into_its_post() -> None:
    [item] = read(shared("evidence/bluesky-post/thread_view_post_with_embed_media.json")).items

    assert item.author_ref == "test.marshal.dev"
    assert item.media_type is MediaType.IMAGE
    assert item.counts.likes == 0
    assert item.url == "https://bsky.app/profile/test.marshal.dev/post/3kaheyt6vpc22"


def test_a_transcript_without_its_video_is_refused_with_what_is_missing() -> None:
    with pytest.raises(UnreadableFile, match=r"its id and its date are missing.*generic") as refused:
        read(shared("evidence/youtube-transcript/transcript.xml.static"))

    assert refused.value.code == "transcript_without_video"


def test_a_transcript_with_a_mapping_that_names_its_video_is_taken() -> None:
    path = shared("evidence/youtube-transcript/transcript.xml.static")

    [item] = read(
        path,
        mapping={
            "platform": "=youtube",
            "platform_item_id": "=GJLlxj_dtq8",
            "published_at": "=2018-08-02",
            "transcript": "transcript",
        },
    ).items

    assert item.transcript == (
        "Hey, this is just a test this is not the original transcript just something shorter, I made up for testing"
    )
    assert item.published_at == datetime(2018, 8, 2, tzinfo=UTC)


def test_a_player_answer_gives_the_video_without_a_transcript_or_a_made_up_date() -> None:
    [item] = read(shared("evidence/youtube-transcript/youtube.innertube.json.static")).items

    assert (item.platform_item_id, item.author_ref) == ("GJLlxj_dtq8", "Dave2D")
    assert item.counts.views == 1_856_109
    assert (item.transcript, item.published_at) == (None, None)
    assert "_cut" in item.raw


@pytest.mark.parametrize(
    ("name", "code"),
    [("youtube_transcripts_disabled", "transcripts_disabled"), ("youtube_video_unavailable", "unavailable")],
)
def test_what_keeps_a_transcript_away_has_a_code_of_its_own(name: str, code: str) -> None:
    read_file = read(shared(f"evidence/youtube-transcript/{name}.innertube.json.static"))

    assert read_file.items == []
    assert read_file.codes == [(1, code)]


@pytest.mark.parametrize(
    "name",
    ["reddit-top-2013/Coffee.csv", "producthunt-daily/posts.jsonl", "mastodon-cassette/test_pagination_iterator.yaml"],
)
def test_reading_a_file_again_gives_the_same_items(name: str) -> None:
    path = shared(f"evidence/{name}")

    first, second = read(path), read(path)

    assert first.found == second.found
    assert all(item.published_at and item.published_at.utcoffset() == timedelta(0) for item in first.items)
