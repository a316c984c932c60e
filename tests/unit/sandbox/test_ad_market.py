"""The invented ad market: the same seed gives the same world, and money buys what it should."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from kairo.sandbox.ad_market import AdMarket, Happened, Params
from kairo.sandbox.ad_market.creatives import quality_of
from kairo.sandbox.ad_market.faults import Fault, Faults
from kairo.sandbox.ad_market.market import ACTIVE, AD, AD_SET, CAMPAIGN, PAUSED
from kairo.sandbox.ad_market.observing import Observer, Standing
from kairo.sandbox.ad_market.policies import PlainRules, best_split, equal_split
from kairo.sandbox.ad_market.staging import Decide, invented_launches, play

START = datetime(2026, 1, 5, tzinfo=UTC)
DAY = timedelta(days=1)


def _market(*, seed: int = 3, budget: int = 10_000, params: Params | None = None) -> AdMarket:
    market = AdMarket(seed, START, params or Params())
    campaign = market.make(CAMPAIGN, "Campaign", status=ACTIVE)
    ad_set = market.make(AD_SET, "Set", parent_id=campaign.entity_id, status=ACTIVE, daily_budget=budget)
    market.make(AD, "Ad", parent_id=ad_set.entity_id, status=ACTIVE, text="Leaves for dark halls")
    return market


def _told(happened: Happened) -> tuple[list[object], list[object], list[object]]:
    return list(happened.clicks), list(happened.leads), list(happened.deals)


def _clicks(market: AdMarket) -> int:
    return sum(one.clicks for one in market.figures.values())


def test_the_same_seed_gives_the_same_world() -> None:
    one, same, other = (_market(seed=seed).advance(START + 5 * DAY) for seed in (3, 3, 4))
    assert _told(one) == _told(same)
    assert _told(one) != _told(other)


def test_time_in_small_steps_is_the_same_time() -> None:
    market, whole = _market(), _market().advance(START + 2 * DAY)
    parts = [market.advance(START + hours * timedelta(hours=1)) for hours in range(1, 49)]
    assert [click for part in parts for click in part.clicks] == whole.clicks
    assert [lead for part in parts for lead in part.leads] == whole.leads


def test_more_money_brings_more_but_each_further_part_less() -> None:
    expected = []
    for budget in (2_500, 5_000, 10_000, 20_000):
        market = _market(budget=budget)
        market.advance(START + DAY)
        expected.append(sum(one.expected_value for one in market.figures.values()))
        assert sum(one.spend for one in market.figures.values()) == pytest.approx(budget / 100, abs=0.01)
    gains = [later - earlier for earlier, later in pairwise(expected)]
    assert all(gain > 0 for gain in gains)
    assert [gain / 2**place for place, gain in enumerate(gains)] == sorted(
        (gain / 2**place for place, gain in enumerate(gains)), reverse=True
    )


def test_an_ad_tires_its_audience() -> None:
    market = _market(budget=80_000)
    market.advance(START + 30 * DAY)
    by_day = Counter[int]()
    for (_, hour), figures in market.figures.items():
        by_day[(hour - START) // DAY] += round(figures.expected_value * 1000)
    values = [by_day[day] for day in range(30)]
    assert values == sorted(values, reverse=True)
    assert values[-1] < 0.8 * values[0]


def test_what_is_paused_costs_nothing() -> None:
    market = _market()
    market.of_kind(AD_SET)[0].status = PAUSED
    happened = market.advance(START + 2 * DAY)
    assert happened.clicks == []
    assert market.expected_profit() == 0


def test_evenings_bring_more_than_mornings() -> None:
    market = _market(params=Params(timezone="America/New_York"))
    market.advance(START + 10 * DAY)
    by_hour = Counter[int]()
    for (_, hour), figures in market.figures.items():
        by_hour[hour.hour] += round(figures.spend * 100)
    assert max(by_hour, key=by_hour.__getitem__) in {0, 1, 2}  # 20 o'clock there.


def test_the_words_of_an_ad_are_part_of_its_quality() -> None:
    params = Params()
    texts = ["green leaves for dark rooms", "green leaves for dark halls", "quarterly payroll software"]
    apart: list[list[float]] = [[], []]
    for seed in range(200):
        one, near, far = (quality_of(text, seed=seed, params=params).leads for text in texts)
        apart[0].append(abs(one - near))
        apart[1].append(abs(one - far))
    assert sum(apart[0]) < 0.9 * sum(apart[1])


def test_traces_are_lost_and_never_invented() -> None:
    market = _market(budget=50_000)
    happened = market.advance(START + 20 * DAY)
    seen = [click for click in happened.clicks if click.visit is not None]
    assert 0.95 < len(seen) / len(happened.clicks) < 1
    carried = [lead for lead in happened.leads if "click_id" in lead.visit]
    assert 0.5 < len(carried) / sum(lead.ad_id is not None for lead in happened.leads) < 0.8
    assert {lead.visit["click_id"] for lead in carried} <= {click.click_id for click in seen}
    assert all(set(click.visit or {}) <= {"click_id", "fbclid", "consent"} for click in seen
               if (click.visit or {}).get("consent") is False)  # fmt: skip


def test_deals_end_and_are_worth_what_the_market_says() -> None:
    params = replace(Params(), organic_leads_a_day=200.0)
    market = AdMarket(1, START, params)
    market.advance(START + 20 * DAY)
    deals = list(market.deals.values())
    won = [deal for deal in deals if deal.is_won]
    assert len(won) / len(deals) == pytest.approx(params.wins_a_lead, abs=0.02)
    assert sum(deal.amount for deal in deals) / len(deals) == pytest.approx(params.mean_amount, rel=0.05)
    assert all([at for _, at in deal.steps] == sorted(at for _, at in deal.steps) for deal in deals)


def test_the_observer_knows_only_what_left_a_trace() -> None:
    market = _market(budget=30_000)
    observer = Observer(market)
    observer.take(market.advance(START + 20 * DAY))
    [standing] = observer.standings()
    cash = sum(deal.amount for deal in market.deals.values() if deal.is_won and deal.steps[-1][1] < market.now)
    assert 0 < standing.cash_revenue < cash
    assert standing.clicks == _clicks(market)
    assert standing.age_hours == 480


def test_policies_spend_the_same_money_on_the_same_ads() -> None:
    launches = invented_launches(4, days=6, audiences=["broad", "interest"])
    rules = PlainRules()
    equal = play(launches, lambda ads, market: equal_split(ads, total=200), seed=1, start=START, days=6)
    plain = play(launches, lambda ads, market: rules.budgets(ads, total=200), seed=1, start=START, days=6)
    assert equal.spend == pytest.approx(1200, abs=0.5)
    assert plain == equal  # Nothing is judged in the first week.


def test_who_knows_the_truth_earns_most() -> None:
    launches = invented_launches(6, days=10, audiences=["broad", "interest"])

    def profit(decide: Decide) -> float:
        return play(launches, decide, seed=2, start=START, days=10).profit

    best = profit(lambda ads, market: best_split(market, total=600))
    assert best > profit(lambda ads, market: equal_split(ads, total=600))
    assert best > profit(lambda ads, market: {one.ad_id: 600.0 if one == ads[0] else 0.0 for one in ads})


def test_nothing_is_spent_where_every_dollar_loses() -> None:
    market = _market(params=replace(Params(), lead_rate=0.001))
    assert sum(best_split(market, total=500).values()) == 0


def test_rules_pause_what_brings_nothing_and_begin_again_when_all_are_paused() -> None:
    def ad(name: str, roas: float) -> Standing:
        return Standing(name, 1, 1, 1_000.0, 1_000.0 * roas, 0.0, 200.0, 10.0)

    rules = PlainRules()
    budgets = rules.budgets([ad("bad", 0.1), ad("good", 4.0), ad("fair", 1.0)], total=220)
    assert budgets == {"bad": 0.0, "good": pytest.approx(120), "fair": pytest.approx(100)}
    again = PlainRules().budgets([ad("bad", 0.1), ad("worse", 0.0)], total=100)
    assert again == {"bad": 50, "worse": 50}


def test_faults_come_as_planned_and_then_by_chance() -> None:
    faults = Faults(rate=0.5, seed=2)
    faults.plan(Fault.LOST, Fault.SLOW)
    drawn = [faults.next("POST") for _ in range(200)]
    again = Faults(rate=0.5, seed=2)
    assert drawn[:2] == [Fault.LOST, Fault.SLOW]
    assert drawn[2:] == [again.next("POST") for _ in range(198)]
    assert 60 < sum(fault is not None for fault in drawn[2:]) < 140
