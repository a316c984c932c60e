"""Taking in the records of a source: batch by batch, each stored, normalised and counted in one transaction.

A reading that was cut short goes on behind its last committed batch; the same bytes again change nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import TypeAlias
from uuid import UUID

from kairo.platform.database.batches import batch_execute, batch_rows
from kairo.platform.database.ids import new_id
from kairo.platform.database.sessions import tenant_transaction
from kairo.stages.evidence.contracts import CapturedItem, CaptureStatus, ImportUnderWay, RejectedRecord
from kairo.stages.evidence.models import CaptureRun
from kairo.stages.evidence.operations.engagement import RecentEngagement
from kairo.stages.evidence.operations.normalising import PendingItem, normalise_items
from kairo.stages.evidence.operations.postings import post_seen_again
from kairo.stages.evidence.operations.refusing import keep_rejections, without_erased_authors

BATCH_RECORDS = 1000
BATCH_CHARACTERS = 4_000_000
"""Of large records a batch holds fewer, so that memory stays flat whatever a file brings."""
_LIST_SEPARATOR = "\x1f"  # cannot stand in a hashtag: adapters drop control characters

Found: TypeAlias = CapturedItem | RejectedRecord
Written: TypeAlias = tuple[CapturedItem, str]
"""An item and its raw record as JSON."""
Progress: TypeAlias = Callable[[int], None]
"""Is told how many records are stored or refused so far; what it raises ends the reading there."""

_INSERT_ITEMS = """
INSERT INTO evidence_item (id, tenant_id, platform, platform_item_id, url, author_ref, format_has_author,
                           title, text_content, transcript, media_type, audio_id, hashtags, language, published_at,
                           captured_at, raw_json)
SELECT new.id, %(tenant)b, new.platform, new.platform_item_id, new.url, new.author_ref, new.format_has_author,
       new.title, new.text_content, new.transcript, new.media_type, new.audio_id,
       string_to_array(new.hashtags, %(separator)b), new.language, new.published_at, %(at)b, new.raw_json::jsonb
FROM unnest(%(id)b::uuid[], %(platform)b::text[], %(platform_item_id)b::text[], %(url)b::text[], %(author_ref)b::text[],
            %(format_has_author)b::boolean[], %(title)b::text[], %(text_content)b::text[], %(transcript)b::text[],
            %(media_type)b::text[], %(audio_id)b::text[], %(hashtags)b::text[], %(language)b::text[],
            %(published_at)b::timestamptz[], %(raw_json)b::text[])
  AS new (id, platform, platform_item_id, url, author_ref, format_has_author, title, text_content, transcript,
          media_type, audio_id, hashtags, language, published_at, raw_json)
ON CONFLICT (tenant_id, platform, platform_item_id) DO NOTHING
RETURNING id
"""

_INSERT_SIGHTINGS = """
INSERT INTO evidence_sighting (id, tenant_id, item_id, surface_id, capture_run_id, seen_at, view_count, like_count,
                               comment_count, share_count)
SELECT seen.id, %(tenant)b, item.id, %(surface)b, %(run)b, %(at)b, seen.views, seen.likes, seen.comments, seen.shares
FROM (
  SELECT DISTINCT ON (platform, platform_item_id) *
  FROM unnest(%(id)b::uuid[], %(platform)b::text[], %(platform_item_id)b::text[], %(views)b::bigint[],
              %(likes)b::bigint[], %(comments)b::bigint[], %(shares)b::bigint[])
    AS new (id, platform, platform_item_id, views, likes, comments, shares)
  ORDER BY platform, platform_item_id, id DESC
) seen,
-- Each looked up by itself, the tenant in a subquery: one that the statistics have not met yet the planner takes for
-- empty, and would walk through all its items.
LATERAL (
  SELECT id FROM evidence_item stored
  WHERE stored.tenant_id = (SELECT %(tenant)b::uuid) AND stored.platform = seen.platform
    AND stored.platform_item_id = seen.platform_item_id
  OFFSET 0
) item
ON CONFLICT (tenant_id, item_id, capture_run_id) DO NOTHING
"""


@dataclass(frozen=True, slots=True)
class Tally:
    """What became of the records that were read: each is an item, new or known, or was refused."""

    items: int = 0
    new: int = 0
    undated: int = 0
    rejected: int = 0

    @property
    def read(self) -> int:
        return self.items + self.rejected


@dataclass
class Capture:
    """One reading of a source into its run; `first_time` says that these bytes were never read to their end before."""

    tenant_id: UUID
    run: CaptureRun
    at: datetime
    told: Progress | None = None
    refused: Callable[[Sequence[RejectedRecord]], None] | None = None

    def __post_init__(self) -> None:
        self.first_time = self.run.status != CaptureStatus.SUCCEEDED
        self.tally = _tally_of(self.run) if self.first_time else Tally()
        self._engagement = RecentEngagement(self.tenant_id)

    def take_in(self, records: Iterable[Found]) -> None:
        """Store all records from the one behind those that an earlier attempt stored."""
        remaining = islice(iter(records), self.tally.read, None)
        for batch in _batched(remaining):
            with tenant_transaction(self.tenant_id):
                self.tally, rejects = self._store(batch)
            if self.refused is not None:
                self.refused(rejects)
            if self.told is not None:
                self.told(self.tally.read)

    def store_page(self, records: Iterable[Found]) -> None:
        """Store the records of one page of a live source, as part of the caller's transaction."""
        for batch in _batched(iter(records)):
            self.tally, _ = self._store(batch)

    def _store(self, batch: Sequence[Written | RejectedRecord]) -> tuple[Tally, list[RejectedRecord]]:
        before = self.tally
        items, rejects = without_erased_authors(batch, tenant_id=self.tenant_id, after=before.read)
        new = _store_items(items, tenant_id=self.tenant_id, run=self.run, at=self.at)
        normalise_items(new, tenant_id=self.tenant_id, engagement=self._engagement, at=self.at)
        if len(new) < len(items):
            known = [(item.platform, item.platform_item_id) for item, _ in items]
            post_seen_again(known, tenant_id=self.tenant_id, surface_id=self.run.surface_id)
        tally = Tally(
            items=before.items + len(items),
            new=before.new + len(new),
            undated=before.undated + sum(item.published_at is None for item in new),
            rejected=before.rejected + len(rejects),
        )
        if self.first_time:
            keep_rejections(self.run.id, rejects, after=before.rejected)
            _count(self.run, before, tally)
        return tally, rejects


