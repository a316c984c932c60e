"""Reads of gathers: one, its departments and iterations, what was found, evaluations, tasks, and figures."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from django.db.models import Q

from kairo.platform.jobs import queries as jobs
from kairo.platform.jobs.contracts import JobDTO, JobNotFound
from kairo.platform.telemetry.metrics import Sample, samples
from kairo.stages.knowledge.contracts.gathers import (
    GATHER,
    Citation,
    DepartmentState,
    DepartmentSummary,
    EvaluationDTO,
    GatherDepartmentDTO,
    GatherDTO,
    GatheredItemDTO,
    GatherOutput,
    IterationDTO,
    JudgeAgreement,
    NoGather,
    QualityParts,
    TaskNotFound,
)
from kairo.stages.knowledge.models import (
    AutomatedGather,
    DepartmentEvaluation,
    GatherDepartment,
    GatheredCitation,
    GatheredItem,
    GatherIteration,
)
from kairo.stages.knowledge.models.gathers import ENDED
from kairo.stages.knowledge.rules.quality import agreement, quality_score


def gather_key(project_id: UUID) -> str:
    """Return the key under which at most one gather of a project is live."""
    return f"{GATHER}:{project_id}"


def gather(gather_id: UUID) -> GatherDTO:
    """Return a gather.

    Raises:
        NoGather: not there, or somebody else's.
    """
    row = AutomatedGather.objects.filter(id=gather_id).first()
    if row is None:
        raise NoGather("There is no such gather.")
    return row.to_contract()


def newest_gather(project_id: UUID) -> GatherDTO | None:
    """Return the gather of a project that was asked for last, or None where none ever was."""
    row = AutomatedGather.objects.filter(brand_id=project_id).order_by("-id").first()
    return row.to_contract() if row else None


def gather_of_run(run_id: UUID) -> GatherDTO | None:
    """Return the gather whose run this is, or None."""
    row = AutomatedGather.objects.filter(run_id=run_id).order_by("-id").first()
    return row.to_contract() if row else None


def gather_of_task(job_id: UUID) -> GatherDTO | None:
    """Return the gather that a job began or goes on with, or None."""
    row = AutomatedGather.objects.filter(Q(task_id=job_id) | Q(job_id=job_id)).order_by("-id").first()
    return row.to_contract() if row else None


def gather_departments(gather_id: UUID) -> list[GatherDepartmentDTO]:
    """List the departments of a gather in their order."""
    return [row.to_contract() for row in GatherDepartment.objects.filter(gather_id=gather_id).order_by("place")]


def gather_iterations(gather_id: UUID) -> list[IterationDTO]:
    """List the iterations of a gather in their order: how the score went."""
    return [row.to_contract() for row in GatherIteration.objects.filter(gather_id=gather_id).order_by("number")]


def gathered_items(
    project_id: UUID,
    *,
    department: str | None = None,
    superseded: bool = False,
    before: UUID | None = None,
    limit: int = 50,
) -> list[GatheredItemDTO]:
    """List what was found of a project, newest first, in two queries; `superseded` adds what was said again since."""
    rows = GatheredItem.objects.filter(brand_id=project_id).order_by("-id")
    if department is not None:
        rows = rows.filter(department=department)
    if not superseded:
        rows = rows.filter(superseded_by__isnull=True)
    if before is not None:
        rows = rows.filter(id__lt=before)
    page = list(rows[:limit])
    cited = citations_of([row.id for row in page])
    return [row.to_contract(cited[row.id]) for row in page]


def citations_of(item_ids: Sequence[UUID]) -> dict[UUID, list[Citation]]:
    """Return what items cite, in order, in one query."""
    found: dict[UUID, list[Citation]] = defaultdict(list)
    for row in GatheredCitation.objects.filter(item_id__in=item_ids).order_by("item_id", "place"):
        found[row.item_id].append(row.to_contract())
    return found


def items_among(brand_id: UUID, ids: Sequence[UUID]) -> set[UUID]:
    """Return which of these ids are gathered items of a brand."""
    return set(GatheredItem.objects.filter(brand_id=brand_id, id__in=ids).values_list("id", flat=True))


def department_evaluations(project_id: UUID) -> list[EvaluationDTO]:
    """List the newest evaluation of each department of a project, in the order of their numbers."""
    rows = DepartmentEvaluation.objects.filter(brand_id=project_id).order_by("department_number", "-id")
    return [row.to_contract() for row in rows.distinct("department_number")]


def gather_output(gather_id: UUID) -> GatherOutput:
    """Return what a gather has come to so far, or in the end.

    Raises:
        NoGather: not there, or somebody else's.
    """
    told = gather(gather_id)
    departments = gather_departments(gather_id)
    return GatherOutput(
        status=told.state,
        iterations=told.iterations,
        departments_processed=sum(one.iterations > 0 for one in departments),
        items_created=told.items_created,
        processing_time_ms=told.processing_time_ms,
        summary=tuple(_summary(one) for one in departments),
        degraded=told.degraded,
        remediation=told.remediation,
        judge_agreement=judge_agreement(gather_id),
    )


def judge_agreement(gather_id: UUID) -> JudgeAgreement | None:
    """Say how near the local measure and the judge came, or None where no judge has spoken."""
    rows = GatherIteration.objects.filter(gather_id=gather_id, judge_parts__isnull=False).order_by("number")
    found = rows.values_list("local_parts", "judge_parts")
    return agreement([(_score(local), _score(judge)) for local, judge in found])


def task(task_id: UUID) -> JobDTO:
    """Return a task: a job, and of a gather the job that goes on with it, under the task's own id.

    Raises:
        TaskNotFound: not there, or somebody else's.
    """
    try:
        first = jobs.job(task_id)
    except JobNotFound as error:
        raise TaskNotFound(f"There is no task {task_id}.") from error
    if first.kind != GATHER:
        return first
    told = gather_of_task(task_id)
    if told is None:
        return first
    newest = first if told.job_id == task_id else jobs.job(told.job_id)
    output = gather_output(told.id).outcome() if told.state in ENDED else {}
    kept = {"id": first.id, "created_at": first.created_at, "started_at": first.started_at}
    return newest.model_copy(update={**kept, "outcome": {**newest.outcome, **output}})


def live_gather(project_id: UUID) -> GatherDTO:
    """Return the gather of a project that is under way.

    Raises:
        NoGather: none is.
    """
    told = newest_gather(project_id)
    if told is None or told.state in ENDED:
        raise NoGather("No gather of this project is under way.")
    return told


def metric_samples(*, of_all: bool) -> list[Sample]:
    """Return how gathers went, of all accounts or of the running one."""
    return samples("gather_metrics", of_all=of_all)


def _summary(one: GatherDepartmentDTO) -> DepartmentSummary:
    reached = one.state not in {DepartmentState.WAITING, DepartmentState.NOT_REACHED}
    return DepartmentSummary(
        department=one.slug,
        name=one.name,
        quality_score=one.quality_score if reached else 0.0,
        iterations=one.iterations,
        items_created=one.items_created,
    )


def _score(parts: object) -> float:
    return quality_score(QualityParts.model_validate(parts))
