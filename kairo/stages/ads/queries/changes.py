"""Changes and their history, as people and pages read them."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from kairo.stages.ads.contracts.changes import (
    AdChangeDTO,
    AdSafetySettings,
    ChangeHistoryDTO,
    ChangeNotFound,
    ChangeStatus,
    KillSwitchDTO,
)
from kairo.stages.ads.models.changes import AdChangeHistory, AdSafety, PendingAdChange


def changes(
    *,
    statuses: Collection[ChangeStatus] = (),
    ad_entity_ids: Collection[str] = (),
    before: UUID | None = None,
    limit: int = 50,
) -> list[AdChangeDTO]:
    """List changes, the newest first; those of some statuses or entities alone, if any are named."""
    found = PendingAdChange.objects.order_by("-id")
    if statuses:
        found = found.filter(status__in=list(statuses))
    if ad_entity_ids:
        found = found.filter(ad_entity_id__in=list(ad_entity_ids))
    if before is not None:
        found = found.filter(id__lt=before)
    return [row.to_contract() for row in found[:limit]]


def change(change_id: UUID) -> AdChangeDTO:
    """Return a change.

    Raises:
        ChangeNotFound: there is none.
    """
    row = PendingAdChange.objects.filter(id=change_id).first()
    if row is None:
        raise ChangeNotFound(f"There is no change {change_id}.")
    return row.to_contract()


def change_history(
    *, change_id: UUID | None = None, ad_entity_id: str | None = None, before: UUID | None = None, limit: int = 50
) -> list[ChangeHistoryDTO]:
    """List what has happened to changes, the newest first; of one change or entity alone, if it is named."""
    found = AdChangeHistory.objects.order_by("-id")
    if change_id is not None:
        found = found.filter(change_id=change_id)
    if ad_entity_id is not None:
        found = found.filter(ad_entity_id=ad_entity_id)
    if before is not None:
        found = found.filter(id__lt=before)
    return [row.to_contract() for row in found[:limit]]


def safety_settings() -> AdSafetySettings:
    """Return the tenant's bounds; the default ones where nobody has set any."""
    row = AdSafety.objects.first()
    return AdSafetySettings() if row is None else row.to_contract()


def safety() -> tuple[AdSafetySettings, KillSwitchDTO]:
    """Return the tenant's bounds and how its kill switch stands, by one look."""
    row = AdSafety.objects.first()
    return (AdSafetySettings(), KillSwitchDTO()) if row is None else (row.to_contract(), row.to_kill_switch())


def kill_switch() -> KillSwitchDTO:
    """Return how the tenant's kill switch stands."""
    row = AdSafety.objects.first()
    return KillSwitchDTO() if row is None else row.to_kill_switch()
