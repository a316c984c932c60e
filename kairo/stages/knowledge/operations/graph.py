"""Writes of the graph: a batch of nodes and edges, all or nothing, in a number of statements that does not grow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q
from pgvector import HalfVector
from psycopg.errors import ForeignKeyViolation

from kairo.errors import FieldError
from kairo.platform.database.batches import batch_execute, batch_rows
from kairo.platform.database.ids import new_id
from kairo.platform.database.sessions import current_tenant
from kairo.stages.brands import queries as brands
from kairo.stages.evidence.operations import ComparedText, compared_texts
from kairo.stages.knowledge.contracts.graph import EdgeDraft, InvalidNodes, NodeDraft, NodesStored, SourceType
from kairo.stages.knowledge.models import KnowledgeEdge, KnowledgeNode, RetiredNode
from kairo.stages.knowledge.queries.sources import passages_among, unresolved

_MOST_NAMED = 20

_STORE = """
INSERT INTO knowledge_node (id, tenant_id, brand_id, client_key, content, summary, kind, department, source_type,
                            source_id, evidence_item_id, document_id, passage_id, confidence, language, content_hash,
                            embedder, dimension, embedding)
SELECT new.id, %(tenant)b, %(brand)b, new.key, new.content, new.summary, new.kind, new.department, new.source_type,
       new.source_id, new.evidence, new.document, new.passage, new.confidence, new.language, new.hash,
       %(embedder)b, new.dimension, new.embedding
FROM unnest(%(id)b::uuid[], %(key)b::text[], %(content)b::text[], %(summary)b::text[], %(kind)b::text[],
            %(department)b::text[], %(source_type)b::text[], %(source_id)b::text[], %(evidence)b::uuid[],
            %(document)b::uuid[], %(passage)b::uuid[], %(confidence)b::float8[], %(language)b::text[],
            %(hash)b::text[], %(dimension)b::smallint[], %(embedding)b::halfvec[])
  AS new (id, key, content, summary, kind, department, source_type, source_id, evidence, document, passage, confidence,
          language, hash, dimension, embedding)
ON CONFLICT (tenant_id, brand_id, client_key) DO NOTHING
RETURNING client_key
"""
_KNOWN = """
SELECT client_key, id FROM knowledge_node
WHERE tenant_id = (SELECT %(tenant)b::uuid) AND brand_id = %(brand)b AND client_key = ANY (%(keys)b::text[])
"""
_CONNECT = """
INSERT INTO knowledge_edge (id, tenant_id, brand_id, from_node_id, to_node_id, type)
SELECT new.id, %(tenant)b, %(brand)b, new.source, new.target, new.type
FROM unnest(%(id)b::uuid[], %(source)b::uuid[], %(target)b::uuid[], %(type)b::text[]) AS new (id, source, target, type)
ON CONFLICT (tenant_id, from_node_id, to_node_id, type) DO NOTHING
"""


@dataclass(frozen=True, slots=True, eq=False)
class PreparedNode:
    """A node with what was worked out of its text before the transaction that stores it."""

    draft: NodeDraft
    text: ComparedText


@dataclass(frozen=True, slots=True, eq=False)
class PreparedNodes:
    """The nodes of a batch in the order of their keys, each key once; `sent` is how many came."""

    nodes: tuple[PreparedNode, ...]
    sent: int

    @property
    def keys(self) -> list[str]:
        return [node.draft.client_key for node in self.nodes]


def prepare(drafts: Sequence[NodeDraft]) -> PreparedNodes:
    """Work out what is stored beside each node; of a key that stands in the batch twice the first counts.

    This embeds, and belongs outside of transactions.
    """
    first: dict[str, NodeDraft] = {}
    for draft in drafts:
        first.setdefault(draft.client_key, draft)
    # In one order, so that two batches with the same keys wait for each other and never lock crosswise.
    ordered = [first[key] for key in sorted(first)]
    texts = compared_texts([draft.content for draft in ordered])
    return PreparedNodes(tuple(map(PreparedNode, ordered, texts)), sent=len(drafts))


def store_nodes(*, project_id: UUID, prepared: PreparedNodes, edges: Sequence[EdgeDraft]) -> NodesStored:
    """Store nodes and edges in the caller's transaction, all or nothing; a key that is known changes nothing.

    Raises:
        BrandNotFound: no such brand of this tenant.
        InvalidNodes: a source leads nowhere, or an edge names a key that nobody has.
    """
    brands.brand(project_id)
    _require_sources(project_id, prepared.nodes)
    try:
        with transaction.atomic():
            created = _insert(project_id, prepared.nodes)
            known = _ids(project_id, prepared.keys, edges)
            _connect(project_id, edges, known)
    except IntegrityError as error:
        if isinstance(error.__cause__, ForeignKeyViolation):
            raise InvalidNodes("A source of these nodes was deleted at this moment: send the batch again.") from error
        raise
    return NodesStored(
        created=created, unchanged=prepared.sent - created, ids={key: known[key] for key in prepared.keys}
    )


def drop_nodes_of(source_type: SourceType, source_ids: Sequence[str]) -> int:
    """Remove the nodes that cite these sources, with their edges, in the caller's transaction; return how many."""
    cited = {"source_type": source_type, "source_id__in": list(source_ids)}
    return _drop(list(KnowledgeNode.objects.filter(**cited).values_list("id", flat=True)))


