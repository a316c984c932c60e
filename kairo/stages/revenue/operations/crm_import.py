"""Deals from a file: CSV with a heading, a row a deal, in batches that are each kept as they come."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import TextIO
from uuid import UUID

from pydantic import JsonValue

from kairo.platform.database.sessions import tenant_transaction
from kairo.stages.revenue.contracts.deals import MOST_DEALS, DealRefused, DealsIn, DealsTaken, UnreadableDeals
from kairo.stages.revenue.operations.deals import ingest_deals

DEAL_FIELDS = (
    "deal_id", "ad_id", "click_id", "pipeline", "stage", "stage_history", "amount", "currency", "created_at",
    "closed_at", "modified_at", "outcome",
)  # fmt: skip
REQUIRED = ("deal_id", "stage", "created_at")
MOST_ERRORS = 1_000


def import_deals(
    *,
    tenant_id: UUID,
    path: Path,
    source: str,
    at: datetime,
    mapping: Mapping[str, str] | None = None,
    progress: Callable[[int], None] | None = None,
) -> DealsTaken:
    """Import a CSV file of deals; the same file again changes nothing.

    `mapping` names the file's heading of our fields where they differ. A stage history is written as
    `stage@2026-01-05T10:00:00Z; stage@…`. Called outside transactions.

    Raises:
        UnreadableDeals: the file cannot be read, or it lacks a heading that is needed.
    """
    total, done = DealsTaken(), 0
    for first, batch in _batches(path, mapping or {}):
        with tenant_transaction(tenant_id):
            taken = ingest_deals(sent=DealsIn(source=source, deals=batch), at=at)
        done += len(batch)
        total = _added(total, taken, first)
        if progress is not None:
            progress(done)
    return total


def _batches(path: Path, mapping: Mapping[str, str]) -> Iterator[tuple[int, list[dict[str, JsonValue]]]]:
    """Yield batches of rows, each with the line of its first row."""
    try:
        with _opened(path) as file:
            reader = csv.DictReader(file)
            headings = {field: mapping.get(field, field) for field in DEAL_FIELDS}
            missing = [headings[field] for field in REQUIRED if headings[field] not in (reader.fieldnames or [])]
            if missing:
                raise UnreadableDeals(
                    f"{path.name} has no column {', '.join(missing)}. Name it so, or say which one it is with --map."
                )
            line = 2
            while rows := list(islice(reader, MOST_DEALS)):
                yield line, [_record(row, headings) for row in rows]
                line += len(rows)
    except (OSError, UnicodeDecodeError, csv.Error, EOFError) as error:
        raise UnreadableDeals(f"{path} cannot be read as CSV: {error}") from error


def _opened(path: Path) -> TextIO:
    if path.suffix == ".gz":
        return io.TextIOWrapper(gzip.GzipFile(path), encoding="utf-8-sig", newline="")
    return path.open(encoding="utf-8-sig", newline="")


def _record(row: Mapping[str, str | None], headings: Mapping[str, str]) -> dict[str, JsonValue]:
    record: dict[str, JsonValue] = {}
    for field, heading in headings.items():
        text = (row.get(heading) or "").strip()
        if text:
            record[field] = _history(text) if field == "stage_history" else text
    return record


def _history(text: str) -> JsonValue:
    entries = [entry.rpartition("@") for entry in text.split(";") if entry.strip()]
    return [{"stage": stage.strip(), "at": at.strip()} for stage, _, at in entries]


def _added(total: DealsTaken, taken: DealsTaken, first: int) -> DealsTaken:
    """Add a batch; a refused deal is named by its line in the file."""
    refused = [DealRefused(**{**error.model_dump(), "index": first + error.index}) for error in taken.errors]
    return DealsTaken(
        ingested=total.ingested + taken.ingested,
        updated=total.updated + taken.updated,
        unchanged=total.unchanged + taken.unchanged,
        errors=[*total.errors, *refused][:MOST_ERRORS],
    )
