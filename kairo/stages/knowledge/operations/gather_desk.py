"""A gather as one attempt works on it: what the tables say, read once, and kept in step with every commit."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import numpy as np

from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.jobs.contexts import JobContext
from kairo.platform.jobs.contracts import PermanentFailure
from kairo.stages.evidence.operations import ComparedText
from kairo.stages.knowledge.contracts.departments import Department, DepartmentsFrom
from kairo.stages.knowledge.contracts.gathers import (
    DepartmentState,
    GatherDTO,
    GatherGenerator,
    GatherMessage,
    GatherState,
)
from kairo.stages.knowledge.models import AutomatedGather, GatherDepartment, GatheredItem
from kairo.stages.knowledge.operations.comparing import compared
from kairo.stages.knowledge.operations.departments import departments_to_gather
from kairo.stages.knowledge.operations.gather_material import aspects_of, read_material
from kairo.stages.knowledge.operations.gather_orders import new_gather
from kairo.stages.knowledge.queries.browsing import retired_item_ids
from kairo.stages.knowledge.queries.gathers import citations_of
from kairo.stages.knowledge.rules.composing import Material, scores_by_department
from kairo.stages.knowledge.rules.gathering import Progress
from kairo.stages.knowledge.rules.quality import Judged, judged
from kairo.stages.knowledge.rules.relevance import Aspects, Vectors

MOST_COMPARED = 5_000
"""So many of a project's newest items are compared with new ones: far more than its departments keep."""
DEPARTMENTS_OF_COPY = "departments_from_last_good_copy"


class Clock:
    """The moments of a piece of work that takes minutes: it starts at the moment that it was given."""

    def __init__(self, at: datetime) -> None:
        self._at = at
        self._since = time.monotonic()

    def now(self) -> datetime:
        """Return the moment that it is."""
        return self._at + timedelta(seconds=self.elapsed_s())

    def elapsed_s(self) -> float:
        """Return for how long the work has gone on."""
        return time.monotonic() - self._since


@dataclass
class KnownItem:
    """A stored item as new ones are compared with it; a retired one's statement was edited or removed by a person."""

    id: UUID
    department: str
    content: str
    summary: str
    aspects: Sequence[str]
    compared: ComparedText
    judged: Judged
    is_current: bool
    is_retired: bool = False


@dataclass
class DepartmentDesk:
    """A department with where it stands; `scores` is how far each sentence of the material bears on its aspects."""

    id: UUID
    place: int
    definition: Department
    state: DepartmentState
    progress: Progress
    items_created: int
    aspects: Aspects
    context: Sequence[str] | None = None
    scores: Vectors | None = None

    @property
    def slug(self) -> str:
        return self.definition.slug


@dataclass
class Desk:
    """One attempt's sight of a gather."""

    job: JobContext
    clock: Clock
    gather: GatherDTO
    seed: int
    generator: str
    waits: int
    carried: dict[str, object]
    departments: list[DepartmentDesk]
    material: Material
    items: list[KnownItem]
    used: set[tuple[UUID, str]]
    unindexed: list[UUID]
    degraded: set[str] = field(default_factory=set)
    has_model: bool = False
    counted_ms: int = 0
    commit_ms: int = 0

    @property
    def gather_generator(self) -> GatherGenerator:
        """Return who was asked to write the items."""
        return GatherGenerator(self.generator)

    @property
    def iterations_left(self) -> int:
        return self.gather.max_iterations - self.gather.iterations

    def current(self) -> DepartmentDesk | None:
        """Return the department whose turn it is, or None where the gather is at its end."""
        if self.iterations_left <= 0:
            return None
        live = {DepartmentState.RUNNING, DepartmentState.WAITING}
        return next((one for one in self.departments if one.state in live), None)

    def items_of(self, slug: str) -> list[KnownItem]:
        """List a department's items, without those that were superseded."""
        return [item for item in self.items if item.department == slug and item.is_current]

    def scores_of(self, department: DepartmentDesk) -> Vectors:
        """Return how far each sentence bears on each aspect; worked out once."""
        if department.scores is None:
            named = [(one.definition.name, one.aspects) for one in self.departments]
            found = scores_by_department(self.material.candidates, self.material.vectors, named)
            for one, scores in zip(self.departments, found, strict=True):
                one.scores = scores
        return department.scores if department.scores is not None else np.zeros((0, 0), dtype=np.float32)

    def writer_of(self, department: DepartmentDesk) -> str:
        """Name who writes for a department: its own model, the route's models, or the local generator."""
        return (department.definition.default_model or "model") if self.has_model else "local"

    def spent_ms(self) -> int:
        """Return the milliseconds that went by since this was asked last."""
        total = round(self.clock.elapsed_s() * 1000)
        spent, self.counted_ms = total - self.counted_ms, total
        return spent


