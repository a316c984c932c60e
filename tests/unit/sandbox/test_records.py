from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice

import pytest

from kairo.sandbox.market import MarketPost, Media, Platform, WrongPlatform
from kairo.sandbox.market.records import Json, Record
from kairo.sandbox.market.scrapes import hashtag_scrape, profile_scrape
from kairo.sandbox.market.transcripts import transcript_of
from kairo.stages.evidence.adapters.formats.instagram import ApifyInstagramPosts
from kairo.stages.evidence.adapters.formats.tiktok import ApifyTikTokVideos
from kairo.stages.evidence.contracts import MediaType
from tests.unit.sandbox.markets import START, posts_of

LATER = START + timedelta(days=40)


def fields(names: str) -> set[str]:
    return set(names.split())


INSTAGRAM_FIELDS = fields(
    "inputUrl id type shortCode caption hashtags mentions url commentsCount firstComment latestComments displayUrl"
    " images alt likesCount timestamp childPosts ownerFullName ownerUsername ownerId isSponsored isPinned"
    " isCommentsDisabled"
)
INSTAGRAM_VIDEO_FIELDS = fields(
    "videoUrl videoViewCount videoPlayCount videoDuration productType musicInfo taggedUsers coauthorProducers"
)
TIKTOK_FIELDS = fields(
    "id text createTime createTimeISO webVideoUrl authorMeta diggCount shareCount playCount commentCount collectCount"
    " hashtags isAd musicMeta videoMeta mediaUrls"
)
AUTHOR_FIELDS = {"id", "name", "nickName", "fans", "heart", "video", "following", "verified"}


def instagram() -> list[MarketPost]:
    return [post for post in posts_of() if post.platform is Platform.INSTAGRAM]


def tiktok() -> list[MarketPost]:
    return [post for post in posts_of() if post.platform is Platform.TIKTOK]


def videos(posts: list[MarketPost]) -> list[MarketPost]:
    return [post for post in posts if post.media is Media.VIDEO]


def inner(value: Json) -> Record:
    assert isinstance(value, dict)
    return value


def test_instagram_records_have_every_field_of_the_scraper() -> None:
    for post in islice(instagram(), 400):
        record = post.to_apify_instagram()
        assert record.keys() >= INSTAGRAM_FIELDS
        if post.media is Media.VIDEO:
            assert record.keys() >= INSTAGRAM_VIDEO_FIELDS
            assert {"audio_id", "artist_name", "song_name", "uses_original_audio"} <= inner(record["musicInfo"]).keys()


def test_tiktok_records_have_every_field_of_the_scraper() -> None:
    for post in islice(tiktok(), 400):
        record = post.to_apify_tiktok()
        assert record.keys() >= TIKTOK_FIELDS
        assert inner(record["authorMeta"]).keys() >= AUTHOR_FIELDS
        assert inner(record["musicMeta"]).keys() >= {"musicName", "musicAuthor", "musicOriginal", "musicId"}
        assert inner(record["videoMeta"]).keys() >= {"duration", "coverUrl", "subtitleLinks"}


def test_a_post_is_only_what_its_own_platform_knows() -> None:
    with pytest.raises(WrongPlatform, match="tiktok"):
        tiktok()[0].to_apify_instagram()
    with pytest.raises(WrongPlatform, match="instagram"):
        instagram()[0].to_apify_tiktok()


def test_some_accounts_hide_their_likes() -> None:
    hidden = [post for post in instagram() if post.to_apify_instagram()["likesCount"] == -1]

    assert 0 < len(hidden) < 0.1 * len(instagram())
    assert all(post.author.hides_likes for post in hidden)


def test_views_are_fewer_than_plays() -> None:
    for post in videos(instagram())[:300]:
        record = post.to_apify_instagram()
        views, plays = record["videoViewCount"], record["videoPlayCount"]
        assert isinstance(views, int)
        assert isinstance(plays, int)
        assert views < plays


def test_captions_hold_the_letters_and_line_ends_of_the_wild() -> None:
    captions = [post.caption for post in posts_of()]

    fancy = [caption for caption in captions if any(0x1D400 <= ord(letter) <= 0x1D7FF for letter in caption)]

    assert 0.002 < len(fancy) / len(captions) < 0.05
    assert 0.002 < sum("\r\n" in caption for caption in captions) / len(captions) < 0.05


