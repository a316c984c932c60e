"""Reads of ads: the door of the stage."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from kairo.stages.ads.contracts import AdDTO, CampaignDTO
from kairo.stages.ads.models import Ad, Campaign
from kairo.stages.ads.queries.accounts import accounts, pullable_accounts
from kairo.stages.ads.queries.changes import change, change_history, changes, kill_switch, safety, safety_settings
from kairo.stages.ads.queries.executions import in_minor_units
from kairo.stages.ads.queries.stats import daily_figures, totals

__all__ = [
    "accounts",
    "ads",
    "ads_by_id",
    "ads_of_variant",
    "campaigns",
    "change",
    "change_history",
    "changes",
    "daily_figures",
    "in_minor_units",
    "kill_switch",
    "pullable_accounts",
    "safety",
    "safety_settings",
    "totals",
]


def campaigns(*, after: str | None = None, limit: int = 50) -> list[CampaignDTO]:
    """List the account's campaigns by their ids."""
    found = Campaign.objects.order_by("campaign_id")
    if after is not None:
        found = found.filter(campaign_id__gt=after)
    return [row.to_contract() for row in found[:limit]]


def ads(*, campaign_id: str | None = None, after: str | None = None, limit: int = 50) -> list[AdDTO]:
    """List the account's ads by their ids."""
    found = Ad.objects.order_by("ad_id")
    if campaign_id is not None:
        found = found.filter(campaign_id=campaign_id)
    if after is not None:
        found = found.filter(ad_id__gt=after)
    return [row.to_contract() for row in found[:limit]]


def ads_by_id(ad_ids: Collection[str]) -> dict[str, AdDTO]:
    """Return the records of those ads that are known."""
    return {row.ad_id: row.to_contract() for row in Ad.objects.filter(ad_id__in=list(ad_ids))}


def ads_of_variant(variant_id: UUID) -> list[AdDTO]:
    """List the ads that show a variant."""
    return [row.to_contract() for row in Ad.objects.filter(variant_id=variant_id).order_by("ad_id")]
