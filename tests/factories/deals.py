"""One of everything that comes of deals: a deal, its log, stages that are set and learned, a connected portal."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from pydantic import JsonValue

from kairo.platform.database.sessions import tenant_transaction
from kairo.stages.revenue import operations
from kairo.stages.revenue.contracts.deals import DealsIn, HubSpotConnection
from kairo.stages.revenue.contracts.stages import PipelineStages, StagesChange, StageSetting

BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)


def past_deals(count: int, *, prefix: str = "past") -> list[dict[str, JsonValue]]:
    """Build closed deals: every third is won, after thirty days; the others are lost after ten."""
    return [_past(number, prefix) for number in range(count)]


def _past(number: int, prefix: str) -> dict[str, JsonValue]:
    created_at = BEGINNING + timedelta(days=number)
    outcome, days = ("won", 30) if number % 3 == 0 else ("lost", 10)
    closed_at = (created_at + timedelta(days=days)).isoformat()
    return {
        "deal_id": f"{prefix}-{number}",
        "stage": outcome,
        "stage_history": [
            {"stage": "qualified", "at": created_at.isoformat()},
            {"stage": outcome, "at": closed_at},
        ],
        "amount": 100,
        "created_at": created_at.isoformat(),
        "closed_at": closed_at,
        "outcome": outcome,
    }


def make_deals(tenant_id: UUID, *, at: datetime) -> dict[str, str]:
    """Make a deal with all that surrounds it, and return the id by which it is reached."""
    deal_key = f"deal-{tenant_id.hex}"
    own: dict[str, JsonValue] = {"deal_id": deal_key, "stage": "proposal", "amount": 10, "created_at": at.isoformat()}
    stages = PipelineStages(stages=[StageSetting(stage="proposal", probability=0.5)])
    with tenant_transaction(tenant_id):
        operations.ingest_deals(sent=DealsIn(source="crm", deals=[own, *past_deals(60)]), at=at)
        operations.change_stages(change=StagesChange(pipelines=[stages]), at=at)
        operations.learn_stages(at=at)
        connection = HubSpotConnection(portal_id=tenant_id.int % 2**53, access_token="token", client_secret="secret")
        operations.connect_hubspot(connection=connection, at=at)
    return {"deal_key": deal_key}
