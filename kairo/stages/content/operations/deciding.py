"""Decisions of people on packages and variants."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, TypeVar
from uuid import UUID

from pydantic import AwareDatetime, Field, ValidationError

from kairo.errors import FieldError, Invalid
from kairo.shapes import Strict
from kairo.stages.content.contracts import (
    MAX_BODY,
    MoveNotAllowed,
    PackageNotFound,
    PackageStatus,
    VariantStatus,
    VariantUpdateDTO,
)
from kairo.stages.content.models import ContentPackage, Variant
from kairo.stages.content.operations.editing import edit_text, locked_variant
from kairo.stages.content.operations.moving import moment_in, move_variant, unchanged
from kairo.stages.content.rules.statuses import package_path, package_status_for
from kairo.stages.opportunities import operations as opportunities
from kairo.stages.opportunities.contracts import (
    DecidedObject,
    DecisionRequestDTO,
    DecisionResponseDTO,
    DecisionType,
)

EditT = TypeVar("EditT", bound=Strict)

_READY = [VariantStatus.APPROVED, VariantStatus.SCHEDULED, VariantStatus.PUBLISHED]


class PackageEdit(Strict):
    """What `metadata` of an edit may change on a package. `status` hands a draft in for review, or takes it back."""

    title: str | None = Field(default=None, min_length=1, max_length=300)
    notes: str | None = Field(default=None, max_length=10_000)
    planned_publish_start: AwareDatetime | None = None
    planned_publish_end: AwareDatetime | None = None
    status: Literal[PackageStatus.DRAFT, PackageStatus.IN_REVIEW] | None = None


class VariantEdit(Strict):
    """What `metadata` of an edit may change on a variant."""

    body: str | None = Field(default=None, min_length=1, max_length=MAX_BODY)
    call_to_action: str | None = Field(default=None, max_length=1000)


def decide_on_package(*, package_id: UUID, request: DecisionRequestDTO, by: str, at: datetime) -> DecisionResponseDTO:
    """Approve, reject, edit, schedule, publish or archive a package, or take it back to a draft (restore).

    Raises:
        PackageNotFound: not there, or somebody else's.
        MoveNotAllowed: its status does not lead there.
        DecisionNotApplicable: packages are not decided on like that.
    """
    row = ContentPackage.objects.select_for_update().filter(id=package_id).first()
    if row is None:
        raise PackageNotFound("There is no such package.")
    before = PackageStatus(row.status)
    if request.decision_type is DecisionType.EDIT:
        wanted = _edited(row, request)
    else:
        wanted = package_status_for(request.decision_type)
        if before == wanted:
            return unchanged(DecidedObject.PACKAGE, row.id, request.decision_type, at=row.updated_at)
    package_path(before, wanted)
    if wanted is PackageStatus.SCHEDULED and before is not wanted:
        _plan(row, request)
    row.status, row.updated_at = wanted, at
    row.save()
    recorded = opportunities.record_decision(
        brand_id=row.brand_id,
        object_type=DecidedObject.PACKAGE,
        object_id=row.id,
        request=request,
        by=by,
        at=at,
        moved=(before, wanted),
    )
    return opportunities.answer_to(recorded)


def decide_on_variant(
    *, variant_id: UUID, request: DecisionRequestDTO, by: str, at: datetime, expected_version: int | None = None
) -> DecisionResponseDTO:
    """Approve, reject, edit, schedule, publish or archive a variant, or take a rejected one back (restore).

    Raises:
        VariantNotFound: not there, or somebody else's.
        VariantChanged: `expected_version`, the text that was decided on, is not the current one any more.
        MoveNotAllowed: its status does not lead there.
        DecisionNotApplicable: variants are not decided on like that.
        TextRefused: an edited text may not go out.
        TimeTaken, DuplicateContent: the guard before scheduling found another variant.
    """
    row = locked_variant(variant_id, expected_version=expected_version)
    if request.decision_type is not DecisionType.EDIT:
        return move_variant(row, request, by=by, at=at)
    edit = _read(VariantEdit, request)
    version = row.version
    if edit.model_fields_set:
        edit_text(row, VariantUpdateDTO(**edit.model_dump(exclude_unset=True)), by=by, at=at)
    if row.version == version:
        return unchanged(DecidedObject.VARIANT, row.id, request.decision_type, at=row.updated_at)
    return DecisionResponseDTO(
        status="recorded",
        decision_type=DecisionType.EDIT,
        object_type=DecidedObject.VARIANT,
        object_id=row.id,
        recorded_at=at,
    )


def _edited(row: ContentPackage, request: DecisionRequestDTO) -> PackageStatus:
    """Change what an edit names and return the status that it asks for, else the present one."""
    edit = _read(PackageEdit, request)
    if row.status == PackageStatus.ARCHIVED:
        raise MoveNotAllowed("An archived package is not changed any more.")
    for name in edit.model_fields_set - {"status"}:
        setattr(row, name, getattr(edit, name) if name != "title" else edit.title or row.title)
    start, end = row.planned_publish_start, row.planned_publish_end
    if start and end and end < start:
        message = "the end comes before the start"
        raise Invalid(message, errors=(FieldError("metadata.planned_publish_end", message),))
    return PackageStatus(edit.status or row.status)


def _plan(row: ContentPackage, request: DecisionRequestDTO) -> None:
    ready = list(Variant.objects.filter(package_id=row.id, status__in=_READY))
    if not ready:
        raise MoveNotAllowed("A package is scheduled once one of its variants is approved. Approve one first.")
    planned = [variant.scheduled_publish_at for variant in ready if variant.scheduled_publish_at]
    named = moment_in(request.metadata, "publish_at", "planned_publish_start")
    row.planned_publish_start = named or min(planned, default=row.planned_publish_start)


def _read(shape: type[EditT], request: DecisionRequestDTO) -> EditT:
    try:
        return shape.model_validate(request.metadata)
    except ValidationError as error:
        fields = tuple(
            FieldError(".".join(["metadata", *map(str, problem["loc"])]), problem["msg"]) for problem in error.errors()
        )
        told = "; ".join(f"{field.field}: {field.message}" for field in fields)
        raise Invalid(told, errors=fields) from error
