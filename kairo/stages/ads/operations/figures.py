"""Keeping what ads did, one row, in bulk or from a file: of a span the newest figures count."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from uuid import UUID

from django.db import transaction
from pydantic import JsonValue

from kairo.platform.database.ids import new_id
from kairo.platform.database.sessions import tenant_transaction
from kairo.stages.ads.contracts import RecordError, StoredRecord, StoredRecords
from kairo.stages.ads.contracts.figures import StatDraft
from kairo.stages.ads.contracts.stats import AdStatDTO
from kairo.stages.ads.models import AdStat
from kairo.stages.ads.operations.recording import batches_of, lines_of, read_record

_KEY = ("ad_id", "granularity", "starts_at")
_FIGURES = ("impressions", "clicks", "spend", "conversions", "cash_revenue", "currency")
_Key = tuple[str, str, datetime]


@transaction.atomic
def save_stat(*, draft: StatDraft, at: datetime) -> tuple[AdStatDTO, bool]:
    """Store one row of figures; return it and whether its span was new."""
    [status] = store_stats(drafts=[draft], at=at)
    row = AdStat.objects.get(ad_id=draft.ad_id, granularity=draft.granularity, starts_at=draft.starts_at)
    return row.to_contract(), status == "created"


@transaction.atomic
def record_stats(*, records: Sequence[Mapping[str, JsonValue]], at: datetime) -> StoredRecords:
    """Store up to 1,000 rows of figures; one that cannot be read is refused by itself."""
    read = [read_record(StatDraft, record) for record in records]
    statuses = iter(store_stats(drafts=[draft for draft, _ in read if draft is not None], at=at))
    return StoredRecords(results=[_result(draft, error, statuses) for draft, error in read])


def import_stat_file(*, tenant_id: UUID, path: Path, at: datetime) -> tuple[dict[str, int], list[str]]:
    """Store the figures of a CSV file; return how many were created, updated and so on, and what was refused why.

    Its headings are the fields of a row of figures; others are passed over.

    Raises:
        UnreadableAdFile: there is no such file, it is no text, or it has no column ad_id.
    """
    counts = {"created": 0, "updated": 0, "unchanged": 0, "refused": 0}
    problems: list[str] = []
    line = 1
    for batch in batches_of(lines_of(path)):
        with tenant_transaction(tenant_id):
            stored = record_stats(records=batch, at=at)
        for result in stored.results:
            line += 1
            counts[result.status] += 1
            if result.error is not None:
                problems.append(f"line {line}: {result.error.message}")
    return counts, problems


@transaction.atomic
def store_stats(*, drafts: Sequence[StatDraft], at: datetime) -> list[str]:
    """Store rows of figures, the last of one span winning; tell what became of each."""
    rows = AdStat.objects.select_for_update().filter(
        ad_id__in={draft.ad_id for draft in drafts}, starts_at__in={draft.starts_at for draft in drafts}
    )
    known: dict[_Key, tuple[int | Decimal | str, ...]] = {_key(row): _figures(row) for row in rows}
    newest: dict[_Key, StatDraft] = {}
    statuses = []
    for draft in drafts:
        key, figures = _key(draft), _figures(draft)
        before = known.get(key)
        statuses.append("created" if before is None else "unchanged" if before == figures else "updated")
        known[key] = figures
        if before != figures:
            newest[key] = draft
    AdStat.objects.bulk_create(
        [AdStat(id=new_id(), **_values(draft), received_at=at) for draft in newest.values()],
        update_conflicts=True,
        unique_fields=["tenant", *_KEY],
        update_fields=[*_FIGURES, "received_at"],
        batch_size=1_000,
    )
    return statuses


def _values(draft: StatDraft) -> dict[str, int | Decimal | str | datetime]:
    return {name: getattr(draft, name) for name in (*_KEY, *_FIGURES)}


def _key(row: AdStat | StatDraft) -> _Key:
    return row.ad_id, str(row.granularity), row.starts_at


def _figures(row: AdStat | StatDraft) -> tuple[int | Decimal | str, ...]:
    return tuple(getattr(row, name) for name in _FIGURES)


def _result(draft: StatDraft | None, error: RecordError | None, statuses: Iterator[str]) -> StoredRecord:
    if draft is None:
        return StoredRecord(id=None, status="refused", error=error)
    return StoredRecord(id=draft.ad_id, status=next(statuses))
