"""Hacker News stories and comments from Algolia's search."""

from __future__ import annotations

from datetime import datetime

from kairo.stages.evidence.adapters.captured import captured_item
from kairo.stages.evidence.adapters.fields.dates import published
from kairo.stages.evidence.adapters.fields.numbers import count_of
from kairo.stages.evidence.adapters.fields.texts import optional_text, text_of, text_of_html
from kairo.stages.evidence.contracts import CapturedItem, Counts, MediaType
from kairo.stages.evidence.ports import Record


class HackerNewsHits:
    """The address of an item is its discussion; what a story links to stays in the raw record."""

    name = "hackernews"
    label = "Hacker News stories and comments (Algolia's hits)"
    format_has_author = True
    keep = (
        "objectID",
        "title",
        "url",
        "author",
        "points",
        "num_comments",
        "story_text",
        "comment_text",
        "created_at_i",
    )

    def recognises(self, record: Record) -> bool:
        return "objectID" in record and ("created_at_i" in record or "_tags" in record or "num_comments" in record)

    def to_item(self, record: Record, *, received_at: datetime) -> CapturedItem:
        item_id = optional_text(record, "objectID") or record.get("objectID")
        when = "created_at_i" if record.get("created_at_i") else "created_at"
        return captured_item(
            record,
            platform="hackernews",
            item_id=item_id,
            published_at=published(record.get(when), when, received_at=received_at),
            keep=self.keep,
            title=text_of_html(text_of(record, "title")),
            body=text_of_html(text_of(record, "comment_text", "story_text")),
            url=f"https://news.ycombinator.com/item?id={item_id}" if isinstance(item_id, str) else "",
            author=optional_text(record, "author"),
            media_type=MediaType.LINK if optional_text(record, "url") else MediaType.TEXT,
            counts=Counts(likes=count_of(record, "points"), comments=count_of(record, "num_comments")),
        )
