"""The brain in our own tables, and which brain an installation's gathers ask."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.conf import settings

from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.embeddings import default_embedder
from kairo.stages.brands import queries as brands
from kairo.stages.evidence.operations import ComparedText, compared_again, compared_texts, how_surely_repeats
from kairo.stages.knowledge.adapters.remote_brain import RemoteBrain
from kairo.stages.knowledge.contracts.departments import Department
from kairo.stages.knowledge.contracts.graph import (
    AspectCoverage,
    CoverageReport,
    DepartmentContext,
    DuplicateNode,
    EdgeDraft,
    NodeDraft,
    NodesStored,
)
from kairo.stages.knowledge.operations.comparing import near_enough
from kairo.stages.knowledge.operations.covering import aspect_text, hits
from kairo.stages.knowledge.operations.graph import prepare, store_nodes
from kairo.stages.knowledge.ports import Brain
from kairo.stages.knowledge.queries import departments, graph
from kairo.stages.knowledge.queries.graph import Statement
from kairo.stages.knowledge.rules.coverage import read_aspects
from kairo.stages.knowledge.rules.graph import require_batch, told_within

_SUMMARY_CHARACTERS = 200


def brain_of(tenant_id: UUID) -> Brain:
    """Return the brain that this installation's gathers ask: a remote one where BRAIN_SERVICE_BASE_URL names it."""
    if settings.BRAIN_SERVICE_BASE_URL:
        return RemoteBrain(settings.BRAIN_SERVICE_BASE_URL, key=settings.BRAIN_SERVICE_API_KEY)
    return LocalBrain(tenant_id)


class LocalBrain:
    """The graph in our own tables, for one tenant. What embeds is done between transactions, never inside one."""

    def __init__(self, tenant_id: UUID) -> None:
        self._tenant_id = tenant_id

    def store(self, *, project_id: UUID, nodes: Sequence[NodeDraft], edges: Sequence[EdgeDraft]) -> NodesStored:
        """Store nodes and edges, all or nothing; a repeated client key changes nothing.

        Raises:
            BrandNotFound: no such brand of this tenant.
            InvalidNodes: the batch is too large, a source leads nowhere, or an edge names a key that nobody has.
        """
        require_batch(nodes, edges)
        prepared = prepare(nodes)
        with tenant_transaction(self._tenant_id):
            return store_nodes(project_id=project_id, prepared=prepared, edges=edges)

    def duplicates(self, *, project_id: UUID, content: str, threshold: float) -> tuple[DuplicateNode, ...]:
        """Return nodes that say the same as `content`, most similar first.

        Raises:
            BrandNotFound: no such brand of this tenant.
        """
        [asked] = compared_texts([content])
        with tenant_transaction(self._tenant_id):
            brands.brand(project_id)
            near = graph.near_statements(
                project_id, vector=asked.vector, embedder=asked.embedder, content_hash=asked.content_hash
            )
        scored = [
            (how_surely_repeats(asked, _read_again(statement)), statement)
            for statement in near
            if statement.content_hash == asked.content_hash or near_enough(asked.vector, statement.vector)
        ]
        found = [
            DuplicateNode(node_id=statement.id, similarity=round(score, 4), summary=_summary(statement))
            for score, statement in scored
            if score >= threshold
        ]
        return tuple(sorted(found, key=lambda one: (-one.similarity, -one.node_id.int)))

    def context(
        self, *, project_id: UUID, department: str, previous: Sequence[str] | None, max_tokens: int
    ) -> DepartmentContext:
        """Return what the `previous` departments established that bears on `department`; None: all with lower numbers.

        Raises:
            BrandNotFound, DepartmentNotFound: not there, or somebody else's.
        """
        with tenant_transaction(self._tenant_id):
            brands.brand(project_id)
            asked = departments.department_named(department)
            earlier = departments.earlier_departments(asked) if previous is None else list(previous)
        if not earlier:
            return DepartmentContext(items=(), tokens=0)
        embedder = default_embedder()
        [vector] = embedder.embed([_told(asked)])
        with tenant_transaction(self._tenant_id):
            statements = graph.established(project_id, departments=earlier, vector=vector, embedder=embedder.name)
        return told_within(statements, max_tokens=max_tokens)

    def coverage(self, *, project_id: UUID, department: str) -> CoverageReport:
        """Return which aspects of the department are covered, by which nodes; without aspects nothing is to cover: 1.

        Raises:
            BrandNotFound, DepartmentNotFound: not there, or somebody else's.
        """
        with tenant_transaction(self._tenant_id):
            brands.brand(project_id)
            asked = departments.department_named(department)
            statements = graph.statements_of(project_id, department=department)
        names = asked.coordination_settings.aspects
        vectors = default_embedder().embed([aspect_text(asked, name) for name in names])
        found = hits(
            read_aspects(names, vectors),
            [statement.content for statement in statements],
            [statement.vector for statement in statements],
        )
        aspects = tuple(
            AspectCoverage(
                name=hit.name, covered=hit.covered, node_ids=tuple(statements[place].id for place in hit.places)
            )
            for hit in found
        )
        covered = sum(aspect.covered for aspect in aspects) / len(aspects) if aspects else 1.0
        return CoverageReport(coverage=covered, aspects=aspects)


def _read_again(statement: Statement) -> ComparedText:
    return compared_again(
        statement.content, language=statement.language, embedder=statement.embedder, vector=statement.vector
    )


def _summary(statement: Statement) -> str:
    return statement.summary or statement.content[:_SUMMARY_CHARACTERS]


def _told(department: Department) -> str:
    return "\n".join((department.name, department.description, *department.coordination_settings.aspects))
