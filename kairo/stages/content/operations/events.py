"""Taking in what happened to variants out there, in batches that may be sent again."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from uuid import UUID

from kairo.platform.jobs.operations import enqueue
from kairo.stages.content import queries
from kairo.stages.content.contracts import (
    EventsTakenDTO,
    ExecutionEventBatch,
    ExecutionEventInput,
    ExecutionEventsTaken,
)
from kairo.stages.content.models import ExecutionEvent

EVENTS_TAKEN = "content.execution_events_taken"
PRIORITY = 7


def take_events(*, variant_id: UUID, batch: ExecutionEventBatch, at: datetime) -> EventsTakenDTO:
    """Store and announce a batch of events of a variant; those that are known stay as they are.

    Raises:
        VariantNotFound: not there, or somebody else's.
    """
    variant = queries.variant(variant_id)
    given = {_key(event): event for event in batch.events}
    rows = [
        ExecutionEvent(
            brand_id=variant.brand_id,
            variant_id=variant_id,
            event_key=key,
            channel=variant.channel,
            event_type=event.event_type,
            event_value=event.event_value,
            count=event.count,
            source=event.source,
            occurred_at=event.occurred_at,
            received_at=at,
            metadata=event.metadata,
            created_at=at,
        )
        for key, event in given.items()
    ]
    ExecutionEvent.objects.bulk_create(rows, ignore_conflicts=True)
    stored = {row.event_key: row for row in ExecutionEvent.objects.filter(variant_id=variant_id, event_key__in=given)}
    created = sum(stored[row.event_key].id == row.id for row in rows)
    if created:
        enqueue(EVENTS_TAKEN, ExecutionEventsTaken(brand_id=variant.brand_id, variant_id=variant_id), priority=PRIORITY)
    return EventsTakenDTO(
        variant_id=variant_id,
        created=created,
        unchanged=len(batch.events) - created,
        events=[stored[_key(event)].to_contract() for event in batch.events],
    )


def _key(event: ExecutionEventInput) -> str:
    """Return the sender's key, or one made of all that the event says."""
    if event.key is not None:
        return f"{event.source}:{event.key}"
    said = json.dumps(event.model_dump(mode="json"), sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()
