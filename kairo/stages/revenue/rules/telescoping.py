"""What a deal is, and what each step of it added: a function of its log alone.

A log is a set of facts. For each of a deal's properties the newest fact holds; in which order facts arrived, and how
often, changes nothing. What a deal counts is a telescoping sum: every step takes back what the deal counted before and
adds what it counts then, so that the sum of all steps is what it counts now, whatever way it came there.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import IntEnum, StrEnum

from kairo.stages.revenue.contracts.deals import ChangeReason, DealOutcome
from kairo.stages.revenue.contracts.stages import DEFAULT_PIPELINE, StageKind
from kairo.stages.revenue.rules.stage_values import Pipelines, StageWorth


class FactName(StrEnum):
    """A property of a deal that matters here; no other one is kept, and none tells who a person is."""

    STAGE = "stage"
    PIPELINE = "pipeline"
    AMOUNT = "amount"
    CURRENCY = "currency"
    AD = "ad_id"
    CLICK = "click_id"
    CREATED = "created_at"
    CLOSED = "closed_at"
    OUTCOME = "outcome"
    MERGED_INTO = "merged_into"
    DELETED = "deleted"


class Rank(IntEnum):
    """Of facts of the same moment, the one of the higher rank holds."""

    HISTORY = 0
    EVENT = 1
    SNAPSHOT = 2


@dataclass(frozen=True)
class Fact:
    """A property had a value at a moment; None takes it away. `key` tells the same fact again."""

    name: FactName
    value: str | None
    at: datetime
    rank: Rank
    key: str

    @property
    def place(self) -> tuple[datetime, int, tuple[int, str], str]:
        """Where the fact stands in its log. Of events of one moment, the one of the larger id came later."""
        return self.at, self.rank, (len(self.key), self.key), self.value or ""


@dataclass(frozen=True)
class Step:
    """The deal came to a stage."""

    stage: str
    at: datetime


@dataclass(frozen=True)
class DealState:
    """A deal as its log tells it."""

    stage: str | None = None
    pipeline: str = DEFAULT_PIPELINE
    amount: Decimal | None = None
    currency: str | None = None
    ad_id: str | None = None
    click_id: str | None = None
    created_at: datetime | None = None
    closed_at: datetime | None = None
    said: DealOutcome | None = None
    merged_into: str | None = None
    merged_at: datetime | None = None
    deleted_at: datetime | None = None
    steps: tuple[Step, ...] = ()
    last_at: datetime | None = None

    @property
    def counts_until(self) -> datetime | None:
        """From when on the deal counts nothing, because another one carries it on or it is gone."""
        ends = [at for at in (self.merged_at, self.deleted_at) if at is not None]
        return min(ends) if ends else None


def state_of(facts: Iterable[Fact]) -> DealState:
    """Return the state that a log describes; the order in which facts are given does not matter."""
    log = sorted(facts, key=lambda fact: fact.place)
    newest = {fact.name: fact for fact in log}

    def told(name: FactName) -> str | None:
        return newest[name].value if name in newest else None

    steps = _steps(log)
    merged, deleted = newest.get(FactName.MERGED_INTO), newest.get(FactName.DELETED)
    amount, said = told(FactName.AMOUNT), _said(newest, steps)
    return DealState(
        stage=steps[-1].stage if steps else None,
        pipeline=told(FactName.PIPELINE) or DEFAULT_PIPELINE,
        amount=Decimal(amount) if amount is not None else None,
        currency=told(FactName.CURRENCY),
        ad_id=told(FactName.AD),
        click_id=told(FactName.CLICK),
        created_at=_moment(told(FactName.CREATED)),
        closed_at=_moment(told(FactName.CLOSED)),
        said=said,
        merged_into=merged.value if merged else None,
        merged_at=merged.at if merged and merged.value is not None else None,
        deleted_at=deleted.at if deleted and deleted.value is not None else None,
        steps=steps,
        last_at=log[-1].at if log else None,
    )


def _steps(log: Sequence[Fact]) -> tuple[Step, ...]:
    """Return the stages in the order in which they were come to; one that is told again is no step.

    Of several stages of one moment only the last was stayed in.
    """
    steps: list[Step] = []
    for fact in log:
        if fact.name is not FactName.STAGE or fact.value is None:
            continue
        if steps and steps[-1].at == fact.at:
            steps.pop()
        if not steps or steps[-1].stage != fact.value:
            steps.append(Step(fact.value, fact.at))
    return tuple(steps)


def _said(newest: dict[FactName, Fact], steps: Sequence[Step]) -> DealOutcome | None:
    """Return the outcome that the CRM names, unless the deal has moved on since."""
    outcome = newest.get(FactName.OUTCOME)
    if outcome is None or outcome.value is None or (steps and steps[-1].at > outcome.at):
        return None
    return DealOutcome(outcome.value)


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


@dataclass(frozen=True)
class Worth:
    """What a deal counts in one currency; `amount` None: nobody can say, and it counts nothing."""

    amount: Decimal | None
    currency: str
    kind: StageKind
    of_stage: StageWorth | None = None


@dataclass(frozen=True)
class Change:
    """What one step added to what the deal counts in a currency, or took from it."""

    at: datetime
    stage: str
    delta: Decimal
    currency: str
    reason: ChangeReason
    cash: Decimal = field(default=Decimal(0))


_KIND_SAID = {
    DealOutcome.WON: StageKind.WON,
    DealOutcome.LOST: StageKind.LOST,
    DealOutcome.OPEN: StageKind.OPEN,
}


def worth_of(state: DealState, place: int, pipelines: Pipelines, *, at: datetime | None = None) -> Worth:
    """Return what a deal counts in its step of that place; at its age `at` where that is given, else on arrival."""
    step, rules = state.steps[place], pipelines.of(state.pipeline)
    is_last = place in (-1, len(state.steps) - 1)
    kind = _KIND_SAID[state.said] if is_last and state.said else rules.kind_of(step.stage)
    if is_last and state.said is DealOutcome.OPEN and rules.kind_of(step.stage) is StageKind.REOPENED:
        kind = StageKind.REOPENED
    age_days = max(0.0, (at - step.at).total_seconds() / 86_400) if at else 0.0
    found = rules.worth(step.stage, kind=kind, amount=state.amount, currency=state.currency, age_days=age_days)
    return Worth(found.amount, found.currency, kind, found)


def outcome_of(state: DealState, pipelines: Pipelines) -> DealOutcome:
    """Return how a deal stands: what the CRM says, else what its stage means."""
    if state.said:
        return state.said
    if not state.steps:
        return DealOutcome.OPEN
    kind = pipelines.of(state.pipeline).kind_of(state.steps[-1].stage)
    return {StageKind.WON: DealOutcome.WON, StageKind.LOST: DealOutcome.LOST}.get(kind, DealOutcome.OPEN)


def current_worth(state: DealState, pipelines: Pipelines, *, as_of: datetime) -> Worth | None:
    """Return what a deal counts now; None while no stage is known. Merged or deleted, it counts nothing."""
    if not state.steps:
        return None
    worth = worth_of(state, -1, pipelines, at=as_of)
    if state.counts_until is not None:
        return Worth(Decimal(0), worth.currency, worth.kind)
    return worth


def changes_of(state: DealState, pipelines: Pipelines, *, as_of: datetime) -> list[Change]:
    """List what each step up to `as_of` added; in each currency the sum is what the deal counts at that moment.

    The last change of an open deal is what its age has done to it.
    """
    changes: list[Change] = []
    before: Worth | None = None
    for place, step in enumerate(state.steps):
        if step.at > as_of or (state.counts_until is not None and step.at >= state.counts_until):
            break
        worth = worth_of(state, place, pipelines)
        changes += _moved(before, worth, at=step.at, stage=step.stage)
        before = worth
    if before is None:
        return changes
    last = len([step for step in state.steps if step.at <= as_of]) - 1
    if state.counts_until is not None and state.counts_until <= as_of:
        reason = ChangeReason.MERGED if state.merged_at is not None else ChangeReason.DELETED
        nothing = Worth(Decimal(0), before.currency, StageKind.LOST)
        changes += _moved(before, nothing, at=state.counts_until, stage=state.steps[max(0, last)].stage, reason=reason)
    elif last >= 0 and before.kind in {StageKind.OPEN, StageKind.REOPENED}:
        aged = worth_of(state, last, pipelines, at=as_of)
        changes += _moved(before, aged, at=as_of, stage=state.steps[last].stage)
    return changes


def _moved(
    before: Worth | None, after: Worth, *, at: datetime, stage: str, reason: ChangeReason | None = None
) -> list[Change]:
    """Return the change from one worth to another; of two currencies, one is taken back and the other added."""
    found = reason or reason_of(before, after)
    counted = before.amount if before and before.amount is not None else Decimal(0)
    counts = after.amount if after.amount is not None else Decimal(0)
    was_won = before is not None and before.kind is StageKind.WON
    is_won = after.kind is StageKind.WON
    if before is None or before.currency == after.currency:
        cash = (counts if is_won else Decimal(0)) - (counted if was_won else Decimal(0))
        if counts == counted and cash == 0:
            return []
        return [Change(at, stage, counts - counted, after.currency, found, cash)]
    taken = Change(at, stage, -counted, before.currency, found, -counted if was_won else Decimal(0))
    added = Change(at, stage, counts, after.currency, found, counts if is_won else Decimal(0))
    return [change for change in (taken, added) if change.delta]


def reason_of(before: Worth | None, after: Worth) -> ChangeReason:
    """Name what happened between two worths."""
    if after.kind is StageKind.LOST:
        return ChangeReason.LOST if before is None or before.kind is not StageKind.LOST else ChangeReason.UNCHANGED
    if after.kind is StageKind.WON:
        return ChangeReason.WON if before is None or before.kind is not StageKind.WON else ChangeReason.UNCHANGED
    if after.amount is None:
        return ChangeReason.AMOUNT_MISSING
    if before is None:
        return ChangeReason.FIRST_STAGE
    if before.kind in {StageKind.LOST, StageKind.WON} or (
        after.kind is StageKind.REOPENED and before.kind is not StageKind.REOPENED
    ):
        return ChangeReason.REOPENED
    if before.currency != after.currency:
        return ChangeReason.CURRENCIES_DIFFER
    counted = before.amount or Decimal(0)
    if after.amount == counted:
        return ChangeReason.UNCHANGED
    return ChangeReason.ADVANCED if after.amount > counted else ChangeReason.FELL_BACK
