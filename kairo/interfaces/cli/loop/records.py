"""What came about in the market as records for Kairo's doors."""

from __future__ import annotations

from datetime import datetime

from pydantic import JsonValue

from kairo.sandbox.ad_market.deals import Deal
from kairo.sandbox.ad_market.params import LOST, WON
from kairo.sandbox.ad_market.visitors import Click, Lead


def click_record(click: Click) -> dict[str, JsonValue]:
    """Return a click that left a trace, as for `track-clicks`."""
    return {
        "ad_id": click.ad_id,
        "campaign_id": click.campaign_id,
        "clicked_at": click.at.isoformat(),
        **(click.visit or {}),
    }


def lead_record(lead: Lead, *, currency: str) -> dict[str, JsonValue]:
    """Return a lead, as for `attribute-conversions`; its deal has the same number."""
    return {
        "conversion_id": str(lead.deal_id),
        "conversion_type": "lead",
        "currency": currency,
        "occurred_at": lead.at.isoformat(),
        **lead.visit,
    }


def deal_record(deal: Deal, *, until: datetime, currency: str) -> dict[str, JsonValue]:
    """Return a deal as it stands at a moment, as for `ingest-crm-data`."""
    steps = deal.steps_until(until)
    stage, changed_at = steps[-1]
    record: dict[str, JsonValue] = {
        "deal_id": str(deal.deal_id),
        "stage": stage,
        "amount": str(deal.amount),
        "currency": currency,
        "created_at": deal.created_at.isoformat(),
        "modified_at": changed_at.isoformat(),
        "stage_history": [{"stage": name, "at": moment.isoformat()} for name, moment in steps],
    }
    if deal.ad_id is not None:
        record["ad_id"] = deal.ad_id
    if stage in {WON, LOST}:
        record |= {"closed_at": changed_at.isoformat(), "outcome": "won" if stage == WON else "lost"}
    return record
