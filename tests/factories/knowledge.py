"""The least valid parts of a brand's knowledge; the value under test is written in the test."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise
from uuid import UUID

from kairo.platform.database.sessions import tenant_transaction
from kairo.stages.knowledge import operations
from kairo.stages.knowledge.contracts.documents import DocumentDTO
from kairo.stages.knowledge.contracts.graph import (
    EdgeDraft,
    EdgeType,
    NodeDraft,
    NodeSource,
    NodesStored,
    SourceType,
)
from kairo.stages.knowledge.models import DepartmentCopy
from kairo.stages.knowledge.operations import LocalBrain

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def node(key: str = "n1", content: str = "We sell unscented cleansers.", **fields: object) -> NodeDraft:
    """Build a node; `cites` is a pair of a source's type and id."""
    given: dict[str, object] = {"client_key": key, "content": content, "kind": "fact", **fields}
    return NodeDraft.model_validate(given)


def cited(source_type: SourceType, source_id: UUID | str) -> NodeSource:
    """Build a source."""
    return NodeSource(type=source_type, id=str(source_id))


def stored_nodes(tenant_id: UUID, brand_id: UUID, *nodes: NodeDraft) -> NodesStored:
    """Store nodes without edges in our own graph."""
    return LocalBrain(tenant_id).store(project_id=brand_id, nodes=nodes, edges=[])


def make_graph(tenant_id: UUID, brand_id: UUID, *nodes: NodeDraft) -> NodesStored:
    """Store nodes of which each bears on the one before it."""
    keys = [draft.client_key for draft in nodes]
    edges = [EdgeDraft(from_key=key, to_key=before, type=EdgeType.ABOUT) for before, key in pairwise(keys)]
    return LocalBrain(tenant_id).store(project_id=brand_id, nodes=nodes, edges=edges)


def make_document(
    tenant_id: UUID, brand_id: UUID, text: str = "We descale each machine by hand.", *, name: str = "notes.txt"
) -> DocumentDTO:
    """Store a text as a document."""
    content = text.encode()
    read = operations.read_document(content=content, name=name)
    with tenant_transaction(tenant_id):
        document, _ = operations.add_document(brand_id=brand_id, content=content, name=name, read=read, at=NOON)
    return document


def make_departments(tenant_id: UUID) -> None:
    """Have the account take the default departments on, and keep a copy of a CMS's list."""
    operations.departments_to_gather(tenant_id, at=NOON)
    with tenant_transaction(tenant_id):
        DepartmentCopy.objects.create(base_url="https://cms.example", departments=[], fetched_at=NOON)
