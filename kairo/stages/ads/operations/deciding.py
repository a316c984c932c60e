"""People deciding on changes: approve, reject, take back."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from pydantic import JsonValue

from kairo.errors import Forbidden
from kairo.platform.database.ids import new_id
from kairo.platform.tenancy.contracts import Role
from kairo.stages.ads.contracts.changes import (
    AdChangeDTO,
    ChangeNotAllowed,
    ChangeNotFound,
    ChangeSource,
    ChangeStatus,
    ChangeType,
    HistoryEvent,
    OpenChangeExists,
)
from kairo.stages.ads.contracts.platforms import EntityStatus
from kairo.stages.ads.models.changes import PendingAdChange
from kairo.stages.ads.operations.change_history import move, safety_row, write_down
from kairo.stages.ads.operations.proposing import approve_row, store
from kairo.stages.ads.rules.change_states import OPEN, require_move

_UNDONE_BY = {ChangeType.PAUSE: ChangeType.RESUME, ChangeType.RESUME: ChangeType.PAUSE}


@transaction.atomic
def approve_change(*, change_id: UUID, by: str, role: Role, at: datetime) -> AdChangeDTO:
    """Approve a change: it is carried out when its jitter is over and the checks let it.

    Raises:
        ChangeNotFound: there is none.
        ChangeNotAllowed: it does not wait for approval.
        Forbidden: the role may not approve.
    """
    _may_decide(role)
    row = _locked(change_id)
    require_move(ChangeStatus(row.status), ChangeStatus.APPROVED)
    if row.status != ChangeStatus.PENDING:
        raise ChangeNotAllowed(f"The change is {row.status}: nobody has to approve it now.")
    if row.expires_at <= at:
        raise ChangeNotAllowed(f"The proposal has expired at {row.expires_at:%Y-%m-%d %H:%M} UTC: propose it again.")
    approve_row(row, safety_row(at=at).to_contract(), by=by, at=at)
    return row.to_contract()


@transaction.atomic
def reject_change(*, change_id: UUID, reason: str, by: str, role: Role, at: datetime) -> AdChangeDTO:
    """Reject a change that nobody has begun to carry out; what earlier steps of it have set stays set.

    Raises:
        ChangeNotFound: there is none.
        ChangeNotAllowed: it has ended, or it is on its way.
        Forbidden: the role may not reject.
    """
    _may_decide(role)
    row = _locked(change_id)
    move(row, ChangeStatus.REJECTED, at=at, says=reason)
    write_down(row, HistoryEvent.REJECTED, who=by, why=reason, at=at)
    return row.to_contract()


@transaction.atomic
def roll_back_change(*, change_id: UUID, reason: str, by: str, role: Role, at: datetime) -> AdChangeDTO:
    """Make and approve the change that restores just what was there before another one, and return it.

    Raises:
        ChangeNotFound: there is none.
        ChangeNotAllowed: it has changed nothing, or it has made an ad.
        OpenChangeExists: something is open for its entity, be it this rollback already.
        Forbidden: the role may not take changes back.
    """
    _may_decide(role)
    row = _locked(change_id)
    require_move(ChangeStatus(row.status), ChangeStatus.ROLLED_BACK)
    change_type, found, restored = _undoing(row)
    same_entity = {"ad_entity_type": row.ad_entity_type, "ad_entity_id": row.ad_entity_id}
    blocking = PendingAdChange.objects.filter(**same_entity, change_type=change_type, status__in=OPEN).first()
    if blocking is not None:
        raise OpenChangeExists(f"The change {blocking.id} of {row.ad_entity_id} is open ({blocking.status}).")
    undo = PendingAdChange(
        id=new_id(),
        account_id=row.account_id,
        **same_entity,
        change_type=change_type,
        current_value=found,
        requested_value=restored,
        currency=row.currency,
        reason=f"Takes back {row.id}: {reason}",
        source=ChangeSource.PERSON,
        proposed_by=by,
        rolls_back_id=row.id,
    )
    settings = safety_row(at=at).to_contract()
    store(undo, settings, at=at)
    approve_row(undo, settings, by=by, at=at)
    return undo.to_contract()


def _undoing(row: PendingAdChange) -> tuple[ChangeType, JsonValue, JsonValue]:
    """Return which change undoes another, what it will find, and what it restores."""
    change_type = ChangeType(row.change_type)
    if change_type is ChangeType.CREATE:
        raise ChangeNotAllowed("A new ad is not taken back: it was made paused. Pause it if it runs.")
    if row.settled_value is None:
        raise ChangeNotAllowed("The change has changed nothing on the platform: there is nothing to restore.")
    if change_type not in _UNDONE_BY:
        return change_type, row.settled_value, row.current_value
    wanted = EntityStatus.ACTIVE if change_type is ChangeType.PAUSE else EntityStatus.PAUSED
    return _UNDONE_BY[change_type], None, wanted.value


def _may_decide(role: Role) -> None:
    if not role.includes(Role.EDITOR):
        raise Forbidden(f"Your role is {role}: it may not decide on changes. Ask an owner for the role editor.")


def _locked(change_id: UUID) -> PendingAdChange:
    row = PendingAdChange.objects.select_for_update().filter(id=change_id).first()
    if row is None:
        raise ChangeNotFound(f"There is no change {change_id}.")
    return row
