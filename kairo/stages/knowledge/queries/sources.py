"""Which of the things that nodes cite are there: each kind of source by its own table, one query a kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias
from uuid import UUID

from kairo.platform.tenancy.models import Membership
from kairo.stages.evidence import queries as evidence
from kairo.stages.knowledge.contracts.graph import NodeSource, SourceType
from kairo.stages.knowledge.models import DocumentPassage, KnowledgeDocument
from kairo.stages.knowledge.queries.gathers import items_among

Resolver: TypeAlias = Callable[[UUID, Sequence[UUID]], set[UUID]]
"""Given a brand and ids, returns those that are there and the tenant's."""


def _evidence(_: UUID, ids: Sequence[UUID]) -> set[UUID]:
    return set(evidence.items_by_id(ids))


def _passages_and_documents(brand_id: UUID, ids: Sequence[UUID]) -> set[UUID]:
    passages = DocumentPassage.objects.filter(document__brand_id=brand_id, id__in=ids).values_list("id", flat=True)
    documents = KnowledgeDocument.objects.filter(brand_id=brand_id, id__in=ids).values_list("id", flat=True)
    return set(passages.union(documents))


def _members(_: UUID, ids: Sequence[UUID]) -> set[UUID]:
    return set(Membership.objects.filter(user_id__in=ids).values_list("user_id", flat=True))


RESOLVERS: Mapping[SourceType, Resolver] = {
    SourceType.EVIDENCE: _evidence,
    SourceType.DOCUMENT: _passages_and_documents,
    SourceType.GATHER_ITEM: items_among,
    SourceType.PERSON: _members,
}


def passages_among(brand_id: UUID, ids: Sequence[UUID]) -> set[UUID]:
    """Return which of these ids are passages of a brand's documents."""
    return set(DocumentPassage.objects.filter(document__brand_id=brand_id, id__in=ids).values_list("id", flat=True))


def unresolved(brand_id: UUID, sources: Sequence[NodeSource]) -> set[NodeSource]:
    """Return the sources that lead nowhere. A person may be given by name; an id of a person must be a member's."""
    lost: set[NodeSource] = set()
    for kind in sorted({source.type for source in sources}):
        wanted = {source: _id(source.id) for source in sources if source.type is kind}
        ids = sorted({found for found in wanted.values() if found is not None})
        resolver = RESOLVERS.get(kind)
        there = resolver(brand_id, ids) if resolver is not None and ids else set()
        for source, source_id in wanted.items():
            is_name = kind is SourceType.PERSON and source_id is None
            if not is_name and source_id not in there:
                lost.add(source)
    return lost


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
