"""Reads of documents."""

from __future__ import annotations

from uuid import UUID

from kairo.stages.brands import queries as brands
from kairo.stages.knowledge.contracts.documents import DocumentDTO, DocumentNotFound, DocumentText
from kairo.stages.knowledge.models import DocumentPassage, KnowledgeDocument


def documents(brand_id: UUID, *, before: UUID | None = None, limit: int = 50) -> list[DocumentDTO]:
    """List a brand's documents, newest first, from the one behind `before`.

    Raises:
        BrandNotFound: not there, or somebody else's.
    """
    brands.brand(brand_id)
    found = KnowledgeDocument.objects.filter(brand_id=brand_id).defer("text").order_by("-id")
    if before is not None:
        found = found.filter(id__lt=before)
    return [row.to_contract() for row in found[:limit]]


def document(brand_id: UUID, document_id: UUID) -> DocumentText:
    """Return one document with its text and its passages' places.

    Raises:
        DocumentNotFound: not there, or somebody else's.
    """
    row = KnowledgeDocument.objects.filter(brand_id=brand_id, id=document_id).first()
    if row is None:
        raise DocumentNotFound("There is no such document.")
    places = DocumentPassage.objects.filter(document_id=row.id).defer("text").order_by("position")
    return DocumentText(
        **row.to_contract().model_dump(), text=row.text, places=tuple(passage.to_place() for passage in places)
    )
