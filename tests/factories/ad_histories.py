"""The past of an account that advertised in a sandbox market whose numbers are known."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice
from uuid import UUID

import numpy as np
from pydantic import JsonValue

from kairo.interfaces.cli.loop.records import click_record, deal_record, lead_record
from kairo.platform.database.sessions import tenant_transaction
from kairo.sandbox.ad_market import AdMarket, Params
from kairo.sandbox.ad_market.market import ACTIVE, AD, CAMPAIGN
from kairo.sandbox.ad_market.staging import begin, give, invented_launches
from kairo.sandbox.ad_market.visitors import Click, Lead
from kairo.stages.ads.contracts.stats import Granularity
from kairo.stages.ads.models import AdStat
from kairo.stages.revenue import operations as revenue
from kairo.stages.revenue.contracts.deals import DealsIn

START = datetime(2026, 1, 5, tzinfo=UTC)
AT_ONCE = 500


def advertise(
    tenant: UUID, params: Params, *, ads: int, days: int, budgets: tuple[float, float], waits: int = 30
) -> datetime:
    """Live through a market with daily budgets drawn between two, wait for the deals to close, and tell Kairo of it.

    Returns the moment at which it was told.
    """
    market = AdMarket(11, START, params)
    campaign = market.make(CAMPAIGN, "Campaign", status=ACTIVE)
    for launch in invented_launches(2 * ads, days=days, audiences=[one.name for one in params.audiences])[:ads]:
        begin(market, launch, campaign)
    drawn = np.random.default_rng(5)
    clicks: dict[str, Click] = {}
    leads: list[Lead] = []
    for day in range(days + waits):
        running = day < days
        give(market, {ad.entity_id: float(drawn.uniform(*budgets)) if running else 0.0 for ad in market.of_kind(AD)})
        happened = market.advance(market.now + timedelta(days=1))
        clicks |= {click.click_id: click for click in happened.clicks}
        leads += happened.leads
    _tell_figures(tenant, market)
    _tell_deals(tenant, market)
    _tell_leads(tenant, clicks, leads, at=market.now)
    return market.now


def _tell_figures(tenant: UUID, market: AdMarket) -> None:
    with tenant_transaction(tenant):
        AdStat.objects.bulk_create(
            AdStat(
                ad_id=ad_id,
                granularity=Granularity.HOUR,
                starts_at=hour,
                impressions=one.impressions,
                clicks=one.clicks,
                spend=round(one.spend, 4),
                conversions=one.leads_seen,
                currency=market.params.currency,
                received_at=market.now,
            )
            for (ad_id, hour), one in market.figures.items()
        )


def _tell_deals(tenant: UUID, market: AdMarket) -> None:
    begun = [deal for deal in market.deals.values() if deal.created_at <= market.now]
    records = iter([deal_record(deal, until=market.now, currency=market.params.currency) for deal in begun])
    while part := list(islice(records, AT_ONCE)):
        with tenant_transaction(tenant):
            taken = revenue.ingest_deals(sent=DealsIn(source="crm", deals=part), at=market.now)
        assert taken.ingested == len(part)


def _tell_leads(tenant: UUID, clicks: dict[str, Click], leads: list[Lead], *, at: datetime) -> None:
    """Tell of the leads that still carry their click, and of these clicks."""
    told = [lead for lead in leads if "click_id" in lead.visit]
    seen: list[dict[str, JsonValue]] = [click_record(clicks[str(lead.visit["click_id"])]) for lead in told]
    sent = [lead_record(lead, currency="USD") for lead in told]
    for first in range(0, len(told), AT_ONCE):
        with tenant_transaction(tenant):
            revenue.track_clicks(records=seen[first : first + AT_ONCE], at=at)
            revenue.attribute_conversions(records=sent[first : first + AT_ONCE], at=at)
