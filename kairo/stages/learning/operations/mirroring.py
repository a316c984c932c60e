"""Telling in the registry what earlier stages have learned and keep by themselves."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Max

from kairo.stages.learning.contracts import ModelKind, ModelStatus
from kairo.stages.learning.contracts.registry import PromotionAction
from kairo.stages.learning.models import LearnedModel, ModelPromotion
from kairo.stages.revenue import queries as revenue
from kairo.stages.revenue.contracts.outcomes import LearnedVersion

REVENUE, NEWEST_SERVES = "revenue", "Revenue uses its newest version."


@dataclass(frozen=True)
class Restored:
    """A version that revenue was asked to use again, by whom and why."""

    kind: ModelKind
    pipeline: str
    version: int
    by: str
    reason: str

    def is_for(self, kind: ModelKind, told: LearnedVersion) -> bool:
        return (kind, told.pipeline, told.version) == (self.kind, self.pipeline, self.version)


@transaction.atomic
def mirror_models(*, at: datetime, asked: Restored | None = None) -> int:
    """Tell of each version that revenue has learned since the last time; return how many were told."""
    known = _known(ModelKind.STAGE_PROBABILITIES)
    weights = revenue.weight_versions(after=_known(ModelKind.MATCH_WEIGHTS).get("", 0))
    told = _told(ModelKind.MATCH_WEIGHTS, weights, asked, at=at)
    return told + _told(ModelKind.STAGE_PROBABILITIES, revenue.stage_versions(after=known), asked, at=at)


def _known(kind: ModelKind) -> dict[str, int]:
    found = LearnedModel.objects.filter(kind=kind, brand_id__isnull=True).values_list("subject")
    return dict(found.annotate(last=Max("version")))


def _told(kind: ModelKind, versions: Iterable[LearnedVersion], asked: Restored | None, *, at: datetime) -> int:
    told = 0
    for one in versions:
        slot = {"kind": kind, "brand_id": None, "subject": one.pipeline}
        before = LearnedModel.objects.filter(**slot, status=ModelStatus.CHAMPION).first()
        LearnedModel.objects.filter(**slot, status=ModelStatus.CHAMPION).update(status=ModelStatus.RETIRED)
        row = LearnedModel.objects.create(
            **slot,
            version=one.version,
            status=ModelStatus.CHAMPION,
            artifact=one.artifact,
            metrics=one.metrics,
            trained_until=one.trained_until,
            created_at=one.created_at,
        )
        line = ModelPromotion(
            model_id=row.id,
            replaced_id=before.id if before else None,
            kind=kind,
            subject=one.pipeline,
            version=one.version,
            action=PromotionAction.INSTALLED,
            by=REVENUE,
            reason=NEWEST_SERVES,
            at=at,
        )
        if asked is not None and asked.is_for(kind, one):
            line.action, line.by, line.reason = PromotionAction.ROLLED_BACK, asked.by, asked.reason
        line.save()
        told += 1
    return told
