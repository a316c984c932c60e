"""Setting a scene: which ads begin when, the same for every policy that is compared."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from kairo.sandbox.ad_market.market import ACTIVE, AD, AD_SET, CAMPAIGN, MINOR, PAUSED, AdMarket, Entity, Happened
from kairo.sandbox.ad_market.observing import Observer, Standing
from kairo.sandbox.ad_market.params import Params
from kairo.sandbox.ad_market.policies import Budgets

DAY = timedelta(days=1)
Decide = Callable[[Sequence[Standing], AdMarket], Budgets]
"""Makes a day's budgets of what is known of the ads; the market is there for its time, and for who knows the truth."""


@dataclass(frozen=True)
class Launch:
    """An ad that begins on a day, with its words and its audience."""

    day: int
    name: str
    text: str
    audience: str


@dataclass(frozen=True)
class Played:
    """What a policy made of the market; `profit` is what its clicks are truly worth, less what they cost."""

    spend: float
    expected_value: float
    won: float
    clicks: int
    leads: int

    @property
    def profit(self) -> float:
        return self.expected_value - self.spend


def invented_launches(count: int, *, days: int, audiences: Sequence[str]) -> list[Launch]:
    """Return ads of which one half is there from the start, and the other comes until the middle."""
    first = (count + 1) // 2
    later = count - first
    begins = [0] * first + [round((place + 1) * days / 2 / max(later, 1)) for place in range(later)]
    words = ("quiet", "bright", "steady", "simple", "honest", "lively", "gentle", "bold", "fresh", "patient")
    return [
        Launch(
            day, f"Ad {place + 1}",
            f"{words[place % 10]} {words[(place * 3 + 1) % 10]} {words[(place * 7 + 2) % 10]} offer number {place + 1}",
            audiences[place % len(audiences)],
        )
        for place, day in enumerate(begins)
    ]  # fmt: skip


def play(
    launches: Iterable[Launch], decide: Decide, *, seed: int, start: datetime, days: int, params: Params | None = None
) -> Played:
    """Live through a market day by day, with the budgets that a policy decides on at midnight."""
    market = AdMarket(seed, start, params or Params())
    campaign = market.make(CAMPAIGN, "Campaign", status=ACTIVE)
    observer, clicks, leads = Observer(market), 0, 0
    waiting = sorted(launches, key=lambda launch: launch.day)
    for day in range(days):
        while waiting and waiting[0].day <= day:
            begin(market, waiting.pop(0), campaign)
        standings = observer.standings()
        if standings:
            give(market, decide(standings, market))
        happened = market.advance(market.now + DAY)
        observer.take(happened)
        clicks, leads = clicks + len(happened.clicks), leads + _from_ads(happened)
    return result(market, clicks=clicks, leads=leads)


def begin(market: AdMarket, launch: Launch, campaign: Entity) -> Entity:
    """Make an ad in an ad set of its own, switched on; it is shown once it has a budget."""
    ad_set = market.make(
        AD_SET, launch.name, parent_id=campaign.entity_id, status=PAUSED, audience=launch.audience, daily_budget=0
    )
    return market.make(AD, launch.name, parent_id=ad_set.entity_id, status=ACTIVE, text=launch.text)


def give(market: AdMarket, budgets: Budgets) -> None:
    """Set the day's budgets; below the platform's minimum an ad set is paused."""
    for ad in market.of_kind(AD):
        ad_set = market.entity(ad.parent_id or "")
        budget = round(budgets.get(ad.entity_id, 0.0) * MINOR)
        ad_set.daily_budget = budget
        ad_set.status = ACTIVE if budget >= market.params.minimum_budget else PAUSED


def result(market: AdMarket, *, clicks: int, leads: int) -> Played:
    """Sum up what became of a market so far."""
    won = sum(
        deal.amount for deal in market.deals.values()
        if deal.true_ad_id is not None and deal.is_won and deal.steps[-1][1] <= market.now
    )  # fmt: skip
    figures = market.figures.values()
    return Played(
        spend=sum(one.spend for one in figures), expected_value=sum(one.expected_value for one in figures), won=won,
        clicks=clicks, leads=leads,
    )  # fmt: skip


def _from_ads(happened: Happened) -> int:
    return sum(lead.ad_id is not None for lead in happened.leads)
