"""Tables of the graph: statements with their sources and vectors, and how they bear on each other."""

from __future__ import annotations

from django.db import models
from pgvector.django import HalfVectorField

from kairo.platform.database.clock import ClockNow
from kairo.platform.tenancy.models import TenantRow
from kairo.stages.knowledge.contracts.graph import EdgeType, SourceType


class KnowledgeNode(TenantRow):
    """One statement. What it cites stands in `source_type` and `source_id`, and as a key where it is a row of ours."""

    brand = models.ForeignKey("brands.Brand", models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    client_key = models.TextField()
    content = models.TextField()
    summary = models.TextField(null=True)
    kind = models.TextField()
    department = models.TextField(null=True)
    source_type = models.TextField(null=True)
    source_id = models.TextField(null=True)
    evidence_item = models.ForeignKey(
        "evidence.EvidenceItem", models.PROTECT, related_name="+", db_constraint=False, db_index=False, null=True
    )
    document = models.ForeignKey(
        "knowledge.KnowledgeDocument", models.PROTECT, related_name="+", db_constraint=False, db_index=False, null=True
    )
    passage = models.ForeignKey(
        "knowledge.DocumentPassage", models.PROTECT, related_name="+", db_constraint=False, db_index=False, null=True
    )
    confidence = models.FloatField(null=True)
    language = models.TextField(null=True)
    # Of the words, as evidence hashes them; "" where there is none.
    content_hash = models.TextField()
    embedder = models.TextField()
    dimension = models.SmallIntegerField(null=True)
    embedding = HalfVectorField(null=True)
    created_at = models.DateTimeField(db_default=ClockNow())

    class Meta(TenantRow.Meta):
        db_table = "knowledge_node"
        constraints = [
            models.UniqueConstraint(fields=["tenant", "brand", "client_key"], name="knowledge_node_once"),
            models.CheckConstraint(
                condition=models.Q(source_type__isnull=True, source_id__isnull=True)
                | models.Q(source_type__in=list(SourceType), source_id__isnull=False),
                name="knowledge_node_source_known",
            ),
            models.CheckConstraint(
                condition=models.Q(confidence__isnull=True) | models.Q(confidence__gte=0, confidence__lte=1),
                name="knowledge_node_confidence_share",
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "brand", "department"], name="knowledge_node_department"),
            models.Index(
                fields=["tenant", "brand", "content_hash"],
                name="knowledge_node_content",
                condition=~models.Q(content_hash=""),
            ),
            models.Index(
                fields=["tenant", "source_type", "source_id"],
                name="knowledge_node_source",
                condition=models.Q(source_id__isnull=False),
            ),
            models.Index(
                fields=["tenant", "evidence_item"],
                name="knowledge_node_evidence",
                condition=models.Q(evidence_item__isnull=False),
            ),
            models.Index(
                fields=["tenant", "passage"], name="knowledge_node_passage", condition=models.Q(passage__isnull=False)
            ),
            models.Index(
                fields=["tenant", "document"],
                name="knowledge_node_document",
                condition=models.Q(document__isnull=False),
            ),
        ]


class KnowledgeEdge(TenantRow):
    """How one node bears on another."""

    brand = models.ForeignKey("brands.Brand", models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    from_node = models.ForeignKey(KnowledgeNode, models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    to_node = models.ForeignKey(KnowledgeNode, models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    type = models.TextField()
    created_at = models.DateTimeField(db_default=ClockNow())

    class Meta(TenantRow.Meta):
        db_table = "knowledge_edge"
        constraints = [
            models.UniqueConstraint(fields=["tenant", "from_node", "to_node", "type"], name="knowledge_edge_once"),
            models.CheckConstraint(condition=models.Q(type__in=list(EdgeType)), name="knowledge_edge_type_known"),
            models.CheckConstraint(
                condition=~models.Q(from_node=models.F("to_node")), name="knowledge_edge_between_two"
            ),
        ]
        indexes = [models.Index(fields=["tenant", "to_node"], name="knowledge_edge_to")]
