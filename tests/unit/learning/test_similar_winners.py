"""What an ad starts from: the rules alone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kairo.likeness import LEAST_TEXTS, nearness, similarities, usual_similarity
from kairo.stages.learning.contracts.budgets import BudgetMode, BudgetSettings
from kairo.stages.learning.rules.budgets.histories import Floats, Readings, States
from kairo.stages.learning.rules.budgets.selecting import Selected, learn_past, select
from kairo.stages.learning.rules.budgets.similar_winners import MOST, leads, most_telling, starting_factors
from kairo.stages.learning.rules.winner_forms import form_of
from kairo.stages.opportunities.contracts import TextInvitation, TextOpening

NO_READINGS = Readings(np.zeros(0, dtype=np.int64), *(np.zeros(0) for _ in range(5)))


def column(*figures: float) -> Floats:
    return np.array(figures, dtype=float)


def lead(expected: float, *, low: float, high: float) -> float:
    return float(leads(column(expected), column(1.0), column(low), column(high))[0])


def shared(ads: int, starts: Floats | None, *, mode: BudgetMode = BudgetMode.PIPELINE) -> Selected:
    nothing = np.zeros(ads)
    states = States(nothing, nothing, nothing, nothing, nothing, nothing, np.full(ads, 10.0))
    past = learn_past([], [], NO_READINGS, direct=mode is BudgetMode.DIRECT)
    return select(
        states,
        NO_READINGS,
        past,
        as_of=0.0,
        total=100.0,
        mode=mode,
        settings=BudgetSettings(),
        seed=1,
        starts=starts,
    )


@given(
    near=st.lists(st.floats(0, 1), min_size=1, max_size=8),
    ahead=st.floats(0, 1.4),
    impressions=st.floats(0, 1e9),
)
def test_a_shift_is_modest_and_never_below_one(near: list[float], ahead: float, impressions: float) -> None:
    found = starting_factors(
        column(*near)[None, :], np.full(len(near), ahead), column(impressions), least_impressions=100
    )
    assert 1.0 <= found[0] <= np.exp(MOST) + 1e-12


def test_where_no_winner_is_near_nothing_shifts() -> None:
    assert (
        starting_factors(np.zeros((3, 2)), column(1.0, 0.5), np.zeros(3), least_impressions=100).tolist() == [1.0] * 3
    )


def test_a_shift_fades_as_an_ad_is_seen() -> None:
    near, ahead = np.ones((4, 1)), column(0.7)
    found = starting_factors(near, ahead, column(0, 20_000, 100_000, 1e9), least_impressions=100)
    assert found[0] > found[1] > found[2] == found[3] == 1.0


def test_more_winners_of_the_same_lead_say_more_and_never_more_than_they_came_to() -> None:
    one = starting_factors(np.ones((1, 1)), column(0.5), column(0), least_impressions=100)[0]
    many = starting_factors(np.ones((1, 50)), np.full(50, 0.5), column(0), least_impressions=100)[0]
    assert 1.0 < one < many < np.exp(0.5)


def test_a_lead_that_may_be_luck_is_drawn_to_none() -> None:
    assert lead(2.0, low=1.9, high=2.1) == pytest.approx(np.log(2), rel=0.02)
    assert lead(2.0, low=0.5, high=8.0) < 0.5 * lead(2.0, low=1.9, high=2.1)
    assert lead(0.5, low=0.4, high=0.6) == 0.0


def test_the_winners_that_an_ad_starts_from_are_named_the_most_telling_first() -> None:
    assert most_telling(column(0.2, 0.0, 1.0, 0.9, 0.5), column(0.5, 1.0, 0.5, 0.0, 0.8)) == [2, 4, 0]


@pytest.mark.parametrize("mode", list(BudgetMode))
@pytest.mark.parametrize("ads", [4, 320])
def test_starting_at_the_level_is_what_no_start_is(ads: int, mode: BudgetMode) -> None:
    without, ones = shared(ads, None, mode=mode), shared(ads, np.ones(ads), mode=mode)
    for name in ("budget", "roas", "roas_low", "roas_high", "probability_best", "confidence"):
        assert (getattr(without, name) == getattr(ones, name)).all()


@pytest.mark.parametrize("mode", list(BudgetMode))
@pytest.mark.parametrize("ads", [4, 320])
def test_an_ad_that_starts_higher_is_expected_to_bring_more_and_as_uncertainly(ads: int, mode: BudgetMode) -> None:
    starts = np.ones(ads)
    starts[0] = 1.3
    found = shared(ads, starts, mode=mode)
    assert found.roas[0] / found.roas[1] == pytest.approx(1.3, rel=0.06)
    assert found.roas_high[0] / found.roas_low[0] == pytest.approx(found.roas_high[1] / found.roas_low[1], rel=0.1)
    assert found.budget[0] >= found.budget[1]


def test_what_is_similar_is_told_beside_what_is_usual() -> None:
    rng = np.random.default_rng(3)
    spread = rng.standard_normal((40, 64))
    crowded = spread + 12 * np.ones(64) / 8
    for texts in (spread, crowded):
        unit = texts / np.linalg.norm(texts, axis=1, keepdims=True)
        usual = usual_similarity(unit)
        assert usual is not None
        near = nearness(similarities(unit, unit), usual)
        assert (np.diag(near) == 1.0).all()
        assert (near[np.triu_indices(40, 1)] > 0).mean() < 0.08


def test_with_few_texts_nobody_can_say_what_is_usual() -> None:
    same = np.tile(np.eye(4)[0], (30, 1))
    assert usual_similarity(np.eye(LEAST_TEXTS)[: LEAST_TEXTS - 1]) is None
    assert usual_similarity(same) is None


@pytest.mark.parametrize(
    ("text", "opening", "invitation"),
    [
        ("Why does it drip? Scale. Order the kit.", TextOpening.QUESTION, TextInvitation.REQUEST),
        ("Three of 4 machines drip. Does yours?", TextOpening.FIGURE, TextInvitation.QUESTION),
        ("Scale costs flavour. It is slow. #coffee", TextOpening.STATEMENT, TextInvitation.NONE),
        ("Почему она течёт? Накипь. Закажите набор.", TextOpening.QUESTION, TextInvitation.REQUEST),
        ("为什么会漏水？是水垢。请立即订购。", TextOpening.QUESTION, TextInvitation.REQUEST),
        ("Descale now", TextOpening.STATEMENT, TextInvitation.NONE),
        ("", TextOpening.STATEMENT, TextInvitation.NONE),
    ],
)
def test_the_form_of_a_text_is_read(text: str, opening: TextOpening, invitation: TextInvitation) -> None:
    found = form_of(text)
    assert (found.opening, found.invitation, found.characters) == (opening, invitation, len(text))