def let_go_of_evidence(*, item_ids: Sequence[UUID]) -> None:
    """Remove the nodes that cite evidence that is erased, in the caller's transaction."""
    _drop(list(KnowledgeNode.objects.filter(evidence_item_id__in=item_ids).values_list("id", flat=True)))


def _drop(node_ids: Sequence[UUID]) -> int:
    if node_ids:
        RetiredNode.objects.filter(Q(node_id__in=node_ids) | Q(replaced_by_id__in=node_ids)).delete()
        KnowledgeEdge.objects.filter(Q(from_node_id__in=node_ids) | Q(to_node_id__in=node_ids)).delete()
        KnowledgeNode.objects.filter(id__in=node_ids).delete()
    return len(node_ids)


def _require_sources(project_id: UUID, nodes: Sequence[PreparedNode]) -> None:
    cited = [node.draft.source for node in nodes if node.draft.source is not None]
    lost = unresolved(project_id, cited)
    problems = [
        FieldError(
            node.draft.client_key,
            f"its source, {node.draft.source.type} {node.draft.source.id}, is not among what this account has",
        )
        for node in nodes
        if node.draft.source is not None and node.draft.source in lost
    ]
    _refuse(problems, "Nothing was stored")


def _refuse(problems: Sequence[FieldError], outcome: str) -> None:
    if not problems:
        return
    told = "; ".join(f"{problem.field}: {problem.message}" for problem in problems[:_MOST_NAMED])
    more = f"; and {len(problems) - _MOST_NAMED} more" if len(problems) > _MOST_NAMED else ""
    raise InvalidNodes(f"{outcome}. {told}{more}.", errors=tuple(problems))


def _insert(project_id: UUID, nodes: Sequence[PreparedNode]) -> int:
    if not nodes:
        return 0
    passages = passages_among(project_id, _ids_cited(nodes, SourceType.DOCUMENT))
    return len(batch_rows(_STORE, _scope(project_id) | _columns(nodes, passages)))


def _columns(nodes: Sequence[PreparedNode], passages: set[UUID]) -> dict[str, object]:
    drafts, texts = [node.draft for node in nodes], [node.text for node in nodes]
    evidence = [_cited(draft, SourceType.EVIDENCE) for draft in drafts]
    documents = [_cited(draft, SourceType.DOCUMENT) for draft in drafts]
    return {
        "embedder": texts[0].embedder,
        "id": [new_id() for _ in nodes],
        "key": [draft.client_key for draft in drafts],
        "content": [draft.content for draft in drafts],
        "summary": [draft.summary for draft in drafts],
        "kind": [draft.kind for draft in drafts],
        "department": [draft.department for draft in drafts],
        "source_type": [draft.source.type.value if draft.source else None for draft in drafts],
        "source_id": [draft.source.id if draft.source else None for draft in drafts],
        "evidence": evidence,
        "document": [cited if cited not in passages else None for cited in documents],
        "passage": [cited if cited in passages else None for cited in documents],
        "confidence": [draft.confidence for draft in drafts],
        "language": [text.language for text in texts],
        "hash": [text.content_hash for text in texts],
        # A text without words has no vector: a row of zeros would be near to nothing and far from nothing.
        "dimension": [len(text.vector) if text.vector.any() else None for text in texts],
        "embedding": [HalfVector(text.vector) if text.vector.any() else None for text in texts],
    }


def _cited(draft: NodeDraft, source_type: SourceType) -> UUID | None:
    return UUID(draft.source.id) if draft.source is not None and draft.source.type is source_type else None


def _ids_cited(nodes: Sequence[PreparedNode], source_type: SourceType) -> list[UUID]:
    return sorted({cited for node in nodes if (cited := _cited(node.draft, source_type)) is not None})


def _ids(project_id: UUID, keys: Sequence[str], edges: Sequence[EdgeDraft]) -> dict[str, UUID]:
    named = {*keys, *(edge.from_key for edge in edges), *(edge.to_key for edge in edges)}
    return dict(batch_rows(_KNOWN, _scope(project_id) | {"keys": sorted(named)}))


def _connect(project_id: UUID, edges: Sequence[EdgeDraft], known: Mapping[str, UUID]) -> None:
    problems = [
        *(
            FieldError(f"edges.{place}", f"no node has the key {key!r}")
            for place, edge in enumerate(edges)
            for key in dict.fromkeys((edge.from_key, edge.to_key))
            if key not in known
        ),
        *(
            FieldError(f"edges.{place}", f"{edge.from_key!r} cannot bear on itself")
            for place, edge in enumerate(edges)
            if edge.from_key == edge.to_key
        ),
    ]
    _refuse(problems, "Nothing was stored")
    wanted = sorted({(known[edge.from_key], known[edge.to_key], edge.type.value) for edge in edges})
    if wanted:
        sources, targets, types = zip(*wanted, strict=True)
        ends = {"source": list(sources), "target": list(targets), "type": list(types)}
        batch_execute(_CONNECT, _scope(project_id) | ends | {"id": [new_id() for _ in wanted]})


def _scope(project_id: UUID) -> dict[str, object]:
    return {"tenant": current_tenant(), "brand": project_id}
