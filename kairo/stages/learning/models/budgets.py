"""Tables of budgets: what ads were told to have done, what was recommended, and by which settings."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from kairo.platform.tenancy.models import TenantRow
from kairo.stages.learning.contracts.budgets import BudgetMode


class AdReading(TenantRow):
    """Running totals of an ad as of a moment; told again for the same moment, the later telling holds."""

    ad_id = models.TextField()
    observed_at = models.DateTimeField()
    impressions = models.BigIntegerField()
    clicks = models.BigIntegerField()
    spend = models.FloatField()
    pipeline_value = models.FloatField()
    cash_revenue = models.FloatField()
    received_at = models.DateTimeField()

    class Meta(TenantRow.Meta):
        db_table = "ad_reading"
        constraints = [models.UniqueConstraint(fields=["tenant", "ad_id", "observed_at"], name="ad_reading_once")]


class BudgetSelection(TenantRow):
    """One selection, an entry of each array an ad. `score` is how it compares with what happened since."""

    made_at = models.DateTimeField()
    as_of = models.DateTimeField()
    mode = models.TextField()
    total_budget = models.FloatField()
    currency = models.TextField()
    seed = models.BigIntegerField()
    shadow = models.BooleanField()
    ad_ids = ArrayField(models.TextField())
    current = ArrayField(models.FloatField())
    recommended = ArrayField(models.FloatField())
    roas = ArrayField(models.FloatField())
    roas_low = ArrayField(models.FloatField())
    roas_high = ArrayField(models.FloatField())
    decisions = ArrayField(models.TextField())
    spend = ArrayField(models.FloatField())
    pipeline_value = ArrayField(models.FloatField())
    score = models.JSONField(null=True)
    scored_until = models.DateTimeField(null=True)

    class Meta(TenantRow.Meta):
        db_table = "budget_selection"
        constraints = [
            models.CheckConstraint(condition=models.Q(mode__in=list(BudgetMode)), name="budget_selection_mode_known")
        ]
        indexes = [models.Index(fields=["tenant", "-made_at"], name="budget_selection_newest")]


class BudgetSettingsRow(TenantRow):
    """How a tenant wants budgets decided; without a row the defaults hold."""

    settings = models.JSONField(default=dict)
    changed_at = models.DateTimeField()

    class Meta(TenantRow.Meta):
        db_table = "budget_settings"
        constraints = [models.UniqueConstraint(fields=["tenant"], name="budget_settings_one_a_tenant")]
