"""What becomes of a lead: a deal that goes through the stages of its pipeline, or is lost on the way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from kairo.sandbox.ad_market.params import LOST, WON, Params

_LEAST_STAY = timedelta(minutes=10)


@dataclass(frozen=True)
class Deal:
    """A deal with all of its future; `ad_id` is what the CRM knows of its ad, `true_ad_id` what led to it."""

    deal_id: int
    amount: float
    steps: tuple[tuple[str, datetime], ...]
    ad_id: str | None
    true_ad_id: str | None

    @property
    def created_at(self) -> datetime:
        return self.steps[0][1]

    @property
    def is_won(self) -> bool:
        return self.steps[-1][0] == WON

    def steps_until(self, at: datetime) -> tuple[tuple[str, datetime], ...]:
        """Return how far the deal has come."""
        return tuple(step for step in self.steps if step[1] <= at)

    def worth_at(self, at: datetime, chances: dict[str, float]) -> tuple[float, float]:
        """Return what it counts at a moment, open stages at their chance, and how much of that is cash."""
        told = self.steps_until(at)
        if not told:
            return 0.0, 0.0
        stage = told[-1][0]
        cash = self.amount if stage == WON else 0.0
        return cash or self.amount * chances.get(stage, 0.0), cash


def deal_of(
    rng: np.random.Generator, *, deal_id: int, lead_at: datetime, true_ad_id: str | None, params: Params
) -> Deal:
    """Draw a deal from the moment of its lead on; the amount's mean is the market's."""
    spread = params.amount_spread
    amount = float(np.exp(rng.normal(np.log(params.mean_amount) - spread**2 / 2, spread)))
    at, steps = lead_at + timedelta(minutes=float(rng.exponential(45))), []
    is_lost = False
    for stage in params.stages:
        steps.append((stage.name, at))
        at += _LEAST_STAY + timedelta(days=float(rng.gamma(1.5, stage.mean_days / 1.5)))
        if rng.random() >= stage.goes_on:
            is_lost = True
            # Nobody says no: a deal is given up long after it would have gone on.
            at += timedelta(days=float(rng.exponential(2 * stage.mean_days)))
            break
    steps.append((LOST if is_lost else WON, at))
    known = true_ad_id if rng.random() < params.ad_in_crm else None
    return Deal(deal_id, round(amount, 2), tuple(steps), known, true_ad_id)


def chances_of(params: Params) -> dict[str, float]:
    """Return how likely a deal is won from each stage on."""
    chances, chance = {WON: 1.0, LOST: 0.0}, 1.0
    for stage in reversed(params.stages):
        chance *= stage.goes_on
        chances[stage.name] = chance
    return chances
