"""What was learned over HTTP."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest
from ninja import Router

from kairo.interfaces.api.errors import PROBLEMS
from kairo.platform.database.clock import now
from kairo.stages.learning import queries
from kairo.stages.learning.contracts import BrandLearningDTO, CalibrationDTO

router = Router(tags=["learning"])


@router.get("/brands/{brand_id}/learning-summary", response={200: BrandLearningDTO, **PROBLEMS})
def get_learning_summary(request: HttpRequest, brand_id: UUID) -> BrandLearningDTO:
    """Return what decisions and audiences have taught about the brand, with how sure that is."""
    return queries.learning_summary(brand_id, at=now())


@router.get("/brands/{brand_id}/calibration", response={200: CalibrationDTO, **PROBLEMS})
def get_calibration(request: HttpRequest, brand_id: UUID) -> CalibrationDTO:
    """Return how often the brand's predictions came true, beside how likely they said it was."""
    return queries.calibration(brand_id, at=now())
