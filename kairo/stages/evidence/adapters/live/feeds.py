"""RSS and Atom feeds, read by feedparser from bytes that were fetched, bounded and decoded before it sees them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from io import BytesIO
from itertools import islice
from time import struct_time
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from pydantic import JsonValue

from kairo.stages.evidence.adapters.captured import captured_item
from kairo.stages.evidence.adapters.fields.dates import published
from kairo.stages.evidence.adapters.fields.shapes import listed
from kairo.stages.evidence.adapters.fields.texts import optional_text, text_of, text_of_html
from kairo.stages.evidence.adapters.live.answers import require_success
from kairo.stages.evidence.contracts import CapturedItem, MediaType, SurfaceType, UnableToCapture
from kairo.stages.evidence.ports import (
    BadPlace,
    BadRecord,
    Place,
    RawRecord,
    Record,
    Reply,
    SourceFormat,
    SourcePage,
    Web,
)

MOST_ENTRIES = 1_000
_PROLOGUE_CHARACTERS = 20_000
_DECLARED = re.compile(rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_ROOT = re.compile("<[A-Za-z]")
_OWN_ENTITIES = re.compile(r"<!ENTITY", re.IGNORECASE)
_FEED_LINK = re.compile(r"<link\b[^<>]{0,500}application/(?:rss|atom)\+xml[^<>]{0,500}>", re.IGNORECASE)
_HREF = re.compile(r"""href\s*=\s*["']([^"'<>\s]{1,500})["']""", re.IGNORECASE)
_BINARY = ("image/", "audio/", "video/", "font/", "application/pdf", "application/zip", "application/octet-stream")
_TRACKING = frozenset({"fbclid", "gclid", "mc_cid", "mc_eid", "igshid", "yclid", "msclkid"})
_UNIQUE_EVERYWHERE = ("http://", "https://", "tag:", "urn:")
_NAMED_BEHIND_MAIL = re.compile(r"[^\s()]+@[^\s()]+\s*\(([^()]{1,200})\)")
_NAMED_BEFORE_MAIL = re.compile(r"([^<>()@]{1,200})[(<][^\s()<>]+@[^\s()<>]+[)>]")
_MAIL_ADDRESS = re.compile(r"\S+@\S+\.\S+")


class FeedEntries:
    """One entry of a feed, with the fields that `FeedSource` reads from it."""

    name = "feed"
    label = "RSS and Atom entries"
    format_has_author = True
    keep = ("guid", "link", "title", "author", "published", "updated", "feed_url", "feed_title", "summary")

    def recognises(self, record: Record) -> bool:
        return "feed_url" in record and ("guid" in record or "link" in record)

    def to_item(self, record: Record, *, received_at: datetime) -> CapturedItem:
        link = canonical_link(optional_text(record, "link"))
        title = text_of_html(text_of(record, "title"))
        body = text_of_html(text_of(record, "content", "summary"))
        if not title and not body:
            raise BadRecord("no_text", "the entry has no title and no text")
        when = "published_at" if record.get("published_at") else "updated_at"
        return captured_item(
            record,
            platform=FeedSource.platform,
            item_id=_identity(optional_text(record, "guid"), link, optional_text(record, "feed_url")),
            published_at=published(record.get(when), when, received_at=received_at),
            keep=self.keep,
            title=title,
            body="" if body == title else body,
            url=link,
            author=_author(record),
            media_type=_media_type(record),
            tags=["".join(tag.split()) for tag in listed(record, "tags") if isinstance(tag, str)],
            language=optional_text(record, "language"),
        )


class FeedSource:
    """A feed at an address, asked only for what is new by its ETag and Last-Modified."""

    platform = "rss"
    label = "RSS and Atom feeds"
    keys: Mapping[SurfaceType, str] = {SurfaceType.FEED: "https://example.com/feed.xml"}
    newest_first = False
    is_paid = False
    format: SourceFormat = FeedEntries()

    def check(self, place: Place) -> None:
        if not place.key.lower().startswith(("http://", "https://")):
            raise BadPlace("a feed is named by its address, like https://example.com/feed.xml")

    def read(self, place: Place, web: Web, *, cursor: str | None, marks: Mapping[str, str]) -> SourcePage:
        answer = web.get(place.key, etag=marks.get("etag"), last_modified=marks.get("last_modified"))
        if answer.status == 304:
            return SourcePage(unchanged=True)
        require_success(answer)
        entries, warnings = _parsed(answer)
        records = [RawRecord(row=row, fields=entry) for row, entry in enumerate(entries, start=1)]
        found = {"etag": answer.etag, "last_modified": answer.last_modified}
        return SourcePage(
            records=records, marks={name: mark for name, mark in found.items() if mark}, warnings=warnings
        )


def canonical_link(link: str) -> str:
    """Return an address without what only tells its owner where a reader came from; "" for none."""
    try:
        parts = urlsplit(link)
    except ValueError:
        return ""
    kept = [
        (name, value)
        for name, value in parse_qsl(parts.query, keep_blank_values=True)
        if not name.lower().startswith("utm_") and name.lower() not in _TRACKING
    ]
    return urlunsplit((parts.scheme.lower(), parts.netloc.lower(), parts.path, urlencode(kept), ""))


def _identity(guid: str, link: str, feed_url: str) -> str:
    """Return what tells the entry from every other: many feeds number their entries from 1."""
    if guid.lower().startswith(_UNIQUE_EVERYWHERE):
        return guid
    if guid:
        return f"{urlsplit(feed_url).netloc}#{guid}"
    return link


def _author(record: Record) -> str:
    """Return who wrote the entry, else whose feed it is; an address for mail is nobody's name."""
    names = (optional_text(record, name) for name in ("author", "feed_author", "feed_title"))
    return next((name for name in names if name and not _MAIL_ADDRESS.fullmatch(name)), "")


