"""What became of something that was sent, or was not: the row and the history, in the caller's transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from pydantic import JsonValue

from kairo.stages.ads.contracts import AdDraft
from kairo.stages.ads.contracts.changes import ChangeStatus, ChangeType, CheckName, HistoryEvent, SafetyCheck
from kairo.stages.ads.contracts.platforms import EntityStatus, OutcomeUnknown, PlatformThrottled
from kairo.stages.ads.models import AdAccount, AdSet
from kairo.stages.ads.models.changes import PendingAdChange
from kairo.stages.ads.operations.change_history import move, safety_row, write_down
from kairo.stages.ads.operations.platform_calls import ad_to_make
from kairo.stages.ads.operations.recording import save_ad
from kairo.stages.ads.rules.draws import due_at
from kairo.stages.ads.rules.planning import Plan

SETTLES_AFTER = timedelta(seconds=60)
"""How long what was sent without an answer may still be under way: only then it is read back."""
AFTER_A_REFUSED_CALL_S = 1.0
STEP_DONE = "One step is made; the limits let the next one be made later."


def put_back(row: PendingAdChange, check: SafetyCheck, *, after_s: float, at: datetime) -> HistoryEvent:
    """Have a claimed change wait; one that may have been sent stays so, and is read back later."""
    due = at + timedelta(seconds=max(after_s, AFTER_A_REFUSED_CALL_S))
    to = ChangeStatus.EXECUTING if row.status == ChangeStatus.EXECUTING else ChangeStatus.APPROVED
    move(row, to, at=at, claimed_by=None, not_before=due, held_by=check.name, says=check.says)
    event = HistoryEvent.READ_BACK if to is ChangeStatus.EXECUTING else HistoryEvent.WAITING
    write_down(
        row,
        event,
        who="executor",
        why=check.says,
        at=at,
        checks=[check],
        execution_id=row.execution_id if to is ChangeStatus.EXECUTING else None,
    )
    return event


def record_done(
    row: PendingAdChange,
    answer: Mapping[str, JsonValue],
    *,
    checks: Sequence[SafetyCheck],
    is_last: bool,
    at: datetime,
    says: str = "",
) -> HistoryEvent:
    """Write down that the platform has what was sent; where limits allowed but a step, the change goes on later."""
    before, after, execution_id = row.sent_before, _after(row, answer), row.execution_id
    settled: dict[str, object] = {
        "claimed_by": None, "settled_value": after, "sent_value": after, "execution_id": None, "held_by": None,
    }  # fmt: skip
    if is_last:
        move(row, ChangeStatus.DONE, at=at, says=says, **settled)
    else:
        settings = safety_row(at=at).to_contract()
        following = due_at(row.id, settings, at=at + timedelta(hours=settings.velocity_hours))
        settled |= {"held_by": CheckName.VELOCITY, "not_before": following}
        move(row, ChangeStatus.APPROVED, at=at, says=STEP_DONE, **settled)
    write_down(
        row,
        HistoryEvent.DONE,
        who=row.approved_by or row.proposed_by,
        why=row.reason,
        at=at,
        before=before,
        after=after,
        checks=checks,
        response=answer,
        execution_id=execution_id,
    )
    if row.change_type == ChangeType.CREATE:
        _keep_ad(row, str(answer["id"]), at=at)
    if is_last and row.rolls_back_id is not None:
        _taken_back(row, row.rolls_back_id, at=at)
    return HistoryEvent.DONE


def record_already(row: PendingAdChange, decided: Plan, *, at: datetime) -> HistoryEvent:
    """End a change whose entity stands as it should without a call; earlier steps of it stay what it has done."""
    move(row, ChangeStatus.DONE, at=at, claimed_by=None, held_by=None, says=decided.says)
    write_down(
        row, HistoryEvent.DONE, who="executor", why=decided.says, at=at, before=decided.before, after=decided.after
    )
    if row.rolls_back_id is not None:
        _taken_back(row, row.rolls_back_id, at=at)
    return HistoryEvent.DONE


def record_failed(row: PendingAdChange, check: SafetyCheck, *, at: datetime) -> HistoryEvent:
    """End a change that the platform has refused, or that cannot be told apart any more."""
    execution_id = row.execution_id
    move(row, ChangeStatus.FAILED, at=at, claimed_by=None, execution_id=None, held_by=check.name, says=check.says)
    write_down(
        row,
        HistoryEvent.FAILED,
        who="executor",
        why=check.says,
        at=at,
        before=row.sent_before,
        after=row.sent_value,
        checks=[check],
        execution_id=execution_id,
    )
    return HistoryEvent.FAILED


def record_turned_away(row: PendingAdChange, error: PlatformThrottled, *, at: datetime) -> HistoryEvent:
    """Have a change wait as long as the platform says; nothing of it was carried out."""
    says = f"{error.message} It waits {error.after_s:.0f} s."
    return record_not_there(row, says, code=error.code, after_s=error.after_s, at=at)


def record_not_there(row: PendingAdChange, says: str, *, code: str, after_s: float, at: datetime) -> HistoryEvent:
    """Let a change be sent anew, through all checks: the platform has nothing of what was sent."""
    check = SafetyCheck(
        name=CheckName.PLATFORM_ANSWER, passed=False, numbers={"code": code, "after_s": after_s}, says=says
    )
    due = at + timedelta(seconds=max(after_s, AFTER_A_REFUSED_CALL_S))
    execution_id, before, after = row.execution_id, row.sent_before, row.sent_value
    values = {"claimed_by": None, "execution_id": None, "sent_value": None, "held_by": check.name, "says": says}
    move(row, ChangeStatus.APPROVED, at=at, not_before=due, **values)
    write_down(
        row,
        HistoryEvent.WAITING,
        who="executor",
        why=says,
        at=at,
        before=before,
        after=after,
        checks=[check],
        execution_id=execution_id,
    )
    return HistoryEvent.WAITING


def record_unknown(row: PendingAdChange, error: OutcomeUnknown, *, at: datetime) -> HistoryEvent:
    """Leave a change that was sent without an answer to be read back, once it can no more be under way."""
    check = SafetyCheck(name=CheckName.PLATFORM_ANSWER, passed=False, numbers={"code": error.code}, says=error.message)
    return put_back(row, check, after_s=SETTLES_AFTER.total_seconds(), at=at)


def _after(row: PendingAdChange, answer: Mapping[str, JsonValue]) -> JsonValue:
    if row.change_type != ChangeType.CREATE:
        return row.sent_value
    return {**ad_to_make(row), "ad_id": answer["id"]}


def _keep_ad(row: PendingAdChange, ad_id: str, *, at: datetime) -> None:
    ad = ad_to_make(row)
    ad_set = AdSet.objects.filter(ad_set_id=ad["ad_set_id"]).first()
    account = AdAccount.objects.get(account_id=row.account_id)
    draft = AdDraft.model_validate(
        {
            "ad_id": ad_id,
            "campaign_id": ad_set.campaign_id if ad_set is not None else None,
            "ad_set_id": ad["ad_set_id"],
            "platform": account.platform,
            "platform_ad_id": ad_id,
            "name": ad["name"],
            "status": EntityStatus.PAUSED.value,
            "landing_url": ad["link_url"],
            "variant_id": ad["variant_id"],
            "package_id": ad["package_id"],
        }
    )
    save_ad(draft=draft, at=at)


def _taken_back(undo: PendingAdChange, change_id: UUID, *, at: datetime) -> None:
    row = PendingAdChange.objects.select_for_update().get(id=change_id)
    if row.status == ChangeStatus.ROLLED_BACK:
        return
    says = f"Taken back by {undo.id}."
    move(row, ChangeStatus.ROLLED_BACK, at=at, says=says)
    write_down(
        row,
        HistoryEvent.ROLLED_BACK,
        who=undo.approved_by or undo.proposed_by,
        why=undo.reason,
        at=at,
        before=row.settled_value,
        after=undo.requested_value,
    )
