"""People's changes to a brand's knowledge: a statement said otherwise, taken out, and put back."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from kairo.errors import FieldError, Invalid
from kairo.platform.database.ids import new_id
from kairo.platform.database.sessions import tenant_transaction
from kairo.stages.knowledge.contracts.editing import (
    LONGEST_STATEMENT,
    Retirement,
    StatementChanged,
    StatementNotFound,
)
from kairo.stages.knowledge.contracts.graph import NodeDraft, NodeSource, SourceType
from kairo.stages.knowledge.models import KnowledgeNode, RetiredNode
from kairo.stages.knowledge.operations.graph import prepare, store_nodes


def edit_statement(
    *, tenant_id: UUID, brand_id: UUID, statement_id: UUID, content: str, by: UUID, at: datetime
) -> UUID:
    """Put what a person says in the place of a statement, and return the new one's id; the old one is kept.

    This embeds, and is to be called outside transactions.

    Raises:
        StatementNotFound: no such statement of this brand.
        StatementChanged: it was edited or removed meanwhile.
        Invalid: nothing is said, or too much.
    """
    said = _said(content)
    with tenant_transaction(tenant_id):
        old = _counting(brand_id, statement_id)
        if said == old.content:
            return statement_id
    source = NodeSource(type=SourceType.PERSON, id=str(by))
    draft = NodeDraft(
        client_key=f"edit:{new_id()}", content=said, kind=old.kind, department=old.department, source=source
    )
    prepared = prepare([draft])
    with tenant_transaction(tenant_id):
        old = _counting(brand_id, statement_id)
        stored = store_nodes(project_id=brand_id, prepared=prepared, edges=[])
        new = stored.ids[draft.client_key]
        _retire(old, Retirement.EDITED, by=by, at=at, replaced_by=new)
        return new


def add_statement(*, tenant_id: UUID, brand_id: UUID, department: str, content: str, by: UUID) -> UUID:
    """Store what a person says of a brand, and return its id; to be called outside transactions.

    Raises:
        BrandNotFound: no such brand of this tenant.
        Invalid: nothing is said, or too much.
    """
    source = NodeSource(type=SourceType.PERSON, id=str(by))
    draft = NodeDraft(
        client_key=f"said:{new_id()}", content=_said(content), kind="statement", department=department, source=source
    )
    prepared = prepare([draft])
    with tenant_transaction(tenant_id):
        return store_nodes(project_id=brand_id, prepared=prepared, edges=[]).ids[draft.client_key]


def remove_statement(*, brand_id: UUID, statement_id: UUID, by: UUID, at: datetime) -> None:
    """Take a statement out of a brand's knowledge; it is kept, and may be put back.

    Raises:
        StatementNotFound: no such statement of this brand.
        StatementChanged: it was edited or removed meanwhile.
    """
    _retire(_counting(brand_id, statement_id), Retirement.REMOVED, by=by, at=at, replaced_by=None)


def restore_statement(*, brand_id: UUID, statement_id: UUID) -> None:
    """Put a removed statement back.

    Raises:
        StatementNotFound: no such statement of this brand.
        StatementChanged: it counts already, or it was edited.
    """
    row = RetiredNode.objects.select_for_update().filter(brand_id=brand_id, node_id=statement_id).first()
    if row is None:
        _counting(brand_id, statement_id)
        raise StatementChanged("This statement counts already: somebody put it back first.")
    if row.replaced_by_id is not None:
        raise StatementChanged("This statement was edited: change what was said instead.")
    KnowledgeNode.objects.filter(id=row.node_id).update(
        department=row.department, content_hash=row.content_hash, dimension=row.dimension, embedding=row.embedding
    )
    row.delete()


def _counting(brand_id: UUID, statement_id: UUID) -> KnowledgeNode:
    node = KnowledgeNode.objects.select_for_update().filter(brand_id=brand_id, id=statement_id).first()
    if node is None:
        raise StatementNotFound("There is no such statement in this brand's knowledge.")
    if RetiredNode.objects.filter(node_id=statement_id).exists():
        raise StatementChanged("Somebody changed or removed this statement first. Reload the page to see it.")
    return node


def _retire(node: KnowledgeNode, reason: Retirement, *, by: UUID, at: datetime, replaced_by: UUID | None) -> None:
    RetiredNode.objects.create(
        brand_id=node.brand_id,
        node_id=node.id,
        replaced_by_id=replaced_by,
        reason=reason,
        by=f"user:{by}",
        department=node.department,
        content_hash=node.content_hash,
        dimension=node.dimension,
        embedding=node.embedding,
        retired_at=at,
    )
    KnowledgeNode.objects.filter(id=node.id).update(department=None, content_hash="", dimension=None, embedding=None)


def _said(content: str) -> str:
    said = content.replace("\0", "").strip()
    if not said:
        message = "Say something: an empty statement says nothing. To take it out, remove it."
        raise Invalid(message, errors=(FieldError("content", message),))
    if len(said) > LONGEST_STATEMENT:
        message = f"A statement holds at most {LONGEST_STATEMENT:,} characters: shorten it."
        raise Invalid(message, errors=(FieldError("content", message),))
    return said
