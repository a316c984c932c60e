"""Finding out what became of something that was sent and never answered, before anything else is done."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from uuid import UUID

from pydantic import JsonValue

from kairo.platform.database.sessions import tenant_transaction
from kairo.stages.ads.contracts.changes import ChangeType, CheckName, HistoryEvent, SafetyCheck
from kairo.stages.ads.contracts.platforms import PlatformThrottled, UnableToAskPlatform
from kairo.stages.ads.models.changes import AdChangeHistory, PendingAdChange
from kairo.stages.ads.operations.platform_calls import Seen, look
from kairo.stages.ads.operations.recording_outcomes import (
    put_back,
    record_done,
    record_failed,
    record_not_there,
)
from kairo.stages.ads.ports import AdPlatform

AGAIN_AFTER_S = 60.0


def read_back(
    row: PendingAdChange, platform: AdPlatform, *, tenant_id: UUID, clock: Callable[[], datetime]
) -> HistoryEvent:
    """Read whether the platform has what was sent, and write that down; what it has not may be sent anew.

    Raises:
        ClaimLost: another worker reads it back by now.
    """
    try:
        seen = look(platform, row)
    except UnableToAskPlatform as error:
        wait_s = error.after_s if isinstance(error, PlatformThrottled) else AGAIN_AFTER_S
        check = _answer(error.message, {"code": error.code})
        with tenant_transaction(tenant_id):
            return put_back(row, check, after_s=wait_s, at=clock())
    shows = shown(row, seen)
    with tenant_transaction(tenant_id):
        return _conclude(row, seen, shows, at=clock())


def shown(row: PendingAdChange, seen: Seen) -> JsonValue:
    """Return what the platform shows in the place of what was sent."""
    if row.change_type == ChangeType.CREATE:
        return list(seen.made)
    if row.change_type == ChangeType.BUDGET:
        return seen.state.daily_budget if seen.state is not None else None
    if row.change_type == ChangeType.BID:
        return seen.bid
    return str(seen.state.status) if seen.state is not None else None


def _conclude(row: PendingAdChange, seen: Seen, shows: JsonValue, *, at: datetime) -> HistoryEvent:
    is_made = bool(seen.made) if row.change_type == ChangeType.CREATE else shows == row.sent_value
    is_untouched = not seen.made if row.change_type == ChangeType.CREATE else shows == row.sent_before
    if is_made:
        answer: dict[str, JsonValue] = {"read_back": shows}
        if seen.made:
            answer["id"] = seen.made[0]
        checks, is_last = _as_marked(row)
        return record_done(row, answer, checks=checks, is_last=is_last, at=at, says="Read back from the platform.")
    if is_untouched:
        says = f"Read back, the platform shows {shows!r}: nothing of what was sent is there. It is checked anew."
        return record_not_there(row, says, code="not_there", after_s=0.0, at=at)
    says = (
        f"Sent was {row.sent_value!r} in the place of {row.sent_before!r}; the platform shows {shows!r}."
        " Somebody else has changed it: nothing is sent again."
    )
    return record_failed(row, _answer(says, {"shows": shows, "sent": row.sent_value}), at=at)


def _as_marked(row: PendingAdChange) -> tuple[list[SafetyCheck], bool]:
    """Return the checks that let the change go, and whether what was sent was its last step."""
    marked = AdChangeHistory.objects.get(execution_id=row.execution_id, event=HistoryEvent.EXECUTING)
    checks = [SafetyCheck.model_validate(check) for check in marked.checks]
    return checks, bool(marked.response.get("is_last", True))


def _answer(says: str, numbers: Mapping[str, JsonValue]) -> SafetyCheck:
    return SafetyCheck(name=CheckName.PLATFORM_ANSWER, passed=False, numbers=dict(numbers), says=says)
