"""One attempt at a delivery: taken in one transaction, sent outside any, and its end noted in another.

A crash in between sends the message again with the same webhook-id, by which receivers tell a repetition.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection

from kairo.errors import KairoError
from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.outbound import endings
from kairo.platform.outbound.client import Client, configured_client
from kairo.platform.outbound.contracts import DeliveryDTO, DeliveryNotFound, DeliveryState, Enqueue, FetchLimits
from kairo.platform.outbound.keys import StoredKey, key_of
from kairo.platform.outbound.models import WebhookDelivery, WebhookEndpoint
from kairo.platform.outbound.pacing import HostPace
from kairo.platform.outbound.rules import GONE, AttemptOutcome, after_attempt, asked_delay_s, is_missed
from kairo.platform.outbound.signatures import signed_headers

DELIVERY_LIMITS = FetchLimits(max_seconds=20, read_s=15)
# Longer than an attempt can take: whoever finds the delivery due after this may take it for abandoned.
ATTEMPT_S = 60
# Two machines' clocks differ; a job that comes this much early need not come again.
CLOCK_SKEW = timedelta(seconds=2)
RECEIVER_PACE = HostPace(per_second=10, burst=20)


@dataclass(frozen=True)
class _Parcel:
    delivery_id: UUID
    url: str
    message_id: str
    body: bytes
    keys: list[StoredKey]


def deliver(
    *,
    tenant_id: UUID,
    delivery_id: UUID,
    at: datetime,
    enqueue: Enqueue,
    client: Client | None = None,
    pace: HostPace = RECEIVER_PACE,
) -> DeliveryDTO:
    """Make one attempt if the delivery is due, note how it ended, and ask for the next attempt where there is one.

    Called again for a delivery that has ended, it changes nothing. To be called outside any transaction.

    Raises:
        DeliveryNotFound: not there, or somebody else's.
    """
    if connection.in_atomic_block:
        raise RuntimeError("A delivery is made outside transactions: it talks to the network.")
    with tenant_transaction(tenant_id):
        row = _locked(delivery_id)
        parcel = _take(row, at=at, enqueue=enqueue, pace=pace)
        if parcel is None:
            return row.to_contract()
    outcome = _send(parcel, client or configured_client(), at)
    with tenant_transaction(tenant_id):
        row = _locked(delivery_id)
        _note(row, outcome, enqueue)
        return row.to_contract()


def _locked(delivery_id: UUID) -> WebhookDelivery:
    row = WebhookDelivery.objects.select_for_update().filter(id=delivery_id).first()
    if row is None:
        raise DeliveryNotFound(f"There is no webhook delivery {delivery_id}.")
    return row


def _take(row: WebhookDelivery, *, at: datetime, enqueue: Enqueue, pace: HostPace) -> _Parcel | None:
    """Claim a due delivery for this attempt; None where there is nothing to send now."""
    if row.state != DeliveryState.PENDING:
        return None
    if at < row.next_at - CLOCK_SKEW:
        endings.ask_for(row, enqueue=enqueue, due_at=row.next_at)
        return None
    if is_missed(row.next_at, at=at):
        row.error = row.error or "Nobody sent it within a day of its time."
        endings.finish(row, DeliveryState.MISSED, at=at)
        return None
    endpoint = WebhookEndpoint.objects.get(id=row.endpoint_id)
    if not endpoint.is_active:
        row.error = "The endpoint was removed." if endpoint.removed_at else "The endpoint is switched off."
        endings.finish(row, DeliveryState.FAILED, at=at)
        return None
    # By endpoint, not by host: many tenants' receivers live at the same few hosts.
    wait_s = pace.claim(str(endpoint.id))
    if wait_s > 0:
        endings.put_off(row, until=at + timedelta(seconds=wait_s), enqueue=enqueue)
        return None
    row.next_at = at + timedelta(seconds=ATTEMPT_S)
    row.save(update_fields=["next_at"])
    keys = [key for key in endpoint.stored_keys() if key.signs(at)]
    return _Parcel(row.id, endpoint.url, row.message_id, row.payload.encode(), keys)


def _send(parcel: _Parcel, client: Client, at: datetime) -> AttemptOutcome:
    started = time.monotonic()

    def ended_at() -> datetime:
        return at + timedelta(seconds=time.monotonic() - started)

    try:
        secrets = [key_of(key) for key in parcel.keys]
        signed = signed_headers(message_id=parcel.message_id, at=at, body=parcel.body, secrets=secrets)
        answer = client.fetch(
            parcel.url,
            method="POST",
            headers={"content-type": "application/json", **signed},
            body=parcel.body,
            limits=DELIVERY_LIMITS,
            with_body=False,
        )
    except KairoError as error:
        return AttemptOutcome(ended_at=ended_at(), error=error.message, retryable=error.retryable)
    return AttemptOutcome(
        ended_at=ended_at(),
        status=answer.status,
        error=None if answer.succeeded else f"The receiver answered {answer.status}.",
        asked_delay_s=asked_delay_s(answer.headers.get("retry-after"), at=at),
    )


def _note(row: WebhookDelivery, outcome: AttemptOutcome, enqueue: Enqueue) -> None:
    if row.state != DeliveryState.PENDING:
        return  # Somebody took it for abandoned and was faster; what they noted stands.
    row.attempts += 1
    row.response_status = outcome.status
    row.error = outcome.error
    verdict = after_attempt(outcome, attempts=row.attempts)
    if outcome.status == GONE:
        row.error = "The receiver answered 410, that it is gone: the endpoint was switched off."
        WebhookEndpoint.objects.filter(id=row.endpoint_id).update(is_active=False)
    if verdict.next_at is not None:
        endings.put_off(row, until=verdict.next_at, enqueue=enqueue)
    else:
        endings.finish(row, verdict.state, at=outcome.ended_at)
