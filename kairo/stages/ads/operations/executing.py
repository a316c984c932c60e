"""Carrying changes out: claim, look, check and mark in one transaction, send outside of any, write down.

Everything is decided in the transaction that marks a change as executing, under a lock on its ad account: however many
workers there are, the limits are counted one after the other. A worker may die at any line. What it has claimed is
claimed again; what it may have sent is read back (`reading_back`), and never sent again unread.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID, uuid4

from pydantic import JsonValue

from kairo.errors import KairoError
from kairo.platform.database.clock import now
from kairo.platform.database.ids import new_id
from kairo.platform.database.sessions import tenant_transaction
from kairo.stages.ads.contracts.changes import (
    ChangeStatus,
    CheckName,
    HistoryEvent,
    RunReport,
    SafetyCheck,
)
from kairo.stages.ads.contracts.platforms import (
    OutcomeUnknown,
    PlatformRefused,
    PlatformThrottled,
    UnableToAskPlatform,
)
from kairo.stages.ads.models import AdAccount
from kairo.stages.ads.models.changes import AdSafety, PendingAdChange
from kairo.stages.ads.operations.accounts import platform_of_account
from kairo.stages.ads.operations.change_history import ClaimLost, move, safety_row, write_down
from kairo.stages.ads.operations.platform_calls import Seen, look, send
from kairo.stages.ads.operations.proposing import wanted
from kairo.stages.ads.operations.reading_back import read_back
from kairo.stages.ads.operations.recording_outcomes import (
    put_back,
    record_already,
    record_done,
    record_failed,
    record_turned_away,
    record_unknown,
)
from kairo.stages.ads.ports import AdPlatform
from kairo.stages.ads.queries.executions import past_executions, spent_today, waiting_for_the_hour
from kairo.stages.ads.rules.change_states import UNTOUCHED
from kairo.stages.ads.rules.planning import Plan, Verdict, first_look, plan
from kairo.stages.ads.rules.safety_checks import PastExecution, Situation

LEASE_S = 120.0
"""How long a claim holds, in real seconds: longer than any call to a platform may take."""
ACCOUNT_AGAIN_AFTER_S = 3_600.0
EXECUTOR = "executor"
CLAIM_LOST = "claim_lost"
LOOK_BACK = timedelta(hours=1)
OVERDUE_AT_ONCE = 500

PlatformOf = Callable[[str], AdPlatform]
PastOf = Callable[[str, datetime], Sequence[PastExecution]]


class Settle(Protocol):
    """Finds out what became of something that was sent and never answered."""

    def __call__(
        self, row: PendingAdChange, platform: AdPlatform, *, tenant_id: UUID, clock: Callable[[], datetime]
    ) -> HistoryEvent: ...


@dataclass(frozen=True)
class Round:
    """What stays the same while one worker carries changes out."""

    tenant_id: UUID
    worker: str
    platform_of: PlatformOf
    lease_s: float
    clock: Callable[[], datetime]
    past_of: PastOf
    settle: Settle


def run_due(
    *,
    tenant_id: UUID,
    worker: str,
    platform_of: PlatformOf | None = None,
    most: int = 500,
    lease_s: float = LEASE_S,
    clock: Callable[[], datetime] = now,
    past_of: PastOf = past_executions,
    settle: Settle = read_back,
) -> RunReport:
    """Carry out what is due, one change after the other, and count what happened. Called outside transactions.

    Changes wait, are refused or are sent as the checks say; in a dry run they are planned and nothing is sent.
    """
    this = Round(tenant_id, worker, platform_of or _connected, lease_s, clock, past_of, settle)
    counts: Counter[str] = Counter()
    with tenant_transaction(tenant_id):
        expired = expire_overdue(at=clock())
    if expired:
        counts[HistoryEvent.EXPIRED] = expired
    for _ in range(most):
        event = execute_next(this)
        if event is None:
            break
        counts[event] += 1
    return RunReport(counts=dict(counts))


def expire_overdue(*, at: datetime) -> int:
    """End what nobody has decided on or begun in time, and return how many changes that were."""
    rows = PendingAdChange.objects.select_for_update(skip_locked=True).filter(status__in=UNTOUCHED, expires_at__lte=at)
    overdue = list(rows[:OVERDUE_AT_ONCE])
    for row in overdue:
        says = f"Its time was up at {row.expires_at:%Y-%m-%d %H:%M} UTC."
        move(row, ChangeStatus.EXPIRED, at=at, says=says)
        write_down(row, HistoryEvent.EXPIRED, who=EXECUTOR, why=says, at=at)
    return len(overdue)


def execute_next(this: Round) -> str | None:
    """Claim one change that is due and bring it as far as it may go; None: nothing is due."""
    deadline = time.monotonic() + this.lease_s / 2
    with tenant_transaction(this.tenant_id):
        row = _claim(this)
        if row is None:
            return None
        ready = _prepare(row, this)
    if isinstance(ready, HistoryEvent):
        return ready
    try:
        if row.status == ChangeStatus.EXECUTING:
            return this.settle(row, ready, tenant_id=this.tenant_id, clock=this.clock)
        return _carry_out(row, ready, this, deadline=deadline)
    except ClaimLost:
        return CLAIM_LOST


def _claim(this: Round) -> PendingAdChange | None:
    claim = f"{this.worker}:{uuid4().hex[:12]}"
    statement = "SELECT * FROM claim_pending_ad_change(%s, %s, %s)"
    return next(iter(PendingAdChange.objects.raw(statement, [claim, this.lease_s, this.clock()])), None)


def _prepare(row: PendingAdChange, this: Round) -> AdPlatform | HistoryEvent:
    """Return the platform to ask, or what became of a change that need not get so far."""
    at = this.clock()
    if row.status == ChangeStatus.CLAIMED:
        account = AdAccount.objects.filter(account_id=row.account_id).first()
        early = first_look(_situation(row, Seen(), safety_row(at=at), account, at=at))
        if early.verdict is not Verdict.EXECUTE:
            return _settle(row, early, at=at)
    try:
        return this.platform_of(row.account_id)
    except KairoError as error:
        # Nothing about the change is wrong: it waits until somebody has connected the account.
        return put_back(row, _unanswered(error), after_s=ACCOUNT_AGAIN_AFTER_S, at=at)


def _carry_out(row: PendingAdChange, platform: AdPlatform, this: Round, *, deadline: float) -> str:
    try:
        seen = look(platform, row)
    except PlatformThrottled as error:
        with tenant_transaction(this.tenant_id):
            return put_back(row, _unanswered(error), after_s=error.after_s, at=this.clock())
    except UnableToAskPlatform as error:
        with tenant_transaction(this.tenant_id):
            return record_failed(row, _unanswered(error), at=this.clock())
    with tenant_transaction(this.tenant_id):
        made = _check_and_mark(row, seen, this)
    if isinstance(made, HistoryEvent):
        return made
    if time.monotonic() > deadline:
        # The claim may be another's soon: it will find that nothing was sent.
        return CLAIM_LOST
    return _send(row, platform, made, this)


def _check_and_mark(row: PendingAdChange, seen: Seen, this: Round) -> Plan | HistoryEvent:
    """Decide under the account's lock, and mark as executing what may go; else return what became of it."""
    account = AdAccount.objects.select_for_update(no_key=True).filter(account_id=row.account_id).first()
    # Taken under the lock: what was sent before this is counted.
    at = this.clock()
    if seen.made:
        answer: dict[str, JsonValue] = {"id": seen.made[0], "found": list(seen.made)}
        return record_done(row, answer, checks=(), is_last=True, at=at, says="It was there already, by its name.")
    safety = safety_row(at=at)
    decided = plan(_situation(row, seen, safety, account, at=at, past_of=this.past_of))
    if decided.verdict is not Verdict.EXECUTE:
        return _settle(row, decided, at=at)
    values: dict[str, object] = {"current_value": decided.before} if row.current_value is None else {}
    who = row.approved_by or row.proposed_by
    if not safety.execution:
        says = "Execution is off: this is what would be sent."
        move(row, ChangeStatus.APPROVED, at=at, claimed_by=None, dry_run_at=at, held_by=None, says=says)
        write_down(
            row,
            HistoryEvent.DRY_RUN,
            who=who,
            why=row.reason,
            at=at,
            before=decided.before,
            after=decided.after,
            checks=decided.checks,
        )
        return HistoryEvent.DRY_RUN
    execution_id = new_id()
    sent = {"sent_before": decided.before, "sent_value": decided.after, "sent_at": at, "execution_id": execution_id}
    move(row, ChangeStatus.EXECUTING, at=at, held_by=None, says="", **values, **sent)
    write_down(
        row,
        HistoryEvent.EXECUTING,
        who=who,
        why=row.reason,
        at=at,
        before=decided.before,
        after=decided.after,
        checks=decided.checks,
        response={"is_last": decided.is_last},
        execution_id=execution_id,
    )
    return decided


