"""Reading webhook endpoints and deliveries, inside the tenant's transaction."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from kairo.errors import Invalid
from kairo.platform.outbound.contracts import (
    DeliveryDTO,
    DeliveryNotFound,
    DeliveryState,
    EndpointDTO,
    EndpointNotFound,
)
from kairo.platform.outbound.models import WebhookDelivery, WebhookEndpoint

MAX_PAGE = 200


def endpoints() -> list[EndpointDTO]:
    """List the tenant's endpoints, oldest first."""
    return [row.to_contract() for row in WebhookEndpoint.objects.filter(removed_at=None).order_by("id")]


def endpoint(endpoint_id: UUID) -> EndpointDTO:
    """Return an endpoint.

    Raises:
        EndpointNotFound: not there, removed, or somebody else's.
    """
    row = WebhookEndpoint.objects.filter(id=endpoint_id, removed_at=None).first()
    if row is None:
        raise EndpointNotFound(f"There is no webhook endpoint {endpoint_id}.")
    return row.to_contract()


def delivery(delivery_id: UUID) -> DeliveryDTO:
    """Return a delivery.

    Raises:
        DeliveryNotFound: not there, or somebody else's.
    """
    row = WebhookDelivery.objects.filter(id=delivery_id).first()
    if row is None:
        raise DeliveryNotFound(f"There is no webhook delivery {delivery_id}.")
    return row.to_contract()


def deliveries(
    *,
    endpoint_id: UUID | None = None,
    state: DeliveryState | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> tuple[list[DeliveryDTO], str | None]:
    """List deliveries, newest first, and the cursor of the next page where there is one.

    Raises:
        Invalid: the cursor is not one of ours.
    """
    rows = WebhookDelivery.objects.order_by("-id")
    if endpoint_id is not None:
        rows = rows.filter(endpoint_id=endpoint_id)
    if state is not None:
        rows = rows.filter(state=DeliveryState(state))
    if cursor is not None:
        rows = rows.filter(id__lt=_delivery_id(cursor))
    size = max(1, min(limit, MAX_PAGE))
    page = [row.to_contract() for row in rows[: size + 1]]
    return page[:size], str(page[size - 1].id) if len(page) > size else None


def due_deliveries(*, at: datetime, limit: int = 500) -> list[UUID]:
    """List the pending deliveries whose time has come, the longest overdue first."""
    due = WebhookDelivery.objects.filter(state=DeliveryState.PENDING, next_at__lte=at)
    return list(due.order_by("next_at").values_list("id", flat=True)[:limit])


def _delivery_id(cursor: str) -> UUID:
    try:
        return UUID(cursor)
    except ValueError as error:
        raise Invalid("The cursor is not one that a list of deliveries has given.") from error
