"""What a click costs: each ad's first-click price, and how fast more money a day makes clicks dearer.

A day's money s buys S log(1 + s / (S c)) clicks: the first cost c each. S is learned from days with differing budgets;
an account whose days say nothing of it is taken to have none (clicks in proportion to money).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kairo.stages.learning.rules.budgets.histories import Floats, Ints, Steps

LINEAR = np.inf
PRIOR_CLICKS = 10.0
LEAST_GAIN = 2.0
"""So much better in log likelihood than proportion must a saturation fit be."""
_ROUNDS = 30
_SEEN_SCALES = np.geomspace(0.1, 30.0, 25)


@dataclass(frozen=True)
class Prices:
    """First-click prices by ad, with the standard error of their logarithm, and the account's S (clicks a day)."""

    cost: Floats
    error: Floats
    saturation: float
    usual_cost: float


def learn_saturation(steps: Steps, ads: int) -> float:
    """Fit S by likelihood over the days on which money was spent; LINEAR where proportion explains them as well."""
    days = np.maximum(steps.start - steps.end, 1e-9)
    daily = (steps.spend > 0) & (days < 2.5) & (steps.clicks > 0)
    if daily.sum() < 20:
        return LINEAR
    ad, clicks, spend, days = steps.ad[daily], steps.clicks[daily], steps.spend[daily], days[daily]
    typical = float(np.median(clicks / days))
    scales = np.r_[_SEEN_SCALES * max(typical, 1.0), LINEAR]
    likelihood = np.array([_likelihood(scale, ad, clicks, spend, days, ads) for scale in scales])
    finite = likelihood[:-1]
    if finite.max() < likelihood[-1] + LEAST_GAIN:
        return LINEAR
    weights = np.exp(finite - finite.max())
    return float(np.exp((weights * np.log(scales[:-1])).sum() / weights.sum()))


def _likelihood(scale: float, ad: Ints, clicks: Floats, spend: Floats, days: Floats, ads: int) -> float:
    total = np.asarray(np.bincount(ad, clicks, ads), dtype=np.float64)
    cost = first_prices(scale, ad, spend, days, total, prior=None)[ad]
    expected = np.maximum(1e-12, days * clicks_for(spend / days, cost, scale))
    return float((clicks * np.log(expected) - expected).sum())


def clicks_for(spend: Floats, cost: Floats, saturation: float) -> Floats:
    """Return the clicks that a day's money buys."""
    if not np.isfinite(saturation):
        return spend / cost
    return saturation * np.log1p(spend / (saturation * cost))


def first_prices(scale: float, ad: Ints, spend: Floats, days: Floats, clicks: Floats, *, prior: float | None) -> Floats:
    """Find by bisection the prices at which the spend explains the clicks, with some clicks at the usual price."""
    ads = len(clicks)
    money = np.asarray(np.bincount(ad, spend, ads), dtype=float)
    average = np.maximum(money, 1e-9) / np.maximum(clicks, 0.5)
    low, high = np.log(average / 50), np.log(average * 50)
    if prior is not None:
        clicks = clicks + PRIOR_CLICKS
        low, high = np.minimum(low, np.log(prior / 50)), np.maximum(high, np.log(prior * 50))
    for _ in range(_ROUNDS):
        middle = (low + high) / 2
        cost = np.exp(middle)
        expected = np.asarray(np.bincount(ad, days * clicks_for(spend / days, cost[ad], scale), ads), dtype=float)
        if prior is not None:
            expected = expected + PRIOR_CLICKS * prior / cost
        too_many = expected > clicks
        low, high = np.where(too_many, middle, low), np.where(too_many, high, middle)
    return np.asarray(np.exp((low + high) / 2))


def learn_prices(steps: Steps, ads: int, *, saturation: float, usual_cost: float | None) -> Prices:
    """Learn the price of each ad; one without clicks has the usual price."""
    days = np.maximum(steps.start - steps.end, 1e-9)
    clicks = np.asarray(np.bincount(steps.ad, steps.clicks, ads), dtype=np.float64)
    spend = np.bincount(steps.ad, steps.spend, ads)
    if usual_cost is None:
        usual_cost = float(np.median((spend / np.maximum(clicks, 1e-9))[clicks > 0])) if (clicks > 0).any() else 1.0
    usual_cost = max(usual_cost, 1e-6)
    cost = first_prices(saturation, steps.ad, steps.spend, days, clicks, prior=usual_cost)
    return Prices(cost, 1 / np.sqrt(clicks + PRIOR_CLICKS), saturation, usual_cost)
