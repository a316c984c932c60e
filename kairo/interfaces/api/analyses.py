"""Analyses over HTTP: a question asked, its answer, and what people say of it."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from kairo.interfaces.api.actors import actor
from kairo.interfaces.api.errors import PROBLEMS, kairo_problem
from kairo.interfaces.api.waiting import accepted_or_awaited
from kairo.platform.database.clock import now
from kairo.platform.jobs.contracts import JobAcceptedDTO
from kairo.platform.tenancy.contracts import Principal
from kairo.stages.insights import operations, queries
from kairo.stages.insights.contracts.answers import (
    AnalysisDTO,
    AnalysisFeedback,
    AnalysisRequest,
    AnalysisState,
    InsightResponse,
    error_for,
)

router = Router(tags=["insights"])

Wait = Annotated[float, Query(ge=0, le=20, description="Seconds to wait for the answer; it may come sooner, or not")]


@router.post("/brands/{brand_id}/analyze", response={200: InsightResponse, 202: JobAcceptedDTO, **PROBLEMS})
def analyze(request: HttpRequest, brand_id: UUID, body: AnalysisRequest, wait: Wait = 0) -> HttpResponse:
    """Ask what people write, feel and speak about: the answer if it is ready within `wait` seconds, else its job.

    The same question over the same evidence is answered at once. The job's `result_url` leads to the answer.
    """
    principal: Principal = request.auth  # type: ignore[attr-defined]
    asked = operations.request_analysis(
        brand_id=brand_id,
        request=body,
        at=now(),
        reader_language=_reader_language(request),
        asked_by=principal.user_id,
    )
    if asked.response is not None:
        return _answer(asked.response)
    if asked.job_id is None:
        raise LookupError(f"The pending analysis {asked.id} has no job.")
    return accepted_or_awaited(
        tenant_id=principal.tenant_id, job_id=asked.job_id, wait_s=wait, look=lambda _: _found(asked)
    )


@router.get("/analyses/{analysis_id}", response={200: AnalysisDTO, **PROBLEMS})
def get_analysis(request: HttpRequest, analysis_id: UUID) -> AnalysisDTO:
    """Return an analysis as it stands: pending, ready with its answer, failed with the reason, or withdrawn."""
    return queries.analysis(analysis_id)


@router.post("/analyses/{analysis_id}/feedback", response={200: AnalysisDTO, **PROBLEMS})
def give_feedback(request: HttpRequest, analysis_id: UUID, body: AnalysisFeedback) -> AnalysisDTO:
    """Say whether an answer helped; saying it again changes what was said."""
    return operations.give_feedback(analysis_id=analysis_id, helpful=body.helpful, by=actor(request))


def _reader_language(request: HttpRequest) -> str:
    preferred = request.headers.get("Accept-Language", "").strip().lower()
    return "ru" if preferred.startswith("ru") else "en"


def _answer(response: InsightResponse) -> HttpResponse:
    return HttpResponse(response.model_dump_json(), content_type="application/json; charset=utf-8")


def _found(asked: AnalysisDTO) -> HttpResponse | None:
    """Answer with what has become of an analysis, if its job has ended."""
    found = queries.analysis(asked.id)
    if found.response is not None:
        return _answer(found.response)
    if found.error is not None and found.state is AnalysisState.FAILED:
        return kairo_problem(error_for(found.error))
    return None
