"""Instagram posts from Apify's instagram-scraper."""

from __future__ import annotations

from datetime import datetime

from kairo.stages.evidence.adapters.captured import captured_item
from kairo.stages.evidence.adapters.fields.dates import published
from kairo.stages.evidence.adapters.fields.numbers import count_of, signed_of
from kairo.stages.evidence.adapters.fields.shapes import nested
from kairo.stages.evidence.adapters.fields.texts import optional_text, text_of
from kairo.stages.evidence.adapters.fields.transcripts import transcript_of
from kairo.stages.evidence.contracts import CapturedItem, Counts, MediaType
from kairo.stages.evidence.ports import Record

_MEDIA_TYPES = {"Image": MediaType.IMAGE, "Video": MediaType.VIDEO, "Sidecar": MediaType.CAROUSEL}
_HIDDEN = -1


class ApifyInstagramPosts:
    """Views are the plays, which count every start; the older videoViewCount stands in only where plays are missing.

    A co-authored post belongs to the account that Instagram names as its owner.
    """

    name = "apify_instagram"
    label = "Instagram posts from Apify (instagram-scraper)"
    format_has_author = True
    keep = (
        "id",
        "shortCode",
        "type",
        "caption",
        "url",
        "timestamp",
        "ownerUsername",
        "ownerId",
        "likesCount",
        "commentsCount",
    )

    def recognises(self, record: Record) -> bool:
        return "shortCode" in record and any(name in record for name in ("ownerUsername", "likesCount", "caption"))

    def to_item(self, record: Record, *, received_at: datetime) -> CapturedItem:
        short_code = optional_text(record, "shortCode")
        media_type = _MEDIA_TYPES.get(optional_text(record, "type"), MediaType.IMAGE)
        music = nested(record, "musicInfo")
        return captured_item(
            record,
            platform="instagram",
            item_id=record.get("id") or short_code,
            published_at=published(record.get("timestamp"), "timestamp", received_at=received_at),
            keep=self.keep,
            body=text_of(record, "caption"),
            transcript=transcript_of(record.get("transcript")),
            url=optional_text(record, "url") or (f"https://www.instagram.com/p/{short_code}/" if short_code else ""),
            author=optional_text(record, "ownerUsername", "ownerId"),
            media_type=media_type,
            audio_id=music.get("audio_id") or music.get("audioId"),
            tags=record.get("hashtags"),
            counts=Counts(
                views=count_of(record, "videoPlayCount", "videoViewCount"),
                likes=None if signed_of(record, "likesCount") == _HIDDEN else count_of(record, "likesCount"),
                comments=count_of(record, "commentsCount"),
            ),
        )
