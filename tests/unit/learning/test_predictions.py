"""How predictions end, and what their ends say of the next ones."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from kairo.stages.learning.contracts import CalibrationDTO, PredictionVerdict, VoidReason
from kairo.stages.learning.rules.predictions import (
    ENOUGH,
    GRACE,
    Due,
    Scored,
    brier,
    calibration,
    reliability,
    shift_of,
    verdict_on,
)

DUE = datetime(2026, 6, 15, 12, tzinfo=UTC)
LATER = DUE + timedelta(hours=1)
MEASURED = Due(
    made_at=DUE - timedelta(days=14), due_at=DUE, threshold=3, observed=3, listened_until=LATER, repeats=False
)


def test_a_prediction_comes_true_at_its_threshold_and_fails_below() -> None:
    came, failed = verdict_on(MEASURED, at=LATER), verdict_on(replace(MEASURED, observed=2), at=LATER)

    assert came is not None
    assert failed is not None
    assert (came.verdict, failed.verdict) == (PredictionVerdict.CAME_TRUE, PredictionVerdict.FAILED)


@pytest.mark.parametrize(
    ("due", "reason"),
    [
        (replace(MEASURED, made_at=LATER), VoidReason.RECORDED_LATE),
        (replace(MEASURED, repeats=True), VoidReason.REPEATED),
        (replace(MEASURED, observed=None), VoidReason.UNKNOWN_MEASURE),
        (replace(MEASURED, listened_until=None), VoidReason.NOT_LISTENED),
        (replace(MEASURED, listened_until=DUE - timedelta(days=1)), VoidReason.NOT_LISTENED),
        (replace(MEASURED, listened_until=DUE - timedelta(days=1), observed=99), VoidReason.NOT_LISTENED),
    ],
)
def test_what_cannot_be_measured_is_void_with_its_reason(due: Due, reason: VoidReason) -> None:
    ended = verdict_on(due, at=DUE + GRACE)

    assert ended is not None
    assert (ended.verdict, ended.void_reason) == (PredictionVerdict.VOID, reason)


def test_a_due_prediction_waits_a_while_for_evidence_of_its_last_days() -> None:
    unheard = replace(MEASURED, listened_until=DUE - timedelta(days=1), observed=99)

    assert verdict_on(unheard, at=DUE + GRACE - timedelta(minutes=1)) is None


def told(pairs: list[tuple[float, bool]], **changes: int) -> CalibrationDTO:
    scored = [Scored(chance, chance, came) for chance, came in pairs]
    counts = {"predictions": len(scored), "due": len(scored)} | changes
    return calibration(brand_id=UUID(int=1), at=DUE, scored=scored, void=[], **counts)


def test_the_brier_score_of_a_coin_is_a_quarter() -> None:
    assert brier([Scored(0.5, 0.5, True), Scored(0.5, 0.5, False)]) == 0.25


def test_the_reliability_curve_counts_each_prediction_once() -> None:
    scored = [Scored(chance / 20, chance / 20, chance % 2 == 0) for chance in range(21)]

    bins = reliability(scored)

    assert sum(entry.count for entry in bins) == len(scored)
    assert all(entry.low <= entry.mean_probability <= entry.high for entry in bins)


def test_too_few_are_said_to_be_too_few() -> None:
    few = told([(0.8, True), (0.6, False)], due=5)

    assert not few.is_enough
    assert few.waiting == 3
    assert (
        few.says
        == f"1 of 2 predictions came true. That is too few to judge by: from {ENOUGH} on the Brier score "
        + ("says something.")
    )


def test_none_are_said_to_be_none() -> None:
    assert told([]).says.startswith("No prediction has been made yet")
    assert told([], predictions=4).says.startswith("No prediction could be scored yet")
    assert told([]).brier is None


def test_enough_are_compared_with_the_base_rate() -> None:
    sharp = told([(0.9, True)] * 20 + [(0.1, False)] * 20)

    assert sharp.is_enough
    assert sharp.brier == pytest.approx(0.01)
    assert sharp.brier_of_base_rate == pytest.approx(0.25)
    assert "better than" in sharp.says


def test_bets_that_were_too_bold_are_moved_down_and_then_fit_better() -> None:
    chance = random.Random(5)
    bold = [Scored(0.8, 0.8, chance.random() < 0.55) for _ in range(200)]

    shift = shift_of(bold)

    assert -1.4 < shift < -0.8
    assert abs(shift_of(bold[:3])) < 0.6 * abs(shift)
    assert shift_of([]) == 0.0
