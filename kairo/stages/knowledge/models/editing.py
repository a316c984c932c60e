"""Table of statements that people edited or removed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from pgvector.django import HalfVectorField

from kairo.platform.tenancy.models import TenantRow
from kairo.stages.knowledge.contracts.editing import Retirement


class RetiredNode(TenantRow):
    """A node that does not count any more, with all that readers of the graph find it by: that is kept here meanwhile.

    The node itself stays for those that cite it, without a department, a hash and a vector. So no reader of the graph
    needs to ask whether a node counts, and the index that they read holds those that do.
    """

    brand = models.ForeignKey("brands.Brand", models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    node = models.ForeignKey(
        "knowledge.KnowledgeNode", models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    replaced_by = models.ForeignKey(
        "knowledge.KnowledgeNode", models.PROTECT, related_name="+", db_constraint=False, db_index=False, null=True
    )
    reason = models.TextField()
    by = models.TextField()
    department = models.TextField(null=True)
    content_hash = models.TextField()
    dimension = models.SmallIntegerField(null=True)
    embedding = HalfVectorField(null=True)
    retired_at = models.DateTimeField()

    if TYPE_CHECKING:
        from uuid import UUID

        brand_id: UUID
        node_id: UUID
        replaced_by_id: UUID | None

    class Meta(TenantRow.Meta):
        db_table = "knowledge_retired"
        constraints = [
            models.UniqueConstraint(fields=["tenant", "node"], name="knowledge_retired_once"),
            models.CheckConstraint(
                condition=models.Q(reason=Retirement.REMOVED, replaced_by__isnull=True)
                | models.Q(reason=Retirement.EDITED, replaced_by__isnull=False),
                name="knowledge_retired_reason_known",
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "brand", "-retired_at"], name="knowledge_retired_newest"),
            models.Index(
                fields=["tenant", "replaced_by"],
                name="knowledge_retired_for",
                condition=models.Q(replaced_by__isnull=False),
            ),
        ]
