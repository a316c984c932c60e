"""What Kairo's budgets are compared with: an equal split, the rules that people set up, and who knows the truth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from kairo.sandbox.ad_market.market import AD, AdMarket
from kairo.sandbox.ad_market.observing import Standing

Budgets = Mapping[str, float]


def equal_split(standings: Sequence[Standing], *, total: float) -> Budgets:
    """Give every ad the same."""
    return {one.ad_id: total / len(standings) for one in standings}


@dataclass
class PlainRules:
    """Pause below a return, raise a fifth above another; what is left goes to the others in proportion.

    Open deals count at their stage's chance, or hardly an ad would live until its first sale. When all are paused, all
    begin again.
    """

    pause_below: float = 0.5
    raise_above: float = 3.0
    judged_after_spend: float = 200.0
    judged_after_hours: float = 168.0
    step: float = 0.2
    _weights: dict[str, float] = field(default_factory=dict)

    def budgets(self, standings: Sequence[Standing], *, total: float) -> Budgets:
        """Return a day's budgets."""
        for one in standings:
            weight = self._weights.setdefault(one.ad_id, 1.0)
            if one.spend < self.judged_after_spend or one.age_hours < self.judged_after_hours or not weight:
                continue
            if one.roas < self.pause_below:
                self._weights[one.ad_id] = 0.0
            elif one.roas > self.raise_above:
                self._weights[one.ad_id] = weight * (1 + self.step)
        if not any(self._weights.values()):
            self._weights = dict.fromkeys(self._weights, 1.0)
        whole = sum(self._weights.values())
        return {ad_id: total * weight / whole for ad_id, weight in self._weights.items()}


def best_split(market: AdMarket, *, total: float) -> Budgets:
    """Return the best budgets of a day, by the truth: each ad up to where its next dollar brings what the others' does.

    A dollar that would bring less than a dollar is not spent.
    """
    first = {ad.entity_id: market.first_dollar(ad) for ad in market.of_kind(AD)}
    saturation = market.params.saturation
    low, high = 1.0, max([1.0, *first.values()])
    for _ in range(60):
        least = (low + high) / 2
        spent = sum(_up_to(least, value, saturation) for value in first.values())
        low, high = (least, high) if spent > total else (low, least)
    return {ad_id: _up_to(high, value, saturation) for ad_id, value in first.items()}


def _up_to(least: float, first_dollar: float, saturation: float) -> float:
    return max(saturation * (first_dollar / least - 1), 0.0)
