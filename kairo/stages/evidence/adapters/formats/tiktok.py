"""TikTok videos: Apify's tiktok-scraper, and the shape of TikTok's own pages."""

from __future__ import annotations

from datetime import datetime

from pydantic import JsonValue

from kairo.stages.evidence.adapters.captured import captured_item
from kairo.stages.evidence.adapters.fields.dates import published
from kairo.stages.evidence.adapters.fields.numbers import count_of
from kairo.stages.evidence.adapters.fields.shapes import is_true, listed, nested, objects
from kairo.stages.evidence.adapters.fields.texts import optional_text, text_of
from kairo.stages.evidence.adapters.fields.transcripts import transcript_of
from kairo.stages.evidence.contracts import CapturedItem, Counts, MediaType
from kairo.stages.evidence.ports import Record


class ApifyTikTokVideos:
    """Subtitles come as links that expire, so that a transcript is there only where the run has fetched it."""

    name = "apify_tiktok"
    label = "TikTok videos from Apify (tiktok-scraper)"
    format_has_author = True
    keep = (
        "id",
        "text",
        "createTime",
        "createTimeISO",
        "webVideoUrl",
        "authorMeta",
        "diggCount",
        "playCount",
        "hashtags",
    )

    def recognises(self, record: Record) -> bool:
        return "diggCount" in record and ("webVideoUrl" in record or "authorMeta" in record)

    def to_item(self, record: Record, *, received_at: datetime) -> CapturedItem:
        when = "createTimeISO" if record.get("createTimeISO") else "createTime"
        author = nested(record, "authorMeta")
        return captured_item(
            record,
            platform="tiktok",
            item_id=record.get("id"),
            published_at=published(record.get(when), when, received_at=received_at),
            keep=self.keep,
            body=text_of(record, "text"),
            transcript=transcript_of(record.get("transcript")),
            url=optional_text(record, "webVideoUrl"),
            author=optional_text(author, "name", "id"),
            media_type=MediaType.CAROUSEL if is_true(record.get("isSlideshow")) else MediaType.VIDEO,
            audio_id=nested(record, "musicMeta").get("musicId"),
            tags=record.get("hashtags"),
            language=optional_text(record, "textLanguage"),
            counts=_counts(record),
        )


class TikTokVideos:
    """TikTok's own items, as its pages and interface carry them."""

    name = "tiktok"
    label = "TikTok videos in TikTok's own shape (desc, createTime, author, stats)"
    format_has_author = True
    keep = ("id", "desc", "createTime", "author", "stats", "statsV2", "textLanguage", "music")

    def recognises(self, record: Record) -> bool:
        return "desc" in record and "createTime" in record and ("stats" in record or "statsV2" in record)

    def to_item(self, record: Record, *, received_at: datetime) -> CapturedItem:
        author = optional_text(nested(record, "author"), "uniqueId", "id") or optional_text(record, "author")
        item_id = record.get("id")
        kind = "photo" if nested(record, "imagePost") else "video"
        is_linked = isinstance(item_id, str | int) and author
        return captured_item(
            record,
            platform="tiktok",
            item_id=item_id,
            published_at=published(record.get("createTime"), "createTime", received_at=received_at),
            keep=self.keep,
            body=text_of(record, "desc"),
            transcript=transcript_of(record.get("transcript")),
            url=f"https://www.tiktok.com/@{author}/{kind}/{str(item_id)[:50]}" if is_linked else "",
            author=author,
            media_type=MediaType.CAROUSEL if kind == "photo" else MediaType.VIDEO,
            audio_id=nested(record, "music").get("id"),
            tags=_challenges(record),
            language=optional_text(record, "textLanguage"),
            counts=_counts(nested(record, "stats") or nested(record, "statsV2")),
        )


def _counts(stats: Record) -> Counts:
    return Counts(
        views=count_of(stats, "playCount"),
        likes=count_of(stats, "diggCount"),
        comments=count_of(stats, "commentCount"),
        shares=count_of(stats, "shareCount"),
    )


def _challenges(record: Record) -> list[JsonValue]:
    tags = [tag.get("hashtagName") for tag in objects(record, "textExtra")]
    return [tag for tag in tags if tag] or listed(record, "challenges")