def _media_type(record: Record) -> MediaType:
    kinds = [kind.partition("/")[0] for kind in listed(record, "enclosures") if isinstance(kind, str)]
    if "video" in kinds:
        return MediaType.VIDEO
    return MediaType.IMAGE if "image" in kinds else MediaType.LINK


def _parsed(answer: Reply) -> tuple[list[dict[str, JsonValue]], list[str]]:
    text = _text(answer)
    root = _ROOT.search(text)
    if _OWN_ENTITIES.search(text[: root.start() if root else len(text)]):
        raise UnableToCapture("The feed declares entities of its own, which can blow up without end: refused.")
    feed = _feedparser_reads(text, answer.final_url)
    entries = list(islice(_entries(feed, answer.final_url), MOST_ENTRIES))
    warnings = []
    if feed.get("bozo"):
        warnings.append(
            f"The feed is not well-formed ({_first_line(feed.get('bozo_exception'))}); what could be read was."
        )
    if len(feed.entries) > MOST_ENTRIES:
        warnings.append(f"The feed holds {len(feed.entries):,} entries; the first {MOST_ENTRIES:,} were read.")
    if not entries and (feed.get("bozo") or not feed.get("version")):
        raise _no_feed(answer, text, feed)
    return entries, warnings


def _text(answer: Reply) -> str:
    """Return the body as text: a feed names its character set itself where the answer's head does not."""
    kind = answer.headers.get("content-type", "").lower()
    if kind.startswith(_BINARY):
        raise UnableToCapture(f"The address answers with {kind.partition(';')[0][:60]}, not with a feed.")
    declared = _DECLARED.match(answer.body[:500])
    return answer.text(otherwise=declared[1].decode("ascii")) if declared else answer.text()


def _feedparser_reads(text: str, address: str) -> Any:
    import feedparser  # loads a dozen modules that only a capture needs

    # Always a stream: a text would be taken for an address or a path, and be opened.
    return feedparser.parse(
        BytesIO(text.encode()),
        response_headers={"content-type": "application/xml; charset=utf-8", "content-location": address},
        resolve_relative_uris=False,
        sanitize_html=False,
    )


def _entries(feed: Any, address: str) -> Iterator[dict[str, JsonValue]]:
    about = feed.get("feed", {})
    shared = {
        "feed_url": address,
        "feed_title": text_of_html(str(about.get("title") or "")),
        "feed_author": _name(about),
    }
    for entry in feed.entries:
        contents = entry.get("content") or [{}]
        # Asked in its own way, feedparser would give the date of publication where there is no date of an update.
        fields = {
            "guid": entry.get("id"),
            "link": entry.get("feedburner_origlink") or entry.get("link"),
            "title": entry.get("title"),
            "summary": entry.get("summary"),
            "content": contents[0].get("value"),
            "author": _name(entry),
            "published": entry.get("published"),
            "published_at": _moment(entry.get("published_parsed")),
            "updated_at": _moment(dict.get(entry, "updated_parsed")),
            "tags": [tag.get("term") for tag in entry.get("tags") or [] if tag.get("term")],
            "enclosures": [link.get("type") for link in entry.get("enclosures") or [] if link.get("type")],
            "language": contents[0].get("language") or about.get("language"),
        }
        found = {name: value for name, value in fields.items() if value}
        if found.keys() & {"guid", "link", "title", "summary", "content"}:
            yield found | shared


def _name(source: Any) -> str:
    """Return the author's name; where an address for mail stands beside it, feedparser may cut the name."""
    written = str(source.get("author") or "")
    beside_mail = _NAMED_BEHIND_MAIL.fullmatch(written) or _NAMED_BEFORE_MAIL.fullmatch(written)
    if beside_mail:
        return beside_mail[1].strip()
    return written if "@" in written else str((source.get("author_detail") or {}).get("name") or written)


def _moment(parsed: struct_time | None) -> str | None:
    """Write down what feedparser read: always UTC, whatever the feed says."""
    if parsed is None:
        return None
    try:
        return datetime(*parsed[:6], tzinfo=UTC).isoformat()
    except ValueError:
        return None  # The thirty-first of February: kept as it was written, and undated.


def _no_feed(answer: Reply, text: str, feed: Any) -> UnableToCapture:
    page = _FEED_LINK.search(text)
    address = _HREF.search(page[0]) if page else None
    if address:
        named = urljoin(answer.final_url, address[1])
        return UnableToCapture(f"The address leads to a web page, not to a feed. The page names one: {named}")
    if re.search(r"<html\b", text[:_PROLOGUE_CHARACTERS], re.IGNORECASE):
        return UnableToCapture("The address leads to a web page, not to a feed. Look there for a link to its feed.")
    if feed.get("bozo") and text.strip():
        return UnableToCapture(f"The feed's XML is broken: {_first_line(feed.get('bozo_exception'))}.")
    return UnableToCapture("The answer is no feed: neither RSS nor Atom was found in it.")


def _first_line(error: object) -> str:
    return str(error).strip().partition("\n")[0][:200] or "no reason given"
