"""Outgoing webhooks over HTTP: where they go, and what became of each."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Status
from pydantic import StringConstraints

from kairo.interfaces.api.errors import PROBLEMS
from kairo.interfaces.api.paging import Limit, Page
from kairo.platform.database.clock import now
from kairo.platform.outbound import operations, queries
from kairo.platform.outbound.contracts import ALL_EVENTS, DeliveryDTO, DeliveryState, EndpointDTO, NewKey
from kairo.shapes import Strict

router = Router(tags=["webhooks"])


class NewWebhook(Strict):
    """Where events are to be sent; without `events`, all of them."""

    url: Annotated[str, StringConstraints(max_length=2000)]
    events: list[Annotated[str, StringConstraints(max_length=100)]] = [ALL_EVENTS]
    description: Annotated[str, StringConstraints(max_length=500)] = ""


class WebhookChange(Strict):
    is_active: bool


@router.get("/webhooks", response={200: Page[EndpointDTO], **PROBLEMS})
def list_webhooks(request: HttpRequest) -> Page[EndpointDTO]:
    """List the account's webhook endpoints."""
    return Page(items=queries.endpoints())


@router.post("/webhooks", response={201: NewKey, **PROBLEMS})
def add_webhook(request: HttpRequest, body: NewWebhook) -> Status[NewKey]:
    """Send events to an address; the signing secret is in this answer and can never be read again."""
    made = operations.add_endpoint(url=body.url, events=body.events, description=body.description, at=now())
    return Status(201, made)


@router.patch("/webhooks/{endpoint_id}", response={200: EndpointDTO, **PROBLEMS})
def change_webhook(request: HttpRequest, endpoint_id: UUID, body: WebhookChange) -> EndpointDTO:
    """Switch an endpoint off or on."""
    return operations.switch_endpoint(endpoint_id=endpoint_id, is_active=body.is_active)


@router.post("/webhooks/{endpoint_id}/rotate-key", response={200: NewKey, **PROBLEMS})
def rotate_webhook_key(request: HttpRequest, endpoint_id: UUID) -> NewKey:
    """Make a new signing secret; the old one goes on signing beside it for a day."""
    return operations.rotate_key(endpoint_id=endpoint_id, at=now())


@router.delete("/webhooks/{endpoint_id}", response={204: None, **PROBLEMS})
def remove_webhook(request: HttpRequest, endpoint_id: UUID) -> Status[None]:
    """Send nothing to an endpoint any more."""
    operations.remove_endpoint(endpoint_id=endpoint_id, at=now())
    return Status(204, None)


@router.get("/webhooks/{endpoint_id}/deliveries", response={200: Page[DeliveryDTO], **PROBLEMS})
def list_deliveries(
    request: HttpRequest,
    endpoint_id: UUID,
    state: DeliveryState | None = None,
    cursor: UUID | None = None,
    limit: Limit = 50,
) -> Page[DeliveryDTO]:
    """List an endpoint's deliveries, newest first."""
    queries.endpoint(endpoint_id)
    found, following = queries.deliveries(
        endpoint_id=endpoint_id, state=state, cursor=str(cursor) if cursor else None, limit=limit
    )
    return Page(items=found, next_cursor=following)
