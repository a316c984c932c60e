"""Moving a delivery on, inside the tenant's transaction and with its row locked."""

from __future__ import annotations

from datetime import datetime

from kairo.platform.database.ids import new_id
from kairo.platform.outbound.contracts import DELIVER_WEBHOOK, DeliverWebhook, DeliveryState, Enqueue
from kairo.platform.outbound.models import WebhookDelivery
from kairo.platform.outbound.rules import ALLOWED
from kairo.platform.telemetry.context import current_run_id, logger
from kairo.platform.telemetry.contracts import EventType
from kairo.platform.telemetry.runs import record

log = logger(__name__)

UNHAPPY = frozenset({DeliveryState.FAILED, DeliveryState.MISSED})


def ask_for(row: WebhookDelivery, *, enqueue: Enqueue, due_at: datetime | None) -> None:
    """Ask for an attempt at `row.next_at`; asked for twice, it is one job. `due_at` None: as soon as possible."""
    # The key names the due time: the job that is running has an earlier one, and would else be taken for the next.
    key = f"{DELIVER_WEBHOOK}:{row.id}:{row.next_at.timestamp():.6f}"
    enqueue(DELIVER_WEBHOOK, DeliverWebhook(delivery_id=row.id), dedupe_key=key, available_at=due_at)


def put_off(row: WebhookDelivery, *, until: datetime, enqueue: Enqueue) -> None:
    """Make a delivery due later, and ask for the attempt."""
    row.next_at = until
    row.save()
    ask_for(row, enqueue=enqueue, due_at=until)


def finish(row: WebhookDelivery, state: DeliveryState, *, at: datetime) -> None:
    """End a delivery; one that did not get through is logged as an event."""
    if state not in ALLOWED[DeliveryState(row.state)]:
        raise ValueError(f"A delivery that is {row.state} cannot become {state}.")
    row.state = state
    row.finished_at = at
    row.save()
    if state in UNHAPPY:
        _tell(row, state)


def _tell(row: WebhookDelivery, state: DeliveryState) -> None:
    log.warning("webhook_not_delivered", delivery_id=str(row.id), state=state.value, error=row.error)
    facts = {
        "action": "webhook_delivery",
        "state": state.value,
        "delivery_id": str(row.id),
        "endpoint_id": str(row.endpoint_id),
        "event": row.event,
        "event_id": str(row.event_id),
        "attempts": row.attempts,
        "error": row.error,
    }
    record(current_run_id() or new_id(), kind=DELIVER_WEBHOOK, events=[(EventType.ACTION, facts)])
