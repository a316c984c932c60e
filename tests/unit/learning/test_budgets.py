"""Sharing budgets: what holds whatever ads have done."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kairo.stages.learning.contracts.budgets import BudgetMode, BudgetSettings, Decision
from kairo.stages.learning.rules.budgets.allocation import filled, rounded_down
from kairo.stages.learning.rules.budgets.histories import DealPath, Readings, States
from kairo.stages.learning.rules.budgets.kill_rules import AdEvidence, should_kill_direct_ad, should_kill_service_ad
from kairo.stages.learning.rules.budgets.selecting import Past, Selected, learn_past, select

DEFAULTS = BudgetSettings()
NO_READINGS = Readings(np.zeros(0, dtype=np.int64), *(np.zeros(0) for _ in range(5)))


def evidence(**given_: float) -> AdEvidence:
    usual = {
        "spend": 1_000.0, "impressions": 5_000.0, "age": 60.0, "since_half_spend": 40.0, "median_delay": 14.0,
        "roas": 0.2, "roas_low": 0.1, "roas_high": 0.4, "probability_losing": 0.97, "probability_scaling": 0.0,
        "recommended_budget": 0.0,
    }  # fmt: skip
    return AdEvidence(**{**usual, **given_})


def states(spend: list[float], *, age: float = 20.0, clicks: list[float] | None = None) -> States:
    count = len(spend)
    bought = np.array(clicks if clicks is not None else [money / 5 for money in spend])
    zero = np.zeros(count)
    return States(bought * 60, bought, np.array(spend), zero, zero, np.full(count, age), np.full(count, 10.0))


def nothing_known(*, direct: bool = False) -> Past:
    return learn_past([], [], NO_READINGS, direct=direct)


def share(found: States, *, total: float = 100.0, seed: int = 1, past: Past | None = None) -> Selected:
    return select(
        found,
        NO_READINGS,
        past or nothing_known(),
        as_of=0.0,
        total=total,
        mode=BudgetMode.PIPELINE,
        settings=DEFAULTS,
        seed=seed,
    )


@given(
    value=st.lists(st.floats(0, 50), min_size=1, max_size=12),
    total=st.floats(0, 1e6),
    saturation=st.sampled_from([5.0, 60.0, np.inf]),
    least=st.floats(0, 3),
)
def test_no_plan_spends_more_than_there_is_nor_below_the_least_return(
    value: list[float], total: float, saturation: float, least: float
) -> None:
    worth, cost = np.array(value), np.full(len(value), 2.0)

    plan = filled(worth, cost, total, saturation, least)[0]

    assert plan.sum() <= total * (1 + 1e-9) + 1e-9
    assert (plan >= 0).all()
    assert (plan[worth / cost < least] == 0).all()


@given(st.lists(st.floats(0, 1e5), min_size=1, max_size=30), st.floats(0, 1e5))
def test_rounding_never_spends_a_cent_too_much(budgets: list[float], total: float) -> None:
    rounded = rounded_down(np.array(budgets), total=total, least=1.0)
    assert round(rounded.sum(), 2) <= total + 1e-6
    assert ((rounded == 0) | (rounded >= 0.01)).all()


def test_saturated_ads_end_at_the_same_marginal_return() -> None:
    value, cost = np.array([10.0, 6.0, 1.0]), np.array([2.0, 2.0, 2.0])
    plan = filled(value, cost, 400.0, 60.0, 0.0)[0]
    marginal = value / (cost + plan / 60)
    assert plan[2] == 0
    assert marginal[0] == pytest.approx(marginal[1])
    assert plan.sum() == pytest.approx(400)


@settings(max_examples=12, deadline=None)
@given(
    spend=st.lists(st.floats(0, 5_000), min_size=1, max_size=5),
    total=st.floats(0, 10_000),
    seed=st.integers(0, 2**40),
)
def test_every_ad_is_answered_within_the_total(spend: list[float], total: float, seed: int) -> None:
    found = share(states(spend), total=total, seed=seed)
    assert len(found.budget) == len(found.roas) == len(spend)
    assert round(found.budget.sum(), 2) <= total + 1e-6
    assert np.isfinite(np.r_[found.roas, found.roas_low, found.roas_high, found.confidence]).all()
    assert (found.roas_low <= found.roas_high).all()
    assert found.probability_best.sum() == pytest.approx(1)


def test_the_same_question_has_the_same_answer() -> None:
    asked = states([100.0, 900.0, 0.0])
    first, second, other = share(asked), share(asked), share(asked, seed=2)
    assert (first.budget == second.budget).all()
    assert (first.probability_best == second.probability_best).all()
    assert not np.array_equal(first.probability_best, other.probability_best)


def test_what_is_expected_of_ads_does_not_depend_on_their_order() -> None:
    forward, backward = share(states([100.0, 900.0, 0.0])), share(states([0.0, 900.0, 100.0]))
    assert forward.roas == pytest.approx(backward.roas[::-1])
    assert forward.losing == pytest.approx(backward.losing[::-1])


def test_money_that_no_ad_earns_back_stays_unspent() -> None:
    bad = share(states([20_000.0] * 6, age=150.0), total=1_000.0)
    assert bad.budget.sum() < 100
    assert (bad.losing > 0.8).all()


def test_an_ad_whose_conversions_could_not_have_come_is_not_taken_for_a_bad_one() -> None:
    young, old = share(states([2_000.0], age=3.0)), share(states([2_000.0], age=150.0))
    assert young.matured[0] < old.matured[0]
    assert young.roas[0] > 2 * old.roas[0]


def test_many_ads_are_answered_by_their_totals() -> None:
    rng = np.random.default_rng(3)
    found = share(states(list(rng.uniform(0, 3_000, 2_000))), total=10_000.0)
    assert len(found.budget) == 2_000
    assert found.budget.sum() <= 10_000
    assert np.isfinite(found.roas).all()


def test_amounts_and_delays_are_learned_from_deals() -> None:
    deals = [
        DealPath("x", 0.0, 10.0 + n % 10, n % 4 == 0, 500.0, ((0.2, 0.0), (0.4, 2.0), (0.8, 5.0))) for n in range(400)
    ]
    past = learn_past(deals, [], NO_READINGS, direct=False)
    assert past.account.mean_amount == pytest.approx(500)
    assert 10 <= past.account.kernels.median_delay <= 20
    assert past.account.wins_a_lead == pytest.approx(0.25, abs=0.05)


def test_an_ad_that_surely_loses_is_killed_with_its_numbers() -> None:
    verdict = should_kill_service_ad(evidence(), DEFAULTS)
    assert verdict.decision is Decision.KILL
    assert "1,000.00 USD" in verdict.reason
    assert "97%" in verdict.reason


@pytest.mark.parametrize(
    "spared",
    [{"age": 1.9}, {"spend": 99.0}, {"impressions": 99.0}, {"spend": 200.0}, {"probability_losing": 0.89},
     {"since_half_spend": 13.0}],
)  # fmt: skip
def test_ignorance_spares_an_ad(spared: dict[str, float]) -> None:
    for rule in (should_kill_service_ad, should_kill_direct_ad):
        assert rule(evidence(**spared), DEFAULTS).decision is Decision.HOLD


def test_thresholds_are_settings() -> None:
    patient = BudgetSettings(target_cost_per_result=400)
    assert should_kill_service_ad(evidence(), patient).decision is Decision.HOLD
    assert should_kill_service_ad(evidence(spend=1_300.0), patient).decision is Decision.KILL


def test_a_sure_winner_is_scaled_and_says_by_how_much_a_step() -> None:
    verdict = should_kill_direct_ad(
        evidence(probability_losing=0.0, probability_scaling=0.85, roas=4.0, roas_low=3.1, roas_high=5.0), DEFAULTS
    )
    assert verdict.decision is Decision.SCALE
    assert "20%" in verdict.reason
