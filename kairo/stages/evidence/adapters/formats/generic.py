"""The generic form, for what has no shape of its own: our field names as headings, or a mapping that names theirs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from pydantic import JsonValue

from kairo.stages.evidence.adapters.captured import captured_item, platform_name
from kairo.stages.evidence.adapters.fields.dates import DateOrder, published
from kairo.stages.evidence.adapters.fields.numbers import read_count
from kairo.stages.evidence.adapters.fields.texts import optional_text, text_of
from kairo.stages.evidence.adapters.fields.transcripts import transcript_of
from kairo.stages.evidence.contracts import CapturedItem, Counts, MediaType, UnreadableFile
from kairo.stages.evidence.ports import BadRecord, Record

FIELDS = (
    "platform",
    "platform_item_id",
    "url",
    "author",
    "title",
    "text",
    "transcript",
    "media_type",
    "language",
    "published_at",
    "views",
    "likes",
    "comments",
    "shares",
    "hashtags",
)
DATE_ORDER = "date_order"
"""The one entry of a mapping that is no field: day_first or month_first."""

_REQUIRED = ("platform", "platform_item_id")
_TEXTS = ("title", "text", "transcript")
_MEDIA_TYPES = {
    **{media_type.value: media_type for media_type in MediaType},
    "photo": MediaType.IMAGE,
    "picture": MediaType.IMAGE,
    "reel": MediaType.VIDEO,
    "short": MediaType.VIDEO,
    "sidecar": MediaType.CAROUSEL,
    "album": MediaType.CAROUSEL,
    "article": MediaType.LINK,
}


class GenericPosts:
    """Records whose fields carry our names, whatever their case; other fields stay in the raw record."""

    name = "generic"
    label = "the generic form (platform, platform_item_id and one of title, text, transcript; CSV or JSONL)"
    format_has_author = True

    def __init__(self, date_order: DateOrder | None = None) -> None:
        self._date_order = date_order

    def recognises(self, record: Record) -> bool:
        return _has_our_fields(record) or _has_our_fields(_by_our_names(record))

    def to_item(self, record: Record, *, received_at: datetime) -> CapturedItem:
        fields = record if _has_our_fields(record) else _by_our_names(record)
        return self.from_fields(fields, record, received_at=received_at)

    def from_fields(self, fields: Record, record: Record, *, received_at: datetime) -> CapturedItem:
        """Build the item from fields under our names; `record` is what the file said."""
        platform = platform_name(text_of(fields, "platform"))
        title, text = text_of(fields, "title"), text_of(fields, "text")
        transcript = transcript_of(fields.get("transcript"))
        if not (title or text or transcript):
            raise BadRecord("no_text", "the record has no title, no text and no transcript")
        when = fields.get("published_at")
        return captured_item(
            record,
            platform=platform,
            item_id=fields.get("platform_item_id"),
            published_at=published(when, "published_at", received_at=received_at, order=self._date_order),
            keep=(*FIELDS, *list(record)[: len(FIELDS)]),
            title=title,
            body=text,
            transcript=transcript,
            url=optional_text(fields, "url"),
            author=optional_text(fields, "author"),
            media_type=_media_type(fields.get("media_type")),
            tags=fields.get("hashtags"),
            language=optional_text(fields, "language"),
            counts=_counts(fields),
        )


class MappedPosts:
    """Records under headings of their own, with a mapping {our field: their heading} that says which is which.

    "=value" in place of a heading is a value for every record ("platform": "=trustpilot"); "author.name" reaches into
    objects.
    """

    name = "generic"
    label = "records with a mapping of their headings"
    format_has_author = True

    def __init__(self, mapping: Mapping[str, str]) -> None:
        """Raises UnreadableFile for a mapping that does not name what every item needs."""
        unknown = [name for name in mapping if name not in (*FIELDS, DATE_ORDER)]
        missing = [name for name in _REQUIRED if not mapping.get(name)]
        if unknown or missing or not any(mapping.get(name) for name in _TEXTS):
            raise UnreadableFile(_what_is_wrong(unknown, missing), code="bad_mapping")
        order = mapping.get(DATE_ORDER)
        if order and order not in list(DateOrder):
            raise UnreadableFile(f"{DATE_ORDER} is day_first or month_first, not {order!r}", code="bad_mapping")
        self._headings = {name: heading for name, heading in mapping.items() if name != DATE_ORDER and heading}
        self._generic = GenericPosts(DateOrder(order) if order else None)

    def absent_from(self, records: Sequence[Record]) -> list[str]:
        """List the headings that none of the records has: most likely the mapping writes them differently."""
        return [name for name in self.headings() if all(_value_at(record, name) is None for record in records)]

    def headings(self) -> list[str]:
        """List the headings that the file must have."""
        return [heading for heading in self._headings.values() if not heading.startswith("=")]

    def recognises(self, record: Record) -> bool:
        headings = [self._headings[name] for name in (*_REQUIRED, *_TEXTS) if name in self._headings]
        return any(_value_at(record, heading) is not None for heading in headings if not heading.startswith("="))

    def to_item(self, record: Record, *, received_at: datetime) -> CapturedItem:
        fields = {name: _value_at(record, heading) for name, heading in self._headings.items()}
        return self._generic.from_fields(fields, record, received_at=received_at)


def _what_is_wrong(unknown: list[str], missing: list[str]) -> str:
    if unknown:
        return f"the mapping names {', '.join(unknown[:5])}; our fields are {', '.join(FIELDS)}"
    lacks = ", ".join(missing) or "one of title, text, transcript"
    return f'the mapping does not say where to find {lacks} (a heading, or "=value" for the same value everywhere)'


def _has_our_fields(record: Record) -> bool:
    if "platform" not in record or "platform_item_id" not in record:
        return False
    return "text" in record or "title" in record or "transcript" in record


def _by_our_names(record: Record) -> Record:
    """Return the record with our names where a heading differs from one in case, blanks or hyphens only."""
    named = {name.strip().lower().replace(" ", "_").replace("-", "_"): value for name, value in record.items()}
    return {**record, **{name: named[name] for name in FIELDS if name in named}}


def _value_at(record: Record, heading: str) -> JsonValue:
    if heading.startswith("="):
        return heading[1:]
    if heading in record:
        return record[heading]
    value: JsonValue = dict(record) if "." in heading or "/" in heading else None
    for name in heading.replace("/", ".").split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _media_type(value: JsonValue) -> MediaType:
    """Return the kind of post; an unknown word ("tweet", "review") is a text and stays in the raw record."""
    return _MEDIA_TYPES.get(value.strip().lower(), MediaType.TEXT) if isinstance(value, str) else MediaType.TEXT


def _counts(fields: Record) -> Counts:
    views, likes = fields.get("views"), fields.get("likes")
    comments, shares = fields.get("comments"), fields.get("shares")
    return Counts(
        views=None if views is None else read_count(views, "views"),
        likes=None if likes is None else read_count(likes, "likes"),
        comments=None if comments is None else read_count(comments, "comments"),
        shares=None if shares is None else read_count(shares, "shares"),
    )
