"""What is to be done with a change that has come due: the one decision that a dry run and the real one share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from pydantic import JsonValue

from kairo.stages.ads.contracts.changes import ChangeType, CheckName, SafetyCheck
from kairo.stages.ads.contracts.platforms import EntityStatus
from kairo.stages.ads.rules import safety_checks as checks
from kairo.stages.ads.rules.draws import fuzzy
from kairo.stages.ads.rules.safety_checks import Finding, IfFailed, Situation

WANTED_STATUS = {ChangeType.PAUSE: EntityStatus.PAUSED, ChangeType.RESUME: EntityStatus.ACTIVE}


class Verdict(StrEnum):
    EXECUTE = "execute"
    WAIT = "wait"
    REFUSE = "refuse"
    ASK_PERSON = "ask a person"
    ALREADY = "stands so already"


@dataclass(frozen=True)
class Plan:
    """What is to be done, and why. `is_last` is false where limits allow but a step towards what is wanted."""

    verdict: Verdict
    checks: tuple[SafetyCheck, ...]
    before: JsonValue = None
    after: JsonValue = None
    is_last: bool = True
    not_before: datetime | None = None
    held_by: CheckName | None = None
    says: str = ""


def first_look(now: Situation) -> Plan:
    """Decide what can be decided without asking the platform."""
    return _decide([checks.kill_switch(now), checks.approval(now), checks.market_hours(now)])


def plan(now: Situation) -> Plan:
    """Decide on a change whose entity was just read from the platform."""
    if now.change.change_type is ChangeType.BUDGET:
        return _plan_budget(now)
    if now.change.change_type is ChangeType.BID:
        return _plan_bid(now)
    if now.change.change_type is ChangeType.CREATE:
        return _decide([*_always(now), checks.spend_cap(now, rise=0), *_limits(now)], after=now.change.requested)
    return _plan_status(now)


def _plan_budget(now: Situation) -> Plan:
    position = now.state.daily_budget if now.state is not None else None
    if position is None:
        return _impossible("It has no daily budget of its own: change that of its campaign or ad set.")
    if (gone := _removed(now)) is not None:
        return gone
    requested = _whole(now.change.requested)
    original = now.change.original if now.change.original is not None else position
    target = requested if now.change.is_rollback else fuzzy(
        now.change.id, now.settings, original=original, requested=requested
    )  # fmt: skip
    if target == position:
        return Plan(Verdict.ALREADY, (), before=position, after=position, says=f"It is {now.words(position)} already.")
    settings = now.settings
    velocity, to_here = checks.pace(
        now, CheckName.VELOCITY, position=position, target=target,
        window=timedelta(hours=settings.velocity_hours), share=settings.velocity_share,
    )  # fmt: skip
    daily, and_here = checks.pace(
        now, CheckName.DAILY_CAP, position=position, target=target, window=checks.DAY, share=settings.daily_share
    )
    reached = min(to_here, and_here) if target > position else max(to_here, and_here)
    findings = [
        *_always(now, position=position),
        checks.as_decided(now, position=position),
        checks.decision_step(now, original=original, requested=requested),
        velocity,
        daily,
        checks.spend_cap(now, rise=reached - position),
        *_limits(now),
    ]
    return _decide(findings, before=position, after=reached, is_last=reached == target)


def _plan_bid(now: Situation) -> Plan:
    position = now.bid
    if position is None:
        return _impossible("The platform tells no bid of it: it bids by itself.")
    requested = _whole(now.change.requested)
    if position == requested:
        return Plan(Verdict.ALREADY, (), before=position, after=position, says=f"It is {now.words(position)} already.")
    original = now.change.original if now.change.original is not None else position
    step = checks.decision_step(now, original=original, requested=requested)
    return _decide([*_always(now), step, *_limits(now)], before=position, after=requested)


def _plan_status(now: Situation) -> Plan:
    if (gone := _removed(now)) is not None:
        return gone
    wanted = WANTED_STATUS[now.change.change_type]
    found = now.state.status if now.state is not None else None
    if found is wanted:
        return Plan(Verdict.ALREADY, (), before=wanted, after=wanted, says=f"It is {wanted} already.")
    rises = now.change.change_type is ChangeType.RESUME and now.state is not None
    rise = (now.state.daily_budget or 0) if rises and now.state is not None else 0
    findings = [*_always(now), checks.spend_cap(now, rise=rise), *_limits(now)]
    return _decide(findings, before=None if found is None else str(found), after=str(wanted))


def _always(now: Situation, *, position: int | None = None) -> list[Finding]:
    return [checks.kill_switch(now), checks.approval(now, position=position), checks.market_hours(now)]


def _limits(now: Situation) -> list[Finding]:
    rates = [checks.account_rate(now)]
    if now.change.change_type is ChangeType.BUDGET:
        rates.append(checks.platform_rate(now))
    return [*rates, checks.platform_usage(now)]


def _decide(
    findings: Sequence[Finding], *, before: JsonValue = None, after: JsonValue = None, is_last: bool = True
) -> Plan:
    all_checks = tuple(finding.check for finding in findings)
    failed = [finding for finding in findings if not finding.check.passed]
    if not failed:
        return Plan(Verdict.EXECUTE, all_checks, before, after, is_last)
    gravest = _gravest(failed)
    says = " ".join(finding.check.says for finding in failed)
    held_by = gravest.check.name
    if gravest.if_failed is not IfFailed.WAITS:
        verdict = Verdict.REFUSE if gravest.if_failed is IfFailed.REFUSED else Verdict.ASK_PERSON
        return Plan(verdict, all_checks, before, after, is_last, held_by=held_by, says=says)
    until = max(finding.until for finding in failed if finding.until is not None)
    return Plan(Verdict.WAIT, all_checks, before, after, is_last, not_before=until, held_by=held_by, says=says)


def _gravest(failed: Sequence[Finding]) -> Finding:
    """Choose what decides: a refusal, else the need of a person, else what lasts longest."""
    order = [IfFailed.WAITS, IfFailed.ASKS, IfFailed.REFUSED]
    return max(failed, key=lambda one: (order.index(one.if_failed), one.until.timestamp() if one.until else 0.0))


def _removed(now: Situation) -> Plan | None:
    if now.state is None or now.state.status is EntityStatus.REMOVED:
        return _impossible("It was removed from the platform.")
    return None


def _impossible(says: str) -> Plan:
    check = SafetyCheck(name=CheckName.PLATFORM_ANSWER, passed=False, says=says)
    return Plan(Verdict.REFUSE, (check,), held_by=CheckName.PLATFORM_ANSWER, says=says)


def _whole(value: JsonValue) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"A budget is a whole number of smallest units, not {value!r}.")
    return value
