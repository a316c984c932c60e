"""What the Brain page shows, put together from the doors of knowledge: reads only, and few."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from kairo.interfaces.web.knowledge_wording import department_words, gather_words
from kairo.interfaces.web.opportunities import LIVE, Progress, progress_of
from kairo.platform.database.clock import now
from kairo.platform.jobs import queries as job_queries
from kairo.platform.jobs.contracts import JobDTO
from kairo.stages.knowledge import queries
from kairo.stages.knowledge.contracts.departments import Department
from kairo.stages.knowledge.contracts.editing import ContradictionDTO, StatementDTO
from kairo.stages.knowledge.contracts.gathers import (
    DepartmentState,
    EvaluationDTO,
    GatherDepartmentDTO,
    GatherDTO,
    GatherState,
    QualityParts,
)

LIVE_GATHERS = {GatherState.PENDING, GatherState.RUNNING}
NEWEST_STATEMENTS = 6
FEWEST_AXES = 3


@dataclass(frozen=True)
class DepartmentSight:
    """One department: how good its knowledge is, of what the newest gather or evaluation says."""

    slug: str
    name: str
    number: int
    threshold: float
    score: float | None
    parts: QualityParts | None
    state: DepartmentState | None
    iterations: int
    statements: int
    evaluation: EvaluationDTO | None

    @property
    def is_good_enough(self) -> bool:
        return self.score is not None and self.score >= self.threshold


@dataclass(frozen=True)
class GatherSight:
    """A brand's newest gather as it stands, with its departments."""

    gather: GatherDTO | None
    job: JobDTO | None
    progress: Progress | None
    words: str
    departments: list[DepartmentSight]
    without_department: int

    @property
    def is_live(self) -> bool:
        return self.gather is not None and self.gather.state in LIVE_GATHERS

    @property
    def has_chart(self) -> bool:
        """Tell whether there are scores to draw, on axes enough for a shape."""
        return len(self.departments) >= FEWEST_AXES and any(row.score is not None for row in self.departments)

    @property
    def statements(self) -> int:
        return self.without_department + sum(row.statements for row in self.departments)

    @property
    def evaluated(self) -> list[DepartmentSight]:
        return [row for row in self.departments if row.evaluation is not None and row.evaluation.gaps]


@dataclass(frozen=True)
class NewestSight:
    """What became known last, and what of all does not go together."""

    statements: list[StatementDTO]
    contradictions: list[ContradictionDTO]


def newest_sight(brand_id: UUID) -> NewestSight:
    """Put together what became known of a brand last; seven queries at most."""
    return NewestSight(
        statements=queries.statements(brand_id, limit=NEWEST_STATEMENTS),
        contradictions=queries.contradictions(brand_id, queries.department_evaluations(brand_id)),
    )


def gather_sight(brand_id: UUID) -> GatherSight:
    """Put together how a brand's knowledge and its newest gather stand; five queries at most."""
    gather = queries.newest_gather(brand_id)
    is_live = gather is not None and gather.state in LIVE_GATHERS
    job = job_queries.job(gather.job_id) if gather is not None and is_live else None
    evaluations = queries.department_evaluations(brand_id)
    counts = queries.statement_counts(brand_id)
    gathered = queries.gather_departments(gather.id) if gather is not None else []
    departments = _departments(gathered, evaluations, counts)
    running = next((row.name for row in departments if row.state is DepartmentState.RUNNING), None)
    return GatherSight(
        gather=gather,
        job=job,
        progress=progress_of(job, at=now()) if job is not None and job.state in LIVE else None,
        words=gather_words(gather, job, running) if gather is not None and is_live else "",
        departments=departments,
        without_department=sum(counts.values()) - sum(row.statements for row in departments),
    )


def _departments(
    gathered: Sequence[GatherDepartmentDTO], evaluations: Sequence[EvaluationDTO], counts: Mapping[str, int]
) -> list[DepartmentSight]:
    judged = {one.department: one for one in evaluations}
    if gathered:
        return [_of_gather(row, judged.get(row.slug), counts.get(row.slug, 0)) for row in gathered]
    listed = [one for one in queries.department_list().departments if one.is_active and one.gather_check]
    return [_of_list(one, judged.get(one.slug), counts.get(one.slug, 0)) for one in listed]


def _of_gather(row: GatherDepartmentDTO, evaluation: EvaluationDTO | None, statements: int) -> DepartmentSight:
    # A department that this gather has not come to yet stands as it was judged last.
    is_scored = row.iterations > 0
    return DepartmentSight(
        slug=row.slug,
        name=department_words(row.slug, row.name),
        number=row.number,
        threshold=row.threshold,
        score=row.quality_score if is_scored else (evaluation.score if evaluation else None),
        parts=(row.local_parts or row.judge_parts) if is_scored else (evaluation.parts if evaluation else None),
        state=row.state,
        iterations=row.iterations,
        statements=statements,
        evaluation=evaluation,
    )


def _of_list(one: Department, evaluation: EvaluationDTO | None, statements: int) -> DepartmentSight:
    return DepartmentSight(
        slug=one.slug,
        name=department_words(one.slug, one.name),
        number=one.code_dep_number,
        threshold=one.coordination_settings.quality_threshold,
        score=evaluation.score if evaluation else None,
        parts=evaluation.parts if evaluation else None,
        state=None,
        iterations=0,
        statements=statements,
        evaluation=evaluation,
    )
