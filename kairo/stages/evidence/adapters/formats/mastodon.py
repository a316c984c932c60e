"""Mastodon statuses, as its interface gives them."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlsplit

from kairo.stages.evidence.adapters.captured import captured_item
from kairo.stages.evidence.adapters.fields.dates import published
from kairo.stages.evidence.adapters.fields.numbers import count_of
from kairo.stages.evidence.adapters.fields.shapes import nested, objects
from kairo.stages.evidence.adapters.fields.texts import optional_text, text_of, text_of_html
from kairo.stages.evidence.contracts import CapturedItem, Counts, MediaType
from kairo.stages.evidence.ports import BadRecord, Record

_MEDIA_TYPES = {"image": MediaType.IMAGE, "gifv": MediaType.VIDEO, "video": MediaType.VIDEO}
_PUBLIC = ("public", "unlisted", "")


class MastodonStatuses:
    """A status is known by its `uri`, the same on every server; its `id` is another one wherever it is read.

    A boost is refused: its text is somebody else's, and would count twice. What was not said in public is refused too.
    """

    name = "mastodon"
    label = "Mastodon statuses (JSON, or recorded exchanges in YAML)"
    format_has_author = True
    keep = (
        "id",
        "uri",
        "url",
        "created_at",
        "content",
        "spoiler_text",
        "account",
        "language",
        "tags",
        "favourites_count",
    )

    def recognises(self, record: Record) -> bool:
        if not all(name in record for name in ("id", "content", "created_at")):
            return False
        return any(name in record for name in ("account", "favourites_count", "reblogs_count"))

    def to_item(self, record: Record, *, received_at: datetime) -> CapturedItem:
        if nested(record, "reblog"):
            original = optional_text(nested(record, "reblog"), "url", "uri")
            raise BadRecord("repost", f"the status boosts another one: {original}"[:300])
        if optional_text(record, "visibility") not in _PUBLIC:
            raise BadRecord("not_public", "the status was not said in public")
        return captured_item(
            record,
            platform="mastodon",
            item_id=optional_text(record, "uri", "url") or record.get("id"),
            published_at=published(record.get("created_at"), "created_at", received_at=received_at),
            keep=self.keep,
            title=text_of_html(text_of(record, "spoiler_text")),
            body=text_of_html(text_of(record, "content")),
            url=optional_text(record, "url", "uri"),
            author=_full_handle(nested(record, "account")),
            media_type=_media_type(record),
            tags=record.get("tags"),
            language=optional_text(record, "language"),
            counts=Counts(
                likes=count_of(record, "favourites_count"),
                comments=count_of(record, "replies_count"),
                shares=count_of(record, "reblogs_count"),
            ),
        )


def _full_handle(account: Record) -> str:
    """Return user@server: a server leaves its own name out of the handles of its own users."""
    handle = optional_text(account, "acct", "username")
    if not handle or "@" in handle:
        return handle
    try:
        server = urlsplit(optional_text(account, "url", "uri")).netloc
    except ValueError:
        server = ""
    return f"{handle}@{server}" if server else handle


def _media_type(record: Record) -> MediaType:
    attachments = objects(record, "media_attachments")
    if len(attachments) > 1:
        return MediaType.CAROUSEL
    if attachments:
        return _MEDIA_TYPES.get(optional_text(attachments[0], "type"), MediaType.TEXT)
    return MediaType.LINK if nested(record, "card") else MediaType.TEXT
