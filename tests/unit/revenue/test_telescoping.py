"""What a deal counts, whatever way it went: the sum of its steps is what it counts now, and no step counts twice."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kairo.stages.revenue.contracts.deals import ChangeReason, DealOutcome
from kairo.stages.revenue.contracts.stages import PipelineStages, StageKind, StageOrigin, StageSetting
from kairo.stages.revenue.rules.money import is_exact, minor_digits, rounded
from kairo.stages.revenue.rules.stage_values import SetStages, folded, pipelines_from
from kairo.stages.revenue.rules.telescoping import (
    DealState,
    Fact,
    FactName,
    Rank,
    changes_of,
    current_worth,
    outcome_of,
    state_of,
)

START = datetime(2026, 1, 1, tzinfo=UTC)
LATER = START + timedelta(days=1_000)
STAGES = ["lead", "qualified", "proposal", "visit", "won", "lost", "reopened", "nobody's"]
SET = PipelineStages(
    currency="USD",
    stages=[
        StageSetting(stage="visit", expected_value=Decimal("2250.00")),
        StageSetting(stage="dead", kind=StageKind.LOST),
        StageSetting(stage="zero", probability=0.0),
    ],
)
PIPELINES = pipelines_from([SetStages(SET, StageOrigin.OWN)])


def fact(name: FactName, value: str | None, hours: float, *, key: str = "", rank: Rank = Rank.EVENT) -> Fact:
    return Fact(name, value, START + timedelta(hours=hours), rank, key or f"{name}:{hours}")


def stage(name: str, hours: float) -> Fact:
    return fact(FactName.STAGE, name, hours)


def amount(value: str, hours: float = 0) -> Fact:
    return fact(FactName.AMOUNT, value, hours)


def counted(state: DealState, at: datetime = LATER) -> dict[str, Decimal]:
    """Add up what the steps of a deal added, currency by currency."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for change in changes_of(state, PIPELINES, as_of=at):
        sums[change.currency] += change.delta
    return {currency: value for currency, value in sums.items() if value}


def worth(state: DealState, at: datetime = LATER) -> dict[str, Decimal]:
    found = current_worth(state, PIPELINES, as_of=at)
    return {found.currency: found.amount} if found and found.amount else {}


facts = st.one_of(
    st.builds(stage, st.sampled_from(STAGES), st.integers(0, 500)),
    st.builds(amount, st.integers(0, 10**9).map(lambda cents: f"{Decimal(cents) / 100:f}"), st.integers(0, 500)),
    st.builds(
        lambda code, hours: fact(FactName.CURRENCY, code, hours),
        st.sampled_from(["USD", "EUR", "JPY", "KWD"]),
        st.integers(0, 500),
    ),
    st.builds(
        lambda into, hours: fact(FactName.MERGED_INTO, into, hours),
        st.sampled_from([None, "survivor"]),
        st.integers(0, 500),
    ),
    st.builds(
        lambda gone, hours: fact(FactName.DELETED, gone, hours), st.sampled_from([None, "yes"]), st.integers(0, 500)
    ),
    st.builds(
        lambda said, hours: fact(FactName.OUTCOME, said, hours),
        st.sampled_from([None, "won", "lost", "open"]),
        st.integers(0, 500),
    ),
)
logs = st.lists(facts, max_size=25, unique_by=lambda found: (found.name, found.at, found.key))


@settings(max_examples=200)
@given(logs)
def test_the_steps_add_up_to_what_the_deal_counts(log: list[Fact]) -> None:
    state = state_of(log)

    assert counted(state) == worth(state)


@settings(max_examples=100)
@given(logs, st.integers(0, 600))
def test_windows_that_follow_each_other_count_everything_once(log: list[Fact], hours: int) -> None:
    state, between = state_of(log), START + timedelta(hours=hours)
    parts: dict[str, Decimal] = defaultdict(Decimal)

    for change in changes_of(state, PIPELINES, as_of=LATER):
        parts[f"{change.currency} {'before' if change.at <= between else 'after'}"] += change.delta

    whole = counted(state)
    assert {
        code: parts[f"{code} before"] + parts[f"{code} after"] for code in {key.split()[0] for key in parts}
    } == defaultdict(Decimal, whole) | {code: Decimal(0) for code in {key.split()[0] for key in parts} - set(whole)}


