"""What an advertiser can know of the market: figures of the platform, and those deals whose ad left a trace."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from kairo.sandbox.ad_market.deals import Deal, chances_of
from kairo.sandbox.ad_market.market import AD, MINOR, AdMarket, Entity, Happened


@dataclass(frozen=True)
class Standing:
    """Running totals of one ad; open deals count at the chance of their stage."""

    ad_id: str
    impressions: int
    clicks: int
    spend: float
    pipeline_value: float
    cash_revenue: float
    age_hours: float
    daily_budget: float

    @property
    def roas(self) -> float:
        """Return what came back for each unit spent, open deals included."""
        return self.pipeline_value / self.spend if self.spend else 0.0


@dataclass
class Observer:
    """Follows a market. A deal's ad is known from its CRM, or by the click that its lead still carried."""

    market: AdMarket
    _ad_of_deal: dict[int, str] = field(default_factory=dict)
    _known: dict[int, Deal] = field(default_factory=dict)

    def take(self, happened: Happened) -> None:
        """Note what came about."""
        for lead in happened.leads:
            if "click_id" in lead.visit and lead.ad_id is not None:
                self._ad_of_deal[lead.deal_id] = lead.ad_id
        for deal in happened.deals:
            self._known[deal.deal_id] = deal
            if deal.ad_id is not None:
                self._ad_of_deal[deal.deal_id] = deal.ad_id

    def standings(self) -> list[Standing]:
        """Return how each ad stands now."""
        now, chances = self.market.now, chances_of(self.market.params)
        worth: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
        for deal_id, ad_id in self._ad_of_deal.items():
            deal = self._known.get(deal_id)
            if deal is not None:
                pipeline, cash = deal.worth_at(now, chances)
                worth[ad_id][0] += pipeline
                worth[ad_id][1] += cash
        totals: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0, 0.0])
        for (ad_id, _), figures in self.market.figures.items():
            for place, value in enumerate((figures.impressions, figures.clicks, figures.spend)):
                totals[ad_id][place] += value
        return [self._standing(ad, totals[ad.entity_id], worth[ad.entity_id]) for ad in self.market.of_kind(AD)]

    def _standing(self, ad: Entity, totals: Sequence[float], worth: Sequence[float]) -> Standing:
        return Standing(
            ad_id=ad.entity_id,
            impressions=int(totals[0]),
            clicks=int(totals[1]),
            spend=totals[2],
            pipeline_value=worth[0],
            cash_revenue=worth[1],
            age_hours=(self.market.now - ad.created_at) / timedelta(hours=1),
            daily_budget=(self.market.entity(ad.parent_id or "").daily_budget or 0) / MINOR,
        )
