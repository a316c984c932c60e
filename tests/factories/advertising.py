"""Ads with figures, written straight into the tables: campaigns whose ads differ, or do not."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from kairo.platform.database.sessions import tenant_transaction
from kairo.stages.ads import operations
from kairo.stages.ads.contracts import AdDraft, CampaignDraft
from kairo.stages.ads.contracts.stats import Granularity
from kairo.stages.ads.models import AdStat


def make_campaign(tenant: UUID, campaign_id: str = "c1", *, at: datetime) -> None:
    """Make a campaign of nothing but its name."""
    with tenant_transaction(tenant):
        operations.save_campaign(draft=CampaignDraft(campaign_id=campaign_id, name=campaign_id, currency="USD"), at=at)


def make_ad(
    tenant: UUID,
    ad_id: str,
    *,
    campaign_id: str = "c1",
    variant_id: UUID | None = None,
    spend: float = 100.0,
    conversions: int = 10,
    revenue: float = 300.0,
    impressions: int = 10_000,
    clicks: int = 100,
    name: str = "",
    at: datetime,
) -> None:
    """Make an ad with the figures of one day, the day before."""
    with tenant_transaction(tenant):
        draft = AdDraft(
            ad_id=ad_id, campaign_id=campaign_id, platform="meta", name=name or ad_id, variant_id=variant_id
        )
        operations.save_ad(draft=draft, at=at)
        AdStat.objects.create(
            ad_id=ad_id,
            granularity=Granularity.DAY,
            starts_at=at - timedelta(days=1),
            impressions=impressions,
            clicks=clicks,
            spend=spend,
            conversions=conversions,
            cash_revenue=revenue,
            currency="USD",
            received_at=at,
        )
