"""What deals count over HTTP: a change of stage, an ad's return, the stages' settings, and how right they were."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import Router

from kairo.interfaces.api.auth import may_read
from kairo.interfaces.api.errors import PROBLEMS
from kairo.platform.database.clock import now
from kairo.stages.revenue import operations, queries
from kairo.stages.revenue.contracts.deals import AdRoasDTO, AdRoasRequest, StageChange, StageChangeValue
from kairo.stages.revenue.contracts.stages import StageModelsDTO, StagesChange, StagesDTO

router = Router(tags=["revenue"])


@router.post("/ml/synthetic-revenue/calculate", auth=may_read, response={200: StageChangeValue, **PROBLEMS})
def calculate(request: HttpRequest, body: StageChange) -> StageChangeValue:
    """Return what a deal counts after a change of stage, and by how much that moves it. Stores nothing."""
    return operations.value_stage_change(body)


@router.post("/ml/synthetic-revenue/ad-roas", auth=may_read, response={200: AdRoasDTO, **PROBLEMS})
def ad_roas(request: HttpRequest, body: AdRoasRequest) -> AdRoasDTO:
    """Return what an ad's deals came to count within a window, beside what was spent on it."""
    return operations.ad_roas(body, at=now())


@router.post("/ml/synthetic-revenue/get-stages", auth=may_read, response={200: StagesDTO, **PROBLEMS})
def get_stages(request: HttpRequest) -> StagesDTO:
    """Return every pipeline's stages as they count now."""
    return queries.stages()


@router.get("/revenue/stages", response={200: StagesDTO, **PROBLEMS})
def list_stages(request: HttpRequest) -> StagesDTO:
    """Return every pipeline's stages as they count now."""
    return queries.stages()


@router.put("/revenue/stages", response={200: StagesDTO, **PROBLEMS})
def put_stages(request: HttpRequest, body: StagesChange) -> StagesDTO:
    """Set what stages count, or copy a set of defaults; every deal is counted anew. What is not named stays."""
    return operations.change_stages(change=body, at=now())


@router.get("/revenue/stage-probabilities", response={200: StageModelsDTO, **PROBLEMS})
def get_stage_probabilities(request: HttpRequest, pipeline: str | None = None) -> StageModelsDTO:
    """Return what closed deals have taught of each stage, with how right that was on later deals."""
    return queries.stage_models(pipeline)
