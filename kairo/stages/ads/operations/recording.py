"""Keeping the records of campaigns and ads, one by one, in bulk or from a file; the same again changes nothing."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from io import StringIO
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

from django.db import models, transaction
from pydantic import BaseModel, JsonValue, ValidationError

from kairo.errors import FieldError, Invalid
from kairo.platform.database.ids import new_id
from kairo.platform.database.sessions import tenant_transaction
from kairo.stages.ads.contracts import (
    MOST_RECORDS,
    AdDraft,
    AdDTO,
    CampaignDraft,
    CampaignDTO,
    RecordError,
    StoredRecord,
    StoredRecords,
    UnreadableAdFile,
)
from kairo.stages.ads.models import Ad, AdSet, Campaign
from kairo.stages.content import queries as content
from kairo.stages.content.contracts import PackageNotFound, VariantNotFound

DraftT = TypeVar("DraftT", bound=BaseModel)
_NOT_STORED = {"idempotency_key", "ad_set_name"}
LARGEST_FILE_BYTES = 200_000_000


@transaction.atomic
def save_campaign(*, draft: CampaignDraft, at: datetime) -> tuple[CampaignDTO, bool]:
    """Store a campaign, or what is new of it; return it and whether it was made."""
    [status] = _upsert(Campaign, "campaign_id", [draft], at=at)
    return Campaign.objects.get(campaign_id=draft.campaign_id).to_contract(), status == "created"


@transaction.atomic
def save_ad(*, draft: AdDraft, at: datetime) -> tuple[AdDTO, bool]:
    """Store an ad, or what is new of it; return it and whether it was made.

    Raises:
        Invalid: it names a variant or a package that is not there.
    """
    problem = _unknown_text(draft, {})
    if problem is not None:
        raise Invalid(problem.message, code=problem.code, errors=(FieldError("variant_id", problem.message),))
    [status] = _upsert(Ad, "ad_id", [draft], at=at)
    _keep_ad_sets([draft], at=at)
    return Ad.objects.get(ad_id=draft.ad_id).to_contract(), status == "created"


@transaction.atomic
def record_campaigns(*, records: Sequence[Mapping[str, JsonValue]], at: datetime) -> StoredRecords:
    """Store up to 1,000 campaigns; one that cannot be read is refused by itself."""
    return _record(Campaign, "campaign_id", CampaignDraft, records, at=at)


@transaction.atomic
def record_ads(*, records: Sequence[Mapping[str, JsonValue]], at: datetime) -> StoredRecords:
    """Store up to 1,000 ads; one that cannot be read is refused by itself."""
    return _record(Ad, "ad_id", AdDraft, records, at=at)


@transaction.atomic
def record_ad_sets(*, ad_sets: Sequence[tuple[str, str | None, str]], at: datetime) -> None:
    """Store ad sets, each with its id, its campaign and its name."""
    drafts = [_AdSetDraft(ad_set_id=one, campaign_id=campaign_id, name=name) for one, campaign_id, name in ad_sets]
    if drafts:
        _upsert(AdSet, "ad_set_id", drafts, at=at)


def import_ad_file(*, tenant_id: UUID, path: Path, at: datetime) -> dict[str, int]:
    """Store the ads of a CSV file, a thousand at a time, and return how many were created, updated and so on.

    Its headings are the fields of an ad; others are passed over.

    Raises:
        UnreadableAdFile: there is no such file, it is no text, or it has no column ad_id.
    """
    counts = {"created": 0, "updated": 0, "unchanged": 0, "refused": 0}
    for batch in batches_of(lines_of(path)):
        with tenant_transaction(tenant_id):
            stored = record_ads(records=batch, at=at)
        for result in stored.results:
            counts[result.status] += 1
    return counts


def lines_of(path: Path) -> Iterator[dict[str, JsonValue]]:
    """Yield the lines of a CSV file with a column ad_id, without their empty cells.

    Raises:
        UnreadableAdFile: there is no such file, it is no text, or it has no such column.
    """
    try:
        if path.stat().st_size > LARGEST_FILE_BYTES:
            raise UnreadableAdFile(f"The file has more than {LARGEST_FILE_BYTES:,} bytes: split it.")
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableAdFile(f"{path} cannot be read as a text in UTF-8: {error}.") from error
    reader = csv.DictReader(StringIO(text))
    if "ad_id" not in (reader.fieldnames or ()):
        raise UnreadableAdFile("The file needs a heading line with a column ad_id.")
    for line in reader:
        yield {name: value for name, value in line.items() if name and value not in (None, "")}


def batches_of(lines: Iterable[dict[str, JsonValue]]) -> Iterator[list[dict[str, JsonValue]]]:
    """Yield records a thousand at a time."""
    batch: list[dict[str, JsonValue]] = []
    for line in lines:
        batch.append(line)
        if len(batch) == MOST_RECORDS:
            yield batch
            batch = []
    if batch:
        yield batch


def _record(
    table: type[Campaign] | type[Ad],
    key: str,
    shape: type[CampaignDraft] | type[AdDraft],
    records: Sequence[Mapping[str, JsonValue]],
    *,
    at: datetime,
) -> StoredRecords:
    results: list[StoredRecord | None] = []
    taken: list[tuple[int, CampaignDraft | AdDraft]] = []
    looked_up: dict[UUID, RecordError | None] = {}
    for number, record in enumerate(records):
        draft, error = read_record(shape, record)
        if draft is not None and isinstance(draft, AdDraft):
            error = _unknown_text(draft, looked_up)
        results.append(None if error is None else StoredRecord(id=None, status="refused", error=error))
        if error is None and draft is not None:
            taken.append((number, draft))
    statuses = _upsert(table, key, [draft for _, draft in taken], at=at)
    for (number, draft), status in zip(taken, statuses, strict=True):
        results[number] = StoredRecord(id=getattr(draft, key), status=status)
    _keep_ad_sets([draft for _, draft in taken if isinstance(draft, AdDraft)], at=at)
    return StoredRecords(results=[result for result in results if result is not None])


def read_record(shape: type[DraftT], record: Mapping[str, JsonValue]) -> tuple[DraftT | None, RecordError | None]:
    """Return a record as its shape, or what is wrong with it."""
    try:
        return shape.model_validate(record), None
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        return None, RecordError(code="invalid", message=f"{place}: {first['msg']}")


def _unknown_text(draft: AdDraft, looked_up: dict[UUID, RecordError | None]) -> RecordError | None:
    """Tell which of the texts that an ad names is not there, or is somebody else's; each is looked up once."""
    for text_id, look in ((draft.variant_id, content.variant), (draft.package_id, content.package)):
        if text_id is not None and text_id not in looked_up:
            looked_up[text_id] = _missing(text_id, look)
        if text_id is not None and looked_up[text_id] is not None:
            return looked_up[text_id]
    return None


