"""Asking: a question becomes a job, or is answered from what is stored; how it ended is stored with what it cites."""

from __future__ import annotations

import json
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from django.db.models import F

from kairo.platform.database.ids import new_id
from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.flags import queries as flags
from kairo.platform.flags.contracts import DegradationLevel, Flag
from kairo.platform.jobs.contexts import Completion, JobContext
from kairo.platform.jobs.contracts import FailureReason, JobFailure, JobState, PermanentFailure
from kairo.platform.jobs.operations import enqueue
from kairo.platform.llm.asking import Models
from kairo.platform.llm.configured import configured_models
from kairo.platform.llm.contracts import Spender
from kairo.stages.brands import queries as brands
from kairo.stages.brands.contracts import BrandDTO
from kairo.stages.evidence import queries as evidence
from kairo.stages.insights.contracts.answers import (
    RETRYABLE,
    AnalysisDTO,
    AnalysisMode,
    AnalysisRequest,
    AnalysisState,
    Analyze,
    AnswerErrorCode,
    error_for,
)
from kairo.stages.insights.models import Analysis, AnalysisCitation
from kairo.stages.insights.operations.answering import LANGUAGE_OF_READERS, Answered, Told, make_answer, no_answer
from kairo.stages.insights.operations.local_sources import LOCAL_SOURCES
from kairo.stages.insights.operations.retrieving import Asked
from kairo.stages.insights.ports import Sources
from kairo.stages.insights.rules.answers import WORDINGS

ANALYZE = "insights.analyze"
WITHOUT_MODELS = RETRYABLE | {AnswerErrorCode.BUDGET_EXCEEDED}
"""No answer for want of something else than evidence: the job has failed."""
URGENT = 3
"""Somebody waits for the answer: it goes before captures and imports."""


def request_analysis(
    *,
    brand_id: UUID,
    request: AnalysisRequest,
    at: datetime,
    reader_language: str = LANGUAGE_OF_READERS,
    asked_by: UUID | None = None,
) -> AnalysisDTO:
    """Ask a question: the answer of the same one over the same corpus, or a job that makes it.

    Models that answer it are paid from the caps of the user `asked_by` too.

    Raises:
        BrandNotFound: no such brand of this tenant.
        ModelUnavailable: analyses are off for now.
    """
    brand = brands.brand(brand_id)
    _require_open(request, reader_language)
    as_of = request.as_of or at
    key = _cache_key(brand, request, as_of)
    known = _answered_before(key)
    if known is not None:
        return known
    row, is_new = Analysis.objects.get_or_create(
        cache_key=key,
        state=AnalysisState.PENDING,
        defaults={
            "brand_id": brand_id,
            "mode": request.mode,
            "request_json": request.model_dump(mode="json"),
            "as_of": as_of,
            "created_at": at,
        },
    )
    if is_new:
        job = enqueue(
            ANALYZE, Analyze(analysis_id=row.id, asked_by=asked_by), dedupe_key=f"{ANALYZE}:{row.id}", priority=URGENT,
            result_url=f"/api/analyses/{row.id}",
        )  # fmt: skip
        row.job_id, row.run_id = job.id, job.run_id
        row.save(update_fields=["job_id", "run_id"])
    else:
        Analysis.objects.filter(id=row.id).update(uses=F("uses") + 1)
    return row.to_contract()


def _require_open(request: AnalysisRequest, reader_language: str) -> None:
    if request.mode is not AnalysisMode.TRENDS and flags.degradation_level() is DegradationLevel.EMERGENCY:
        raise error_for(no_answer(AnswerErrorCode.MODEL_UNAVAILABLE, reader_language))


def _cache_key(brand: BrandDTO, request: AnalysisRequest, as_of: datetime) -> str:
    """Return what makes two questions the same: what was asked, the brand as it is, the corpus, and the hour or moment.

    A brand that changes its taboos, domains or agents is answered anew.
    """
    asked = request.model_dump(mode="json", exclude={"as_of"})
    moment = as_of if request.as_of else as_of.replace(minute=0, second=0, microsecond=0)
    version = evidence.search_corpus(brand.id).version
    switches = [flags.is_on(Flag.ENABLE_TRENDS_ENHANCED, brand_id=brand.id), flags.degradation_level().value]
    parts = [str(brand.id), brand.updated_at.isoformat(), asked, moment.isoformat(), version, switches]
    return sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def _answered_before(key: str) -> AnalysisDTO | None:
    row = Analysis.objects.filter(cache_key=key, state=AnalysisState.READY).order_by("-created_at").first()
    if row is None:
        return None
    Analysis.objects.filter(id=row.id).update(uses=F("uses") + 1)
    found = row.to_contract()
    assert found.response is not None, "A ready analysis has an answer: the table checks it."
    meta = found.response.meta.model_copy(update={"cache": "hit"})
    return found.model_copy(update={"response": found.response.model_copy(update={"meta": meta})})


