"""An account's market as its own past shows it: each figure with how much it rests on."""

from __future__ import annotations

from kairo.shapes import Frozen


class Measure(Frozen):
    """A figure, and how many observations of what it rests on; null where the past does not tell it."""

    value: float | None
    rests_on: int
    of: str


class StageMeasures(Frozen):
    """How many deals go on from a stage, and after how many days."""

    goes_on: Measure
    mean_days: Measure


class MarketMeasures(Frozen):
    """What was measured. Money is in the account's currency, spreads are standard deviations of a logarithm.

    `first_click_price` is what an ad's first click of a day costs, `saturation` the spend of a day at which the next
    click costs twice that. Leads are deals whose ad is known; `unknown_leads_a_day` are the others. `soon_share` of
    leads come about `soon_hours` after their click, the others about `later_days` after it.
    """

    currency: str
    ads: int
    days: float
    cost_per_mille: Measure
    first_click_price: Measure
    click_spread: Measure
    saturation: Measure
    lead_rate: Measure
    lead_spread: Measure
    unknown_leads_a_day: Measure
    stages: list[StageMeasures]
    mean_amount: Measure
    amount_spread: Measure
    soon_share: Measure
    soon_hours: Measure
    later_days: Measure
    pixel_loss: Measure
