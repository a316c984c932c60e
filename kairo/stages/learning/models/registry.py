"""The audit of the registry: rows are added and never change."""

from __future__ import annotations

from django.db import models

from kairo.platform.tenancy.models import TenantRow
from kairo.stages.learning.contracts import ModelKind
from kairo.stages.learning.contracts.registry import PromotionAction, PromotionDTO


class ModelPromotion(TenantRow):
    """A version that came into use, in place of which one, by whom and why."""

    model_id = models.UUIDField()
    replaced_id = models.UUIDField(null=True)
    brand_id = models.UUIDField(null=True)
    kind = models.TextField()
    subject = models.TextField(default="")
    version = models.PositiveIntegerField()
    action = models.TextField()
    by = models.TextField()
    reason = models.TextField(default="")
    evidence = models.JSONField(default=dict)
    at = models.DateTimeField()

    class Meta(TenantRow.Meta):
        db_table = "model_promotion"
        constraints = [
            models.CheckConstraint(condition=models.Q(kind__in=list(ModelKind)), name="model_promotion_kind_known"),
            models.CheckConstraint(
                condition=models.Q(action__in=list(PromotionAction)), name="model_promotion_action_known"
            ),
        ]
        indexes = [models.Index(fields=["tenant", "model_id", "-id"], name="model_promotion_of_model")]

    def to_contract(self) -> PromotionDTO:
        return PromotionDTO.model_validate(self, from_attributes=True)
