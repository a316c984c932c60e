"""Deals in over HTTP: batches of any CRM, HubSpot's events and its connection."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest
from ninja import Router, Status

from kairo.interfaces.api.actors import require_owner
from kairo.interfaces.api.errors import PROBLEMS
from kairo.platform.database.clock import now
from kairo.stages.revenue import operations, queries
from kairo.stages.revenue.contracts.deals import (
    DealDTO,
    DealsIn,
    DealsTaken,
    EventProcessed,
    EventsTaken,
    HubSpotConnection,
    HubSpotConnectionDTO,
    HubSpotEvent,
    SignedRequest,
)

OWNERS_ONLY = "Only an owner may connect other services."

router = Router(tags=["revenue"])

_EVENTS = {
    "requestBody": {
        "required": True,
        "description": "Up to 100 events as HubSpot sends them, signed",
        "content": {"application/json": {"schema": {"type": "array", "items": {"type": "object"}}}},
    }
}


@router.post("/ml/ingest-crm-data", response={200: DealsTaken, **PROBLEMS})
def ingest_crm_data(request: HttpRequest, body: DealsIn) -> DealsTaken:
    """Take up to 1,000 deals of a CRM, each by itself; the same again changes nothing."""
    return operations.ingest_deals(sent=body, at=now())


@router.post("/ml/process-hubspot-event", response={200: EventProcessed, **PROBLEMS})
def process_hubspot_event(request: HttpRequest, body: HubSpotEvent) -> EventProcessed:
    """Take one event as HubSpot sends it, and return the deals that it touched."""
    return operations.process_event(event=body, at=now())


@router.post("/webhook/hubspot", auth=None, response={200: EventsTaken, **PROBLEMS}, openapi_extra=_EVENTS)
def hubspot_webhook(request: HttpRequest) -> EventsTaken:
    """Store what HubSpot sends; a job works it off. The signature says whose it is, no token does."""
    return operations.take_webhook(request=_signed(request), at=now())


def _signed(request: HttpRequest) -> SignedRequest:
    """Return what HubSpot's signature is over: the address as HubSpot called it, and the body byte for byte."""
    scheme = "https" if settings.KAIRO_HTTPS or request.is_secure() else "http"
    query = request.META.get("QUERY_STRING", "")
    uri = f"{scheme}://{request.get_host()}{request.path}" + (f"?{query}" if query else "")
    headers = {name.lower(): value for name, value in request.headers.items()}
    return SignedRequest(method=request.method or "", uri=uri, body=request.body, headers=headers)


@router.get("/revenue/deals/{deal_key}", response={200: DealDTO, **PROBLEMS})
def get_deal(request: HttpRequest, deal_key: str, source: str | None = None) -> DealDTO:
    """Return a deal by the id that its CRM gave it, with its way through the stages."""
    return queries.deal(deal_key, source=source)


@router.get("/settings/connections/hubspot", response={200: HubSpotConnectionDTO, **PROBLEMS})
def get_hubspot_connection(request: HttpRequest) -> HubSpotConnectionDTO:
    """Return what the HubSpot portal is connected with; secrets are not told."""
    return operations.hubspot_connection()


@router.put("/settings/connections/hubspot", response={200: HubSpotConnectionDTO, **PROBLEMS})
def put_hubspot_connection(request: HttpRequest, body: HubSpotConnection) -> HubSpotConnectionDTO:
    """Connect a HubSpot portal, or change how; an owner may. Secrets that are left out stay as they are."""
    require_owner(request, otherwise=OWNERS_ONLY)
    return operations.connect_hubspot(connection=body, at=now())


@router.delete("/settings/connections/hubspot", response={204: None, **PROBLEMS})
def delete_hubspot_connection(request: HttpRequest) -> Status[None]:
    """Forget the HubSpot portal and its secrets; its deals stay."""
    require_owner(request, otherwise=OWNERS_ONLY)
    operations.disconnect_hubspot()
    return Status(204, None)
