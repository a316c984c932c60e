"""Counts in time, and bets that follow from them by a stated rule."""

from __future__ import annotations

from datetime import timedelta

import pytest

from kairo.stages.opportunities.contracts import OpportunityType
from kairo.stages.opportunities.rules.reading import read_posts
from kairo.stages.opportunities.rules.timing import Pulse, bet_on, poisson_tail, pulse_of, type_of
from tests.unit.opportunities.boards import NOON, post


def pulse(*ages: float) -> Pulse:
    posts = read_posts([post(f"post number {age}", age=age) for age in ages])
    return pulse_of(posts, as_of=NOON, window_days=30)


def test_a_pulse_counts_two_spans_one_after_the_other() -> None:
    found = pulse(1, 4, 9.9, 10.1, 19, 25)

    assert (found.recent, found.before, found.total, found.span_days) == (3, 2, 6, 10)
    assert found.newest_at == NOON - timedelta(days=1)


@pytest.mark.parametrize(
    ("ages", "rises"),
    [((1, 2, 3, 4, 5), True), ((1, 2, 3), False), ((1, 2, 3, 11, 12, 13), False), ((25, 26, 27, 28), False)],
)
def test_only_what_its_own_past_does_not_explain_rises(ages: tuple[float, ...], rises: bool) -> None:
    assert pulse(*ages).is_rising is rises


def test_an_event_beats_a_rival_a_rival_beats_a_rise() -> None:
    rising = pulse(1, 2, 3, 4, 5)

    campaign = type_of(rising, voices=5, has_rival=True, compares=True, has_event=True, has_signal=True)
    competitive = type_of(rising, voices=5, has_rival=True, compares=True, has_event=False, has_signal=True)
    trend = type_of(rising, voices=5, has_rival=False, compares=True, has_event=False, has_signal=False)

    assert (campaign, competitive, trend) == (
        OpportunityType.CAMPAIGN,
        OpportunityType.COMPETITIVE,
        OpportunityType.TREND,
    )


@pytest.mark.parametrize(("voices", "kind"), [(1, OpportunityType.EVERGREEN), (4, OpportunityType.TREND)])
def test_a_rise_of_one_voice_is_no_trend(voices: int, kind: OpportunityType) -> None:
    rising = pulse(1, 2, 3, 4, 5)

    found = type_of(rising, voices=voices, has_rival=False, compares=False, has_event=False, has_signal=False)

    assert found is kind


def test_a_bet_asks_for_what_the_past_rate_would_bring() -> None:
    small, large = (bet_on(seen, window_days=30, as_of=NOON) for seen in (1, 30))

    assert (small.posts, large.posts) == (1, 14)
    assert small.due_at == NOON + timedelta(days=14)
    assert 0.4 < small.probability < 0.6
    assert 0.4 < large.probability < 0.7


def test_the_tail_of_a_poisson_variable() -> None:
    assert poisson_tail(0, 2.0) == pytest.approx(1.0)
    assert poisson_tail(1, 2.0) == pytest.approx(1 - 0.1353, abs=1e-4)
    assert poisson_tail(3, 2.0) == pytest.approx(0.3233, abs=1e-4)
