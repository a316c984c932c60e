"""Product Hunt: the launches of a day, as a daily list in Chinese gives them."""

from __future__ import annotations

from datetime import datetime

from kairo.stages.evidence.adapters.captured import captured_item, without_query
from kairo.stages.evidence.adapters.fields.dates import published
from kairo.stages.evidence.adapters.fields.numbers import count_of
from kairo.stages.evidence.adapters.fields.texts import optional_text, text_of
from kairo.stages.evidence.contracts import CapturedItem, Counts, MediaType
from kairo.stages.evidence.ports import Record


class ProductHuntDays:
    """A product comes back with each launch, so that a launch is known by its product and its day.

    The keywords are made by the list's translator, not by the makers: they stay in the raw record and are no hashtags.
    """

    name = "producthunt"
    label = "Product Hunt's launches of a day (day, rank, tagline_zh, votes)"
    format_has_author = False
    keep = ("day", "rank", "name", "url", "tagline_zh", "description_zh", "votes", "published_at")

    def recognises(self, record: Record) -> bool:
        return "day" in record and "votes" in record and ("tagline_zh" in record or "description_zh" in record)

    def to_item(self, record: Record, *, received_at: datetime) -> CapturedItem:
        url = without_query(text_of(record, "url"))
        product, day = url.rstrip("/").rpartition("/")[2], text_of(record, "day")
        tagline, description = text_of(record, "tagline_zh"), text_of(record, "description_zh")
        return captured_item(
            record,
            platform="producthunt",
            item_id=f"{product}:{day}" if product and day else None,
            published_at=published(record.get("published_at") or day, "published_at", received_at=received_at),
            keep=self.keep,
            title=text_of(record, "name"),
            body="\n".join(filter(None, (tagline, description))),
            url=url,
            author="",
            format_has_author=False,
            media_type=MediaType.LINK,
            language="zh" if optional_text(record, "tagline_zh", "description_zh") else "",
            counts=Counts(likes=count_of(record, "votes")),
        )
