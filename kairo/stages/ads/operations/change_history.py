"""Writing down what happens to changes: the row itself and a line of the history, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from pydantic import JsonValue

from kairo.platform.database.ids import new_id
from kairo.platform.database.sessions import current_tenant
from kairo.stages.ads.contracts.changes import AdSafetySettings, ChangeStatus, HistoryEvent, SafetyCheck
from kairo.stages.ads.models.changes import AdChangeHistory, AdSafety, PendingAdChange
from kairo.stages.ads.rules.change_states import require_move


class ClaimLost(Exception):
    """Another worker has this change by now: what this one knows of it counts no more."""


def safety_row(*, at: datetime) -> AdSafety:
    """Return the tenant's bounds; the default ones where nobody has set any."""
    row = AdSafety.objects.first()
    if row is None:
        row = AdSafety(settings=AdSafetySettings().model_dump(mode="json"), updated_at=at)
    return row


def move(row: PendingAdChange, to: ChangeStatus, *, at: datetime, **values: object) -> None:
    """Move a change that this transaction has locked or claimed.

    Raises:
        ChangeNotAllowed: its status does not lead there.
        ClaimLost: it has another claim by now.
    """
    if row.status != to:
        require_move(ChangeStatus(row.status), to)
    held = PendingAdChange.objects.filter(id=row.id, status=row.status, claimed_by=row.claimed_by)
    if not held.update(status=to, updated_at=at, **values):
        raise ClaimLost(f"Change {row.id} is somebody else's by now.")
    for name, value in {"status": to, "updated_at": at, **values}.items():
        setattr(row, name, value)


def write_down(
    row: PendingAdChange,
    event: HistoryEvent,
    *,
    who: str,
    why: str,
    at: datetime,
    before: JsonValue = None,
    after: JsonValue = None,
    checks: Sequence[SafetyCheck] = (),
    response: Mapping[str, JsonValue] | None = None,
    execution_id: UUID | None = None,
) -> None:
    """Add a line to the history."""
    AdChangeHistory.objects.create(
        id=new_id(),
        tenant_id=current_tenant(),
        change_id=row.id,
        account_id=row.account_id,
        ad_entity_type=row.ad_entity_type,
        ad_entity_id=row.ad_entity_id,
        change_type=row.change_type,
        currency=row.currency,
        event=event,
        status=row.status,
        execution_id=execution_id,
        before=before,
        after=after,
        who=who,
        why=why,
        checks=[check.model_dump(mode="json") for check in checks],
        response=dict(response or {}),
        at=at,
    )


def write_of_tenant(
    event: HistoryEvent, *, who: str, why: str, at: datetime, before: JsonValue, after: JsonValue
) -> None:
    """Add a line to the history that is about no change: the bounds, or the kill switch."""
    AdChangeHistory.objects.create(
        id=new_id(), tenant_id=current_tenant(), event=event, who=who, why=why, at=at, before=before, after=after
    )
