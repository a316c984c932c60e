"""Sending events to one address that a piece of work names, beside the endpoints that ask for events themselves."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import transaction
from pydantic import JsonValue

from kairo.platform.outbound import endings
from kairo.platform.outbound.client import configured_policy
from kairo.platform.outbound.contracts import DeliveryDTO, EndpointDTO, Enqueue, TooManyEndpoints
from kairo.platform.outbound.keys import new_key
from kairo.platform.outbound.models import WebhookDelivery, WebhookEndpoint
from kairo.platform.outbound.operations import MAX_ENDPOINTS, message_body
from kairo.platform.outbound.urls import checked_url


def endpoint_at(*, url: str, at: datetime, description: str) -> EndpointDTO:
    """Return the tenant's endpoint of this address; one that is made here gets only what is sent to it by its address.

    Its signing secret is the endpoint's own: of one that was made here, `rotate_key` shows a new one.

    Raises:
        UnsafeAddress: the URL has a form that webhooks may not be sent to.
        TooManyEndpoints: the tenant has as many as it may.
    """
    place = str(checked_url(url, configured_policy()))
    known = WebhookEndpoint.objects.filter(url=place, removed_at=None).order_by("id").first()
    if known is not None:
        return known.to_contract()
    if WebhookEndpoint.objects.filter(removed_at=None).count() >= MAX_ENDPOINTS:
        raise TooManyEndpoints(f"There are {MAX_ENDPOINTS} webhook endpoints already. Remove one first.")
    stored, _ = new_key(at)
    row = WebhookEndpoint(url=place, description=description, events=[], created_at=at)
    row.keep_keys([stored])
    row.save(force_insert=True)
    return row.to_contract()


@transaction.atomic
def send_to(
    *,
    url: str,
    event: str,
    payload: Mapping[str, JsonValue],
    event_id: UUID,
    at: datetime,
    enqueue: Enqueue,
    description: str,
) -> DeliveryDTO:
    """Send an event to an address, if and only if the caller's transaction commits; the same `event_id` again is one.

    An endpoint that was switched off or removed since gets nothing, and its delivery says so.

    Raises:
        Invalid: the payload is too large, or the address has a form that webhooks may not be sent to.
    """
    place = str(checked_url(url, configured_policy()))
    known = WebhookEndpoint.objects.filter(url=place).order_by("-removed_at", "id").values_list("id", flat=True)
    # Of several those that are not removed come first: the database holds that an unknown time is the latest.
    endpoint_id = known.first() or endpoint_at(url=url, at=at, description=description).id
    row, created = WebhookDelivery.objects.get_or_create(
        endpoint_id=endpoint_id,
        event_id=event_id,
        defaults={"event": event, "payload": message_body(event, payload, at), "next_at": at, "created_at": at},
    )
    if created:
        endings.ask_for(row, enqueue=enqueue, due_at=None)
    return row.to_contract()
