"""The baseline by which an account's looks go."""

from __future__ import annotations

from django.db import models

from kairo.platform.tenancy.models import TenantRow
from kairo.stages.insights.contracts.baselines import ServingBaseline


class TrendBaselineRow(TenantRow):
    """What is usual for the account's topics; without a row looks go by what is built in."""

    version = models.PositiveIntegerField()
    learned_until = models.DateTimeField()
    baseline = models.JSONField()
    set_at = models.DateTimeField()

    class Meta(TenantRow.Meta):
        db_table = "trend_baseline"
        constraints = [models.UniqueConstraint(fields=["tenant"], name="trend_baseline_one_a_tenant")]

    def to_contract(self) -> ServingBaseline:
        return ServingBaseline.model_validate(self, from_attributes=True)
