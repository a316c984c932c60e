"""Reads of the registry: versions, champions, and the audit of their promotions."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from kairo.stages.learning.contracts import LearnedModelDTO, ModelKind, ModelStatus
from kairo.stages.learning.contracts.registry import (
    ComparisonDTO,
    ModelNotFound,
    ModelSummary,
    PromotionAction,
    PromotionDTO,
)
from kairo.stages.learning.models import LearnedModel, ModelPromotion


def champion(kind: ModelKind, *, brand_id: UUID | None = None, subject: str = "") -> LearnedModelDTO | None:
    """Return the version of a kind that is in use, or None where nothing was learned yet."""
    slot: dict[str, object] = {"kind": kind, "brand_id": brand_id, "subject": subject}
    row = LearnedModel.objects.filter(**slot, status=ModelStatus.CHAMPION).first()
    return row.to_contract() if row else None


def gone_back_at(kind: ModelKind, *, subject: str = "") -> datetime | None:
    """Return when somebody went back to the account's version that is in use, or None where nobody did."""
    line = ModelPromotion.objects.filter(kind=kind, brand_id=None, subject=subject).order_by("-id").first()
    return line.at if line is not None and line.action == PromotionAction.ROLLED_BACK else None


def registered_model(model_id: UUID) -> LearnedModelDTO:
    """Return a version with the thing itself.

    Raises:
        ModelNotFound: not there, or somebody else's.
    """
    row = LearnedModel.objects.filter(id=model_id).first()
    if row is None:
        raise ModelNotFound("There is no such version of a model.")
    return row.to_contract()


def registered_models(
    *,
    kind: ModelKind | None = None,
    status: ModelStatus | None = None,
    brand_id: UUID | None = None,
    before: UUID | None = None,
    limit: int = 50,
) -> list[ModelSummary]:
    """List versions, the newest first, from the one before `before`."""
    found = LearnedModel.objects.defer("artifact").order_by("-id")
    given = {"kind": kind, "status": status, "brand_id": brand_id}
    found = found.filter(**{name: value for name, value in given.items() if value is not None})
    if before is not None:
        found = found.filter(id__lt=before)
    return [summary(row) for row in found[:limit]]


def promotions(*, model_id: UUID | None = None, limit: int = 50) -> list[PromotionDTO]:
    """List what was put in use and rolled back, the newest first."""
    found = ModelPromotion.objects.order_by("-id")
    if model_id is not None:
        found = found.filter(model_id=model_id)
    return [row.to_contract() for row in found[:limit]]


def summary(row: LearnedModel) -> ModelSummary:
    """Tell of a version without the thing itself."""
    metrics = dict(row.metrics)
    comparison = metrics.pop("comparison", None)
    return ModelSummary(
        id=row.id,
        kind=ModelKind(row.kind),
        subject=row.subject,
        brand_id=row.brand_id,
        version=row.version,
        status=ModelStatus(row.status),
        metrics=metrics,
        comparison=ComparisonDTO.model_validate(comparison) if comparison else None,
        trained_from=row.trained_from,
        trained_until=row.trained_until,
        created_at=row.created_at,
    )
