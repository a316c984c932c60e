"""What is looked at before a change is carried out. Each check says what it compared, in numbers and in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from math import ceil, floor
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import JsonValue

from kairo.stages.ads.contracts.changes import (
    AUTO_APPROVED,
    AdSafetySettings,
    ChangeType,
    CheckName,
    KillSwitchDTO,
    SafetyCheck,
)
from kairo.stages.ads.contracts.platforms import EntityState, EntityType, PlatformUsage
from kairo.stages.ads.rules.minor_units import in_words, to_main

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
STOPPED_AGAIN_AFTER = HOUR
EXHAUSTED_AGAIN_AFTER_S = 300.0
# An execution leaves the window a moment after it should: the platform's clock is not ours.
MARGIN = timedelta(seconds=1)


class IfFailed(StrEnum):
    """What becomes of a change whose check has failed."""

    WAITS = "waits"
    REFUSED = "refused"
    ASKS = "asks a person"


@dataclass(frozen=True)
class Finding:
    """A check, and what follows where it has failed: the change waits until a moment, is refused, or asks a person."""

    check: SafetyCheck
    if_failed: IfFailed = IfFailed.WAITS
    until: datetime | None = None


@dataclass(frozen=True)
class PastExecution:
    """Something that was sent to the platform. Until it is answered it may take effect at any moment."""

    entity_type: EntityType
    entity_id: str
    change_type: ChangeType
    before: int | None
    after: int | None
    sent_at: datetime
    answered_at: datetime | None
    took_effect: bool

    def leaves(self, window: timedelta) -> datetime:
        """Tell when this no longer counts. It reached the platform at the latest when the answer came."""
        return (self.answered_at or self.sent_at + HOUR) + window + MARGIN


@dataclass(frozen=True)
class WantedChange:
    """A change as the checks see it. `original` is the value before its first step, `settled` after its last one."""

    id: UUID
    entity_type: EntityType
    entity_id: str
    change_type: ChangeType
    original: int | None
    settled: int | None
    requested: JsonValue
    currency: str
    approved_by: str | None
    is_rollback: bool


@dataclass(frozen=True)
class Situation:
    """All that the checks look at, as of one moment; money is in smallest units but for `spent_today`.

    `waiting_ahead` is how many changes of the account wait already for the hour to have room.
    """

    change: WantedChange
    settings: AdSafetySettings
    kill_switch: KillSwitchDTO
    timezone: str
    at: datetime
    state: EntityState | None = None
    bid: int | None = None
    past: Sequence[PastExecution] = ()
    waiting_ahead: int = 0
    usage: PlatformUsage = field(default_factory=PlatformUsage)
    spent_today: Decimal = Decimal(0)

    def words(self, minor: int) -> str:
        return in_words(minor, self.change.currency)

    def within(self, window: timedelta) -> list[PastExecution]:
        """List what the account was sent and may still count within a window that ends now."""
        return [one for one in self.past if one.answered_at is None or one.leaves(window) > self.at]

    def budgets_within(self, window: timedelta) -> list[PastExecution]:
        """List the changes of this entity's budget that may count."""
        key = (self.change.entity_type, self.change.entity_id, ChangeType.BUDGET)
        return [one for one in self.within(window) if (one.entity_type, one.entity_id, one.change_type) == key]


def _checked(name: CheckName, passed: bool, says: str, numbers: Mapping[str, JsonValue] | None = None) -> SafetyCheck:
    return SafetyCheck(name=name, passed=passed, says=says, numbers=dict(numbers or {}))


def kill_switch(now: Situation) -> Finding:
    """Nothing moves while the kill switch is on."""
    says = f"The kill switch is on: {now.kill_switch.reason}" if now.kill_switch.on else "The kill switch is off."
    check = _checked(CheckName.KILL_SWITCH, not now.kill_switch.on, says, {"on": now.kill_switch.on})
    return Finding(check, until=now.at + STOPPED_AGAIN_AFTER)


def approval(now: Situation, *, position: int | None = None) -> Finding:
    """A person has approved it, or it lies within the limit up to which none is needed, as that stands now."""
    change = now.change
    if change.approved_by is not None and change.approved_by != AUTO_APPROVED:
        return Finding(_checked(CheckName.APPROVAL, True, f"Approved by {change.approved_by}."))
    amount = moved_amount(change, position=position)
    limit = now.settings.auto_approve_limit
    passed = needs_no_person(change, now.settings, position=position)
    numbers: dict[str, JsonValue] = {
        "amount": None if amount is None else str(amount),
        "limit": None if limit is None else str(limit),
    }
    says = f"Moves {amount} {change.currency}; up to {limit} needs no person."
    if not passed:
        says = f"Moves {amount} {change.currency}; a person has to approve what exceeds {limit or 0}."
    return Finding(_checked(CheckName.APPROVAL, passed, says, numbers), IfFailed.ASKS)


