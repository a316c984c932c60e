"""The bounds within which changes are carried out, and the switch that stops them all."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from kairo.errors import Forbidden
from kairo.platform.tenancy.contracts import Role
from kairo.stages.ads.contracts.changes import (
    AdSafetySettings,
    ChangeStatus,
    CheckName,
    HistoryEvent,
    KillSwitchDTO,
    KillSwitchInput,
)
from kairo.stages.ads.models.changes import AdSafety, PendingAdChange
from kairo.stages.ads.operations.change_history import safety_row, write_of_tenant
from kairo.stages.ads.rules.draws import due_at


@transaction.atomic
def set_safety_settings(*, settings: AdSafetySettings, by: str, role: Role, at: datetime) -> AdSafetySettings:
    """Keep the tenant's bounds; the next change that comes due is held to them.

    Raises:
        Forbidden: only an owner may move the bounds.
    """
    if not role.includes(Role.OWNER):
        raise Forbidden("Only an owner may change within which bounds ads are changed.")
    row = _locked(at=at)
    before = row.to_contract().model_dump(mode="json")
    row.settings = settings.model_dump(mode="json")
    row.execution = settings.execution
    row.updated_at = at
    row.save()
    write_of_tenant(HistoryEvent.SETTINGS, who=by, why="The bounds were set.", at=at, before=before, after=row.settings)
    return settings


@transaction.atomic
def turn_kill_switch(*, order: KillSwitchInput, by: str, role: Role, at: datetime) -> KillSwitchDTO:
    """Stop all changes, or let them go on. What is on its way to the platform now is not called back.

    Raises:
        Forbidden: a viewer may not.
    """
    if not role.includes(Role.EDITOR):
        raise Forbidden("Your role may not use the kill switch: ask an owner for the role editor.")
    row = _locked(at=at)
    before = row.to_kill_switch()
    row.kill_switch, row.kill_switch_reason = order.on, order.reason
    row.kill_switch_by, row.kill_switch_at = by, at
    row.updated_at = at
    row.save()
    why = order.reason or "The kill switch was turned off."
    write_of_tenant(HistoryEvent.KILL_SWITCH, who=by, why=why, at=at, before=before.on, after=order.on)
    if before.on and not order.on:
        _let_go_on(row.to_contract(), at=at)
    return row.to_kill_switch()


def _let_go_on(settings: AdSafetySettings, *, at: datetime) -> None:
    held = list(
        PendingAdChange.objects.select_for_update().filter(status=ChangeStatus.APPROVED, held_by=CheckName.KILL_SWITCH)
    )
    for row in held:
        row.not_before, row.held_by, row.updated_at = due_at(row.id, settings, at=at), None, at
    PendingAdChange.objects.bulk_update(held, ["not_before", "held_by", "updated_at"])


def _locked(*, at: datetime) -> AdSafety:
    fresh = safety_row(at=at)
    AdSafety.objects.bulk_create([fresh], ignore_conflicts=True)
    return AdSafety.objects.select_for_update().get()
