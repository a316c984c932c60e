"""Pure decisions about changes: ways between statuses, money in smallest units, draws, room for budgets."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from kairo.stages.ads.contracts.changes import (
    AdSafetySettings,
    ChangeNotAllowed,
    ChangeStatus,
    ChangeType,
    KillSwitchDTO,
)
from kairo.stages.ads.contracts.platforms import EntityState, EntityStatus, EntityType
from kairo.stages.ads.rules.change_states import OPEN, TRANSITIONS, require_move
from kairo.stages.ads.rules.draws import due_at, fuzzy
from kairo.stages.ads.rules.minor_units import ZERO_DECIMAL, in_words, offset, to_main, to_minor
from kairo.stages.ads.rules.planning import Verdict, plan
from kairo.stages.ads.rules.recommendations import capped
from kairo.stages.ads.rules.safety_checks import PastExecution, Situation, WantedChange

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
A_CHANGE = UUID(int=7)
budgets = st.integers(min_value=1, max_value=10**9)
ids = st.uuids()


def _situation(*, requested: int, position: int, original: int | None = None) -> Situation:
    change = WantedChange(
        id=A_CHANGE,
        entity_type=EntityType.AD_SET,
        entity_id="s",
        change_type=ChangeType.BUDGET,
        original=original,
        settled=None,
        requested=requested,
        currency="EUR",
        approved_by="user:ana",
        is_rollback=False,
    )
    state = EntityState(
        entity_type=EntityType.AD_SET, entity_id="s", status=EntityStatus.ACTIVE, daily_budget=position, currency="EUR"
    )
    return Situation(
        change=change, settings=AdSafetySettings(), kill_switch=KillSwitchDTO(), timezone="UTC", at=NOON, state=state
    )


def _sent(before: int, after: int, *, ago: timedelta, took_effect: bool = True) -> PastExecution:
    at = NOON - ago
    return PastExecution(EntityType.AD_SET, "s", ChangeType.BUDGET, before, after, at, at, took_effect)


@pytest.mark.parametrize("currency", ["JPY", "KRW", "CLP", "COP", "CRC", "HUF", "ISK", "IDR", "PYG", "TWD", "VND"])
def test_meta_s_zero_decimal_currencies_count_main_units(currency: str) -> None:
    assert (offset(currency), to_minor(Decimal(1_200), currency), to_main(1_200, currency)) == (
        1,
        1_200,
        Decimal(1_200),
    )
    assert in_words(1_200, currency) == f"1,200 {currency}"


@pytest.mark.parametrize("currency", ["EUR", "USD", "KWD", "TND", "eur"])
def test_all_others_count_hundredths_whatever_iso_says(currency: str) -> None:
    assert (offset(currency), to_minor(Decimal("12.34"), currency)) == (100, 1_234)
    assert in_words(123_456_789, "EUR") == "1,234,567.89 EUR"


@given(minor=st.integers(min_value=0, max_value=10**13), currency=st.sampled_from(["EUR", *sorted(ZERO_DECIMAL)]))
def test_money_comes_back_whole(minor: int, currency: str) -> None:
    assert to_minor(to_main(minor, currency), currency) == minor


@given(change_id=ids, original=budgets, requested=budgets, share=st.floats(min_value=0, max_value=0.5))
def test_a_fuzzy_budget_lies_between_the_old_and_the_approved_one(
    change_id: UUID, original: int, requested: int, share: float
) -> None:
    settings = AdSafetySettings(fuzzy_share=share)
    aimed = fuzzy(change_id, settings, original=original, requested=requested)
    assert aimed == fuzzy(change_id, settings, original=original, requested=requested)
    assert min(original, requested) <= aimed <= max(original, requested)
    assert abs(requested - aimed) <= share * abs(requested - original)
    assert aimed != original or requested == original


@given(change_id=ids)
def test_a_jitter_is_three_to_eighteen_seconds(change_id: UUID) -> None:
    assert 3 <= (due_at(change_id, AdSafetySettings(), at=NOON) - NOON).total_seconds() <= 18


@given(current=budgets, recommended=budgets)
def test_a_recommendation_keeps_to_its_step_and_says_so(current: int, recommended: int) -> None:
    step = capped(current=current, recommended=recommended, currency="EUR", settings=AdSafetySettings())
    assert step.requested <= current * 1.2 + 1e-6
    assert step.requested >= current * 0.5 - 1e-6
    assert bool(step.says) == (step.requested != recommended)


@given(
    position=st.integers(min_value=100, max_value=10**8),
    factor=st.floats(min_value=0.5, max_value=1.5),
    before=st.integers(min_value=100, max_value=10**8),
    hours=st.floats(min_value=0, max_value=48),
)
def test_what_is_executed_lies_within_a_fifth_of_all_that_was_in_force(
    position: int, factor: float, before: int, hours: float
) -> None:
    past = [_sent(before, position, ago=timedelta(hours=hours))]
    decided = plan(replace(_situation(requested=max(1, round(position * factor)), position=position), past=past))
    if decided.verdict is not Verdict.EXECUTE:
        return
    assert isinstance(decided.after, int)
    in_force = {position} | ({before} if hours < 6 else set())
    assert all(abs(decided.after - value) <= 0.2 * value + 1e-6 for value in in_force)


def test_what_never_took_effect_leaves_its_room() -> None:
    past = [_sent(100, 1_000, ago=timedelta(hours=1), took_effect=False)]
    decided = plan(replace(_situation(requested=120, position=100), past=past))
    assert decided.verdict is Verdict.EXECUTE


def test_what_is_under_way_counts_until_it_is_answered() -> None:
    under_way = [
        replace(_sent(100, 101, ago=timedelta(hours=3)), answered_at=None, entity_id=str(n)) for n in range(15)
    ]
    decided = plan(replace(_situation(requested=120, position=100), past=under_way))
    assert decided.verdict is Verdict.WAIT
    assert decided.held_by == "account_rate"


def test_a_step_smaller_than_the_smallest_unit_is_refused() -> None:
    decided = plan(_situation(requested=3, position=2))
    assert decided.verdict is Verdict.REFUSE


@given(st.data())
def test_no_way_leads_out_of_what_has_ended_but_taking_back(data: st.DataObject) -> None:
    status = data.draw(st.sampled_from(sorted(set(ChangeStatus) - OPEN)))
    assert TRANSITIONS[status] <= {ChangeStatus.ROLLED_BACK}


class ChangeWays(RuleBasedStateMachine):
    """Any order of moves: those of the table pass, all others are refused and change nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.status = ChangeStatus.PENDING
        self.was_sent = False

    @rule(wanted=st.sampled_from(list(ChangeStatus)))
    def move(self, wanted: ChangeStatus) -> None:
        if wanted in TRANSITIONS[self.status]:
            require_move(self.status, wanted)
            self.was_sent |= wanted is ChangeStatus.EXECUTING
            self.status = wanted
            return
        with pytest.raises(ChangeNotAllowed, match=str(self.status)):
            require_move(self.status, wanted)

    @precondition(lambda self: self.status is ChangeStatus.EXECUTING)
    @rule()
    def what_is_on_its_way_cannot_be_rejected(self) -> None:
        for wanted in (ChangeStatus.REJECTED, ChangeStatus.EXPIRED, ChangeStatus.PENDING, ChangeStatus.CLAIMED):
            with pytest.raises(ChangeNotAllowed):
                require_move(self.status, wanted)

    @invariant()
    def a_sent_change_was_approved_and_claimed(self) -> None:
        before = [status for status, following in TRANSITIONS.items() if ChangeStatus.EXECUTING in following]
        assert before == [ChangeStatus.CLAIMED]


TestChangeWays = ChangeWays.TestCase