def moved_amount(change: WantedChange, *, position: int | None = None) -> Decimal | None:
    """Return by how much a change moves a budget, in the main unit; None where that cannot be said.

    `position` is what the platform shows: whoever has decided may have believed something else.
    """
    if change.change_type is ChangeType.PAUSE:
        return Decimal(0)
    if change.change_type is not ChangeType.BUDGET or change.original is None or not isinstance(change.requested, int):
        return None
    found = change.original if position is None or change.settled is not None else position
    far = max(abs(change.requested - change.original), abs(change.requested - found))
    return to_main(far, change.currency)


def needs_no_person(change: WantedChange, settings: AdSafetySettings, *, position: int | None = None) -> bool:
    """Tell whether a change lies within the limit for approval without a person."""
    amount = moved_amount(change, position=position)
    if change.is_rollback or amount is None or settings.auto_approve_limit is None:
        return False
    return change.change_type in settings.auto_approve_types and amount <= settings.auto_approve_limit


def market_hours(now: Situation) -> Finding:
    """Changes are made within the hours that the tenant has set, by the account's clock."""
    hours = now.settings.market_hours
    if hours is None:
        return Finding(_checked(CheckName.MARKET_HOURS, True, "Changes may be made at any hour."))
    local = now.at.astimezone(ZoneInfo(now.timezone))
    passed = local.weekday() in hours.weekdays and hours.from_time <= local.time() < hours.until_time
    numbers: dict[str, JsonValue] = {
        "weekday": local.weekday(),
        "time": local.strftime("%H:%M"),
        "from": hours.from_time.strftime("%H:%M"),
        "until": hours.until_time.strftime("%H:%M"),
    }
    open_hours = f"{hours.from_time:%H:%M} to {hours.until_time:%H:%M}"
    says = f"It is {local:%A %H:%M} in {now.timezone}; changes are made {open_hours}."
    opening = next(
        moment
        for day in range(9)
        if (moment := datetime.combine(local.date() + timedelta(days=day), hours.from_time, local.tzinfo)) > local
        and moment.weekday() in hours.weekdays
    )
    return Finding(_checked(CheckName.MARKET_HOURS, passed, says, numbers), until=opening.astimezone(now.at.tzinfo))


def as_decided(now: Situation, *, position: int) -> Finding:
    """The value on the platform is still about what it was when the change was decided; for a rollback, exactly."""
    believed = now.change.settled if now.change.settled is not None else now.change.original
    if believed is None:
        return Finding(_checked(CheckName.AS_DECIDED, True, f"Stands at {now.words(position)}.", {"now": position}))
    drift = 0.0 if now.change.is_rollback else now.settings.drift_share
    passed = abs(position - believed) <= drift * believed
    says = f"Stands at {now.words(position)}; when this was decided it stood at {now.words(believed)}."
    numbers: dict[str, JsonValue] = {"now": position, "then": believed, "allowed_share": drift}
    return Finding(_checked(CheckName.AS_DECIDED, passed, says, numbers), IfFailed.REFUSED)


def decision_step(now: Situation, *, original: int, requested: int) -> Finding:
    """One decision moves a value by no more than its share."""
    share = abs(requested - original) / original
    allowed = now.settings.largest_step_share
    says = f"{now.words(original)} to {now.words(requested)} is {share:.1%} of it; one decision may move {allowed:.0%}."
    numbers: dict[str, JsonValue] = {"from": original, "to": requested, "share": round(share, 4), "allowed": allowed}
    passed = now.change.is_rollback or abs(requested - original) <= allowed * original + 1e-9
    return Finding(_checked(CheckName.DECISION_STEP, passed, says, numbers), IfFailed.REFUSED)


def room(values: Iterable[int], share: float) -> tuple[int, int]:
    """Return the lowest and the highest whole number that lies within a share of each of the values."""
    known = list(values)
    # 1e-9: 0.2 × 15 is a little more than 3 in floating point.
    return max(ceil(one * (1 - share) - 1e-9) for one in known), min(floor(one * (1 + share) + 1e-9) for one in known)


def budget_room(now: Situation, *, position: int, window: timedelta, share: float) -> tuple[int, int]:
    """Return within which values a budget may lie, as far as the values that it had within the window allow."""
    values = {position}
    for one in now.budgets_within(window):
        if one.took_effect:
            values |= {value for value in (one.before, one.after) if value is not None}
    return room(values, share)


