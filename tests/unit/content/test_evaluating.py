"""What a run of the hero loop is worth: the table of bands and its boundaries, and the health of the runs."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kairo.stages.content.rules.evaluating import (
    RunCounts,
    RunSigns,
    missed,
    missing_signals,
    obs_health,
    quality,
    share,
)
from kairo.stages.content.rules.evaluating_report import EvalBoard, Expected, ObsHealth, QualityBand
from kairo.stages.opportunities.contracts import BoardState
from kairo.stages.opportunities.operations.score_effects import WITHOUT_LEARNING
from kairo.stages.opportunities.operations.signalling import WITHOUT_SIGNALS, WITHOUT_TRENDS

GOOD = RunCounts(opportunities_valid=5, packages=5, packages_valid=4, variants=10, variants_valid=8)
ORDER = [QualityBand.INVALID, QualityBand.BAD, QualityBand.PARTIAL, QualityBand.GOOD]


def band(**changes: float) -> QualityBand:
    return quality(replace(GOOD, **changes))[0]  # type: ignore[arg-type]


def test_a_run_at_every_limit_is_good() -> None:
    assert quality(replace(GOOD, redundancy=0.5)) == (QualityBand.GOOD, [])


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"opportunities_valid": 0}, QualityBand.INVALID),
        ({"uncited_claims": 1}, QualityBand.INVALID),
        ({"taboo_violations": 1}, QualityBand.INVALID),
        ({"opportunities_valid": 2}, QualityBand.BAD),
        ({"redundancy": 0.51}, QualityBand.BAD),
        ({"packages": 10, "packages_valid": 4}, QualityBand.BAD),
        ({"variants_valid": 4}, QualityBand.BAD),
        ({"packages": 0, "packages_valid": 0}, QualityBand.BAD),
        ({"opportunities_valid": 3}, QualityBand.PARTIAL),
        ({"opportunities_valid": 4}, QualityBand.PARTIAL),
        ({"packages": 10, "packages_valid": 5}, QualityBand.PARTIAL),
        ({"packages": 10, "packages_valid": 7}, QualityBand.PARTIAL),
        ({"variants_valid": 5}, QualityBand.PARTIAL),
        ({"variants_valid": 7}, QualityBand.PARTIAL),
        ({"degraded": True}, QualityBand.PARTIAL),
    ],
)
def test_each_rule_of_the_table_decides_alone(changes: dict[str, float], expected: QualityBand) -> None:
    found, reasons = quality(replace(GOOD, **changes))  # type: ignore[arg-type]

    assert found is expected
    assert len(reasons) == 1


def test_every_reason_of_the_band_is_told() -> None:
    _, reasons = quality(replace(GOOD, opportunities_valid=1, redundancy=0.9, variants_valid=1))

    assert reasons == ["1 valid opportunities", "redundancy 0.90", "1 of 10 variants valid"]


counts = st.integers(0, 12)


@st.composite
def runs(draw: st.DrawFn) -> RunCounts:
    packages, variants = draw(counts), draw(counts)
    return RunCounts(
        opportunities_valid=draw(counts),
        packages=packages,
        packages_valid=draw(st.integers(0, packages)),
        variants=variants,
        variants_valid=draw(st.integers(0, variants)),
        uncited_claims=draw(st.integers(0, 2)),
        taboo_violations=draw(st.integers(0, 2)),
        redundancy=draw(st.floats(0, 1)),
        degraded=draw(st.booleans()),
    )


@given(runs())
def test_invalid_is_exactly_what_may_not_be_shown(run: RunCounts) -> None:
    breaks = run.opportunities_valid == 0 or run.uncited_claims > 0 or run.taboo_violations > 0

    assert (quality(run)[0] is QualityBand.INVALID) == breaks


@given(runs())
def test_good_is_exactly_what_the_table_leaves(run: RunCounts) -> None:
    holds = (
        run.opportunities_valid >= 5
        and run.uncited_claims == run.taboo_violations == 0
        and run.redundancy <= 0.5
        and 10 * run.packages_valid >= 8 * run.packages > 0
        and 10 * run.variants_valid >= 8 * run.variants > 0
        and not run.degraded
    )

    assert (quality(run)[0] is QualityBand.GOOD) == holds


@given(runs())
def test_a_band_has_reasons_unless_it_is_the_best(run: RunCounts) -> None:
    found, reasons = quality(run)

    assert (found is QualityBand.GOOD) == (reasons == [])


@given(runs(), st.data())
def test_nothing_that_gets_better_lowers_the_band(run: RunCounts, data: st.DataObject) -> None:
    better = replace(
        run,
        opportunities_valid=run.opportunities_valid + data.draw(counts),
        packages_valid=data.draw(st.integers(run.packages_valid, run.packages)),
        variants_valid=data.draw(st.integers(run.variants_valid, run.variants)),
        uncited_claims=data.draw(st.integers(0, run.uncited_claims)),
        taboo_violations=data.draw(st.integers(0, run.taboo_violations)),
        redundancy=data.draw(st.floats(0, run.redundancy)),
        degraded=run.degraded and data.draw(st.booleans()),
    )

    assert ORDER.index(quality(better)[0]) >= ORDER.index(quality(run)[0])


@given(counts, counts)
def test_a_share_lies_between_nothing_and_all(part: int, more: int) -> None:
    assert 0 <= share(part, part + more) <= 1


@pytest.mark.parametrize(
    ("signs", "expected"),
    [
        (RunSigns(), ObsHealth.OK),
        (RunSigns(failures=("board: it failed",)), ObsHealth.FAILED),
        (RunSigns(failures=("board: it failed",), fallbacks=("a",)), ObsHealth.FAILED),
        (RunSigns(fallbacks=("synthesis: timed out",)), ObsHealth.DEGRADED),
        (RunSigns(budget_cuts=("variants: a cap is used up",)), ObsHealth.DEGRADED),
        (RunSigns(missing_signals=("no trends",)), ObsHealth.DEGRADED),
        (RunSigns(late_agents=("sentiment",)), ObsHealth.DEGRADED),
    ],
)
def test_health_is_as_bad_as_the_worst_sign(signs: RunSigns, expected: ObsHealth) -> None:
    assert obs_health(signs)[0] is expected


def test_the_notes_that_say_what_a_board_was_made_without_are_recognised() -> None:
    missing = (WITHOUT_SIGNALS, WITHOUT_TRENDS, WITHOUT_LEARNING)
    notes = ["30 of 32 items reach the brand.", *missing]

    assert missing_signals(EvalBoard(state=BoardState.READY, notes=notes)) == missing


def test_what_a_fixture_expects_and_does_not_get_is_told() -> None:
    expected = Expected(state=BoardState.INSUFFICIENT_EVIDENCE, quality=[QualityBand.INVALID])

    assert missed(expected, state=BoardState.INSUFFICIENT_EVIDENCE, band=QualityBand.INVALID) == []
    assert missed(expected, state=BoardState.READY, band=QualityBand.GOOD) == [
        "the board is ready, not insufficient_evidence",
        "the quality is good, not invalid",
    ]
    assert missed(None, state=BoardState.READY, band=QualityBand.BAD) == []
