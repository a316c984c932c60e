"""Analyses made the way the product makes them: a question, and a job that answers it in this process."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from kairo.platform.database.ids import new_id
from kairo.platform.database.sessions import tenant_transaction
from kairo.stages.insights import operations, queries
from kairo.stages.insights.contracts.answers import (
    AnalysisDTO,
    AnalysisMode,
    AnalysisRequest,
    AnalysisState,
    AnswerMeta,
    EvidenceEntry,
    Insight,
    InsightResponse,
    InsightType,
)
from kairo.stages.insights.contracts.trends import TrendWindow
from kairo.stages.insights.models import Analysis, AnalysisCitation
from tests.factories.board_jobs import run


def ask(
    *, tenant_id: UUID, brand_id: UUID, at: datetime, mode: AnalysisMode = AnalysisMode.KEYWORDS, **fields: object
) -> AnalysisDTO:
    """Ask a question and leave its job waiting."""
    request = AnalysisRequest.model_validate({"mode": mode, **fields})
    with tenant_transaction(tenant_id):
        return operations.request_analysis(brand_id=brand_id, request=request, at=at)


def answered(
    *, tenant_id: UUID, brand_id: UUID, at: datetime, mode: AnalysisMode = AnalysisMode.KEYWORDS, **fields: object
) -> AnalysisDTO:
    """Ask a question, work until its job has ended, and return how it ended."""
    asked = ask(tenant_id=tenant_id, brand_id=brand_id, at=at, mode=mode, **fields)
    if asked.response is None and asked.job_id is not None:
        run(tenant_id=tenant_id, job_id=asked.job_id)
    with tenant_transaction(tenant_id):
        return queries.analysis(asked.id)


def make_analysis(tenant_id: UUID, *, brand_id: UUID, item_id: UUID, at: datetime) -> UUID:
    """Make a ready analysis of one insight that cites one stored item."""
    entry = EvidenceEntry(
        id=item_id, title="A post", url=None, source="instagram", date="2026-06-01", lang="en", snippet="A post"
    )
    response = InsightResponse(
        header="What people write about, last 7 days",
        tldr="Of 1 post, most stand for “machine”.",
        insights=(
            Insight(type=InsightType.FACT, text="“machine” is in 1 post.", evidence_refs=(item_id,), confidence=1),
        ),
        evidence=(entry,),
        meta=AnswerMeta(command="keywords", window=TrendWindow.WEEK, lang="en", run_id=new_id(), latency_ms=1),
    )
    with tenant_transaction(tenant_id):
        row = Analysis.objects.create(
            brand_id=brand_id,
            mode=AnalysisMode.KEYWORDS,
            request_json=AnalysisRequest(mode=AnalysisMode.KEYWORDS).model_dump(mode="json"),
            cache_key=str(new_id()),
            state=AnalysisState.READY,
            response_json=response.model_dump(mode="json"),
            evidence_coverage=1,
            as_of=at,
            created_at=at,
        )
        AnalysisCitation.objects.create(analysis=row, item_id=item_id, position=0)
    return row.id
