"""Tables of learning. They hold ids and numbers; of texts only those of winners, which go with what they cite."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from kairo.platform.tenancy.models import TenantRow
from kairo.stages.learning.contracts import (
    LearnedModelDTO,
    LearningEventDTO,
    LearningSignalType,
    ModelKind,
    ModelStatus,
    PredictionVerdict,
    VoidReason,
)
from kairo.stages.learning.models.budgets import AdReading, BudgetSelection, BudgetSettingsRow
from kairo.stages.learning.models.registry import ModelPromotion
from kairo.stages.learning.models.winners import Winner

__all__ = [
    "AdReading",
    "BudgetSelection",
    "BudgetSettingsRow",
    "LearnedModel",
    "LearningEvent",
    "ModelPromotion",
    "PredictionScore",
    "Winner",
]


class LearningEvent(TenantRow):
    """One thing that was learned from; `event_key` makes learning it twice impossible.

    What it was about is named by id: opportunities may be withdrawn, and what was learned of them stays.
    """

    brand = models.ForeignKey("brands.Brand", models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    event_key = models.TextField()
    signal_type = models.TextField()
    pattern_id = models.UUIDField(null=True)
    opportunity_id = models.UUIDField(null=True)
    variant_id = models.UUIDField(null=True)
    payload = models.JSONField(default=dict)
    derived_from = ArrayField(models.UUIDField(), default=list)
    effective_at = models.DateTimeField()
    created_at = models.DateTimeField()

    class Meta(TenantRow.Meta):
        db_table = "learning_event"
        constraints = [
            models.UniqueConstraint(fields=["tenant", "event_key"], name="learning_event_once"),
            models.CheckConstraint(
                condition=models.Q(signal_type__in=list(LearningSignalType)), name="learning_event_signal_known"
            ),
        ]
        indexes = [models.Index(fields=["tenant", "brand", "-effective_at"], name="learning_event_newest")]

    def to_contract(self) -> LearningEventDTO:
        return LearningEventDTO.model_validate(self, from_attributes=True)


class LearnedModel(TenantRow):
    """One version of something that was learned; of each kind a brand, or the account, has one champion, in use."""

    brand = models.ForeignKey(
        "brands.Brand", models.PROTECT, related_name="+", db_constraint=False, db_index=False, null=True
    )
    kind = models.TextField()
    subject = models.TextField(default="")
    version = models.PositiveIntegerField()
    status = models.TextField()
    artifact = models.JSONField(default=dict)
    metrics = models.JSONField(default=dict)
    trained_from = models.DateTimeField(null=True)
    trained_until = models.DateTimeField()
    created_at = models.DateTimeField()

    class Meta(TenantRow.Meta):
        db_table = "model_registry"
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "brand", "kind", "subject", "version"],
                name="model_registry_once",
                nulls_distinct=False,
            ),
            models.UniqueConstraint(
                fields=["tenant", "brand", "kind", "subject"],
                name="model_registry_one_champion",
                condition=models.Q(status=ModelStatus.CHAMPION),
                nulls_distinct=False,
            ),
            models.CheckConstraint(condition=models.Q(kind__in=list(ModelKind)), name="model_registry_kind_known"),
            models.CheckConstraint(
                condition=models.Q(status__in=list(ModelStatus)), name="model_registry_status_known"
            ),
        ]

    def to_contract(self) -> LearnedModelDTO:
        return LearnedModelDTO.model_validate(self, from_attributes=True)


class PredictionScore(TenantRow):
    """How one opportunity's prediction ended; `measure_key` tells the same measure again without saying its words."""

    brand = models.ForeignKey("brands.Brand", models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    opportunity_id = models.UUIDField()
    measure_key = models.TextField()
    probability = models.FloatField()
    unadjusted = models.FloatField()
    threshold = models.FloatField()
    made_at = models.DateTimeField()
    due_at = models.DateTimeField()
    verdict = models.TextField()
    void_reason = models.TextField(null=True)
    observed = models.PositiveIntegerField(null=True)
    scored_at = models.DateTimeField()

    class Meta(TenantRow.Meta):
        db_table = "prediction_score"
        constraints = [
            models.UniqueConstraint(fields=["tenant", "opportunity_id"], name="prediction_score_once"),
            models.CheckConstraint(
                condition=models.Q(verdict__in=list(PredictionVerdict)), name="prediction_score_verdict_known"
            ),
            models.CheckConstraint(
                condition=models.Q(void_reason__in=list(VoidReason)) | models.Q(void_reason=None),
                name="prediction_score_reason_known",
            ),
            models.CheckConstraint(
                condition=models.Q(verdict=PredictionVerdict.VOID, void_reason__isnull=False)
                | (~models.Q(verdict=PredictionVerdict.VOID) & models.Q(void_reason=None, observed__isnull=False)),
                name="prediction_score_void_says_why",
            ),
        ]
        indexes = [models.Index(fields=["tenant", "brand", "measure_key", "-due_at"], name="prediction_score_measure")]
