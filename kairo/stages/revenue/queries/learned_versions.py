"""The versions of what revenue has learned: match weights, and stage probabilities of each pipeline."""

from __future__ import annotations

from collections.abc import Mapping

from kairo.stages.revenue.contracts.outcomes import LearnedVersion
from kairo.stages.revenue.models.deals import StageModel
from kairo.stages.revenue.models.tracking import LearnedWeights


def weight_versions(*, after: int, limit: int = 100) -> list[LearnedVersion]:
    """List the versions of the match weights above a number, the earliest first."""
    found = LearnedWeights.objects.filter(version__gt=after).order_by("version")[:limit]
    return [LearnedVersion.model_validate(row, from_attributes=True) for row in found]


def stage_versions(*, after: Mapping[str, int], limit: int = 100) -> list[LearnedVersion]:
    """List the versions of stage probabilities above each pipeline's number, the earliest first."""
    numbers = StageModel.objects.order_by("version", "pipeline").values_list("id", "pipeline", "version")
    fresh = [row_id for row_id, pipeline, version in numbers if version > after.get(pipeline, 0)][:limit]
    return [
        LearnedVersion(
            pipeline=row.pipeline,
            version=row.version,
            artifact=row.artifact,
            metrics={"calibration": row.artifact.get("calibration")},
            trained_until=row.trained_until,
            created_at=row.created_at,
        )
        for row in StageModel.objects.filter(id__in=fresh).order_by("version", "pipeline")
    ]
