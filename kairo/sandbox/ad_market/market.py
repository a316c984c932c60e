"""The market itself: what stands on the platform, and what happens while time goes on.

Its clock is moved from outside. All chance is drawn from the seed, the ad's number and the hour, so that two markets in
which the same ads run differ by what was decided alone.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from math import exp, log1p
from threading import RLock
from zoneinfo import ZoneInfo

import numpy as np

from kairo.sandbox.ad_market.creatives import Quality, quality_of
from kairo.sandbox.ad_market.deals import Deal, deal_of
from kairo.sandbox.ad_market.params import Audience, Params
from kairo.sandbox.ad_market.visitors import Click, Lead, click_of, lead_of, organic_lead

HOUR = timedelta(hours=1)
ACTIVE, PAUSED = "ACTIVE", "PAUSED"
CAMPAIGN, AD_SET, AD = "campaign", "adset", "ad"
MINOR = 100
_FIRST_NUMBER = {CAMPAIGN: 120_100_000, AD_SET: 120_200_000, AD: 120_300_000}
_ORGANIC = 0


class EntityMissing(LookupError):
    """Nothing on the platform has this id."""


@dataclass
class Entity:
    """A campaign, an ad set or an ad. `daily_budget` is in smallest units; only campaigns and ad sets may have one."""

    entity_id: str
    kind: str
    name: str
    parent_id: str | None = None
    status: str = PAUSED
    daily_budget: int | None = None
    bid: int | None = None
    """A cap that is kept and shown; the market itself does not bid."""
    text: str = ""
    link_url: str = ""
    created_at: datetime = datetime(2000, 1, 1, tzinfo=UTC)
    audience: Audience | None = None
    quality: Quality | None = None
    number: int = 0


@dataclass
class Figures:
    """What an ad did in an hour. `expected_value`: what its clicks are truly worth; `leads_seen`: what a pixel sees."""

    impressions: int = 0
    clicks: int = 0
    spend: float = 0.0
    leads_seen: int = 0
    expected_value: float = 0.0


@dataclass(frozen=True)
class Happened:
    """What came about while the clock was moved, in the order of time."""

    clicks: list[Click] = field(default_factory=list)
    leads: list[Lead] = field(default_factory=list)
    deals: list[Deal] = field(default_factory=list)
    """Deals that were made or came to another stage."""


@dataclass
class AdMarket:
    """One ad account with its buyers. Calls may come from several threads."""

    seed: int
    start: datetime
    params: Params = field(default_factory=Params)
    account_id: str = "1000200030004"
    name: str = "Sandbox account"

    def __post_init__(self) -> None:
        self.now = self.start.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        self.start = self.now
        self.entities: dict[str, Entity] = {}
        self.figures: dict[tuple[str, datetime], Figures] = defaultdict(Figures)
        self.deals: dict[int, Deal] = {}
        self.lock = RLock()
        self._zone = ZoneInfo(self.params.timezone)
        self._shown: dict[str, int] = defaultdict(int)
        self._spent_today: dict[str, float] = defaultdict(float)
        self._due: list[tuple[datetime, int, Lead | Deal]] = []
        self._count = 0

    def make(
        self, kind: str, name: str, *, parent_id: str | None = None, status: str = PAUSED,
        daily_budget: int | None = None, text: str = "", link_url: str = "", audience: str | None = None,
    ) -> Entity:  # fmt: skip
        """Make a campaign, an ad set or an ad.

        Raises:
            EntityMissing: its parent is not there.
        """
        with self.lock:
            if parent_id is not None:
                self.entity(parent_id)
            number = sum(one.kind == kind for one in self.entities.values()) + 1
            entity = Entity(
                str(_FIRST_NUMBER[kind] * 1_000_000 + self.seed % 1000 * 1000 + number), kind, name, parent_id, status,
                daily_budget, text=text, link_url=link_url, created_at=self.now, number=number,
            )  # fmt: skip
            if kind == AD_SET:
                entity.audience = self._audience(audience, number)
            if kind == AD:
                entity.quality = quality_of(text or name, seed=self.seed, params=self.params)
            self.entities[entity.entity_id] = entity
            return entity

    def entity(self, entity_id: str) -> Entity:
        """Return what has this id.

        Raises:
            EntityMissing: nothing has.
        """
        try:
            return self.entities[entity_id]
        except KeyError:
            raise EntityMissing(entity_id) from None

    def of_kind(self, kind: str) -> list[Entity]:
        """List all of one kind in the order in which they were made."""
        return [one for one in self.entities.values() if one.kind == kind]

    def is_delivering(self, ad: Entity) -> bool:
        """Tell whether an ad is shown: it, its ad set and its campaign are on."""
        above = self._above(ad)
        return ad.status == ACTIVE and all(one.status == ACTIVE for one in above)

    def advance(self, to: datetime) -> Happened:
        """Let time pass up to a moment, by whole hours, and return what came about."""
        happened = Happened()
        with self.lock:
            while self.now + HOUR <= to:
                self._pass_hour(happened)
        return happened

    def spent(self, ad_id: str) -> float:
        """Return what an ad has cost."""
        return sum(one.spend for (owner, _), one in self.figures.items() if owner == ad_id)

    def expected_profit(self) -> float:
        """Return what the account's clicks are truly worth, less what they cost."""
        return sum(one.expected_value - one.spend for one in self.figures.values())

    def first_dollar(self, ad: Entity) -> float:
        """Return what the first dollar of a day is truly worth in an ad."""
        audience, quality = self.entities[ad.parent_id or ""].audience, ad.quality
        assert audience is not None
        assert quality is not None
        rate = self.params.click_through * audience.pull * quality.clicks * self._fresh(ad, audience)
        leads = min(self.params.lead_rate * quality.leads, 0.9)
        return rate * 1000 / audience.cost_per_mille * leads * self.params.lead_value

    def _audience(self, name: str | None, number: int) -> Audience:
        by_name = {one.name: one for one in self.params.audiences}
        return by_name.get(name or "", self.params.audiences[(number - 1) % len(self.params.audiences)])

    def _above(self, entity: Entity) -> list[Entity]:
        found = []
        while entity.parent_id is not None:
            entity = self.entities[entity.parent_id]
            found.append(entity)
        return found

    def _pass_hour(self, happened: Happened) -> None:
        hour = self.now
        self.now += HOUR
        if hour.astimezone(self._zone).hour == 0:
            self._spent_today.clear()
        for ad, budget in self._budgets():
            self._show(ad, budget, hour, happened)
        self._organic(hour)
        while self._due and self._due[0][0] < self.now:
            _, _, event = heapq.heappop(self._due)
            if isinstance(event, Lead):
                happened.leads.append(event)
            else:
                happened.deals.append(event)

    def _budgets(self) -> Iterator[tuple[Entity, float]]:
        """Yield the ads that are shown with the money that each has for the day."""
        shown: dict[str, list[Entity]] = defaultdict(list)
        for ad in self.of_kind(AD):
            if self.is_delivering(ad):
                above = self._above(ad)
                payer = next((one for one in above if one.daily_budget is not None), None)
                if payer is not None:
                    shown[payer.entity_id].append(ad)
        for payer_id, ads in shown.items():
            budget = (self.entities[payer_id].daily_budget or 0) / MINOR
            for ad in ads:
                yield ad, budget / len(ads)

    def _show(self, ad: Entity, budget: float, hour: datetime, happened: Happened) -> None:
        ad_set = self.entities[ad.parent_id or ""]
        audience, quality = ad_set.audience, ad.quality
        assert audience is not None
        assert quality is not None
        spent = self._spent_today[ad.entity_id]
        spend = min(budget * self._share_of(hour), max(budget - spent, 0.0))
        if spend <= 0:
            return
        rng = self._chance(ad.number, hour)
        figures = self.figures[ad.entity_id, hour]
        figures.spend = spend
        figures.impressions = round(spend / audience.cost_per_mille * 1000)
        rate = self.params.click_through * audience.pull * quality.clicks * self._fresh(ad, audience)
        expected = rate * 1000 / audience.cost_per_mille * _bought(spent, spend, self.params.saturation)
        lead_rate = min(self.params.lead_rate * quality.leads, 0.9)
        figures.clicks = int(rng.poisson(expected))
        figures.expected_value = expected * lead_rate * self.params.lead_value
        self._spent_today[ad.entity_id] += spend
        self._shown[ad.entity_id] += figures.impressions
        for place in range(figures.clicks):
            self._click(ad, audience, lead_rate, hour, place, figures, happened)

    def _click(
        self, ad: Entity, audience: Audience, lead_rate: float, hour: datetime, place: int, figures: Figures,
        happened: Happened,
    ) -> None:  # fmt: skip
        rng = self._chance(ad.number, hour, place + 1)
        at = hour + timedelta(seconds=float(rng.uniform(0, 3599)))
        campaign = self._above(ad)[-1]
        click = click_of(
            rng, click_id=f"{ad.entity_id}.{int(hour.timestamp()) // 3600:x}.{place}", ad_id=ad.entity_id,
            campaign_id=campaign.entity_id, at=at, audience=audience, params=self.params,
        )  # fmt: skip
        happened.clicks.append(click)
        if rng.random() >= lead_rate:
            return
        figures.leads_seen += bool(rng.random() >= self.params.pixel_loss)
        lead_at = at + self._hesitation(rng)
        self._count += 1
        lead = lead_of(rng, click, deal_id=self._count, at=lead_at, params=self.params)
        self._plan(lead, rng)

    def _organic(self, hour: datetime) -> None:
        rng = self._chance(_ORGANIC, hour)
        for _ in range(int(rng.poisson(self.params.organic_leads_a_day / 24))):
            self._count += 1
            at = hour + timedelta(seconds=float(rng.uniform(0, 3599)))
            self._plan(organic_lead(rng, deal_id=self._count, at=at, params=self.params), rng)

    def _plan(self, lead: Lead, rng: np.random.Generator) -> None:
        """Write down when a lead and its deal will be heard of."""
        deal = deal_of(rng, deal_id=lead.deal_id, lead_at=lead.at, true_ad_id=lead.ad_id, params=self.params)
        self.deals[deal.deal_id] = deal
        heapq.heappush(self._due, (lead.at, deal.deal_id, lead))
        for place, (_, at) in enumerate(deal.steps):
            heapq.heappush(self._due, (at, deal.deal_id + (place + 1) * 10**9, deal))

    def _hesitation(self, rng: np.random.Generator) -> timedelta:
        if rng.random() < self.params.soon_share:
            return timedelta(hours=float(rng.exponential(self.params.soon_hours)))
        return timedelta(days=float(rng.gamma(1.2, self.params.later_days / 1.2)))

    def _fresh(self, ad: Entity, audience: Audience) -> float:
        """Return how much of an ad's pull is left: who has seen it often passes it by."""
        return exp(-self._shown[ad.entity_id] / audience.reach)

    def _share_of(self, hour: datetime) -> float:
        """Return which part of a day's money an hour gets: most in the evening."""
        local = hour.astimezone(self._zone).hour
        return (1 + self.params.day_cycle * float(np.cos((local - 20) / 24 * 2 * np.pi))) / 24

    def _chance(self, *key: object) -> np.random.Generator:
        parts = [(one - self.start) // HOUR if isinstance(one, datetime) else int(str(one)) for one in key]
        return np.random.default_rng([self.seed, *parts])


def _bought(spent: float, spend: float, saturation: float) -> float:
    """Return how much first-rate spend a further spend is worth: each further dollar of a day reaches less."""
    return saturation * (log1p((spent + spend) / saturation) - log1p(spent / saturation))
