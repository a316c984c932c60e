"""Changing a variant's text: the earlier text stays as a version, and nobody overwrites what he has not seen."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from kairo.stages.brands import queries as brands
from kairo.stages.content.contracts import (
    ClaimDTO,
    MoveNotAllowed,
    VariantChanged,
    VariantDraftDTO,
    VariantDTO,
    VariantNotFound,
    VariantStatus,
    VariantUpdateDTO,
)
from kairo.stages.content.models import Variant, VariantCitation, VariantVersion
from kairo.stages.content.operations.checking import require_sendable
from kairo.stages.content.operations.moving import move_variant
from kairo.stages.content.operations.voices import hand_down
from kairo.stages.content.rules.claims import claims_after_edit
from kairo.stages.content.rules.scoring import evidence_of, score_notes, score_variant
from kairo.stages.content.rules.statuses import EDITABLE, decision_for
from kairo.stages.opportunities import operations as opportunities
from kairo.stages.opportunities import queries as opportunity_queries
from kairo.stages.opportunities.contracts import Channel, DecidedObject, DecisionRequestDTO, DecisionType

ONE_SITTING = timedelta(hours=1)
"""Saves of one person within it are one decision to edit: a page saves while he types."""


def update_variant(
    *, variant_id: UUID, change: VariantUpdateDTO, by: str, at: datetime, expected_version: int | None = None
) -> VariantDTO:
    """Change a variant's text, its status, or both.

    Raises:
        VariantNotFound: not there, or somebody else's.
        VariantChanged: `expected_version` is not the current one any more.
        TextRefused: the channel or policy does not take the text.
        MoveNotAllowed: the status does not lead there, or its text is not to be changed any more.
    """
    row = locked_variant(variant_id, expected_version=expected_version)
    if {"body", "call_to_action"} & change.model_fields_set:
        edit_text(row, change, by=by, at=at)
    if change.status is not None and change.status != row.status:
        move_variant(row, DecisionRequestDTO(decision_type=decision_for(change.status)), by=by, at=at)
    return row.to_contract()


def locked_variant(variant_id: UUID, *, expected_version: int | None = None) -> Variant:
    """Return a variant's row, locked until the transaction ends.

    Raises:
        VariantNotFound: not there, or somebody else's.
        VariantChanged: `expected_version` is not the current one any more.
    """
    row = Variant.objects.select_for_update().filter(id=variant_id).first()
    if row is None:
        raise VariantNotFound("There is no such variant.")
    if expected_version is not None and row.version != expected_version:
        raise VariantChanged(
            f"Somebody saved version {row.version} since you read version {expected_version}. Read it and try again.",
            current=row.to_contract(),
        )
    return row


def edit_text(row: Variant, change: VariantUpdateDTO, *, by: str, at: datetime) -> None:
    """Save a new text of a locked variant as its next version; the text it has already makes none.

    A rejected variant that is rewritten is a draft again.
    """
    given = change.model_fields_set
    body = change.body if "body" in given and change.body is not None else row.body
    call_to_action = (change.call_to_action or None) if "call_to_action" in given else row.call_to_action
    if (body, call_to_action) == (row.body, row.call_to_action):
        return
    if row.status not in EDITABLE:
        raise MoveNotAllowed(f"The text of a variant that is {row.status} is not changed any more.")
    channel = Channel(row.channel)
    taboos = brands.brand(row.brand_id).taboos
    require_sendable(channel, body=body, call_to_action=call_to_action, title=row.title, taboos=taboos)
    claims = claims_after_edit(body, before=row.body, claims=row.claims_made(), call_to_action=call_to_action)
    before = VariantStatus(row.status)
    row.status = VariantStatus.DRAFT if before is VariantStatus.REJECTED else before
    row.body, row.call_to_action = body, call_to_action
    row.version += 1
    row.updated_at = at
    _judge(row, claims)
    row.save()
    _keep_version(row, by=by, at=at)
    _cite_anew(row, claims)
    hand_down(row, before=before, at=at)
    _record_edit(row, moved=(before, VariantStatus(row.status)), by=by, at=at)


def _judge(row: Variant, claims: list[ClaimDTO]) -> None:
    judged = score_variant(
        VariantDraftDTO(
            channel=Channel(row.channel),
            title=row.title,
            body=row.body,
            call_to_action=row.call_to_action,
            claims=claims,
        )
    )
    row.claims = [claim.model_dump(mode="json") for claim in claims]
    row.eval_score = judged.variant_score
    row.eval_notes = score_notes(judged.variant_score_breakdown)
    row.quality_band = judged.quality_band


def _keep_version(row: Variant, *, by: str, at: datetime) -> None:
    VariantVersion.objects.create(
        variant_id=row.id,
        version=row.version,
        body=row.body,
        call_to_action=row.call_to_action,
        claims=row.claims,
        saved_by=by,
        saved_at=at,
    )


def _cite_anew(row: Variant, claims: list[ClaimDTO]) -> None:
    cited = evidence_of(VariantDraftDTO(channel=Channel(row.channel), body=row.body, claims=claims))
    VariantCitation.objects.filter(variant_id=row.id).exclude(item_id__in=cited).delete()


def _record_edit(row: Variant, *, moved: tuple[VariantStatus, VariantStatus], by: str, at: datetime) -> None:
    last = next(iter(opportunity_queries.decisions(object_id=row.id, limit=1)), None)
    same_sitting = (
        last is not None
        and last.decision_type is DecisionType.EDIT
        and last.decided_by == by
        and at - last.recorded_at < ONE_SITTING
    )
    if same_sitting and moved[0] == moved[1]:
        return
    opportunities.record_decision(
        brand_id=row.brand_id,
        object_type=DecidedObject.VARIANT,
        object_id=row.id,
        request=DecisionRequestDTO(decision_type=DecisionType.EDIT),
        by=by,
        at=at,
        moved=moved,
        metadata={"version": row.version},
    )
