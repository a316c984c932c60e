"""When counts are improbable, who counts, and how a candidate's life goes on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from kairo.stages.insights.contracts.trends import TrendStatus
from kairo.stages.insights.rules import bursts
from kairo.stages.insights.rules.bursts import Activity
from kairo.stages.insights.rules.trends import (
    ALLOWED,
    SILENT_AFTER,
    Crowd,
    Rise,
    Signs,
    Voice,
    crowd_of,
    folded,
    next_status,
    opens,
    trend_score,
)

NOON = datetime(2026, 5, 20, 12, tzinfo=UTC)
HOURS = 24 * 28
QUIET = np.full(HOURS, 10)


def surprise_of(counts: np.ndarray, stream: np.ndarray = QUIET) -> float:
    expected = bursts.expectations(Activity(counts[None, :], stream), hour=len(stream) - 1)
    return float(bursts.surprise(expected.counted, expected).max())


def clusters_counts(*, ordinary: int = 0, newest: int = 0, every: int = 24) -> np.ndarray:
    counts = np.zeros(HOURS, dtype=np.int64)
    counts[::every] = ordinary
    counts[-1] = newest
    return counts


def voices(count: int, *, authors: int, texts: int) -> list[Voice]:
    return [
        Voice(NOON - timedelta(minutes=number), number % authors, number % texts, "instagram", 0.5)
        for number in range(count)
    ]


def test_what_never_was_before_is_more_surprising_than_what_often_was() -> None:
    assert surprise_of(clusters_counts(newest=8)) > surprise_of(clusters_counts(ordinary=8, newest=8)) + 4


def test_a_louder_stream_explains_a_larger_count() -> None:
    loud = QUIET.copy()
    loud[-3:] = 200

    assert surprise_of(clusters_counts(ordinary=4, newest=8), loud) < surprise_of(clusters_counts(ordinary=4, newest=8))


def test_what_comes_back_every_week_is_expected() -> None:
    weekly, once = np.zeros(HOURS, dtype=np.int64), np.zeros(HOURS, dtype=np.int64)
    weekly[HOURS - 1 :: -168] = 20
    once[HOURS - 1] = 20

    assert surprise_of(weekly) < 3
    assert surprise_of(once) > 20


@given(count=st.integers(0, 60), more=st.integers(1, 60))
def test_more_items_are_never_less_surprising(count: int, more: int) -> None:
    fewer, many = (surprise_of(clusters_counts(ordinary=2, newest=newest)) for newest in (count, count + more))

    assert many >= fewer - 1e-9


@pytest.mark.parametrize(
    ("count", "authors", "texts", "is_broad"),
    [(10, 10, 10, True), (10, 1, 10, False), (10, 10, 1, False), (4, 4, 4, False), (30, 5, 30, False)],
    ids=["a crowd", "one author", "one text", "too few", "a ring of five"],
)
def test_a_crowd_is_many_who_say_many_things(count: int, authors: int, texts: int, is_broad: bool) -> None:
    assert crowd_of(voices(count, authors=authors, texts=texts)).is_broad is is_broad


@given(st.permutations(voices(12, authors=7, texts=5)))
def test_who_counts_does_not_depend_on_the_order(items: list[Voice]) -> None:
    assert crowd_of(items) == crowd_of(voices(12, authors=7, texts=5))


RISE = Rise(surprise=12, lift=20, velocity=1.5, acceleration=0.5, past_items=2, past_share=0.05, rate_of_peak=1)
CROWD = Crowd(items=10, voices=9, texts=10, counted=9, platforms=("instagram",), engagement=0.6)


def test_the_score_adds_up_from_its_parts() -> None:
    scored = trend_score(RISE, CROWD)

    assert 0 <= scored.total <= 100
    assert set(scored.parts) == {"surprise", "velocity", "acceleration", "breadth", "engagement", "novelty"}
    assert all(0 <= part <= 1 for part in scored.parts.values())


@given(
    surprise=st.floats(0, 300),
    velocity=st.floats(-100, 100),
    past=st.floats(0, 1e6),
    share=st.floats(0, 1),
    engagement=st.floats(0, 1),
)
def test_scores_stay_within_their_bounds(
    surprise: float, velocity: float, past: float, share: float, engagement: float
) -> None:
    rise = Rise(surprise, 5, velocity, -velocity, past, share, 1)
    crowd = Crowd(10, 9, 9, 9, ("instagram", "reddit", "tiktok", "x"), engagement)

    scored = trend_score(rise, crowd)

    assert 0 <= scored.total <= 100
    assert all(0 <= part <= 1 for part in scored.parts.values())


def test_what_is_past_its_peak_does_not_open() -> None:
    falling = Rise(12, 20, -0.5, 0, 2, 0.05, 0.9)

    assert opens(RISE, CROWD)
    assert not opens(falling, CROWD)


def test_of_several_that_tell_the_same_the_strongest_is_kept() -> None:
    one, same, other = frozenset({1, 2, 3, 4}), frozenset({2, 3, 4}), frozenset({7, 8, 9})

    assert folded([(same, 40.0), (one, 60.0), (other, 20.0)]) == [1, 2]


class CandidateLife(RuleBasedStateMachine):
    """Looks in any order: the state only goes forward, or back to active on a burst, and ends for good."""

    def __init__(self) -> None:
        super().__init__()
        self.status = TrendStatus.EMERGING
        self.before = TrendStatus.EMERGING
        self.at = NOON
        self.last_item_at = NOON
        self.was_burst = True

    @rule(hours=st.integers(1, 100), heard=st.booleans(), is_burst=st.booleans(), of_peak=st.floats(0, 1))
    def look(self, hours: int, heard: bool, is_burst: bool, of_peak: float) -> None:
        self.at += timedelta(hours=hours)
        if heard:
            self.last_item_at = self.at
        self.before, self.was_burst = self.status, is_burst
        self.status = next_status(
            self.status, Signs(self.at, NOON, self.last_item_at, is_burst=is_burst, rate_of_peak=of_peak)
        )

    @invariant()
    def moves_as_allowed(self) -> None:
        assert self.status == self.before or self.status in ALLOWED[self.before]

    @invariant()
    def comes_back_only_on_a_burst(self) -> None:
        if self.before is TrendStatus.FADING and self.status is TrendStatus.ACTIVE:
            assert self.was_burst

    @invariant()
    def silence_ends_it(self) -> None:
        if self.at - self.last_item_at >= SILENT_AFTER:
            assert self.status is TrendStatus.STALE


TestCandidateLife = CandidateLife.TestCase
