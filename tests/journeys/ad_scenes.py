"""An account with ads in every state that the Ads page shows: what the screenshots and the layout tests walk."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import datetime, timedelta
from uuid import UUID

from kairo.platform.database.sessions import tenant_transaction
from kairo.stages.ads.contracts import CampaignDraft
from kairo.stages.ads.operations import save_campaign
from kairo.stages.learning import operations as learning
from kairo.stages.learning.contracts.budgets import SelectRequest
from kairo.stages.learning.contracts.winners import WinnerDraft
from tests.factories.ad_changes import AdDesk
from tests.factories.advertising import make_ad

ADS = (
    ("Descale in five minutes", 61, 1_830.0),
    ("The page missing from the manual", 22, 640.0),
    ("Fresh beans at your door", 14, 420.0),
    ("A rather long name of an ad that nobody thought would ever have to fit into a table", 2, 61.0),
)


def stage_ads(tenant: UUID, *, at: datetime) -> dict[str, str]:
    """Make campaigns, a recommendation, winners, and changes that wait, were made and were rejected."""
    with ExitStack() as stack:
        desk = AdDesk(tenant, stack, at=at - timedelta(hours=2))
        desk.approved(11_000, reason="Expected return 4.20 (2.90 to 5.80).")
        desk.run()
        desk.later(minutes=30)
        desk.want(requested_value=11_500, reason="Expected return 3.90 (2.10 to 5.40).")
    with tenant_transaction(tenant):
        draft = CampaignDraft(campaign_id="spring", name="Spring, clean machines", platform="meta", currency="USD")
        save_campaign(draft=draft, at=at)
    for number, (name, sold, revenue) in enumerate(ADS):
        make_ad(tenant, f"ad-{number}", campaign_id="spring", conversions=sold, revenue=revenue, name=name, at=at)
    with tenant_transaction(tenant):
        learning.select_budgets(request=SelectRequest(campaign_id="spring", total_budget=120), at=at)
        why = (
            "Cash return of 18.30 beside 3.74 of the rest of its campaign: 1,830.00 USD from 100.00 spent, 61 results."
        )
        winner = WinnerDraft(ad_id="ad-0", text="Descale in five minutes, no special kit.", why=why)
        learning.add_winner(draft=winner, at=at)
    return {"ads": "/b/northwind/ads", "ad-winners": "/b/northwind/ads/winners"}