def open_desk(message: GatherMessage, job: JobContext, clock: Clock) -> Desk:
    """Open a gather to work on it: at its first attempt the departments are read and kept, as they are now.

    Raises:
        PermanentFailure: no department is active.
        DepartmentsUnavailable: the CMS that lists them has never answered.
    """
    row = _row_of(message, job, clock)
    if not _has_departments(row.id, job.tenant_id):
        _begin(row, job, clock)
    else:
        job.checkpoint(job.checkpointed, lambda: _go_on(row.id, job))
    with tenant_transaction(job.tenant_id):
        row = AutomatedGather.objects.get(id=row.id)
        departments = list(GatherDepartment.objects.filter(gather_id=row.id).order_by("place"))
        stored = list(GatheredItem.objects.filter(brand_id=row.brand_id).order_by("-id")[:MOST_COMPARED])[::-1]
        cited = citations_of([item.id for item in stored])
        retired = retired_item_ids(row.brand_id)
    texts = compared([item.content for item in stored])
    known = [
        KnownItem(
            id=item.id,
            department=item.department,
            content=item.content,
            summary=item.summary,
            aspects=item.aspects,
            compared=text,
            judged=judged(item.content, text.vector, sources=len({one.source_id for one in cited[item.id]})),
            is_current=item.superseded_by_id is None and item.id not in retired,
            is_retired=item.id in retired,
        )
        for item, text in zip(stored, texts, strict=True)
    ]
    return Desk(
        job=job,
        clock=clock,
        gather=row.to_contract(),
        seed=row.seed,
        generator=row.generator,
        waits=row.waits,
        carried=dict(row.carried),
        departments=[_desk_of(one) for one in departments],
        material=read_material(job.tenant_id, row.brand_id, as_of=row.started_at or clock.now()),
        items=known,
        used={(one.source_id, one.quote) for citations in cited.values() for one in citations},
        unindexed=[item.id for item in stored if item.indexed_at is None],
        degraded=set(row.degraded),
    )


def _row_of(message: GatherMessage, job: JobContext, clock: Clock) -> AutomatedGather:
    with tenant_transaction(job.tenant_id):
        found = AutomatedGather.objects.filter(job_id=job.job_id).order_by("-id").first()
        if found is None and message.gather_id is not None:
            found = AutomatedGather.objects.filter(id=message.gather_id).first()
        return found or new_gather(message, job_id=job.job_id, run_id=job.run_id, at=clock.now())


def _has_departments(gather_id: UUID, tenant_id: UUID) -> bool:
    with tenant_transaction(tenant_id):
        return GatherDepartment.objects.filter(gather_id=gather_id).exists()


def _begin(row: AutomatedGather, job: JobContext, clock: Clock) -> None:
    listed = departments_to_gather(job.tenant_id, at=clock.now())
    if not listed.departments:
        raise PermanentFailure(
            "No department is to be gathered for: set gather_check and is_active of one with PUT /api/departments."
        )
    degraded = [DEPARTMENTS_OF_COPY] if listed.source is DepartmentsFrom.LAST_GOOD_COPY else []

    def store() -> None:
        AutomatedGather.objects.filter(id=row.id).update(
            state=GatherState.RUNNING, started_at=clock.now(), degraded=degraded
        )
        GatherDepartment.objects.bulk_create(
            GatherDepartment(
                gather_id=row.id,
                place=place,
                slug=one.slug,
                name=one.name,
                number=one.code_dep_number,
                threshold=one.coordination_settings.quality_threshold,
                model=one.default_model,
                definition=one.model_dump(mode="json"),
            )
            for place, one in enumerate(listed.departments)
        )

    job.checkpoint({"gather_id": str(row.id), "iteration": 0}, store)


def _go_on(gather_id: UUID, job: JobContext) -> None:
    """Take a gather up again, also one that was cancelled or failed and whose job somebody has started over."""
    AutomatedGather.objects.filter(id=gather_id).update(
        state=GatherState.RUNNING, job_id=job.job_id, finished_at=None, error=None
    )
    departments = GatherDepartment.objects.filter(gather_id=gather_id)
    departments.filter(state=DepartmentState.STOPPED).update(state=DepartmentState.RUNNING, finished_at=None)
    departments.filter(state=DepartmentState.NOT_REACHED).update(state=DepartmentState.WAITING)


def _desk_of(row: GatherDepartment) -> DepartmentDesk:
    definition = Department.model_validate(row.definition)
    return DepartmentDesk(
        id=row.id,
        place=row.place,
        definition=definition,
        state=DepartmentState(row.state),
        progress=Progress(
            score=row.quality_score, threshold=row.threshold, iterations=row.iterations, fruitless=row.fruitless
        ),
        items_created=row.items_created,
        aspects=aspects_of(definition),
    )
