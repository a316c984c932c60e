"""Gathers: what is asked for, how far one is, what it found, and how good each department's knowledge has become."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from pydantic import Field, JsonValue

from kairo.errors import NotFound, Unavailable
from kairo.shapes import Frozen, Strict

GATHER = "automated_gather_creation"
EVALUATE = "evaluate_department"
DEFAULT_ITERATIONS = 50
MOST_ITERATIONS = 1_000
LONGEST_CONTENT = 4_000
LONGEST_SUMMARY = 200
LONGEST_CONTEXT = 600


class NoGather(NotFound):
    """There is no such gather, or none is under way."""

    code = "gather_not_found"


class TaskNotFound(NotFound):
    """No task of this account has this id."""

    code = "task_not_found"


class ModelBusy(Unavailable):
    """The model asked for patience; `after_s` says for how long."""

    code = "model_busy"

    def __init__(self, message: str, *, after_s: float) -> None:
        super().__init__(message)
        self.after_s = after_s


class GatherState(StrEnum):
    """What became of a gather."""

    PENDING = "pending"
    RUNNING = "running"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    INSUFFICIENT_EVIDENCE = "insufficient_evidence"
    FAILED = "failed"


class DepartmentState(StrEnum):
    """Where a gather stands with one department."""

    WAITING = "waiting"
    RUNNING = "running"
    THRESHOLD_REACHED = "threshold_reached"
    STAGNANT = "stagnant"
    ITERATIONS_USED_UP = "iterations_used_up"
    NOT_REACHED = "not_reached"
    STOPPED = "stopped"


class GatherGenerator(StrEnum):
    """Who writes the items; `auto` asks a model where one is configured."""

    AUTO = "auto"
    LOCAL = "local"
    MODEL = "model"


class Evaluator(StrEnum):
    """Who judged a department."""

    LOCAL = "local"
    MODEL = "model"


class GatherWishes(Strict):
    """What a gather is to do. The same `seed` over the same material gives the same items."""

    user_id: str | None = Field(default=None, max_length=200)
    max_iterations: int = Field(default=DEFAULT_ITERATIONS, ge=1, le=MOST_ITERATIONS)
    enable_auto_evaluation: bool = True
    webhook_url: str | None = Field(default=None, max_length=2_000)
    seed: int = Field(default=0, ge=0, le=2**31 - 1)
    generator: GatherGenerator = GatherGenerator.AUTO


class GatherOrder(GatherWishes):
    """A gather of a project."""

    project_id: UUID


class GatherMessage(GatherOrder):
    """A gather as its job carries it; a follow-up job names the gather that it goes on with."""

    gather_id: UUID | None = None


class EvaluationWishes(Strict):
    """Which department's knowledge is to be judged, by its number."""

    department_number: int
    user_id: str | None = Field(default=None, max_length=200)
    auto_triggered: bool = False


class EvaluationOrder(EvaluationWishes):
    """An evaluation for a project."""

    project_id: UUID


class EvaluationMessage(EvaluationOrder):
    """An evaluation as its job carries it."""

    gather_id: UUID | None = None


class QualityParts(Frozen):
    """The four parts of quality, each from 0 to 100."""

    coverage: float = Field(ge=0, le=100)
    depth: float = Field(ge=0, le=100)
    coherence: float = Field(ge=0, le=100)
    actionability: float = Field(ge=0, le=100)


class Citation(Frozen):
    """Where a statement comes from: `quote` stands in the source letter by letter."""

    source_type: str
    source_id: UUID
    quote: str = Field(min_length=1)
    title: str | None = None
    url: str | None = None


class ItemDraft(Frozen):
    """One item before it is stored."""

    content: str = Field(min_length=1, max_length=LONGEST_CONTENT)
    summary: str = Field(min_length=1, max_length=LONGEST_SUMMARY)
    context: str = Field(max_length=LONGEST_CONTEXT)
    citations: tuple[Citation, ...] = Field(min_length=1)
    aspects: tuple[str, ...] = ()


class GatheredItemDTO(Frozen):
    """One stored item with what it cites and how it came about."""

    id: UUID
    project_id: UUID
    gather_id: UUID
    run_id: UUID
    department: str
    iteration: int
    content: str
    summary: str
    context: str
    aspects: tuple[str, ...]
    citations: tuple[Citation, ...]
    generator: str
    model: str | None
    prompt: str | None
    user_id: str | None
    superseded_by: UUID | None
    created_at: datetime


class GatherDepartmentDTO(Frozen):
    """A department as it stands in a gather."""

    slug: str
    name: str
    number: int
    threshold: float
    model: str | None
    state: DepartmentState
    quality_score: float
    local_parts: QualityParts | None
    judge_parts: QualityParts | None
    iterations: int
    items_created: int


class IterationDTO(Frozen):
    """One iteration of a gather: what it brought, the score after it, and where its time went."""

    number: int
    department: str
    generator: str
    model: str | None
    quality_score: float
    local_parts: QualityParts
    judge_parts: QualityParts | None
    generated: int
    items_created: int
    duplicates: int
    times_ms: Mapping[str, int]
    created_at: datetime


class GatherDTO(Frozen):
    """A gather as it stands; `task_id` is its first job, `job_id` the one that goes on with it."""

    id: UUID
    project_id: UUID
    run_id: UUID
    task_id: UUID
    job_id: UUID
    state: GatherState
    user_id: str | None
    max_iterations: int
    iterations: int
    items_created: int
    duplicates: int
    enable_auto_evaluation: bool
    webhook_url: str | None
    degraded: tuple[str, ...]
    remediation: str | None
    error: str | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    processing_time_ms: int


class DepartmentSummary(Frozen):
    """What a gather came to in one department; one that it did not reach has 0."""

    department: str
    name: str
    quality_score: float
    iterations: int
    items_created: int


class JudgeAgreement(Frozen):
    """How near the local measure and the judge came to each other, over the iterations that both scored."""

    iterations: int
    mean_absolute_difference: float
    spearman: float | None


class GatherOutput(Frozen):
    """The result of a gather."""

    status: str
    iterations: int
    departments_processed: int
    items_created: int
    processing_time_ms: int
    summary: tuple[DepartmentSummary, ...]
    degraded: tuple[str, ...] = ()
    remediation: str | None = None
    judge_agreement: JudgeAgreement | None = None

    def outcome(self) -> dict[str, JsonValue]:
        """Return the plain form in which a job keeps it."""
        return self.model_dump(mode="json", exclude_none=True)


class Contradiction(Frozen):
    """Two items that cannot both hold."""

    item_id: UUID
    other_id: UUID
    reason: str


class EvaluationDTO(Frozen):
    """How good a department's knowledge was found to be, what is missing, and what does not go together."""

    id: UUID
    project_id: UUID
    department: str
    department_number: int
    score: float
    parts: QualityParts
    gaps: tuple[str, ...]
    contradictions: tuple[Contradiction, ...]
    evaluator: Evaluator
    model: str | None
    auto_triggered: bool
    created_at: datetime
