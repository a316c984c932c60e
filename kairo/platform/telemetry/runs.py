"""Recording and reading the events of runs. Recording joins the caller's transaction, which must be the tenant's."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import transaction
from pydantic import JsonValue

from kairo.platform.database.ids import new_id
from kairo.platform.database.sessions import current_tenant
from kairo.platform.database.sql import rows
from kairo.platform.telemetry.contracts import EventType, RunEventDTO, RunNotFound
from kairo.platform.telemetry.doorbell import ring_after_commit
from kairo.platform.telemetry.models import Run, RunEvent

ENDS = frozenset({EventType.RUN_COMPLETE, EventType.RUN_FAIL})

# No upsert: two that make the same run at one moment would collide in whichever unique key the upsert does not name.
_APPEND = """
WITH known AS (
    UPDATE run SET last_seq = last_seq + %(count)s WHERE tenant_id = %(tenant)s AND id = %(run)s RETURNING last_seq
), begun AS (
    INSERT INTO run (id, tenant_id, kind, last_seq)
    SELECT %(run)s, %(tenant)s, %(kind)s, %(count)s WHERE NOT EXISTS (SELECT FROM known)
    ON CONFLICT DO NOTHING RETURNING last_seq
), place AS (
    SELECT last_seq FROM known UNION ALL SELECT last_seq FROM begun
)
INSERT INTO run_event (id, tenant_id, run_id, seq, type, data)
SELECT new.id, %(tenant)s, %(run)s, place.last_seq - %(count)s + new.ordinality, new.type, new.data
FROM place, unnest(%(ids)s::uuid[], %(types)s::text[], %(data)s::jsonb[])
  WITH ORDINALITY AS new (id, type, data, ordinality)
RETURNING seq, at
"""


def record(
    run_id: UUID, *, kind: str, events: Sequence[tuple[EventType, Mapping[str, JsonValue]]]
) -> list[RunEventDTO]:
    """Append events to a run in one statement, and return them with their places; the first one makes the run.

    Other writers of the same run wait until the caller's transaction ends, which keeps the numbers without gaps.

    Raises:
        RunNotFound: the run is another tenant's.
    """
    if not events:
        return []
    parameters = {
        "run": run_id,
        "tenant": current_tenant(),
        "kind": kind,
        "count": len(events),
        "ids": [new_id() for _ in events],
        "types": [event_type.value for event_type, _ in events],
        "data": [json.dumps(data) for _, data in events],
    }
    # Nothing comes back where somebody else has just made the run: the second time it is there.
    places = rows(_APPEND, parameters) or rows(_APPEND, parameters)
    if not places:
        raise RunNotFound(f"There is no run {run_id}.")
    ring_after_commit(run_id)
    written = [
        RunEventDTO(run_id=run_id, seq=seq, type=event_type, data=dict(data), at=at)
        for (event_type, data), (seq, at) in zip(events, places, strict=True)
    ]
    if settings.KAIRO_OBS_ENABLED:
        transaction.on_commit(lambda: _write_files(Path(settings.KAIRO_OBS_DIR), written))
    return written


def _write_files(directory: Path, events: Sequence[RunEventDTO]) -> None:
    for event in events:
        path = directory / str(event.run_id) / f"{event.type}.jsonl"
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as lines:
            lines.write(event.model_dump_json() + "\n")


def events_of(run_id: UUID, *, after_seq: int = 0, limit: int = 1000) -> list[RunEventDTO]:
    """List a run's events in order, from the one after `after_seq`.

    Raises:
        RunNotFound: no such run of this tenant.
    """
    found = RunEvent.objects.filter(tenant_id=current_tenant(), run_id=run_id, seq__gt=after_seq).order_by("seq")[
        :limit
    ]
    events = [
        RunEventDTO(run_id=run_id, seq=row.seq, type=EventType(row.type), data=row.data, at=row.at) for row in found
    ]
    if not events and not Run.objects.filter(tenant_id=current_tenant(), id=run_id).exists():
        raise RunNotFound(f"There is no run {run_id}.")
    return events


def all_events(run_id: UUID) -> Iterator[RunEventDTO]:
    """Walk through all of a run's events in order, a page at a time.

    Raises:
        RunNotFound: no such run of this tenant.
    """
    page = events_of(run_id)
    while page:
        yield from page
        page = events_of(run_id, after_seq=page[-1].seq)


def has_told_its_end(run_id: UUID) -> bool:
    """Tell whether a run has an event that ends an attempt or all of it; more may follow if work on it goes on.

    Raises:
        RunNotFound: no such run of this tenant.
    """
    if RunEvent.objects.filter(tenant_id=current_tenant(), run_id=run_id, type__in=sorted(ENDS)).exists():
        return True
    if not Run.objects.filter(tenant_id=current_tenant(), id=run_id).exists():
        raise RunNotFound(f"There is no run {run_id}.")
    return False


def last_seq_of(run_id: UUID) -> int:
    """Return the place of a run's last event; 0 where it has told nothing yet."""
    last = Run.objects.filter(tenant_id=current_tenant(), id=run_id).values_list("last_seq", flat=True).first()
    return last or 0


def tenant_of(run_id: UUID) -> UUID:
    """Return whose run this is, over all tenants: for the operator's commands.

    Raises:
        RunNotFound: there is no such run.
    """
    [[tenant_id]] = rows("SELECT run_tenant(%s)", [run_id])
    if tenant_id is None:
        raise RunNotFound(f"There is no run {run_id}.")
    return UUID(str(tenant_id))
