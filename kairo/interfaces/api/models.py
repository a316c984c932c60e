"""The registry of what was learned over HTTP: versions, and moving them."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest
from ninja import Router

from kairo.interfaces.api.actors import actor
from kairo.interfaces.api.errors import PROBLEMS, Problem
from kairo.interfaces.api.paging import Limit, Page
from kairo.platform.database.clock import now
from kairo.stages.learning import operations, queries
from kairo.stages.learning.contracts import LearnedModelDTO, ModelKind, ModelStatus
from kairo.stages.learning.contracts.registry import ModelSummary, ReasonBody

router = Router(tags=["learning"])


@router.get("/models", response={200: Page[ModelSummary], **PROBLEMS})
def list_models(
    request: HttpRequest,
    kind: ModelKind | None = None,
    status: ModelStatus | None = None,
    brand_id: UUID | None = None,
    cursor: UUID | None = None,
    limit: Limit = 50,
) -> Page[ModelSummary]:
    """List the versions of what was learned, the newest first, with how each compared with its champion."""
    found = queries.registered_models(kind=kind, status=status, brand_id=brand_id, before=cursor, limit=limit + 1)
    following = str(found[limit - 1].id) if len(found) > limit else None
    return Page(items=found[:limit], next_cursor=following)


@router.post("/models/{model_id}/promote", response={200: LearnedModelDTO, 409: Problem, **PROBLEMS})
def promote_model(request: HttpRequest, model_id: UUID, body: ReasonBody | None = None) -> LearnedModelDTO:
    """Put a challenger in use that has beaten the champion on the same held-out examples; any other is refused."""
    reason = body.reason if body else ""
    return operations.promote_model(model_id=model_id, by=actor(request), reason=reason, at=now())


@router.post("/models/{model_id}/rollback", response={200: LearnedModelDTO, 409: Problem, **PROBLEMS})
def roll_model_back(request: HttpRequest, model_id: UUID, body: ReasonBody | None = None) -> LearnedModelDTO:
    """Go back from the champion that is named to the one before it, or to the earlier champion that is named.

    The answer is the version that is in use now.
    """
    reason = body.reason if body else ""
    return operations.roll_back_model(model_id=model_id, by=actor(request), reason=reason, at=now())
