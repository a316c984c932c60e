"""Where a translated record becomes a captured item: every format hands its findings here, and the bounds hold."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import datetime
from urllib.parse import urlsplit, urlunsplit

from pydantic import JsonValue

from kairo.stages.evidence.adapters.fields.raw import storable
from kairo.stages.evidence.adapters.fields.tags import hashtags
from kairo.stages.evidence.adapters.fields.texts import bounded_text, storable_text
from kairo.stages.evidence.contracts import CapturedItem, Counts, MediaType
from kairo.stages.evidence.ports import BadRecord, Record

LONGEST_ID = 300
LONGEST_PLATFORM = 50
LONGEST_AUTHOR = 200
LONGEST_URL = 2_000

_LANGUAGE = re.compile(r"([A-Za-z]{2,3})(?:[-_][A-Za-z0-9_-]{1,30})?")
_SHORTENED_BY_SPREADSHEET = re.compile(r"\d(?:[.,]\d+)?[eE]\+\d+")
_LARGEST_EXACT_FLOAT = 2.0**53
_NO_AUTHOR = frozenset({"", "[deleted]", "[removed]"})


def captured_item(
    record: Record,
    *,
    platform: str,
    item_id: JsonValue,
    published_at: datetime | None,
    keep: Collection[str],
    title: str = "",
    body: str = "",
    transcript: str = "",
    url: str = "",
    author: str = "",
    format_has_author: bool = True,
    media_type: MediaType = MediaType.TEXT,
    audio_id: JsonValue = None,
    tags: JsonValue = None,
    language: str = "",
    counts: Counts | None = None,
) -> CapturedItem:
    """Build the item that a record says; `keep` names the fields that stay of a record too large to be kept whole.

    A title stands on the first line of the text. What is no web address and no language tag is left out.
    Raises BadRecord when the record cannot be told from others, or is larger than its bounds.
    """
    title = bounded_text(title, "title")
    text = f"{title}\n{body}" if title and body else title or body
    return CapturedItem(
        platform=platform,
        platform_item_id=identity(item_id),
        published_at=published_at,
        title=title or None,
        text_content=bounded_text(text, "text"),
        transcript=bounded_text(transcript, "transcript") or None,
        url=web_address(url),
        author_ref=author_handle(author),
        format_has_author=format_has_author,
        media_type=media_type,
        audio_id=_optional_identity(audio_id),
        hashtags=hashtags(tags, text),
        language=language_tag(language),
        counts=counts or Counts(),
        raw=storable(record, keep=keep),
    )


def identity(value: JsonValue) -> str:
    """Return the platform's id as text. Raises BadRecord when it is missing or cannot be exact."""
    if isinstance(value, str):
        return _identity_from_text(storable_text(value).strip())
    if value is None or isinstance(value, bool | dict | list):
        raise BadRecord("missing_id", "the record has no id of its own")
    if isinstance(value, float) and not (value.is_integer() and abs(value) < _LARGEST_EXACT_FLOAT):
        raise BadRecord("bad_id", "the id is a number that has lost digits; write ids as text")
    if abs(value) >= 10**LONGEST_ID:
        raise BadRecord("bad_id", f"the id is longer than {LONGEST_ID} characters")
    return str(int(value))


def _identity_from_text(text: str) -> str:
    if not text:
        raise BadRecord("missing_id", "the record has no id of its own")
    if len(text) > LONGEST_ID:
        raise BadRecord("bad_id", f"the id is longer than {LONGEST_ID} characters")
    if "+" in text and _SHORTENED_BY_SPREADSHEET.fullmatch(text):
        raise BadRecord("bad_id", f"a spreadsheet shortened the id to {text}: its digits are lost; write ids as text")
    return text


def _optional_identity(value: JsonValue) -> str | None:
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**LONGEST_ID:
        return str(value)
    if not isinstance(value, str):
        return None
    return storable_text(value).strip()[:LONGEST_ID] or None


def platform_name(name: str) -> str:
    """Return the platform in lower case. Raises BadRecord when it is missing or no name."""
    folded = name.casefold()
    if not folded:
        raise BadRecord("missing_platform", "the record does not name its platform")
    if len(folded) > LONGEST_PLATFORM or not folded.isprintable():
        raise BadRecord("bad_platform", f"{folded[:LONGEST_PLATFORM]!a} is not the name of a platform")
    return folded


def web_address(url: str) -> str | None:
    """Return the address when it is a web address: anything else must never become a link on a page."""
    if not url or len(url) > LONGEST_URL or not url.isprintable() or " " in url:
        return None
    return url if url[:8].lower().startswith(("http://", "https://")) else None


def without_query(url: str) -> str:
    """Return the address without its query and fragment, "" when it is none."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return urlunsplit((parts.scheme, parts.netloc, parts.path, "", ""))


def author_handle(author: str) -> str | None:
    """Return the handle without its "@", None for an author who is gone."""
    handle = author.lstrip("@")
    return None if handle in _NO_AUTHOR else handle[:LONGEST_AUTHOR]


def language_tag(language: str) -> str | None:
    """Return the language of a tag like "en-US", in lower case and without its region."""
    tag = _LANGUAGE.fullmatch(language)
    return tag[1].lower() if tag else None
