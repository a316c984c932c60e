"""Tables of departments: an account's own list, and the last good copy of a CMS's list."""

from __future__ import annotations

from django.db import models

from kairo.platform.tenancy.models import TenantRow
from kairo.stages.knowledge.contracts.departments import CoordinationSettings, Department


class DepartmentRow(TenantRow):
    """One of an account's own departments."""

    slug = models.TextField()
    name = models.TextField()
    description = models.TextField(default="")
    code_dep_number = models.IntegerField()
    gather_check = models.BooleanField(default=True)
    is_active = models.BooleanField(default=True)
    default_model = models.TextField(null=True)
    coordination_settings = models.JSONField(default=dict)

    class Meta(TenantRow.Meta):
        db_table = "department"
        constraints = [
            models.UniqueConstraint(fields=["tenant", "slug"], name="department_slug_once"),
            models.UniqueConstraint(fields=["tenant", "code_dep_number"], name="department_number_once"),
        ]

    def to_contract(self) -> Department:
        return Department(
            slug=self.slug,
            name=self.name,
            description=self.description,
            code_dep_number=self.code_dep_number,
            gather_check=self.gather_check,
            is_active=self.is_active,
            default_model=self.default_model,
            coordination_settings=CoordinationSettings.model_validate(self.coordination_settings),
        )


class DepartmentCopy(TenantRow):
    """What a CMS listed last: `departments` in the shape of the contract."""

    base_url = models.TextField()
    departments = models.JSONField()
    fetched_at = models.DateTimeField()
    # Since when it does not answer, and why; null while it does.
    failed_at = models.DateTimeField(null=True)
    error = models.TextField(null=True)

    class Meta(TenantRow.Meta):
        db_table = "department_copy"
        constraints = [models.UniqueConstraint(fields=["tenant", "base_url"], name="department_copy_once")]
