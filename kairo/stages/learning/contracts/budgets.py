"""Budgets of ads: what is told of them, what is recommended and why, and a tenant's settings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from kairo.errors import NotFound
from kairo.shapes import Frozen, Strict
from kairo.stages.revenue.contracts.deals import OutsideId, RecordTime

MOST_ADS = 100_000
MOST_REPORTS = 1_000
# Beyond these no real account goes, and sums of a hundred thousand ads stay exact enough.
LARGEST_COUNT = 10**12
LARGEST_MONEY = 1e12

AdId = OutsideId
Count = Annotated[int, Field(ge=0, le=LARGEST_COUNT)]
Money = Annotated[float, Field(ge=0, le=LARGEST_MONEY, allow_inf_nan=False)]


class BudgetMode(StrEnum):
    """What an ad is judged by: cash alone (a shop), or open deals too (services, which are bought after weeks)."""

    DIRECT = "direct"
    PIPELINE = "pipeline"


class Decision(StrEnum):
    KILL = "KILL"
    HOLD = "HOLD"
    SCALE = "SCALE"


class CampaignHasNoAds(NotFound):
    """No ad of the account names this campaign."""

    code = "campaign_not_found"


class Totals(BaseModel):
    """Running totals of one ad. `pipeline_value` holds open deals at their stage's share, won ones at their amount."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    ad_id: AdId
    impressions: Count = 0
    clicks: Count = 0
    spend: Money = 0.0
    pipeline_value: Money = 0.0
    cash_revenue: Money = 0.0


class AdState(Totals):
    """An ad as it stands: running totals, its age, and what it may spend a day now."""

    age_hours: Annotated[float, Field(ge=0, le=1e6, allow_inf_nan=False)] | None = None
    daily_budget: Money | None = None
    created_at: RecordTime | None = None


class AdTotalsAt(Totals):
    """Running totals of an ad as of a moment."""

    observed_at: datetime


class AdReport(Totals):
    """What an ad had done in all by a moment; the same told twice changes nothing."""

    observed_at: RecordTime


class AdReportBatch(Strict):
    """Up to 1,000 reports, in any order."""

    reports: Annotated[list[AdReport], Field(min_length=1, max_length=MOST_REPORTS)]


class AdStanding(Frozen):
    """An ad's newest totals, and whether this report was new."""

    ad_id: str
    impressions: int
    clicks: int
    spend: float
    pipeline_value: float
    cash_revenue: float
    observed_at: datetime
    is_new: bool
    cost_per_click: float | None
    cash_roas: float | None
    pipeline_roas: float | None


class AdStandings(Frozen):
    """One entry a report, in the order sent."""

    results: list[AdStanding]


class SelectRequest(BaseModel):
    """Which ads share how much money a day. `total_budget` is a maximum; less may be recommended."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    ad_states: Annotated[list[AdState], Field(min_length=1, max_length=MOST_ADS)] | None = None
    campaign_id: AdId | None = None
    total_budget: Money
    mode: BudgetMode | None = None
    seed: Annotated[int, Field(ge=0, lt=2**63)] = 0

    @model_validator(mode="after")
    def _names_ads_once(self) -> SelectRequest:
        if (self.ad_states is None) == (self.campaign_id is None):
            raise ValueError("give either ad_states or campaign_id")
        if self.ad_states is not None and len({state.ad_id for state in self.ad_states}) < len(self.ad_states):
            raise ValueError("ad_states names an ad twice: send each ad once")
        return self


@dataclass(frozen=True, slots=True)
class Interval:
    """Nine of ten draws lie between `low` and `high`."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class AdMetrics:
    """What a recommendation rests on. `first_dollar_roas` is what the first unit of money a day would bring back.

    `lead_rate` is leads a click (orders in a shop), `value_per_click` the money that a click brings in the end,
    `matured_share` the share of the conversions of its clicks that could have come by now.
    """

    cost_per_click: float
    value_per_click: float
    lead_rate: float
    first_dollar_roas: float
    matured_share: float
    probability_losing: float
    probability_scaling: float
    observed_roas: float | None
    spend: float
    clicks: int


@dataclass(frozen=True, slots=True)
class Recommendation:
    """What one ad should get a day, and why. `confidence`, 0 to 1: how much narrower than the prior the answer is."""

    ad_id: str
    current_budget: float
    recommended_budget: float
    change_percentage: float | None
    probability_best: float
    expected_roas: float
    expected_roas_interval: Interval
    confidence: float
    decision: Decision
    reason: str
    metrics: AdMetrics


class AccountLearned(Frozen):
    """What an account's own past has taught, and from how much of it; money in the account's currency.

    `delay_curve_version` names the kept curve that serves; without one the delays are what the deals say now.
    """

    mean_amount: float
    closed_deals: int
    won_deals: int
    retired_ads: int
    lead_rate: float
    wins_a_lead: float
    median_days_to_win: float
    delay_curve_version: int | None = None
    cost_per_click: float
    saturation_clicks: float | None


class Selection(Frozen):
    """One recommendation for each ad, in the order asked; their sum is never above `total_budget`."""

    selection_id: UUID
    mode: BudgetMode
    total_budget: float
    recommended_total: float
    unspent: float
    currency: str
    as_of: datetime
    recommendations: list[Recommendation]
    account: AccountLearned
    shadow: bool


class BudgetSettings(Strict):
    """A tenant's thresholds; money is in `currency`. What is left out goes back to its default."""

    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] = "USD"
    mode: BudgetMode = BudgetMode.PIPELINE
    shadow: bool = Field(default=True, description="Recommendations are kept and scored; nothing acts on them.")
    ignore_younger_than_days: Annotated[float, Field(ge=0, le=365)] = 2.0
    ignore_spend_below: Money = 100.0
    kill_spend_above: Money = 200.0
    target_cost_per_result: Money = 0.0
    kill_spend_in_target_costs: Annotated[float, Field(ge=0, le=1_000)] = 3.0
    kill_roas: Annotated[float, Field(gt=0, le=1_000)] = 0.5
    kill_probability: Annotated[float, Field(ge=0.5, le=1)] = 0.9
    kill_after_median_delays: Annotated[float, Field(ge=0, le=100)] = 1.0
    scale_roas: Annotated[float, Field(gt=0, le=1_000)] = 3.0
    scale_probability: Annotated[float, Field(ge=0.5, le=1)] = 0.8
    scale_step: Annotated[float, Field(gt=0, le=1)] = 0.2
    min_impressions_for_decision: Annotated[int, Field(ge=0, le=10**9)] = 100
    min_daily_budget: Money = 0.0
    least_marginal_return: Annotated[float, Field(ge=0, le=100)] = 1.0
    exploration_share: Annotated[float, Field(ge=0, le=0.5)] = 0.02
    thompson_share: Annotated[float, Field(ge=0, le=1)] = 0.3
    half_life_days: Annotated[float, Field(ge=1, le=10_000)] = 120.0


class RecommendationScore(Frozen):
    """How one earlier selection compares with what happened since, over the ads that were reported on after it.

    `roas_of_raised` and `roas_of_cut` are the returns since then, open deals included, of the ads that it would have
    given more money and of those that it would have given less.
    """

    selection_id: UUID
    made_at: datetime
    scored_until: datetime
    ads: int
    interval_held: float | None
    expected_roas: float | None
    observed_roas: float | None
    roas_of_raised: float | None
    roas_of_cut: float | None
    says: str


class RecommendationScores(Frozen):
    """Newest first; selections that nothing is known of yet are left out."""

    items: list[RecommendationScore]
