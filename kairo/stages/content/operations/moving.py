"""Moving a variant from one status to the next, with what guards the way, and noticing those that nobody sent."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from pydantic import JsonValue

from kairo.errors import FieldError, Invalid
from kairo.platform.database.sessions import current_tenant
from kairo.platform.database.sql import rows
from kairo.platform.jobs.operations import enqueue
from kairo.platform.outbound.operations import announce
from kairo.stages.content.contracts import MoveNotAllowed, VariantStatus
from kairo.stages.content.models import Variant
from kairo.stages.content.operations.voices import hand_down
from kairo.stages.content.rules.channels import published_text
from kairo.stages.content.rules.guards import GRACE, Planned, require_free, require_future
from kairo.stages.content.rules.statuses import require_variant_move, variant_status_for
from kairo.stages.opportunities import operations as opportunities
from kairo.stages.opportunities.contracts import (
    Channel,
    DecidedObject,
    DecisionRequestDTO,
    DecisionResponseDTO,
    DecisionType,
)

AT_ONCE = 500
# Two who plan the same channel at the same moment must see each other's time.
_ONE_PLANNER = "SELECT pg_advisory_xact_lock(hashtextextended('content.plan:' || %s, 0))"


def move_variant(row: Variant, request: DecisionRequestDTO, *, by: str, at: datetime) -> DecisionResponseDTO:
    """Carry out a decision on a locked variant.

    Raises:
        MoveNotAllowed: the status does not lead there.
        Invalid: a time is missing, or cannot be.
        TimeTaken, DuplicateContent: the guard found another variant.
    """
    wanted = variant_status_for(request.decision_type)
    before = VariantStatus(row.status)
    planned_before = row.scheduled_publish_at
    if wanted is VariantStatus.SCHEDULED:
        _plan(row, request.metadata, at=at)
    if before == wanted and row.scheduled_publish_at == planned_before:
        return unchanged(DecidedObject.VARIANT, row.id, request.decision_type, at=row.updated_at)
    if before != wanted:
        require_variant_move(before, wanted)
    if wanted is VariantStatus.PUBLISHED:
        row.published_at = _published_at(request.metadata, at=at)
    row.status = wanted
    row.updated_at = at
    row.save(update_fields=["status", "scheduled_publish_at", "published_at", "updated_at"])
    hand_down(row, before=before, at=at)
    recorded = opportunities.record_decision(
        brand_id=row.brand_id,
        object_type=DecidedObject.VARIANT,
        object_id=row.id,
        request=request,
        by=by,
        at=at,
        moved=(before, wanted),
        metadata={"version": row.version},
    )
    return opportunities.answer_to(recorded)


def unchanged(kind: DecidedObject, object_id: UUID, decision: DecisionType, *, at: datetime) -> DecisionResponseDTO:
    """Answer a decision that finds things as it wants them; `at` is since when they are so."""
    return DecisionResponseDTO(
        status="unchanged", decision_type=decision, object_type=kind, object_id=object_id, recorded_at=at
    )


def mark_missed(*, at: datetime) -> int:
    """Mark the scheduled variants whose time has passed without word that they went out, and announce each."""
    overdue = (
        Variant.objects.select_for_update(skip_locked=True)
        .filter(status=VariantStatus.SCHEDULED, scheduled_publish_at__lt=at - GRACE)
        .order_by("scheduled_publish_at")[:AT_ONCE]
    )
    missed = list(overdue)
    for row in missed:
        require_variant_move(VariantStatus(row.status), VariantStatus.MISSED)
        row.status, row.updated_at = VariantStatus.MISSED, at
        announce(event="variant.missed", payload=_told(row), at=at, enqueue=enqueue)
    Variant.objects.bulk_update(missed, ["status", "updated_at"])
    return len(missed)


def moment_in(metadata: Mapping[str, JsonValue], *names: str) -> datetime | None:
    """Read the first of these moments that a decision names.

    Raises:
        Invalid: it is not in the form 2026-06-01T12:00:00Z.
    """
    name = next((name for name in names if metadata.get(name) is not None), None)
    return opportunities.moment_of(metadata[name], field=f"metadata.{name}") if name else None


def _plan(row: Variant, metadata: Mapping[str, JsonValue], *, at: datetime) -> None:
    status = VariantStatus(row.status)
    if status is not VariantStatus.SCHEDULED:
        require_variant_move(status, VariantStatus.SCHEDULED)
    named = moment_in(metadata, "publish_at", "scheduled_publish_at")
    if named is None and status is VariantStatus.SCHEDULED:
        return
    wanted = named or row.proposed_at
    if wanted is None:
        message = "say when it goes out: metadata.publish_at, like 2026-06-01T12:00:00Z"
        raise Invalid(message, errors=(FieldError("metadata.publish_at", message),))
    if wanted == row.scheduled_publish_at and status is VariantStatus.SCHEDULED:
        return
    require_future(wanted, at=at)
    rows(_ONE_PLANNER, [f"{current_tenant()}:{row.brand_id}:{row.channel}"])
    text = published_text(row.body, row.call_to_action)
    require_free(Channel(row.channel), wanted, text, _others(row))
    row.scheduled_publish_at = wanted


def _others(row: Variant) -> list[Planned]:
    planned = [VariantStatus.SCHEDULED, VariantStatus.PUBLISHED]
    found = Variant.objects.filter(brand_id=row.brand_id, channel=row.channel, status__in=planned).exclude(id=row.id)
    others = []
    for other in found:
        is_out = other.status == VariantStatus.PUBLISHED
        due = other.published_at if is_out else other.scheduled_publish_at
        if due is not None:
            text = published_text(other.body, other.call_to_action)
            others.append(Planned(variant_id=other.id, at=due, text=text, is_out=is_out))
    return others


def _published_at(metadata: Mapping[str, JsonValue], *, at: datetime) -> datetime:
    told = moment_in(metadata, "published_at")
    if told is not None and told > at:
        raise MoveNotAllowed(
            "What is published was published in the past: leave metadata.published_at out, or correct it."
        )
    return told or at


def _told(row: Variant) -> dict[str, JsonValue]:
    due = row.scheduled_publish_at
    return {
        "brand_id": str(row.brand_id),
        "package_id": str(row.package_id),
        "variant_id": str(row.id),
        "channel": row.channel,
        "scheduled_publish_at": due.isoformat() if due else None,
    }
