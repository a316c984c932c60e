"""Bluesky: posts as the network's views show them (alone, in feeds, in threads), and bare records."""

from __future__ import annotations

from datetime import datetime

from pydantic import JsonValue

from kairo.stages.evidence.adapters.captured import captured_item
from kairo.stages.evidence.adapters.fields.dates import published
from kairo.stages.evidence.adapters.fields.numbers import count_of
from kairo.stages.evidence.adapters.fields.shapes import listed, nested, objects
from kairo.stages.evidence.adapters.fields.texts import optional_text, text_of
from kairo.stages.evidence.contracts import CapturedItem, Counts, MediaType
from kairo.stages.evidence.ports import BadRecord, Record

_POST = "app.bsky.feed.post"
_NO_HANDLE = "handle.invalid"
_EMBEDS = {"images": MediaType.IMAGE, "video": MediaType.VIDEO, "external": MediaType.LINK}


class BlueskyPosts:
    """A bare record names no author, but its address begins with the author's permanent id."""

    name = "bluesky"
    label = "Bluesky posts (post views, feeds, threads, records)"
    format_has_author = True
    keep = ("uri", "cid", "author", "record", "value", "indexedAt", "likeCount", "replyCount", "repostCount", "post")

    def recognises(self, record: Record) -> bool:
        view = nested(record, "post") or record
        uri = view.get("uri")
        if not isinstance(uri, str) or not uri.startswith("at://"):
            return False
        return any(name in view for name in ("record", "value", "notFound", "blocked"))

    def to_item(self, record: Record, *, received_at: datetime) -> CapturedItem:
        view = nested(record, "post") or record
        _refuse_what_is_no_own_post(record, view)
        said = nested(view, "record") or nested(view, "value")
        uri = text_of(view, "uri")
        author_id = uri.removeprefix("at://").partition("/")[0]
        author = nested(view, "author")
        handle = optional_text(author, "handle")
        name = handle if handle and handle != _NO_HANDLE else optional_text(author, "did") or author_id
        return captured_item(
            record,
            platform="bluesky",
            item_id=uri,
            published_at=_published(said, view, received_at),
            keep=self.keep,
            body=text_of(said, "text"),
            url=f"https://bsky.app/profile/{name}/post/{uri.rpartition('/')[2]}",
            author=name,
            media_type=_media_type(nested(said, "embed")),
            tags=[*listed(said, "tags"), *_tags_in_facets(said)],
            language=next((tag for tag in listed(said, "langs") if isinstance(tag, str)), ""),
            counts=Counts(
                likes=count_of(view, "likeCount"),
                comments=count_of(view, "replyCount"),
                shares=count_of(view, "repostCount"),
            ),
        )


def _refuse_what_is_no_own_post(record: Record, view: Record) -> None:
    if view.get("notFound") or view.get("blocked"):
        raise BadRecord("unavailable_post", "the post was deleted or its author blocks the reader")
    if optional_text(nested(record, "reason"), "$type").endswith("#reasonRepost"):
        raise BadRecord("repost", "the record is a repost; the post itself is not of this feed's author")
    said = nested(view, "record") or nested(view, "value")
    if optional_text(said, "$type") not in ("", _POST):
        raise BadRecord("not_a_post", f"the record is a {optional_text(said, '$type')[:80]}, not a post")
    if not said:
        raise BadRecord("no_text", "the record holds no post")


def _published(said: Record, view: Record, received_at: datetime) -> datetime | None:
    """Return the earlier of the author's word and the network's: an author's clock may say anything."""
    indexed_at = published(view.get("indexedAt"), "indexedAt", received_at=received_at)
    try:
        created_at = published(said.get("createdAt"), "createdAt", received_at=received_at)
    except BadRecord:
        if indexed_at is None:
            raise
        return indexed_at
    return min(filter(None, (created_at, indexed_at)), default=None)


def _media_type(embed: Record) -> MediaType:
    media = nested(embed, "media") or embed
    kind = optional_text(media, "$type").rpartition(".")[2].partition("#")[0]
    if kind == "images" and len(listed(media, "images")) > 1:
        return MediaType.CAROUSEL
    return _EMBEDS.get(kind, MediaType.TEXT)


def _tags_in_facets(said: Record) -> list[JsonValue]:
    features = [feature for facet in objects(said, "facets") for feature in objects(facet, "features")]
    return [feature.get("tag") for feature in features if feature.get("tag")]
