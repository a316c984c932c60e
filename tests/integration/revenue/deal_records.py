"""Deals to send, the least that is valid; the value under test is written in the test."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from pydantic import JsonValue

from kairo.platform.database.sessions import tenant_transaction
from kairo.stages.revenue import operations, queries
from kairo.stages.revenue.contracts.deals import DealDTO, DealsIn, DealsTaken

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
CREATED = "2026-05-01T12:00:00Z"


def deal(deal_id: str = "d1", **changes: JsonValue) -> dict[str, JsonValue]:
    """Build a deal's record."""
    return {"deal_id": deal_id, "stage": "qualified", "created_at": CREATED, **changes}


def ingest(tenant: UUID, *deals: dict[str, JsonValue], source: str = "crm", at: datetime = NOON) -> DealsTaken:
    """Send deals in a transaction of their own."""
    with tenant_transaction(tenant):
        return operations.ingest_deals(sent=DealsIn(source=source, deals=list(deals)), at=at)


def stored(tenant: UUID, deal_id: str = "d1", *, source: str | None = None) -> DealDTO:
    """Return a deal as it stands."""
    with tenant_transaction(tenant):
        return queries.deal(deal_id, source=source)