def _send(row: PendingAdChange, platform: AdPlatform, decided: Plan, this: Round) -> HistoryEvent:
    try:
        answer = send(platform, row)
    except PlatformThrottled as error:
        with tenant_transaction(this.tenant_id):
            return record_turned_away(row, error, at=this.clock())
    except PlatformRefused as error:
        with tenant_transaction(this.tenant_id):
            return record_failed(row, _unanswered(error), at=this.clock())
    except OutcomeUnknown as error:
        with tenant_transaction(this.tenant_id):
            return record_unknown(row, error, at=this.clock())
    with tenant_transaction(this.tenant_id):
        return record_done(row, answer, checks=decided.checks, is_last=decided.is_last, at=this.clock())


def _situation(
    row: PendingAdChange,
    seen: Seen,
    safety: AdSafety,
    account: AdAccount | None,
    *,
    at: datetime,
    past_of: PastOf | None = None,
) -> Situation:
    settings = safety.to_contract()
    known = Situation(
        change=wanted(row),
        settings=settings,
        kill_switch=safety.to_kill_switch(),
        timezone=account.timezone if account is not None else "UTC",
        at=at,
        state=seen.state,
        bid=seen.bid,
        usage=seen.usage,
    )
    if past_of is None:
        return known
    longest = timedelta(hours=max(24.0, settings.velocity_hours)) + LOOK_BACK
    past = past_of(row.account_id, at - longest)
    ahead = waiting_for_the_hour(row.account_id, at=at)
    known = replace(known, past=past, waiting_ahead=ahead)
    if settings.account_spend_cap is None:
        return known
    spent = spent_today(row.account_id, currency=row.currency, timezone=known.timezone, at=at)
    return replace(known, spent_today=spent)


