"""Tables of documents: the text that was read from each, and the passages that are cited."""

from __future__ import annotations

from django.db import models

from kairo.platform.tenancy.models import TenantRow
from kairo.stages.knowledge.contracts.documents import DocumentDTO, DocumentKind, PassagePlace


class KnowledgeDocument(TenantRow):
    """A file or page as text. `sha256` is of the bytes as they came, so that the same file is kept once."""

    brand = models.ForeignKey("brands.Brand", models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    kind = models.TextField()
    title = models.TextField()
    file_name = models.TextField(null=True)
    url = models.TextField(null=True)
    sha256 = models.TextField()
    byte_count = models.BigIntegerField()
    text = models.TextField()
    characters = models.IntegerField()
    passage_count = models.IntegerField()
    language = models.TextField(null=True)
    created_at = models.DateTimeField()

    class Meta(TenantRow.Meta):
        db_table = "knowledge_document"
        constraints = [
            models.UniqueConstraint(fields=["tenant", "brand", "sha256"], name="knowledge_document_once"),
            models.CheckConstraint(
                condition=models.Q(kind__in=list(DocumentKind)), name="knowledge_document_kind_known"
            ),
        ]

    def to_contract(self) -> DocumentDTO:
        return DocumentDTO(
            id=self.id,
            brand_id=self.brand_id,
            kind=DocumentKind(self.kind),
            title=self.title,
            file_name=self.file_name,
            url=self.url,
            sha256=self.sha256,
            byte_count=self.byte_count,
            characters=self.characters,
            passages=self.passage_count,
            lang=self.language,
            created_at=self.created_at,
        )


class DocumentPassage(TenantRow):
    """A stretch of a document's text, by its place in characters; `text` is that very stretch."""

    document = models.ForeignKey(
        KnowledgeDocument, models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    position = models.IntegerField()
    start = models.IntegerField()
    end = models.IntegerField()
    title = models.TextField(null=True)
    text = models.TextField()
    language = models.TextField(null=True)

    class Meta(TenantRow.Meta):
        db_table = "knowledge_passage"
        constraints = [
            models.UniqueConstraint(fields=["tenant", "document", "position"], name="knowledge_passage_place"),
            models.CheckConstraint(condition=models.Q(end__gt=models.F("start")), name="knowledge_passage_not_empty"),
        ]

    def to_place(self) -> PassagePlace:
        return PassagePlace(
            id=self.id, position=self.position, start=self.start, end=self.end, title=self.title, lang=self.language
        )
