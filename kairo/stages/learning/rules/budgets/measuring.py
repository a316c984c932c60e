"""Measuring a market by what an account's ads and deals did: with the optimiser's own fits, and none of its priors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kairo.stages.learning.contracts.measures import MarketMeasures, Measure, StageMeasures
from kairo.stages.learning.rules.budgets.account import amounts_of, end_of, rates_of
from kairo.stages.learning.rules.budgets.histories import DealPath, Floats, Steps
from kairo.stages.learning.rules.budgets.prices import LEAST_GAIN

STAGES = 3
LEAST_CLICKS_OF_AD = 30
"""An ad with fewer clicks says little of how far ads differ."""
SATURATIONS = [*np.geomspace(0.1, 30.0, 60).tolist(), float("inf")]
"""In days' usual spends; the last is none at all."""
SOON_DAYS = 0.4
"""Where the fit of soon and late leads begins; it moves from there."""
LATE_SHAPE = 1.2
_ROUNDS = 60


@dataclass(frozen=True)
class Followed:
    """What was followed of an account: ads over so many days, deals, and delays in days from clicks to leads.

    An entry of `clicks` and `begun` is an ad: its clicks, and its deals, whatever became of them. `begun_unknown` are
    deals of which nobody knows the ad, `pixel_leads` what the platform counted.
    """

    steps: Steps
    days: float
    clicks: Floats
    impressions: int
    pixel_leads: int
    begun: Floats
    begun_unknown: int
    closed: Sequence[DealPath]
    delays: Floats


def measured(told: Followed, *, currency: str) -> MarketMeasures:
    """Measure what can be measured."""
    spend = float(told.steps.spend.sum())
    price, spread, saturation = _prices(told.steps, told.clicks)
    lead_rate, lead_spread = _leads(told.begun, told.clicks)
    amounts = amounts_of(told.closed)
    soon_share, soon_hours, later_days = _delays(told.delays)
    leads = int(told.begun.sum())
    return MarketMeasures(
        currency=currency,
        ads=int((told.clicks > 0).sum()),
        days=told.days,
        cost_per_mille=_share(1000 * spend, told.impressions, of="impressions"),
        first_click_price=price,
        click_spread=spread,
        saturation=saturation,
        lead_rate=lead_rate,
        lead_spread=lead_spread,
        unknown_leads_a_day=Measure(
            value=told.begun_unknown / told.days if told.days else None, rests_on=told.begun_unknown, of="deals"
        ),
        stages=_stages(told.closed),
        mean_amount=_mean(amounts, of="deals"),
        amount_spread=Measure(
            value=_log_spread(amounts) if len(amounts) > 1 else None, rests_on=len(amounts), of="deals"
        ),
        soon_share=soon_share,
        soon_hours=soon_hours,
        later_days=later_days,
        pixel_loss=Measure(
            value=max(0.0, 1 - told.pixel_leads / leads) if leads and told.pixel_leads else None,
            rests_on=leads if told.pixel_leads else 0,
            of="leads",
        ),
    )


def _prices(steps: Steps, clicks: Floats) -> tuple[Measure, Measure, Measure]:
    """Price of the first click (that of the middle ad), how far ads differ in it, and the spend that doubles it.

    The optimiser counts saturation in clicks, as one number for the account; here it is money, which fits ads of
    differing prices: s a day buys S / c log(1 + s / S) clicks. The price c of each ad follows from S.
    """
    ads = len(clicks)
    days = np.maximum(steps.start - steps.end, 1e-9)
    bought = clicks >= LEAST_CLICKS_OF_AD
    told = (steps.spend > 0) & (days < 2.5) & bought[steps.ad]
    count = int(told.sum())
    if not count:
        nothing = Measure(value=None, rests_on=int(clicks.sum()), of="clicks")
        return nothing, Measure(value=None, rests_on=0, of="ads"), Measure(value=None, rests_on=0, of="days of ads")
    ad, seen, spend, days = steps.ad[told], steps.clicks[told], steps.spend[told], days[told]
    logs = np.full(len(SATURATIONS), -np.inf)
    prices = np.ones((len(SATURATIONS), ads))
    for place, times in enumerate(SATURATIONS):
        worth = days * _first_rate(spend / days, times * float(np.median(spend / days)))
        bought_by = np.bincount(ad, seen, ads)
        prices[place] = np.bincount(ad, worth, ads) / np.maximum(bought_by, 1e-9)
        expected = np.maximum(worth / np.maximum(prices[place][ad], 1e-12), 1e-12)
        logs[place] = float((seen * np.log(expected) - expected).sum())
    best = int(logs.argmax())
    saturates = best < len(SATURATIONS) - 1 and logs[best] > logs[-1] + LEAST_GAIN
    place = best if saturates else len(SATURATIONS) - 1
    own = np.unique(ad)
    of_ads = np.log(prices[place][own])
    return (
        Measure(value=float(np.exp(of_ads.mean())), rests_on=int(seen.sum()), of="clicks"),
        Measure(value=_spread_behind(of_ads, 1 / np.sqrt(clicks[own])), rests_on=len(own), of="ads"),
        Measure(
            value=SATURATIONS[place] * float(np.median(spend / days)) if saturates else None,
            rests_on=count,
            of="days of ads",
        ),
    )


