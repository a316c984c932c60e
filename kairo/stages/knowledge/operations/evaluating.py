"""Evaluating what is known of a department: its score, what is missing, what contradicts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from pydantic import JsonValue

from kairo.platform.database.ids import new_id
from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.jobs.contexts import Completion, JobContext
from kairo.platform.jobs.contracts import RetryLater
from kairo.platform.llm.asking import Models
from kairo.platform.telemetry.contracts import EventType
from kairo.stages.knowledge.contracts.departments import Department
from kairo.stages.knowledge.contracts.gathers import (
    EVALUATE,
    Contradiction,
    EvaluationMessage,
    Evaluator,
    ModelBusy,
    QualityParts,
)
from kairo.stages.knowledge.llm_calls import (
    EVALUATE_DEPARTMENT,
    MOST_JUDGED,
    Examination,
    judge_question,
    names_given_items,
)
from kairo.stages.knowledge.models import AutomatedGather, DepartmentEvaluation, GatheredItem
from kairo.stages.knowledge.operations.announcing import announce_gather
from kairo.stages.knowledge.operations.comparing import compared
from kairo.stages.knowledge.operations.gather_crew import user_id_of
from kairo.stages.knowledge.operations.gather_material import aspects_of
from kairo.stages.knowledge.operations.gather_orders import department_numbered
from kairo.stages.knowledge.operations.gather_writers import Asker
from kairo.stages.knowledge.queries.browsing import retired_item_ids
from kairo.stages.knowledge.queries.gathers import citations_of
from kairo.stages.knowledge.rules.evaluating import contradictions_in, gaps_in, mean_parts
from kairo.stages.knowledge.rules.quality import combined, covered_aspects, judged, quality_parts

MOST_EVALUATED = 500


@dataclass(frozen=True)
class Findings:
    """What an evaluation came to."""

    local: QualityParts
    judge: QualityParts | None
    gaps: tuple[str, ...]
    contradictions: tuple[Contradiction, ...]
    model: str | None = None
    prompt: str | None = None

    @property
    def evaluator(self) -> Evaluator:
        return Evaluator.LOCAL if self.judge is None else Evaluator.MODEL

    @property
    def parts(self) -> QualityParts:
        return self.local if self.judge is None else mean_parts(self.local, self.judge)


def evaluate_department(
    *, message: EvaluationMessage, job: JobContext, at: datetime, models: Models | None = None
) -> Completion:
    """Evaluate what is known of a department; the returned effects store it with its event.

    Raises:
        DepartmentNotFound: no department has this number any more.
        RetryLater: the judge asks for patience.
    """
    with tenant_transaction(job.tenant_id):
        department = department_numbered(message.department_number)
        rows = GatheredItem.objects.filter(
            brand_id=message.project_id, department=department.slug, superseded_by__isnull=True
        ).exclude(id__in=retired_item_ids(message.project_id))
        items = list(rows.order_by("-id")[:MOST_EVALUATED])[::-1]
        cited = citations_of([item.id for item in items])
        gather = AutomatedGather.objects.filter(id=message.gather_id).first() if message.gather_id else None
    job.progress("evaluate", note=f"{len(items)} items of {department.name}")
    sources = [len({one.source_id for one in cited[item.id]}) for item in items]
    found = _local(department, items, sources)
    found = _examined(message, job, department, items, found, at=at, models=models)
    evaluation_id = new_id()
    score = combined(found.local, found.judge)

    def store() -> None:
        _store(evaluation_id, message, job, department, found, score=score, at=at)
        announce_gather(
            project_id=message.project_id,
            run_id=job.run_id,
            kind=EVALUATE,
            events=[(EventType.DEPARTMENT_EVALUATED, _facts(evaluation_id, message, department, found, score))],
            at=at,
            webhook_url=gather.webhook_url if gather else None,
            job_id=job.job_id,
        )

    outcome: dict[str, JsonValue] = {"evaluation_id": str(evaluation_id), "score": score, "evaluator": found.evaluator}
    return Completion(outcome=outcome, effects=store)


def _local(department: Department, items: Sequence[GatheredItem], sources: Sequence[int]) -> Findings:
    aspects = aspects_of(department)
    texts = compared([item.content for item in items]) if items else []
    read = [
        judged(item.content, text.vector, sources=count)
        for item, text, count in zip(items, texts, sources, strict=True)
    ]
    parts = quality_parts(read, aspects)
    pairs = contradictions_in(read)
    return Findings(
        local=parts,
        judge=None,
        gaps=tuple(gaps_in(covered_aspects(read, aspects), parts)),
        contradictions=tuple(
            Contradiction(item_id=items[one].id, other_id=items[other].id, reason=reason)
            for one, other, reason in pairs
        ),
    )


def _examined(
    message: EvaluationMessage,
    job: JobContext,
    department: Department,
    items: Sequence[GatheredItem],
    local: Findings,
    *,
    at: datetime,
    models: Models | None,
) -> Findings:
    """Have a judge look too, where one can be asked; what it finds is added to what was counted."""
    asker = Asker(job, lambda: at, user_id_of(message.user_id), models)
    if not items or not asker.reachable("judge"):
        return local
    shown = items[-MOST_JUDGED:]

    def check(examination: Examination) -> Sequence[str]:
        return names_given_items(len(shown), examination)

    try:
        question = judge_question(department, [item.content for item in shown])
        examination, kept = asker.ask("evaluate", EVALUATE_DEPARTMENT, question, check=check)
    except ModelBusy as error:
        raise RetryLater(error.message, after_s=error.after_s) from error
    if examination is None:
        return local
    ids = {f"i{number}": item.id for number, item in enumerate(shown, start=1)}
    told = [
        Contradiction(item_id=ids[one.one], other_id=ids[one.other], reason=one.reason)
        for one in examination.contradictions
    ]
    known = {frozenset((one.item_id, one.other_id)) for one in local.contradictions}
    more = [one for one in told if frozenset((one.item_id, one.other_id)) not in known]
    return Findings(
        local=local.local,
        judge=examination.parts(),
        gaps=tuple(dict.fromkeys((*local.gaps, *examination.gaps))),
        contradictions=(*local.contradictions, *more),
        model=kept.model,
        prompt=kept.prompt,
    )


def _store(
    evaluation_id: UUID,
    message: EvaluationMessage,
    job: JobContext,
    department: Department,
    found: Findings,
    *,
    score: float,
    at: datetime,
) -> None:
    DepartmentEvaluation.objects.create(
        id=evaluation_id,
        brand_id=message.project_id,
        gather_id=message.gather_id,
        run_id=job.run_id,
        job_id=job.job_id,
        department=department.slug,
        department_number=department.code_dep_number,
        score=score,
        parts=found.parts.model_dump(),
        local_parts=found.local.model_dump(),
        judge_parts=found.judge.model_dump() if found.judge else None,
        gaps=list(found.gaps),
        contradictions=[one.model_dump(mode="json") for one in found.contradictions],
        evaluator=found.evaluator,
        model=found.model,
        prompt=found.prompt,
        auto_triggered=message.auto_triggered,
        user_id=message.user_id,
        created_at=at,
    )


def _facts(
    evaluation_id: UUID, message: EvaluationMessage, department: Department, found: Findings, score: float
) -> dict[str, JsonValue]:
    return {
        "department": department.slug,
        "department_name": department.name,
        "department_number": department.code_dep_number,
        "evaluation_id": str(evaluation_id),
        "score": score,
        "parts": dict(found.parts.model_dump()),
        "gaps": list(found.gaps),
        "contradictions": [one.model_dump(mode="json") for one in found.contradictions],
        "evaluator": found.evaluator.value,
        "auto_triggered": message.auto_triggered,
    }
