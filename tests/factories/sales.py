"""An ad of a text, the clicks on it, what they sold, and the deals that came of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from kairo.platform.database.sessions import tenant_transaction
from kairo.stages.ads import operations as ads
from kairo.stages.ads.contracts import AdDraft, CampaignDraft
from kairo.stages.revenue import operations
from kairo.stages.revenue.contracts.deals import DealsIn
from tests.factories.tracking import attributed, tracked


@dataclass(frozen=True)
class Sale:
    """The ids of what was sold: by `order` alone, and by `lead`, which became `deal`."""

    ad: str = "ad/238 é"
    order_click: str = "kc-order"
    lead_click: str = "kc-lead"
    order: str = "order-7"
    lead: str = "lead-8"
    deal: str = "deal-8"
    source: str = "crm"


def make_sale(tenant: UUID, *, variant_id: UUID | None, at: datetime, sale: Sale | None = None) -> Sale:
    """Make an ad with two clicks: one bought for 55 EUR, one became a lead of 10 EUR and a won deal of 900 EUR."""
    sale = sale or Sale()
    hour = timedelta(hours=1)
    with tenant_transaction(tenant):
        ads.save_campaign(draft=CampaignDraft(campaign_id="77", name="Descale week", platform="meta"), at=at)
        draft = AdDraft(ad_id=sale.ad, campaign_id="77", name="Five minutes", platform="meta", variant_id=variant_id)
        ads.save_ad(draft=draft, at=at)
    for click_id in (sale.order_click, sale.lead_click):
        tracked(tenant, at - 2 * hour, ad_id=sale.ad, click_id=click_id)
    sold = {"value": "55.00", "currency": "EUR", "conversion_type": "purchase"}
    attributed(tenant, at - hour, conversion_id=sale.order, click_id=sale.order_click, **sold)
    told = {"value": "10.00", "currency": "EUR", "conversion_type": "lead"}
    attributed(tenant, at - hour, conversion_id=sale.lead, click_id=sale.lead_click, **told)
    deal = {
        "deal_id": sale.deal, "click_id": sale.lead_click, "stage": "closed_won", "outcome": "won", "amount": "900",
        "currency": "EUR", "created_at": (at - hour).isoformat(), "closed_at": at.isoformat(),
    }  # fmt: skip
    with tenant_transaction(tenant):
        operations.ingest_deals(sent=DealsIn.model_validate({"source": sale.source, "deals": [deal]}), at=at)
    return sale