def analyze(
    *,
    message: Analyze,
    job: JobContext,
    at: datetime,
    sources: Sources = LOCAL_SOURCES,
    models: Models | None = None,
) -> Completion:
    """Make the answer that was asked for; the returned effects store it in the completing transaction.

    Raises:
        PermanentFailure: no answer can be made for now; the analysis says why.
    """
    with tenant_transaction(job.tenant_id):
        row = Analysis.objects.get(id=message.analysis_id)
        request = AnalysisRequest.model_validate(row.request_json)
    asked = _asked(row.brand_id, request, row.as_of, job=job, at=at, asked_by=message.asked_by)
    answered = make_answer(asked, job=job, sources=sources, models=models or configured_models())
    if answered.error is not None and answered.error.code in WITHOUT_MODELS:
        with tenant_transaction(job.tenant_id):
            _store(row, answered, run_id=job.run_id, at=at)
        raise PermanentFailure(answered.error.message, code=answered.error.code)
    return Completion(
        state=JobState.SUCCEEDED if answered.response else JobState.INSUFFICIENT_EVIDENCE,
        outcome={
            "analysis_id": str(row.id),
            "insights": len(answered.response.insights) if answered.response else 0,
            "evidence_coverage": answered.coverage,
            "code": answered.error.code if answered.error else None,
        },
        effects=lambda: _store(row, answered, run_id=job.run_id, at=at),
        result_url=f"/api/analyses/{row.id}",
    )


def answer(
    *,
    brand_id: UUID,
    request: AnalysisRequest,
    job: JobContext,
    at: datetime,
    told: Told | None = None,
    sources: Sources = LOCAL_SOURCES,
    models: Models | None = None,
) -> AnalysisDTO:
    """Answer a question within a job that asks it itself, and tell each step; an answer that is known is given again.

    Raises:
        KairoError: there is no answer; its code is one of AnswerErrorCode, its message in the asker's language.
    """
    as_of = request.as_of or at
    with tenant_transaction(job.tenant_id):
        brand = brands.brand(brand_id)
        _require_open(request, request.lang if request.lang in WORDINGS else LANGUAGE_OF_READERS)
        key = _cache_key(brand, request, as_of)
        known = _answered_before(key)
    if known is not None:
        return known
    asked = _asked(brand_id, request, as_of, job=job, at=at)
    answered = make_answer(asked, job=job, sources=sources, models=models or configured_models(), told=told)
    with tenant_transaction(job.tenant_id):
        row = Analysis.objects.create(
            brand_id=brand_id,
            mode=request.mode,
            request_json=request.model_dump(mode="json"),
            cache_key=key,
            state=AnalysisState.FAILED,
            job_id=job.job_id,
            as_of=as_of,
            created_at=at,
        )
        _store(row, answered, run_id=job.run_id, at=at)
    if answered.error is not None:
        raise error_for(answered.error)
    return row.to_contract()


def _asked(
    brand_id: UUID,
    request: AnalysisRequest,
    as_of: datetime,
    *,
    job: JobContext,
    at: datetime,
    asked_by: UUID | None = None,
) -> Asked:
    spender = Spender(tenant_id=job.tenant_id, run_id=job.run_id, user_id=asked_by)
    return Asked(brand_id=brand_id, request=request, as_of=as_of, at=at, spender=spender)


def analysis_failed(*, message: Analyze, failure: JobFailure, at: datetime) -> None:
    """Say why there is no answer, where the job ended without saying so itself."""
    row = Analysis.objects.filter(id=message.analysis_id, state=AnalysisState.PENDING).first()
    if row is None:
        return
    is_late = failure.reason is FailureReason.TIME_LIMIT
    code = AnswerErrorCode.TIMEOUT if is_late else AnswerErrorCode.MODEL_UNAVAILABLE
    request = AnalysisRequest.model_validate(row.request_json)
    language = request.lang if request.lang in WORDINGS else LANGUAGE_OF_READERS
    _store(row, Answered(error=no_answer(code, language)), run_id=failure.run_id, at=at)


def _store(row: Analysis, answered: Answered, *, run_id: UUID, at: datetime) -> None:
    """Store how a question ended, with the items that the answer cites, in the caller's transaction."""
    response = answered.response
    row.state = AnalysisState.READY if response else AnalysisState.FAILED
    row.response_json = response.model_dump(mode="json") if response else None
    row.error_json = answered.error.model_dump(mode="json") if answered.error else None
    row.evidence_coverage = answered.coverage
    row.run_id, row.finished_at = run_id, at
    row.save(update_fields=["state", "response_json", "error_json", "evidence_coverage", "run_id", "finished_at"])
    if response is None:
        return
    AnalysisCitation.objects.filter(analysis=row).delete()
    AnalysisCitation.objects.bulk_create(
        AnalysisCitation(id=new_id(), analysis=row, item_id=entry.id, position=place)
        for place, entry in enumerate(response.evidence)
    )
