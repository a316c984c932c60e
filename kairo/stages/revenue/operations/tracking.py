"""Storing clicks: a batch in one statement, each click once however often it is sent."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple, TypeVar

from pydantic import BaseModel, JsonValue, ValidationError

from kairo.errors import FieldError, Invalid
from kairo.platform.database.batches import batch_execute
from kairo.platform.database.ids import new_id
from kairo.platform.database.sessions import current_tenant
from kairo.stages.revenue import queries
from kairo.stages.revenue.adapters.tenant_keys import code_of, key_maker
from kairo.stages.revenue.contracts.tracking import (
    ClickInput,
    RecordError,
    RefusedRecord,
    TrackedClick,
    TrackedClicks,
)
from kairo.stages.revenue.rules.sightings import Sighting
from kairo.stages.revenue.rules.visits import KeyOf, kept_url, sighting_of

InputT = TypeVar("InputT", bound=BaseModel)
CODE_CHARACTERS = 20
_VISIT_TYPES = {
    "click_key": "bigint", "fbclid_key": "bigint", "gclid_key": "bigint", "email_key": "bigint",
    "phone_key": "bigint", "external_key": "bigint", "ip_key": "bigint", "browser": "text",
    "browser_version": "int", "system": "text", "screen": "text", "timezone": "text", "language": "text",
    "consent": "bool",
}  # fmt: skip
_TYPES = {
    "id": "uuid", "click_id": "text", "ad_id": "text", "campaign_id": "text", "fbclid": "text", "gclid": "text",
    "landing_url": "text", "utm": "text", "clicked_at": "timestamptz", **_VISIT_TYPES,
}  # fmt: skip
_ARRAYS = ", ".join(f"%({name})b::text::{kind}[]" for name, kind in _TYPES.items())
_VALUES = ", ".join(f"new.{name}::jsonb" if name == "utm" else f"new.{name}" for name in _TYPES)
# In the order of their keys: two batches with the same clicks wait for each other, and never in a circle.
_INSERT = f"""
INSERT INTO click_tracking (tenant_id, received_at, expires_at, {", ".join(_TYPES)})
SELECT %(tenant)b::uuid, %(received_at)b::timestamptz, new.clicked_at + %(lasting)b::interval, {_VALUES}
FROM unnest({_ARRAYS}) AS new ({", ".join(_TYPES)}) ORDER BY new.click_key
ON CONFLICT DO NOTHING
"""  # noqa: S608


class _Read(NamedTuple):
    click: ClickInput
    click_id: str
    seen: Sighting


def track_click(*, click: ClickInput, at: datetime) -> TrackedClick:
    """Store a click and return its id; the same click again changes nothing.

    Raises:
        Invalid: an address, a hash or an id cannot be one.
    """
    [result] = track_clicks(records=[click], at=at).results
    if isinstance(result, RefusedRecord):
        field, _, message = result.error.message.partition(": ")
        raise Invalid(result.error.message, errors=(FieldError(field, message),))
    return result


def track_clicks(
    *, records: Sequence[Mapping[str, JsonValue] | ClickInput], at: datetime, idempotency_key: str | None = None
) -> TrackedClicks:
    """Store up to 1,000 clicks in one statement; one that cannot be read is refused by itself."""
    lasting = timedelta(days=queries.attribution_settings().longest_window_days)
    results: list[TrackedClick | RefusedRecord] = []
    taken: list[_Read] = []
    key_of = key_maker(current_tenant())
    for number, record in enumerate(records):
        repeated = idempotency_key and f"{idempotency_key}/{number}"
        read = _read(record, repeated, key_of)
        if isinstance(read, RefusedRecord):
            results.append(read)
            continue
        taken.append(read)
        results.append(TrackedClick(click_id=read.click_id, expires_at=read.click.clicked_at + lasting))
    store_clicks(taken, lasting=lasting, at=at)
    return TrackedClicks(results=results)


def _read(record: Mapping[str, JsonValue] | ClickInput, repeated: str | None, key_of: KeyOf) -> _Read | RefusedRecord:
    click = read_record(ClickInput, record)
    if isinstance(click, RefusedRecord):
        return click
    click_id = click.click_id or new_click_id(click.idempotency_key or repeated)
    named = click if click.click_id else click.model_copy(update={"click_id": click_id})
    try:
        return _Read(click, click_id, sighting_of(named, at=click.clicked_at, key_of=key_of))
    except ValueError as error:
        return refused(str(error))


def new_click_id(idempotency_key: str | None) -> str:
    """Make a click's id; one that was asked for under a key comes out the same again."""
    if idempotency_key is None:
        return f"kc_{new_id().hex}"
    return f"kc_{code_of(current_tenant(), 'click', idempotency_key, characters=CODE_CHARACTERS)}"


def read_record(shape: type[InputT], record: Mapping[str, JsonValue] | InputT) -> InputT | RefusedRecord:
    """Read one record of a batch."""
    if isinstance(record, shape):
        return record
    try:
        return shape.model_validate(record)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        return refused(f"{'.'.join(map(str, first['loc']))}: {first['msg']}")


def refused(message: str) -> RefusedRecord:
    return RefusedRecord(error=RecordError(code="invalid", message=message))


def store_clicks(clicks: Sequence[_Read], *, lasting: timedelta, at: datetime) -> int:
    """Store clicks that are not there yet, and return how many were not."""
    if not clicks:
        return 0
    columns: dict[str, list[Any]] = {
        "id": [new_id() for _ in clicks],
        "click_id": [read.click_id for read in clicks],
        "ad_id": [read.click.ad_id for read in clicks],
        "campaign_id": [read.click.campaign_id for read in clicks],
        "fbclid": [read.click.fbclid for read in clicks],
        "gclid": [read.click.gclid for read in clicks],
        "landing_url": [kept_url(read.click.landing_url) for read in clicks],
        "utm": [json.dumps(dict(read.click.utm)) if read.click.utm else None for read in clicks],
        "clicked_at": [read.click.clicked_at for read in clicks],
        **visit_columns([read.seen for read in clicks]),
    }
    arrays = {name: (_quoted if kind == "text" else _plain)(columns[name]) for name, kind in _TYPES.items()}
    return batch_execute(_INSERT, {"tenant": current_tenant(), "received_at": at, "lasting": lasting, **arrays})


def _plain(values: Sequence[object]) -> str:
    """Write an array of numbers, moments or ids as PostgreSQL reads it: packing each part takes many times longer."""
    return "{" + ",".join(["NULL" if value is None else f'"{value}"' for value in values]) + "}"


def _quoted(values: Sequence[str | None]) -> str:
    """Write an array of any texts."""
    escaped = (value if value is None else value.replace("\\", "\\\\").replace('"', '\\"') for value in values)
    return _plain(list(escaped))


def visit_columns(seen: Sequence[Sighting]) -> dict[str, list[Any]]:
    """Return the columns that clicks and conversions have in common."""
    parts = list(zip(*seen, strict=True))[1:]
    return dict(zip(_VISIT_TYPES, map(list, parts), strict=True))


VISIT_TYPES: Mapping[str, str] = _VISIT_TYPES