def pace(
    now: Situation, name: CheckName, *, position: int, target: int, window: timedelta, share: float
) -> tuple[Finding, int]:
    """Tell whether a budget may move towards its target now, and return how far it may go in this step."""
    hours = window.total_seconds() / 3600
    if now.change.is_rollback:
        return Finding(_checked(name, True, "A rollback goes back at once.")), target
    low, high = budget_room(now, position=position, window=window, share=share)
    reached = min(max(target, low), high)
    # No room at all: what was in force lies too far apart already.
    passed = low <= high and (reached - position) * (target - position) > 0
    numbers: dict[str, JsonValue] = {
        "now": position, "target": target, "low": low, "high": high, "share": share, "hours": hours,
    }  # fmt: skip
    says = (
        f"Within {hours:g} hours a budget may move by {share:.0%}: between {now.words(low)} and {now.words(high)} now;"
        f" it is to go from {now.words(position)} to {now.words(target)}."
    )
    leaving = [one.leaves(window) for one in now.budgets_within(window) if one.took_effect]
    if leaving:
        return Finding(_checked(name, passed, says, numbers), until=max(min(leaving), now.at + MARGIN)), reached
    return Finding(_checked(name, passed, says, numbers), IfFailed.REFUSED), reached


def spend_cap(now: Situation, *, rise: int) -> Finding:
    """What the account has spent today and what was raised today stay below the cap together with this rise."""
    cap = now.settings.account_spend_cap
    if cap is None or rise <= 0:
        says = "There is no cap." if cap is None else "Spend does not rise."
        return Finding(_checked(CheckName.SPEND_CAP, True, says))
    midnight = now.at.astimezone(ZoneInfo(now.timezone)).replace(hour=0, minute=0, second=0, microsecond=0)
    raised = sum(
        max(0, (one.after or 0) - (one.before or 0))
        for one in now.past
        if one.change_type is ChangeType.BUDGET and one.took_effect and one.sent_at >= midnight
    )
    bound = now.spent_today + to_main(raised + rise, now.change.currency)
    says = f"Spent today {now.spent_today}, raised by {now.words(raised)}, now by {now.words(rise)}; the cap is {cap}."
    numbers: dict[str, JsonValue] = {
        "spent_today": str(now.spent_today), "raised_today": raised, "rise": rise, "cap": str(cap),
    }  # fmt: skip
    return Finding(
        _checked(CheckName.SPEND_CAP, bound <= cap, says, numbers), until=(midnight + DAY).astimezone(now.at.tzinfo)
    )


def account_rate(now: Situation) -> Finding:
    """An account takes no more changes in an hour than its limit."""
    limit = now.settings.changes_per_hour
    return _rate(
        now, CheckName.ACCOUNT_RATE, now.within(HOUR), limit, "account's changes", waiting_ahead=now.waiting_ahead
    )


def platform_rate(now: Situation) -> Finding:
    """The platform itself takes no more budgets in an hour than its limit, of one ad set or campaign."""
    counted = now.budgets_within(HOUR)
    return _rate(now, CheckName.PLATFORM_RATE, counted, now.settings.budget_changes_per_hour, "entity's budgets")


def _rate(
    now: Situation, name: CheckName, counted: Sequence[PastExecution], limit: int, what: str, *, waiting_ahead: int = 0
) -> Finding:
    leaving = sorted(one.leaves(HOUR) for one in counted)
    passed = len(leaving) < limit
    says = f"{len(leaving)} of the {what} were sent within an hour; the limit is {limit}."
    check = _checked(name, passed, says, {"in_last_hour": len(leaving), "limit": limit})
    if passed:
        return Finding(check)
    # Each one that waits gets a place of its own: they would all come at once for the first that is free.
    rounds, place = divmod(len(leaving) - limit + waiting_ahead, len(leaving))
    return Finding(check, until=max(leaving[place] + rounds * HOUR, now.at + MARGIN))


def platform_usage(now: Situation) -> Finding:
    """An account whose allowance of calls is nearly used up is asked slowly, and then no more."""
    used, settings = now.usage.percent, now.settings
    last = max((one.sent_at for one in now.past), default=None)
    since = None if last is None else (now.at - last).total_seconds()
    numbers: dict[str, JsonValue] = {
        "percent": used,
        "slow_at": settings.slow_at_percent,
        "stop_at": settings.stop_at_percent,
    }
    bounds = f"slow from {settings.slow_at_percent:.0f}, stop at {settings.stop_at_percent:.0f}"
    says = f"{used:.0f} % of the platform's allowance is used; {bounds}."
    if now.usage.shut_out_s > 0 or used >= settings.stop_at_percent:
        wait = max(now.usage.shut_out_s, EXHAUSTED_AGAIN_AFTER_S)
        return Finding(_checked(CheckName.PLATFORM_USAGE, False, says, numbers), until=now.at + timedelta(seconds=wait))
    slow = used >= settings.slow_at_percent and since is not None and since < settings.slow_gap_s
    wait = settings.slow_gap_s - (since or 0.0)
    return Finding(
        _checked(CheckName.PLATFORM_USAGE, not slow, says, numbers), until=now.at + timedelta(seconds=max(wait, 1.0))
    )
