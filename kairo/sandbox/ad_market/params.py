"""How the market is made: every number with its unit. Money is in the account's currency, in its main unit."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Audience:
    """Whom an ad set shows its ads to. `reach` is after how many impressions an ad has lost 63 % of its pull."""

    name: str
    cost_per_mille: float
    pull: float
    reach: float
    phone_share: float


@dataclass(frozen=True)
class Stage:
    """A stage of the sales pipeline: how many days a deal stays, and how likely it goes on."""

    name: str
    mean_days: float
    goes_on: float


AUDIENCES = (
    Audience("broad", cost_per_mille=11.0, pull=0.8, reach=6_000_000, phone_share=0.75),
    Audience("interest", cost_per_mille=15.0, pull=1.1, reach=3_000_000, phone_share=0.65),
    Audience("lookalike", cost_per_mille=19.0, pull=1.35, reach=2_000_000, phone_share=0.60),
)
STAGES = (
    Stage("appointmentscheduled", mean_days=2.0, goes_on=0.62),
    Stage("qualifiedtobuy", mean_days=3.5, goes_on=0.60),
    Stage("contractsent", mean_days=4.0, goes_on=0.56),
)
WON, LOST = "closedwon", "closedlost"


@dataclass(frozen=True)
class Params:
    """The market's hidden numbers."""

    timezone: str = "UTC"
    currency: str = "USD"
    audiences: tuple[Audience, ...] = AUDIENCES
    click_through: float = 0.005
    """Clicks an impression of a middling creative."""
    lead_rate: float = 0.025
    """Leads a click of a middling creative."""
    click_spread: float = 0.40
    lead_spread: float = 0.70
    """Standard deviations of the logarithm of a creative's quality."""
    worded_share: float = 0.6
    """How much of that variance lies in a creative's words, so that alike texts do alike; the rest is its own."""
    saturation: float = 250.0
    """Spend of a day at which an ad's next click costs twice the first."""
    day_cycle: float = 0.6
    """How far the best hour lies above the mean, as a share."""
    stages: tuple[Stage, ...] = STAGES
    mean_amount: float = 950.0
    amount_spread: float = 0.6
    soon_share: float = 0.55
    """So many leads come within hours of the click, the others after days."""
    soon_hours: float = 1.2
    later_days: float = 4.0
    organic_leads_a_day: float = 3.0
    unseen_clicks: float = 0.02
    """Clicks of which no trace ever arrives."""
    unscripted_clicks: float = 0.08
    """Landings where the page's script did not run: no device is known, and no cookie stays."""
    lost_cookies: float = 0.25
    no_consent: float = 0.03
    email_at_click: float = 0.35
    email_at_lead: float = 0.92
    ad_in_crm: float = 0.55
    """Deals whose CRM knows the ad, from a hidden field of the form."""
    pixel_loss: float = 0.20
    """Leads that the platform itself does not see."""
    minimum_budget: int = 100
    """Of an ad set a day, in smallest units."""

    @property
    def wins_a_lead(self) -> float:
        chance = 1.0
        for stage in self.stages:
            chance *= stage.goes_on
        return chance

    @property
    def lead_value(self) -> float:
        """What a lead brings in the end, on average."""
        return self.wins_a_lead * self.mean_amount
