"""Writes of webhooks, inside the tenant's transaction: endpoints, their keys, and announcing what happened."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from pydantic import JsonValue

from kairo.errors import FieldError, Invalid
from kairo.platform.database.ids import new_id
from kairo.platform.outbound import endings
from kairo.platform.outbound.client import configured_policy
from kairo.platform.outbound.contracts import (
    ALL_EVENTS,
    DeliveryDTO,
    DeliveryState,
    EndpointDTO,
    EndpointNotFound,
    Enqueue,
    NewKey,
    Sweep,
    TooManyEndpoints,
)
from kairo.platform.outbound.keys import new_key
from kairo.platform.outbound.models import WebhookDelivery, WebhookEndpoint
from kairo.platform.outbound.rules import MISSED_AFTER, wants
from kairo.platform.outbound.signatures import secret_text
from kairo.platform.outbound.urls import checked_url

MAX_ENDPOINTS = 20
MAX_KEYS = 5
MAX_PAYLOAD_BYTES = 256_000
KEY_OVERLAP = timedelta(hours=24)
STUCK_AFTER = timedelta(minutes=5)
SWEEP_AT_ONCE = 500
_EVENT = re.compile(r"[a-z0-9_]+(\.[a-z0-9_]+)*")


def add_endpoint(*, url: str, events: Sequence[str], at: datetime, description: str = "") -> NewKey:
    """Make an endpoint with its first key. Where its name leads is judged at each delivery.

    Raises:
        UnsafeAddress: the URL has a form that webhooks may not be sent to.
        Invalid: the events are not names such as `board.generated`, or "*" alone.
        TooManyEndpoints: the tenant has as many as it may.
    """
    place = checked_url(url, configured_policy())
    _check_events(events)
    if WebhookEndpoint.objects.filter(removed_at=None).count() >= MAX_ENDPOINTS:
        raise TooManyEndpoints(f"There are {MAX_ENDPOINTS} webhook endpoints already. Remove one first.")
    stored, key = new_key(at)
    row = WebhookEndpoint(url=str(place), description=description, events=list(events), created_at=at)
    row.keep_keys([stored])
    row.save(force_insert=True)
    return NewKey(endpoint=row.to_contract(), secret=secret_text(key))


def rotate_key(*, endpoint_id: UUID, at: datetime, overlap: timedelta = KEY_OVERLAP) -> NewKey:
    """Give an endpoint a new key; the ones before go on signing beside it until `overlap` has passed.

    Raises:
        EndpointNotFound: not there, or somebody else's.
    """
    row = _locked(endpoint_id)
    stored, key = new_key(at)
    ends_at = at + overlap
    before = [
        one.model_copy(update={"retires_at": min(one.retires_at or ends_at, ends_at)})
        for one in row.stored_keys()
        if one.signs(at)
    ]
    row.keep_keys([stored, *(one for one in before if one.signs(at))][:MAX_KEYS])
    row.save(update_fields=["keys"])
    return NewKey(endpoint=row.to_contract(), secret=secret_text(key))


def switch_endpoint(*, endpoint_id: UUID, is_active: bool) -> EndpointDTO:
    """Stop sending to an endpoint, or start again, e.g. after it had answered that it is gone.

    Raises:
        EndpointNotFound: not there, or somebody else's.
    """
    row = _locked(endpoint_id)
    row.is_active = is_active
    row.save(update_fields=["is_active"])
    return row.to_contract()


def remove_endpoint(*, endpoint_id: UUID, at: datetime) -> None:
    """Forget an endpoint and its keys. Its deliveries stay to be read; those under way end as failed.

    Raises:
        EndpointNotFound: not there, or somebody else's.
    """
    row = _locked(endpoint_id)
    row.is_active = False
    row.removed_at = at
    row.keep_keys([])
    row.save(update_fields=["is_active", "removed_at", "keys"])


@transaction.atomic
def announce(
    *, event: str, payload: Mapping[str, JsonValue], at: datetime, enqueue: Enqueue, event_id: UUID | None = None
) -> list[DeliveryDTO]:
    """Send an event to every endpoint that asked for it, if and only if the caller's transaction commits.

    Announcing the same `event_id` again makes nothing new. `enqueue` is `kairo.platform.jobs.operations.enqueue`.

    Raises:
        Invalid: the event has no proper name, or the payload is too large.
    """
    if not _EVENT.fullmatch(event):
        raise Invalid(f"An event has a name such as board.generated, not {event[:60]!r}.")
    body = message_body(event, payload, at)
    known = event_id or new_id()
    announced = []
    for endpoint in WebhookEndpoint.objects.filter(is_active=True, removed_at=None).order_by("id"):
        if not wants(endpoint.events, event):
            continue
        row, created = WebhookDelivery.objects.get_or_create(
            endpoint_id=endpoint.id,
            event_id=known,
            defaults={"event": event, "payload": body, "next_at": at, "created_at": at},
        )
        if created:
            endings.ask_for(row, enqueue=enqueue, due_at=None)
        announced.append(row.to_contract())
    return announced


def sweep(*, at: datetime, enqueue: Enqueue) -> Sweep:
    """Give up what has been due for a day, and ask again for what somebody should have sent by now.

    To be run every few minutes for each tenant: a delivery whose job was lost or cancelled is found here.
    """
    missed = _overdue_since(at - MISSED_AFTER)
    for row in missed:
        row.error = row.error or "Nobody sent it within a day of its time."
        endings.finish(row, DeliveryState.MISSED, at=at)
    stuck = _overdue_since(at - STUCK_AFTER)
    for row in stuck:
        endings.ask_for(row, enqueue=enqueue, due_at=None)
    return Sweep(missed=len(missed), enqueued=len(stuck))


def _overdue_since(limit_at: datetime) -> list[WebhookDelivery]:
    pending = WebhookDelivery.objects.select_for_update(skip_locked=True).filter(state=DeliveryState.PENDING)
    return list(pending.filter(next_at__lt=limit_at).order_by("next_at")[:SWEEP_AT_ONCE])


def message_body(event: str, payload: Mapping[str, JsonValue], at: datetime) -> str:
    """Return the body of an event, as it is signed and sent.

    Raises:
        Invalid: the payload is too large, or holds what JSON does not have.
    """
    message = {"type": event, "timestamp": at.isoformat(), "data": dict(payload)}
    try:
        body = json.dumps(message, separators=(",", ":"), allow_nan=False)
    except ValueError as error:
        raise Invalid("The event's payload holds a number that JSON does not have.") from error
    if len(body) > MAX_PAYLOAD_BYTES:
        raise Invalid(f"The event's payload has {len(body):,} bytes; at most {MAX_PAYLOAD_BYTES:,} are sent.")
    return body


def _check_events(events: Sequence[str]) -> None:
    named = all(_EVENT.fullmatch(event) for event in events)
    if not events or not (list(events) == [ALL_EVENTS] or named):
        message = 'Name the events, such as board.generated, or give "*" alone for all.'
        raise Invalid(message, errors=(FieldError("events", message),))


def _locked(endpoint_id: UUID) -> WebhookEndpoint:
    row = WebhookEndpoint.objects.select_for_update().filter(id=endpoint_id, removed_at=None).first()
    if row is None:
        raise EndpointNotFound(f"There is no webhook endpoint {endpoint_id}.")
    return row
