"""Comparing two versions on the same examples."""

from __future__ import annotations

import numpy as np
import pytest

from kairo.stages.learning.contracts.registry import Verdict
from kairo.stages.learning.rules.comparing import LEAST_PAIRS, bound_width, compare, pairs_needed


def pairs(count: int, gain: float, *, noise: float = 0.2, seed: int = 1) -> tuple[list[float], list[float]]:
    generator = np.random.default_rng(seed)
    champion = generator.gamma(2.0, 0.5, count)
    return champion.tolist(), (champion * (1 - gain) + generator.normal(0, noise, count)).tolist()


def test_the_better_the_worse_and_the_undecided() -> None:
    assert compare(*pairs(2_000, 0.10)).verdict is Verdict.BETTER
    assert compare(*pairs(2_000, -0.10)).verdict is Verdict.WORSE
    assert compare(*pairs(200, 0.02)).verdict is Verdict.NOT_YET
    assert compare(*pairs(LEAST_PAIRS - 1, 0.5)).verdict is Verdict.NOT_YET


def test_a_gain_below_the_margin_is_not_worth_a_change() -> None:
    assert compare(*pairs(20_000, 0.005, noise=0.001)).verdict is not Verdict.BETTER


def test_the_bound_narrows_and_the_needed_number_grows_with_the_noise() -> None:
    assert bound_width(10_000) < bound_width(1_000) < bound_width(100)
    small, large = pairs_needed(0.2), pairs_needed(1.0)
    assert small is not None
    assert large is not None
    assert small < large


@pytest.mark.parametrize(("champion", "challenger"), [([], []), ([1.0], [1.0, 2.0]), ([float("nan")], [1.0])])
def test_what_is_no_pair_is_refused(champion: list[float], challenger: list[float]) -> None:
    with pytest.raises(ValueError, match=r"no pairs|no number"):
        compare(champion, challenger)


def test_looking_each_day_promotes_an_equal_one_hardly_ever() -> None:
    generator = np.random.default_rng(2)
    promoted = 0
    for _ in range(200):
        theirs, ours = generator.gamma(2.0, 0.5, (2, 2_000))
        promoted += any(
            compare(theirs[:size], ours[:size]).verdict is Verdict.BETTER for size in range(200, 2_001, 200)
        )
    assert promoted <= 10