@settings(max_examples=150)
@given(logs, st.randoms(use_true_random=False))
def test_order_and_repeats_of_facts_change_nothing(log: list[Fact], dice: object) -> None:
    disordered = [*log, *log[: len(log) // 3]]
    dice.shuffle(disordered)  # type: ignore[attr-defined]

    assert state_of(disordered) == state_of(log)


@settings(max_examples=100)
@given(logs)
def test_no_currency_has_less_than_its_minor_unit(log: list[Fact]) -> None:
    state = state_of([found for found in log if found.name is not FactName.AMOUNT] + [amount("1234567.00")])

    assert all(is_exact(value, currency) for currency, value in counted(state).items())


@settings(max_examples=100)
@given(logs, logs)
def test_of_two_deals_that_are_merged_one_counts(one: list[Fact], other: list[Fact]) -> None:
    kept = state_of([*one, fact(FactName.MERGED_INTO, None, 900), fact(FactName.DELETED, None, 900)])
    gone = state_of([*other, fact(FactName.MERGED_INTO, "kept", 900), fact(FactName.DELETED, None, 900)])

    assert counted(gone) == worth(gone) == {}
    assert counted(kept) == worth(kept)


def test_a_deal_that_advances_falls_back_and_is_won_counts_its_amount() -> None:
    state = state_of(
        [amount("1000"), stage("qualified", 1), stage("proposal", 2), stage("qualified", 3), stage("won", 4)]
    )

    changes = changes_of(state, PIPELINES, as_of=LATER)

    assert [(change.reason, change.delta) for change in changes] == [
        (ChangeReason.FIRST_STAGE, Decimal("400.00")),
        (ChangeReason.ADVANCED, Decimal("400.00")),
        (ChangeReason.FELL_BACK, Decimal("-400.00")),
        (ChangeReason.WON, Decimal("600.00")),
    ]
    assert sum(change.cash for change in changes) == 1000


def test_a_lost_deal_gives_all_back_and_a_reopened_one_counts_again() -> None:
    lost = [amount("1000"), stage("proposal", 1), stage("lost", 2)]

    reopened = state_of([*lost, stage("reopened", 3)])

    assert (counted(state_of(lost)), counted(reopened)) == ({}, {"USD": Decimal("200.00")})
    assert outcome_of(state_of(lost), PIPELINES) is DealOutcome.LOST
    assert changes_of(reopened, PIPELINES, as_of=LATER)[-1].reason is ChangeReason.REOPENED


def test_cash_that_is_taken_back_is_no_cash() -> None:
    state = state_of([amount("1000"), stage("won", 1), stage("lost", 2)])

    assert sum(change.cash for change in changes_of(state, PIPELINES, as_of=LATER)) == 0


def test_an_outcome_that_the_crm_names_holds_until_the_deal_moves_on() -> None:
    won = [amount("100"), stage("proposal", 1), fact(FactName.OUTCOME, "won", 2)]

    assert counted(state_of(won)) == {"USD": Decimal(100)}
    assert counted(state_of([*won, stage("qualified", 3)])) == {"USD": Decimal("40.00")}


def test_currencies_are_never_added_together() -> None:
    state = state_of([amount("1000"), fact(FactName.CURRENCY, "EUR", 0), stage("visit", 1), stage("proposal", 2)])

    assert counted(state) == {"EUR": Decimal("800.00")}
    assert {change.currency for change in changes_of(state, PIPELINES, as_of=LATER)} == {"EUR", "USD"}


def test_nothing_is_a_probability_and_is_not_missing() -> None:
    assert counted(state_of([amount("1000"), stage("zero", 1)])) == {}
    found = current_worth(state_of([stage("zero", 1)]), PIPELINES, as_of=LATER)
    assert found is not None
    assert found.amount == Decimal(0)


def test_what_nobody_can_say_is_not_said() -> None:
    found = current_worth(state_of([amount("1000"), stage("nobody's", 1)]), PIPELINES, as_of=LATER)

    assert found is not None
    assert found.amount is None


@pytest.mark.parametrize("name", ["closedwon", "Closed Won", "closed_won", "CLOSED-WON"])
def test_a_stage_is_known_however_it_is_written(name: str) -> None:
    assert folded(name) == "closedwon"
    assert PIPELINES.of("default").kind_of(name) is StageKind.WON


@pytest.mark.parametrize(("code", "digits", "given", "kept"), [
    ("JPY", 0, "10.5", "10"), ("USD", 2, "0.125", "0.12"), ("KWD", 3, "0.1235", "0.124"), ("CLF", 4, "1", "1.0000"),
])  # fmt: skip
def test_halves_go_to_the_even_minor_unit(code: str, digits: int, given: str, kept: str) -> None:
    assert minor_digits(code) == digits
    assert rounded(Decimal(given), code) == Decimal(kept)