def _first_rate(spend: Floats, saturation: float) -> Floats:
    """Return how much spend at the first click's price a day's spend is worth."""
    return np.asarray(saturation * np.log1p(spend / saturation)) if np.isfinite(saturation) else spend


def _spread_behind(logs: Floats, errors: Floats) -> float | None:
    """Standard deviation that is left when what chance explains is taken away."""
    if len(logs) < 2:
        return None
    return float(np.sqrt(max(0.0, logs.var(ddof=1) - (errors**2).mean())))


def _leads(begun: Floats, clicks: Floats) -> tuple[Measure, Measure]:
    """Leads a click of the middle ad, and how far ads differ in it."""
    leads = int(begun.sum())
    followed = int((clicks > 0).sum())
    if leads < 5:
        return Measure(value=None, rests_on=leads, of="leads"), Measure(value=None, rests_on=followed, of="ads")
    mean, coefficient = rates_of(begun[:, None].astype(np.int64), clicks, direct=False)
    spread = float(np.sqrt(np.log1p(coefficient**2)))
    return (
        Measure(value=mean * float(np.exp(-(spread**2) / 2)), rests_on=leads, of="leads"),
        Measure(value=spread, rests_on=followed, of="ads"),
    )


def _stages(deals: Sequence[DealPath]) -> list[StageMeasures]:
    """How deals pass from each of three levels of certainty to the next, by what their stages counted."""
    ends = np.array([end_of(deal) for deal in deals], dtype=np.int64)
    stays: list[list[float]] = [[] for _ in range(STAGES)]
    for deal in deals:
        entered = _entered(deal)
        for level in range(STAGES):
            if level in entered and level + 1 in entered:
                stays[level].append(entered[level + 1] - entered[level])
    found = []
    for level in range(STAGES):
        reached = int((ends >= level).sum())
        went_on = _share(float((ends > level).sum()), reached, of="deals")
        found.append(StageMeasures(goes_on=went_on, mean_days=_mean(np.array(stays[level]), of="deals")))
    return found


def _entered(deal: DealPath) -> dict[int, float]:
    """Return on which day a deal came to each level first; winning is the last."""
    entered: dict[int, float] = {}
    for share, day in sorted(deal.steps, key=lambda step: step[1]):
        level = 2 if share > 0.6 else 1 if share > 0.3 else 0
        entered.setdefault(level, day)
    if deal.is_won:
        entered[STAGES] = deal.closed
    return entered


def _delays(days: Floats) -> tuple[Measure, Measure, Measure]:
    """Tell leads that come soon from those that come late: a mixture of two waits, by expectation and maximisation."""
    from scipy.special import gamma

    seen = len(days)
    if seen < 2 or days.max(initial=0) < SOON_DAYS or days.min(initial=0) >= SOON_DAYS:
        nothing = Measure(value=None, rests_on=seen, of="leads")
        return nothing, nothing, nothing
    days = np.maximum(days, 1e-4)

    def norm(scale: float) -> float:
        return float(gamma(LATE_SHAPE) * scale**LATE_SHAPE)

    soon = (days < SOON_DAYS).astype(float)
    for _ in range(_ROUNDS):
        share = soon.mean()
        early, late = (soon * days).sum() / soon.sum(), ((1 - soon) * days).sum() / (1 - soon).sum()
        scale = late / LATE_SHAPE
        of_early = share * np.exp(-days / early) / early
        of_late = (1 - share) * days ** (LATE_SHAPE - 1) * np.exp(-days / scale) / norm(scale)
        soon = of_early / (of_early + of_late)
    return (
        Measure(value=float(share), rests_on=seen, of="leads"),
        Measure(value=float(24 * early), rests_on=round(float(soon.sum())), of="leads"),
        Measure(value=float(late), rests_on=round(float((1 - soon).sum())), of="leads"),
    )


def _log_spread(amounts: Floats) -> float:
    return float(np.sqrt(np.log1p((amounts.std() / amounts.mean()) ** 2)))


def _share(part: float, whole: float, *, of: str) -> Measure:
    return Measure(value=float(part / whole) if whole else None, rests_on=int(whole), of=of)


def _mean(values: Floats, *, of: str) -> Measure:
    return Measure(value=float(values.mean()) if len(values) else None, rests_on=len(values), of=of)
