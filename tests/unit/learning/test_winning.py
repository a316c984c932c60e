"""Who wins: certainty, and what chance does in campaigns whose ads are all the same."""

from __future__ import annotations

import numpy as np
import pytest

from kairo.stages.learning.rules.ad_verdicts import Earned, revenue_verdicts
from kairo.stages.learning.rules.neighbours import expected_outcome
from kairo.stages.learning.rules.winning import AdOutcome, judge_campaign
from tests.unit.learning.test_verdicts import NOON


def campaign(generator: np.random.Generator, factors: list[float]) -> list[AdOutcome]:
    """Draw ads that each spend 200 and sell for 40 a piece, once for 20 spent times the factor."""
    drawn = []
    for place, factor in enumerate(factors):
        results = int(generator.poisson(10 * factor))
        drawn.append(AdOutcome(str(place), 200.0, results, float(generator.exponential(40.0, results).sum())))
    return drawn


def test_among_equal_ads_hardly_one_wins_by_chance() -> None:
    generator = np.random.default_rng(11)
    wins = [
        any(one.is_winner for one in judge_campaign(campaign(generator, [1.0] * 8), seed=1, draws=2_000))
        for _ in range(150)
    ]
    assert np.mean(wins) <= 0.1


def test_an_ad_that_sells_four_times_as_much_wins() -> None:
    generator = np.random.default_rng(12)
    found = [
        judge_campaign(campaign(generator, [4.0, 1.0, 1.0, 1.0, 1.0]), seed=1, draws=2_000)[0].is_winner
        for _ in range(60)
    ]
    assert np.mean(found) >= 0.8


@pytest.mark.parametrize(
    "ads",
    [
        [],
        [AdOutcome("a", 10, 5, 50)],
        [AdOutcome("a", 10, 0, 0), AdOutcome("b", 10, 0, 0)],
        [AdOutcome("a", 0, 5, 50), AdOutcome("b", 10, 5, 50)],
    ],
)
def test_nobody_wins_alone_or_where_nothing_was_sold(ads: list[AdOutcome]) -> None:
    assert judge_campaign(ads, seed=1) == []


def test_the_same_figures_are_judged_the_same() -> None:
    ads = campaign(np.random.default_rng(1), [2.0, 1.0, 1.0])
    assert judge_campaign(ads, seed=7) == judge_campaign(ads, seed=7)


def test_neighbours_that_are_not_alike_leave_the_usual() -> None:
    assert expected_outcome([], [], usual=2.0) == 2.0
    assert expected_outcome([-0.5, 0.0], [9.0, 9.0], usual=2.0) == pytest.approx(2.0, abs=0.1)
    assert expected_outcome([0.99] * 5, [9.0] * 5, usual=2.0) > 8.0


def earned(spend: float, results: int, revenue: float) -> Earned:
    return Earned("a", "cash USD", spend, results, revenue, {}, NOON)


def test_a_better_return_is_a_better_verdict_and_more_money_says_more() -> None:
    good, bad = revenue_verdicts([earned(100, 30, 900), earned(100, 5, 150)])
    assert good.value > 0 > bad.value
    much, little = revenue_verdicts([earned(1_000, 300, 9_000), earned(10, 3, 90)])
    assert much.weight > little.weight
    assert revenue_verdicts([earned(100, 1, 30), earned(100, 1, 30)]) == []