def _settle(row: PendingAdChange, decided: Plan, *, at: datetime) -> HistoryEvent:
    """Write down that a change waits, is refused, asks a person, or stands so already."""
    if decided.verdict is Verdict.ALREADY:
        return record_already(row, decided, at=at)
    values: dict[str, object] = {"claimed_by": None, "held_by": decided.held_by, "says": decided.says}
    event = HistoryEvent.WAITING
    if decided.verdict is Verdict.REFUSE:
        event = HistoryEvent.REFUSED
        move(row, ChangeStatus.FAILED, at=at, **values)
    elif decided.verdict is Verdict.ASK_PERSON:
        move(row, ChangeStatus.PENDING, at=at, approved_by=None, approved_at=None, **values)
    else:
        move(row, ChangeStatus.APPROVED, at=at, not_before=decided.not_before, **values)
    write_down(
        row,
        event,
        who=EXECUTOR,
        why=decided.says,
        at=at,
        checks=decided.checks,
        before=decided.before,
        after=decided.after,
    )
    return event


def _unanswered(error: KairoError) -> SafetyCheck:
    return SafetyCheck(name=CheckName.PLATFORM_ANSWER, passed=False, numbers={"code": error.code}, says=error.message)


def _connected(account_id: str) -> AdPlatform:
    return platform_of_account(account_id=account_id)


__all__ = ["LEASE_S", "PlatformOf", "execute_next", "expire_overdue", "run_due"]
