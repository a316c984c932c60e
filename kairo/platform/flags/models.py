"""Tables of switches: one row for each switch that a tenant has set."""

from __future__ import annotations

from django.db import models

from kairo.platform.flags.contracts import DegradationLevel
from kairo.platform.tenancy.models import TenantRow


class FeatureFlag(TenantRow):
    """For how many of a hundred brands a switch is on; without a row it is off."""

    name = models.TextField()
    percentage = models.PositiveSmallIntegerField()
    changed_at = models.DateTimeField()

    class Meta(TenantRow.Meta):
        db_table = "feature_flag"
        constraints = [
            models.UniqueConstraint(fields=["tenant", "name"], name="feature_flag_once"),
            models.CheckConstraint(
                condition=models.Q(percentage__gte=0, percentage__lte=100), name="feature_flag_percentage_range"
            ),
        ]


class Degradation(TenantRow):
    """How far the product holds back for a tenant, and why; without a row it does not."""

    level = models.PositiveSmallIntegerField()
    reason = models.TextField(default="")
    changed_at = models.DateTimeField()

    class Meta(TenantRow.Meta):
        db_table = "degradation"
        constraints = [
            models.UniqueConstraint(fields=["tenant"], name="degradation_once"),
            models.CheckConstraint(
                condition=models.Q(level__in=[level.value for level in DegradationLevel]),
                name="degradation_level_known",
            ),
        ]