def _tally_of(run: CaptureRun) -> Tally:
    return Tally(items=run.item_count, new=run.new_count, undated=run.undated_count, rejected=run.rejected_count)


def _count(run: CaptureRun, before: Tally, tally: Tally) -> None:
    """Write the counts down, unless somebody else reads the same bytes and was here first."""
    counts = {
        "item_count": tally.items,
        "new_count": tally.new,
        "undated_count": tally.undated,
        "rejected_count": tally.rejected,
    }
    where_we_left_it = CaptureRun.objects.filter(
        id=run.id, item_count=before.items, rejected_count=before.rejected
    ).exclude(status=CaptureStatus.SUCCEEDED)
    if not where_we_left_it.update(**counts):
        raise ImportUnderWay("The same file is being imported already: wait for that import to end.")


def _batched(records: Iterator[Found]) -> Iterator[list[Written | RejectedRecord]]:
    batch: list[Written | RejectedRecord] = []
    characters = 0
    for record in records:
        if isinstance(record, RejectedRecord):
            batch.append(record)
        else:
            raw = json.dumps(record.raw)
            batch.append((record, raw))
            characters += len(raw) + len(record.text_content) + len(record.transcript or "")
        if len(batch) == BATCH_RECORDS or characters >= BATCH_CHARACTERS:
            yield batch
            batch, characters = [], 0
    if batch:
        yield batch


def _store_items(written: Sequence[Written], *, tenant_id: UUID, run: CaptureRun, at: datetime) -> list[PendingItem]:
    """Store a batch with its sightings, and return the items that were not known."""
    if not written:
        return []
    numbered = [(new_id(), item, raw) for item, raw in written]
    # In one order everywhere: two imports that meet the same posts must not wait for each other.
    numbered.sort(key=lambda entry: (entry[1].platform, entry[1].platform_item_id))
    items = [item for _, item, _ in numbered]
    shared: dict[str, object] = {"tenant": tenant_id, "at": at, "id": [item_id for item_id, _, _ in numbered]}
    shared |= _columns(items, "platform", "platform_item_id")
    raws = {"raw_json": [raw for _, _, raw in numbered]}
    stored = {row[0] for row in batch_rows(_INSERT_ITEMS, shared | _item_columns(items) | raws)}
    batch_execute(_INSERT_SIGHTINGS, shared | {"surface": run.surface_id, "run": run.id} | _count_columns(items))
    return [_pending(item_id, item) for item_id, item, _ in numbered if item_id in stored]


def _columns(items: Sequence[CapturedItem], *names: str) -> dict[str, object]:
    return {name: [getattr(item, name) for item in items] for name in names}


def _item_columns(items: Sequence[CapturedItem]) -> dict[str, object]:
    plain = _columns(
        items, "url", "author_ref", "format_has_author", "title", "text_content", "transcript", "audio_id", "language",
        "published_at",
    )  # fmt: skip
    return plain | {
        "separator": _LIST_SEPARATOR,
        "media_type": [item.media_type.value for item in items],
        "hashtags": [_LIST_SEPARATOR.join(item.hashtags) for item in items],
    }


def _count_columns(items: Sequence[CapturedItem]) -> dict[str, object]:
    return {name: [getattr(item.counts, name) for item in items] for name in ("views", "likes", "comments", "shares")}


def _pending(item_id: UUID, item: CapturedItem) -> PendingItem:
    return PendingItem(
        id=item_id,
        platform=item.platform,
        text=item.text_content,
        transcript=item.transcript,
        declared_language=item.language,
        published_at=item.published_at,
        counts=item.counts,
    )
