"""The brand's knowledge as a graph: statements with their sources, and how they bear on each other.

A project is a brand's knowledge project: `project_id` is the brand's id.
"""

from __future__ import annotations

from enum import StrEnum
from uuid import UUID

from pydantic import Field

from kairo.errors import Invalid, Unavailable
from kairo.shapes import Frozen, Strict

MOST_NODES_A_BATCH = 500
MOST_EDGES_A_BATCH = 5_000
SURE_REPEAT = 0.90
"""Of the pairs with this similarity or more, at least 95 % say the same."""
MOST_CONTEXT_TOKENS = 100_000


class BrainUnavailable(Unavailable):
    """The brain cannot be reached, or answers what cannot be read: whoever asked goes on without it and says so."""

    code = "brain_unavailable"


class BrainRefused(BrainUnavailable):
    """A remote brain refuses our key, or takes the call for wrong: trying again would not help."""

    code = "brain_refused"
    retryable = False


class InvalidNodes(Invalid):
    """A batch that cannot be stored as a whole; `errors` names each node or edge and why."""

    code = "invalid_nodes"


class EdgeType(StrEnum):
    """How one node bears on another."""

    SUPPORTS = "supports"
    CONTRADICTS = "contradicts"
    ELABORATES = "elaborates"
    ABOUT = "about"


class SourceType(StrEnum):
    """Where a statement comes from."""

    EVIDENCE = "evidence"
    DOCUMENT = "document"
    GATHER_ITEM = "gather_item"
    PERSON = "person"


class NodeSource(Strict):
    """What a node cites: an evidence item, a document or its passage, a gathered item, or the person who said it."""

    type: SourceType
    id: str = Field(min_length=1, max_length=200)


class NodeDraft(Strict):
    """One statement to store; the same `client_key` again changes nothing."""

    client_key: str = Field(min_length=1, max_length=200)
    content: str = Field(min_length=1, max_length=20_000)
    summary: str | None = Field(default=None, max_length=1_000)
    kind: str = Field(min_length=1, max_length=60)
    department: str | None = Field(default=None, min_length=1, max_length=100)
    source: NodeSource | None = None
    confidence: float | None = Field(default=None, ge=0, le=1)


class EdgeDraft(Strict):
    """How one node bears on another, both named by their client keys."""

    from_key: str = Field(min_length=1, max_length=200)
    to_key: str = Field(min_length=1, max_length=200)
    type: EdgeType


class NodeBatch(Strict):
    """Nodes and edges to store, all or nothing."""

    project_id: UUID
    nodes: list[NodeDraft] = Field(max_length=MOST_NODES_A_BATCH)
    edges: list[EdgeDraft] = Field(default=[], max_length=MOST_EDGES_A_BATCH)


class DuplicateSearch(Strict):
    """A statement whose like is looked for in a project."""

    content: str = Field(min_length=1, max_length=20_000)
    project_id: UUID
    threshold: float = Field(default=SURE_REPEAT, ge=0, le=1)


class CoverageRequest(Strict):
    """Which department of which project is looked at."""

    project_id: UUID
    department: str = Field(min_length=1, max_length=100)


class NodesStored(Frozen):
    """What a batch did: ids by client key."""

    created: int
    unchanged: int
    ids: dict[str, UUID]


class DuplicateNode(Frozen):
    """A node that says the same; `similarity` from 0 to 1."""

    node_id: UUID
    similarity: float
    summary: str


class Duplicates(Frozen):
    """Every node at or above the threshold, most similar first."""

    duplicates: tuple[DuplicateNode, ...]


class ContextItem(Frozen):
    """One thing that an earlier department established."""

    node_id: UUID
    department: str | None
    content: str
    confidence: float | None


class DepartmentContext(Frozen):
    """What earlier departments established, best first, within a budget of tokens."""

    items: tuple[ContextItem, ...]
    tokens: int


class AspectCoverage(Frozen):
    """Whether one aspect of a department is covered, and by which nodes."""

    name: str
    covered: bool
    node_ids: tuple[UUID, ...]


class CoverageReport(Frozen):
    """The share of a department's aspects that are covered, from 0 to 1."""

    coverage: float
    aspects: tuple[AspectCoverage, ...]
