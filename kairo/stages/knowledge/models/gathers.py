"""Tables of gathers: the gather, its departments and iterations, the items with what they cite, and evaluations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.contrib.postgres.fields import ArrayField
from django.db import models

from kairo.platform.tenancy.models import TenantRow
from kairo.stages.knowledge.contracts.gathers import (
    Citation,
    Contradiction,
    DepartmentState,
    EvaluationDTO,
    Evaluator,
    GatherDepartmentDTO,
    GatherDTO,
    GatheredItemDTO,
    GatherGenerator,
    GatherState,
    IterationDTO,
    QualityParts,
)
from kairo.stages.knowledge.contracts.graph import SourceType

ENDED = frozenset({GatherState.COMPLETED, GatherState.CANCELLED, GatherState.INSUFFICIENT_EVIDENCE, GatherState.FAILED})


class AutomatedGather(TenantRow):
    """One gather of a brand. `carried`: what was paid for in an iteration that a follow-up job goes on with."""

    brand = models.ForeignKey("brands.Brand", models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    run_id = models.UUIDField()
    task_id = models.UUIDField()
    job_id = models.UUIDField()
    user_id = models.TextField(null=True)
    max_iterations = models.IntegerField()
    enable_auto_evaluation = models.BooleanField(default=True)
    webhook_url = models.TextField(null=True)
    seed = models.BigIntegerField(default=0)
    generator = models.TextField(default=GatherGenerator.AUTO)
    state = models.TextField(default=GatherState.PENDING)
    iterations = models.IntegerField(default=0)
    items_created = models.IntegerField(default=0)
    duplicates = models.IntegerField(default=0)
    waits = models.IntegerField(default=0)
    carried = models.JSONField(default=dict)
    degraded = ArrayField(models.TextField(), default=list)
    remediation = models.TextField(null=True)
    error = models.TextField(null=True)
    processing_ms = models.BigIntegerField(default=0)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    if TYPE_CHECKING:
        from uuid import UUID

        brand_id: UUID

    class Meta(TenantRow.Meta):
        db_table = "automated_gather"
        constraints = [
            models.UniqueConstraint(fields=["tenant", "task_id"], name="automated_gather_of_task"),
            models.CheckConstraint(
                condition=models.Q(state__in=list(GatherState)), name="automated_gather_state_known"
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "brand", "-id"], name="automated_gather_newest"),
            models.Index(fields=["tenant", "run_id"], name="automated_gather_of_run"),
            models.Index(fields=["tenant", "job_id"], name="automated_gather_of_job"),
        ]

    def to_contract(self) -> GatherDTO:
        return GatherDTO(
            id=self.id,
            project_id=self.brand_id,
            run_id=self.run_id,
            task_id=self.task_id,
            job_id=self.job_id,
            state=GatherState(self.state),
            user_id=self.user_id,
            max_iterations=self.max_iterations,
            iterations=self.iterations,
            items_created=self.items_created,
            duplicates=self.duplicates,
            enable_auto_evaluation=self.enable_auto_evaluation,
            webhook_url=self.webhook_url,
            degraded=tuple(self.degraded),
            remediation=self.remediation,
            error=self.error,
            created_at=self.created_at,
            started_at=self.started_at,
            finished_at=self.finished_at,
            processing_time_ms=self.processing_ms,
        )


class GatherDepartment(TenantRow):
    """A department within a gather. `fruitless` counts the iterations in a row that brought no item or no gain."""

    gather = models.ForeignKey(AutomatedGather, models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    place = models.IntegerField()
    slug = models.TextField()
    name = models.TextField()
    number = models.IntegerField()
    threshold = models.FloatField()
    model = models.TextField(null=True)
    definition = models.JSONField()
    state = models.TextField(default=DepartmentState.WAITING)
    quality_score = models.FloatField(default=0)
    local_parts = models.JSONField(null=True)
    judge_parts = models.JSONField(null=True)
    iterations = models.IntegerField(default=0)
    fruitless = models.IntegerField(default=0)
    items_created = models.IntegerField(default=0)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    if TYPE_CHECKING:
        from uuid import UUID

        gather_id: UUID

    class Meta(TenantRow.Meta):
        db_table = "gather_department"
        constraints = [
            models.UniqueConstraint(fields=["tenant", "gather", "place"], name="gather_department_in_order"),
            models.CheckConstraint(
                condition=models.Q(state__in=list(DepartmentState)), name="gather_department_state_known"
            ),
        ]

    def to_contract(self) -> GatherDepartmentDTO:
        return GatherDepartmentDTO(
            slug=self.slug,
            name=self.name,
            number=self.number,
            threshold=self.threshold,
            model=self.model,
            state=DepartmentState(self.state),
            quality_score=self.quality_score,
            local_parts=_parts(self.local_parts),
            judge_parts=_parts(self.judge_parts),
            iterations=self.iterations,
            items_created=self.items_created,
        )


class GatherIteration(TenantRow):
    """One iteration, stored in one transaction with its items, their score and the events that tell of it."""

    gather = models.ForeignKey(AutomatedGather, models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    number = models.IntegerField()
    department = models.TextField()
    generator = models.TextField()
    model = models.TextField(null=True)
    prompt = models.TextField(null=True)
    generated = models.IntegerField()
    items_created = models.IntegerField()
    duplicates = models.IntegerField()
    quality_score = models.FloatField()
    gain = models.FloatField()
    local_parts = models.JSONField()
    judge_parts = models.JSONField(null=True)
    times_ms = models.JSONField()
    created_at = models.DateTimeField()

    class Meta(TenantRow.Meta):
        db_table = "gather_iteration"
        constraints = [models.UniqueConstraint(fields=["tenant", "gather", "number"], name="gather_iteration_once")]

    def to_contract(self) -> IterationDTO:
        return IterationDTO(
            number=self.number,
            department=self.department,
            generator=self.generator,
            model=self.model,
            quality_score=self.quality_score,
            local_parts=QualityParts.model_validate(self.local_parts),
            judge_parts=_parts(self.judge_parts),
            generated=self.generated,
            items_created=self.items_created,
            duplicates=self.duplicates,
            times_ms=self.times_ms,
            created_at=self.created_at,
        )


class GatheredItem(TenantRow):
    """One thing that a gather established; what is said again better is superseded, never deleted."""

    brand = models.ForeignKey("brands.Brand", models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    gather = models.ForeignKey(AutomatedGather, models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    run_id = models.UUIDField()
    department = models.TextField()
    iteration = models.IntegerField()
    place = models.IntegerField()
    content = models.TextField()
    summary = models.TextField()
    context = models.TextField()
    aspects = ArrayField(models.TextField(), default=list)
    generator = models.TextField()
    model = models.TextField(null=True)
    prompt = models.TextField(null=True)
    user_id = models.TextField(null=True)
    superseded_by = models.ForeignKey(
        "self", models.PROTECT, related_name="+", db_constraint=False, db_index=False, null=True
    )
    indexed_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    if TYPE_CHECKING:
        from uuid import UUID

        brand_id: UUID
        gather_id: UUID
        superseded_by_id: UUID | None

    class Meta(TenantRow.Meta):
        db_table = "gathered_item"
        constraints = [
            models.UniqueConstraint(fields=["tenant", "gather", "iteration", "place"], name="gathered_item_in_order"),
            models.CheckConstraint(
                condition=~models.Q(superseded_by=models.F("id")), name="gathered_item_not_its_own_successor"
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "brand", "department", "-id"], name="gathered_item_of_department"),
            models.Index(
                fields=["tenant", "superseded_by"],
                name="gathered_item_successor",
                condition=models.Q(superseded_by__isnull=False),
            ),
            models.Index(
                fields=["tenant", "brand", "id"],
                name="gathered_item_unindexed",
                condition=models.Q(indexed_at__isnull=True),
            ),
        ]

    def to_contract(self, citations: Sequence[Citation]) -> GatheredItemDTO:
        return GatheredItemDTO(
            id=self.id,
            project_id=self.brand_id,
            gather_id=self.gather_id,
            run_id=self.run_id,
            department=self.department,
            iteration=self.iteration,
            content=self.content,
            summary=self.summary,
            context=self.context,
            aspects=tuple(self.aspects),
            citations=tuple(citations),
            generator=self.generator,
            model=self.model,
            prompt=self.prompt,
            user_id=self.user_id,
            superseded_by=self.superseded_by_id,
            created_at=self.created_at,
        )


class GatheredCitation(TenantRow):
    """What an item cites: exactly one of a passage of a document and an evidence item."""

    item = models.ForeignKey(GatheredItem, models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    place = models.IntegerField()
    passage = models.ForeignKey(
        "knowledge.DocumentPassage", models.PROTECT, related_name="+", db_constraint=False, null=True, db_index=False
    )
    evidence = models.ForeignKey(
        "evidence.EvidenceItem", models.PROTECT, related_name="+", db_constraint=False, null=True, db_index=False
    )
    quote = models.TextField()
    title = models.TextField(null=True)
    url = models.TextField(null=True)

    if TYPE_CHECKING:
        from uuid import UUID

        item_id: UUID
        passage_id: UUID | None
        evidence_id: UUID | None

    class Meta(TenantRow.Meta):
        db_table = "gathered_citation"
        constraints = [
            models.UniqueConstraint(fields=["tenant", "item", "place"], name="gathered_citation_in_order"),
            models.CheckConstraint(
                condition=models.Q(passage__isnull=True) ^ models.Q(evidence__isnull=True),
                name="gathered_citation_of_one_source",
            ),
        ]
        indexes = [
            models.Index(
                fields=["tenant", "evidence"],
                name="gathered_citation_evidence",
                condition=models.Q(evidence__isnull=False),
            ),
            models.Index(
                fields=["tenant", "passage"],
                name="gathered_citation_passage",
                condition=models.Q(passage__isnull=False),
            ),
        ]

    def to_contract(self) -> Citation:
        source_id = self.passage_id or self.evidence_id
        if source_id is None:
            raise ValueError(f"The citation {self.id} has no source, which its table forbids.")
        return Citation(
            source_type=SourceType.DOCUMENT if self.passage_id else SourceType.EVIDENCE,
            source_id=source_id,
            quote=self.quote,
            title=self.title,
            url=self.url,
        )


class DepartmentEvaluation(TenantRow):
    """How good a department's knowledge was found to be at one moment."""

    brand = models.ForeignKey("brands.Brand", models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    gather = models.ForeignKey(
        AutomatedGather, models.PROTECT, related_name="+", db_constraint=False, db_index=False, null=True
    )
    run_id = models.UUIDField()
    job_id = models.UUIDField()
    department = models.TextField()
    department_number = models.IntegerField()
    score = models.FloatField()
    parts = models.JSONField()
    local_parts = models.JSONField()
    judge_parts = models.JSONField(null=True)
    gaps = models.JSONField(default=list)
    contradictions = models.JSONField(default=list)
    evaluator = models.TextField()
    model = models.TextField(null=True)
    prompt = models.TextField(null=True)
    auto_triggered = models.BooleanField(default=False)
    user_id = models.TextField(null=True)
    created_at = models.DateTimeField()

    if TYPE_CHECKING:
        from uuid import UUID

        brand_id: UUID

    class Meta(TenantRow.Meta):
        db_table = "department_evaluation"
        constraints = [
            models.UniqueConstraint(fields=["tenant", "job_id"], name="department_evaluation_of_job"),
            models.CheckConstraint(
                condition=models.Q(evaluator__in=list(Evaluator)), name="department_evaluation_evaluator_known"
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "brand", "department_number", "-id"], name="department_evaluation_newest")
        ]

    def to_contract(self) -> EvaluationDTO:
        return EvaluationDTO(
            id=self.id,
            project_id=self.brand_id,
            department=self.department,
            department_number=self.department_number,
            score=self.score,
            parts=QualityParts.model_validate(self.parts),
            gaps=tuple(self.gaps),
            contradictions=tuple(Contradiction.model_validate(entry) for entry in self.contradictions),
            evaluator=Evaluator(self.evaluator),
            model=self.model,
            auto_triggered=self.auto_triggered,
            created_at=self.created_at,
        )


def _parts(value: object) -> QualityParts | None:
    return None if value is None else QualityParts.model_validate(value)
