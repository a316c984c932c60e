"""HubSpot's POSTs: events as it sends them, signed as it signs them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.test import Client

from kairo.platform.database.clock import now
from kairo.platform.database.sessions import tenant_transaction
from kairo.stages.revenue import operations
from kairo.stages.revenue.contracts.deals import HubSpotConnection, SignedRequest
from kairo.stages.revenue.rules.hubspot_signatures import signature_v3

PORTAL = 62515
SECRET = "the-apps-client-secret"
PATH = "/api/webhook/hubspot"
URI = f"http://testserver{PATH}"
MAY = 1_777_636_800_000
"""1 May 2026, 12:00 UTC, in milliseconds."""


def event(number: int = 1, *, deal: int = 7, after_s: float = 0, **changes: Any) -> dict[str, Any]:
    """Build an event: a deal came to a stage."""
    return {
        "eventId": number,
        "subscriptionId": 11,
        "portalId": PORTAL,
        "appId": 5,
        "occurredAt": MAY + round(after_s * 1000),
        "subscriptionType": "deal.propertyChange",
        "attemptNumber": 0,
        "objectId": deal,
        "propertyName": "dealstage",
        "propertyValue": "qualifiedtobuy",
        "changeSource": "CRM_UI",
        **changes,
    }


def connect(tenant: UUID, *, portal_id: int = PORTAL, secret: str | None = SECRET, **changes: Any) -> None:
    """Connect a portal."""
    connection = HubSpotConnection(portal_id=portal_id, client_secret=secret, **changes)
    with tenant_transaction(tenant):
        operations.connect_hubspot(connection=connection, at=now())


def signed_headers(body: str, *, secret: str = SECRET, at: datetime | None = None, uri: str = URI) -> dict[str, str]:
    """Return the headers of a request that HubSpot signs at a moment."""
    timestamp = str(int((at or now()).timestamp() * 1000))
    request = SignedRequest(method="POST", uri=uri, body=body.encode(), headers={})
    return {
        "X-HubSpot-Signature-v3": signature_v3(request, secret, timestamp),
        "X-HubSpot-Request-Timestamp": timestamp,
    }


def post(events: Sequence[dict[str, Any]] | str, *, headers: dict[str, str] | None = None, **signing: Any) -> Any:
    """POST events as HubSpot does."""
    body = events if isinstance(events, str) else json.dumps(list(events))
    headers = signed_headers(body, **signing) if headers is None else headers
    return Client(raise_request_exception=False).post(PATH, body, content_type="application/json", headers=headers)
