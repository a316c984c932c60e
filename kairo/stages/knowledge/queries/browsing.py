"""What people see of a brand's knowledge: its statements with what each cites, and those that do not go together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, QuerySet, TextField
from django.db.models.functions import Cast

from kairo.stages.evidence import queries as evidence
from kairo.stages.knowledge.contracts.documents import DocumentDTO
from kairo.stages.knowledge.contracts.editing import (
    ContradictionDTO,
    RetiredDTO,
    Retirement,
    StatementDTO,
    StatementNotFound,
)
from kairo.stages.knowledge.contracts.gathers import Citation, EvaluationDTO
from kairo.stages.knowledge.contracts.graph import EdgeType, SourceType
from kairo.stages.knowledge.models import (
    DocumentPassage,
    GatheredCitation,
    GatheredItem,
    KnowledgeDocument,
    KnowledgeEdge,
    KnowledgeNode,
    RetiredNode,
)

LONGEST_QUOTE = 300
MOST_CONTRADICTIONS = 30


def statements(
    brand_id: UUID, *, department: str | None = None, before: UUID | None = None, limit: int = 30
) -> list[StatementDTO]:
    """List the statements that count, newest first, those before the one named; three queries at most."""
    rows = _counting(brand_id)
    if department is not None:
        rows = rows.filter(department=department)
    if before is not None:
        rows = rows.filter(id__lt=before)
    return _with_citations(list(rows[:limit]))


def statement(brand_id: UUID, statement_id: UUID) -> StatementDTO:
    """Return one statement that counts.

    Raises:
        StatementNotFound: not there, not the brand's, or it does not count any more.
    """
    found = _with_citations(list(_counting(brand_id).filter(id=statement_id)))
    if not found:
        raise StatementNotFound("There is no such statement in this brand's knowledge.")
    return found[0]


def statement_counts(brand_id: UUID) -> dict[str, int]:
    """Count the statements of each department that has any; those of none are counted under ""."""
    counted = _counting(brand_id).order_by().values_list("department").annotate(count=Count("id"))
    return {department or "": count for department, count in counted}


def retired_statements(brand_id: UUID, *, limit: int = 10) -> list[RetiredDTO]:
    """List what was edited or removed last, newest first."""
    rows = RetiredNode.objects.filter(brand_id=brand_id).select_related("node").order_by("-retired_at", "-id")
    return [
        RetiredDTO(
            id=row.node_id,
            department=row.department,
            content=row.node.content,
            reason=Retirement(row.reason),
            replaced_by=row.replaced_by_id,
            by=row.by,
            retired_at=row.retired_at,
        )
        for row in rows[:limit]
    ]


def retired_item_ids(brand_id: UUID) -> set[UUID]:
    """Return the gathered items whose statements people edited or removed."""
    cited = RetiredNode.objects.filter(brand_id=brand_id, node__source_type=SourceType.GATHER_ITEM)
    return {UUID(source_id) for source_id in cited.values_list("node__source_id", flat=True)}


def contradictions(brand_id: UUID, evaluations: Sequence[EvaluationDTO]) -> list[ContradictionDTO]:
    """List what does not go together: as evaluations found it among items, and as edges say it of statements.

    What people have edited or removed since is left out. Two queries at most.
    """
    said = [one for evaluation in evaluations for one in evaluation.contradictions]
    items = _items_that_count(brand_id, {item_id for one in said for item_id in (one.item_id, one.other_id)})
    found = [
        ContradictionDTO(
            first=items[one.item_id],
            second=items[one.other_id],
            reason=one.reason,
            first_id=one.item_id,
            second_id=one.other_id,
        )
        for one in said
        if one.item_id in items and one.other_id in items
    ]
    return [*found, *_of_edges(brand_id)][:MOST_CONTRADICTIONS]


def newest_documents(brand_id: UUID, *, limit: int) -> list[DocumentDTO]:
    """List the documents that a brand got last, newest first, in one query."""
    rows = KnowledgeDocument.objects.filter(brand_id=brand_id).defer("text").order_by("-id")
    return [row.to_contract() for row in rows[:limit]]


def _items_that_count(brand_id: UUID, item_ids: set[UUID]) -> dict[UUID, str]:
    if not item_ids:
        return {}
    retired = RetiredNode.objects.filter(node__source_type=SourceType.GATHER_ITEM, node__source_id=OuterRef("named"))
    rows = GatheredItem.objects.filter(brand_id=brand_id, id__in=item_ids, superseded_by=None)
    counting = rows.annotate(named=Cast("id", TextField())).exclude(Exists(retired))
    return dict(counting.values_list("id", "content"))


def _of_edges(brand_id: UUID) -> list[ContradictionDTO]:
    edges = KnowledgeEdge.objects.filter(brand_id=brand_id, type=EdgeType.CONTRADICTS)
    for end in ("from_node", "to_node"):
        edges = edges.exclude(Exists(RetiredNode.objects.filter(node_id=OuterRef(f"{end}_id"))))
    return [
        ContradictionDTO(
            first=edge.from_node.content,
            second=edge.to_node.content,
            first_id=edge.from_node_id,
            second_id=edge.to_node_id,
        )
        for edge in edges.select_related("from_node", "to_node").order_by("-id")[:MOST_CONTRADICTIONS]
    ]


def _counting(brand_id: UUID) -> QuerySet[KnowledgeNode]:
    retired = RetiredNode.objects.filter(node_id=OuterRef("id"))
    repeated = GatheredItem.objects.filter(brand_id=brand_id, superseded_by__isnull=False)
    # Compared as texts: what other kinds of sources are named by need not be an id.
    of_repeated = repeated.annotate(named=Cast("id", TextField())).filter(named=OuterRef("source_id"))
    rows = KnowledgeNode.objects.filter(brand_id=brand_id).exclude(Exists(retired)).exclude(Exists(of_repeated))
    return rows.defer("embedding").order_by("-id")


def _with_citations(nodes: Sequence[KnowledgeNode]) -> list[StatementDTO]:
    items = _cited_by_items([node.source_id for node in nodes if node.source_type == SourceType.GATHER_ITEM])
    posts = evidence.items_by_id([node.evidence_item_id for node in nodes if node.evidence_item_id])
    passages = _cited_passages([node.passage_id for node in nodes if node.passage_id])

    def citations(node: KnowledgeNode) -> tuple[Citation, ...]:
        if node.source_type == SourceType.GATHER_ITEM:
            return tuple(items.get(node.source_id or "", ()))
        cited = posts.get(node.evidence_item_id) if node.evidence_item_id else None
        if cited is not None:
            quote = cited.text.strip()[:LONGEST_QUOTE] or (cited.title or "").strip() or "…"
            return (
                Citation(
                    source_type=SourceType.EVIDENCE, source_id=cited.id, quote=quote, title=cited.title, url=cited.url
                ),
            )
        return (passages[node.passage_id],) if node.passage_id in passages else ()

    return [_statement(node, citations(node)) for node in nodes]


def _statement(node: KnowledgeNode, citations: tuple[Citation, ...]) -> StatementDTO:
    source_type = SourceType(node.source_type) if node.source_type else None
    return StatementDTO(
        id=node.id,
        department=node.department,
        content=node.content,
        summary=node.summary,
        kind=node.kind,
        source_type=source_type,
        citations=citations,
        said_by=node.source_id if source_type is SourceType.PERSON else None,
        confidence=node.confidence,
        created_at=node.created_at,
    )


def _cited_by_items(item_ids: Sequence[str | None]) -> Mapping[str, list[Citation]]:
    if not item_ids:
        return {}
    cited: dict[str, list[Citation]] = {}
    for row in GatheredCitation.objects.filter(item_id__in=item_ids).order_by("item_id", "place"):
        cited.setdefault(str(row.item_id), []).append(row.to_contract())
    return cited


def _cited_passages(passage_ids: Sequence[UUID]) -> Mapping[UUID | None, Citation]:
    if not passage_ids:
        return {}
    rows = DocumentPassage.objects.filter(id__in=passage_ids).select_related("document")
    return {
        row.id: Citation(
            source_type=SourceType.DOCUMENT,
            source_id=row.id,
            quote=row.text[:LONGEST_QUOTE],
            title=row.title or row.document.title,
            url=row.document.url,
        )
        for row in rows.defer("document__text")
    }
