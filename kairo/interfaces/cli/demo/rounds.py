"""When the demo's posts are published: they come round every 31 days, each time in other words."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pydantic import JsonValue

ROUND = timedelta(days=31)
"""Longer than the 30 days that gates and boards look at: no window holds a post twice."""
WORDINGS = 4
"""Alternatives in each {a|b|c|d}: words come back after 4 x 31 days, when no more repeats of them are looked for."""

_ALTERNATIVES = re.compile(r"\{([^{}]*)\}")
_ROUND_IN_ID = re.compile(r"demo-[a-z]+-\d{2}-(\d{12})")
_ROUND_FORMAT = "%Y%m%d%H%M"


@dataclass(frozen=True, slots=True)
class DemoPost:
    """One post in the Generic form, except that it says how many hours before the end of a round it is published."""

    hours_ago: float
    fields: Mapping[str, JsonValue]

    def published_in(self, round_end: datetime) -> datetime:
        return round_end - timedelta(hours=self.hours_ago)


def read_posts(path: Path) -> list[DemoPost]:
    """Read the posts of a JSONL file, one a line."""
    records = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [DemoPost(hours_ago=record.pop("hours_ago"), fields=record) for record in records]


def first_round_end(at: datetime) -> datetime:
    """Return the end of a brand's first round: now, to the minute, for ids carry it."""
    return at.astimezone(UTC).replace(second=0, microsecond=0)


def known_round_end(item_ids: Iterable[str]) -> datetime | None:
    """Return the end of a round that these ids of stored items belong to; None where none is a demo post's."""
    found = next(filter(None, map(_ROUND_IN_ID.fullmatch, item_ids)), None)
    return datetime.strptime(found[1], _ROUND_FORMAT).replace(tzinfo=UTC) if found else None


def files_due(posts: Sequence[DemoPost], *, known_end: datetime, at: datetime) -> dict[str, list[dict[str, JsonValue]]]:
    """Map the name of each file that is due at a moment to its records: the last whole round and the one under way.

    `known_end` is the end of any round. The same moment gives the same files; later moments only add records.
    """
    last_end = known_end + (at - known_end) // ROUND * ROUND
    files = {f"fernway-{end:%Y-%m-%d}.jsonl": records_due(posts, end, at=at) for end in (last_end, last_end + ROUND)}
    return {name: records for name, records in files.items() if records}


def records_due(posts: Sequence[DemoPost], round_end: datetime, *, at: datetime) -> list[dict[str, JsonValue]]:
    """List the records of one round that are published by a moment, in the Generic form."""
    return [_record(post, round_end) for post in posts if post.published_in(round_end) <= at]


def _record(post: DemoPost, round_end: datetime) -> dict[str, JsonValue]:
    wording = round_end.toordinal() // ROUND.days % WORDINGS
    suffix = f"-{round_end:{_ROUND_FORMAT}}"
    worded = {name: _worded(str(post.fields[name]), wording) for name in ("text", "transcript") if name in post.fields}
    marked = {name: f"{post.fields[name]}{suffix}" for name in ("platform_item_id", "url")}
    return {**post.fields, **worded, **marked, "published_at": post.published_in(round_end).isoformat()}


def _worded(text: str, wording: int) -> str:
    return _ALTERNATIVES.sub(lambda found: found[1].split("|")[wording], text)