def _missing(text_id: UUID, look: Callable[[UUID], object]) -> RecordError | None:
    try:
        look(text_id)
    except (VariantNotFound, PackageNotFound) as error:
        return RecordError(code=error.code, message=error.message)
    return None


def _upsert(
    table: type[Campaign] | type[Ad] | type[AdSet], key: str, drafts: Sequence[BaseModel], *, at: datetime
) -> list[str]:
    """Store each draft under its key, the last of one key winning, in two statements; tell what became of each."""
    ids = [getattr(draft, key) for draft in drafts]
    manager: models.Manager[Any] = table.objects
    known = {getattr(row, key): row for row in manager.select_for_update().filter(**{f"{key}__in": ids})}
    fresh: dict[str, Any] = {}
    changed: dict[str, Any] = {}
    statuses = []
    for draft in drafts:
        outside_id = getattr(draft, key)
        values = draft.model_dump(exclude_unset=True, exclude=_NOT_STORED)
        values = {name: value for name, value in values.items() if value is not None}
        row = known.get(outside_id)
        if row is None:
            known[outside_id] = fresh[outside_id] = table(id=new_id(), **values, created_at=at, updated_at=at)
            statuses.append("created")
        elif any(getattr(row, name) != value for name, value in values.items()):
            for name, value in values.items():
                setattr(row, name, value)
            row.updated_at = at
            changed[outside_id] = row
            statuses.append("updated")
        else:
            statuses.append("unchanged")
    manager.bulk_create(list(fresh.values()), ignore_conflicts=True)
    columns = [field.name for field in table._meta.fields if field.name not in ("id", "tenant", key, "created_at")]
    # Those made just now carry their last values already.
    stored = [row for outside_id, row in changed.items() if outside_id not in fresh]
    if stored:
        manager.bulk_update(stored, columns)
    return statuses


def _keep_ad_sets(drafts: Iterable[AdDraft], *, at: datetime) -> None:
    """Store the ad sets that ads name."""
    sets = [
        _AdSetDraft(ad_set_id=draft.ad_set_id, campaign_id=draft.campaign_id, name=draft.ad_set_name)
        for draft in drafts
        if draft.ad_set_id is not None
    ]
    if sets:
        _upsert(AdSet, "ad_set_id", sets, at=at)


class _AdSetDraft(BaseModel):
    ad_set_id: str
    campaign_id: str | None = None
    name: str | None = None