def test_media_addresses_have_expired_and_lead_nowhere() -> None:
    for post in islice(instagram(), 50):
        address = str(post.to_apify_instagram()["displayUrl"])
        expires_at = datetime.fromtimestamp(int(address.rpartition("oe=")[2], 16), UTC)
        assert ".example/" in address
        assert expires_at == post.published_at.replace(microsecond=0) + timedelta(days=4)


def test_subtitles_are_links_and_about_six_videos_in_ten_have_them() -> None:
    linked = [inner(post.to_apify_tiktok()["videoMeta"])["subtitleLinks"] for post in tiktok()[:1000]]

    assert sum(bool(links) for links in linked) / len(linked) == pytest.approx(0.6, abs=0.06)


def test_a_transcript_is_spoken_text_that_fits_the_video() -> None:
    spoken = [(transcript_of(post), post.seconds_long) for post in videos(posts_of())[:1000]]

    for transcript, seconds in ((text, seconds) for text, seconds in spoken if text and seconds):
        assert 4 <= len(transcript.split()) <= max(60, 3.6 * seconds)
        assert "#" not in transcript
        assert "\n" not in transcript


def test_adverts_say_so() -> None:
    adverts = [post for post in posts_of() if post.is_advert]

    assert 0 < len(adverts) < 0.03 * len(posts_of())
    assert all(post.to_apify().get("isSponsored") or post.to_apify().get("isAd") for post in adverts)


def test_comments_come_newest_first_after_the_post_and_never_more_than_it_has() -> None:
    for post in islice(instagram(), 500):
        record = post.to_apify_instagram()
        comments = record["latestComments"]
        assert isinstance(comments, list)
        times = [str(inner(comment)["timestamp"]) for comment in comments]
        assert times == sorted(times, reverse=True)
        assert len(comments) <= post.comments
        assert all(time > str(record["timestamp"]) for time in times)


def test_a_profile_scrape_starts_with_pinned_posts_that_may_be_old() -> None:
    handle = max(instagram(), key=lambda post: (post.author.followers, post.id)).author.handle
    busiest = max({post.author.handle for post in instagram()}, key=lambda name: _count(name))

    for name in (handle, busiest):
        records = profile_scrape(posts_of(), handle=name, platform=Platform.INSTAGRAM)
        pinned = [bool(record["isPinned"]) for record in records]
        times = [str(record["timestamp"]) for record in records if not record["isPinned"]]
        assert pinned[0]
        assert pinned == sorted(pinned, reverse=True)
        assert times == sorted(times, reverse=True)


def _count(handle: str) -> int:
    return sum(post.author.handle == handle for post in instagram())


def test_a_coauthored_post_stands_in_the_other_profile_under_its_owners_name() -> None:
    shared = next(post for post in instagram() if post.coauthor)
    coauthor = shared.coauthor
    assert coauthor is not None

    records = profile_scrape(posts_of(), handle=coauthor.handle, platform=Platform.INSTAGRAM)

    (record,) = [record for record in records if record["id"] == shared.id]
    assert record["ownerUsername"] == shared.author.handle != coauthor.handle
    assert not record["isPinned"]


def test_a_hashtag_scrape_holds_the_posts_with_the_hashtag() -> None:
    records = list(hashtag_scrape(posts_of(), hashtag="fungusgnats", platform=Platform.TIKTOK))

    assert records
    assert all(
        {"name": "fungusgnats"} in record["hashtags"] for record in records if isinstance(record["hashtags"], list)
    )


def test_the_evidence_adapters_read_what_the_market_writes() -> None:
    for post in islice(posts_of(), 600):
        adapter = ApifyTikTokVideos() if post.platform is Platform.TIKTOK else ApifyInstagramPosts()
        record = post.to_apify()

        item = adapter.to_item(record, received_at=LATER)

        assert adapter.recognises(record)
        assert item.platform_item_id == post.id
        assert item.published_at == post.published_at
        assert item.author_ref == post.author.handle
        assert item.url == post.url
        assert {tag.casefold() for tag in item.hashtags} >= {tag.casefold() for tag in post.hashtags}
        assert (item.media_type is MediaType.VIDEO) == (post.media is Media.VIDEO)
        assert bool(item.transcript) == bool(transcript_of(post))
