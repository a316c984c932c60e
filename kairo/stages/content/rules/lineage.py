"""The chain from posts over opportunities, packages and variants to what came of them, as nodes and edges."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from kairo.stages.content.contracts import (
    ContentPackageDTO,
    LineageDTO,
    LineageEdgeDTO,
    LineageKind,
    LineageNodeDTO,
    LineageRelation,
    VariantDTO,
)
from kairo.stages.evidence.contracts import EvidenceItemDTO
from kairo.stages.opportunities.contracts import OpportunityDTO

MOST_OF_A_KIND = 50
LONGEST_TITLE = 120


@dataclass(frozen=True)
class Engagement:
    """The events of one type on a variant, added up."""

    variant_id: UUID
    event_type: str
    count: int
    newest_at: datetime


@dataclass(frozen=True)
class Chain:
    """What was found on the way, at most one more of a kind than is shown; `cited` are the posts of each text."""

    items: Sequence[EvidenceItemDTO] = ()
    opportunities: Sequence[OpportunityDTO] = ()
    packages: Sequence[ContentPackageDTO] = ()
    variants: Sequence[VariantDTO] = ()
    engagements: Sequence[Engagement] = ()
    cited: Mapping[UUID, Collection[UUID]] = field(default_factory=dict)


def node_id(kind: str, object_id: UUID) -> str:
    """Return the name of a thing's node."""
    return f"{kind}:{object_id}"


def graph(kind: LineageKind, object_id: UUID, chain: Chain) -> LineageDTO:
    """Return the chain through a thing as a graph: every edge joins two nodes that are shown."""
    nodes = list(_nodes(chain))
    shown = {node.id for node in nodes}
    edges = [edge for edge in _edges(chain) if {edge.source, edge.target} <= shown]
    levels = (chain.items, chain.opportunities, chain.packages, chain.variants, chain.engagements)
    is_cut = any(len(level) > MOST_OF_A_KIND for level in levels)
    return LineageDTO(start=node_id(kind, object_id), nodes=nodes, edges=edges, truncated=is_cut)


def _nodes(chain: Chain) -> Iterator[LineageNodeDTO]:
    for item in chain.items[:MOST_OF_A_KIND]:
        title = item.title or item.text or item.transcript or item.platform_item_id
        yield _node(LineageKind.EVIDENCE, item.id, title, at=item.published_at, channel=item.platform)
    for found in chain.opportunities[:MOST_OF_A_KIND]:
        yield _node(LineageKind.OPPORTUNITY, found.id, found.title, at=found.created_at, channel=found.primary_channel)
    for package in chain.packages[:MOST_OF_A_KIND]:
        yield _node(LineageKind.PACKAGE, package.id, package.title, at=package.created_at, status=package.status)
    for variant in chain.variants[:MOST_OF_A_KIND]:
        node = _node(LineageKind.VARIANT, variant.id, variant.body, at=variant.published_at or variant.created_at)
        own = {"status": variant.status, "channel": variant.channel, "package_id": variant.package_id}
        yield node.model_copy(update=own)
    for engagement in chain.engagements[:MOST_OF_A_KIND]:
        yield LineageNodeDTO(
            id=_engagement_id(engagement),
            kind="engagement",
            object_id=engagement.variant_id,
            title=engagement.event_type,
            at=engagement.newest_at,
            count=engagement.count,
        )


def _node(
    kind: LineageKind,
    object_id: UUID,
    title: str,
    *,
    at: datetime | None,
    status: str | None = None,
    channel: str | None = None,
) -> LineageNodeDTO:
    line = " ".join(title.split())
    short = line if len(line) <= LONGEST_TITLE else f"{line[: LONGEST_TITLE - 1].rstrip()}…"
    return LineageNodeDTO(
        id=node_id(kind, object_id), kind=kind, object_id=object_id, title=short, at=at, status=status, channel=channel
    )


def _engagement_id(engagement: Engagement) -> str:
    return f"engagement:{engagement.variant_id}:{engagement.event_type}"


def _edges(chain: Chain) -> Iterator[LineageEdgeDTO]:
    cited_before = {found.id: set(found.evidence_ids) for found in chain.opportunities}
    for found in chain.opportunities:
        yield from _citing(found.evidence_ids, node_id(LineageKind.OPPORTUNITY, found.id))
    behind: dict[UUID, set[UUID]] = {}
    for package in chain.packages:
        own = node_id(LineageKind.PACKAGE, package.id)
        origin = package.origin_opportunity_id
        behind[package.id] = cited_before.get(origin, set()) if origin else set()
        if origin:
            source = node_id(LineageKind.OPPORTUNITY, origin)
            yield LineageEdgeDTO(source=source, target=own, relation=LineageRelation.WORKED_OUT_AS)
        yield from _citing(_new(chain, package.id, behind[package.id]), own)
        behind[package.id] = behind[package.id] | set(chain.cited.get(package.id, ()))
    for variant in chain.variants:
        own = node_id(LineageKind.VARIANT, variant.id)
        source = node_id(LineageKind.PACKAGE, variant.package_id)
        yield LineageEdgeDTO(source=source, target=own, relation=LineageRelation.WRITTEN_AS)
        yield from _citing(_new(chain, variant.id, behind.get(variant.package_id, set())), own)
    for engagement in chain.engagements:
        source = node_id(LineageKind.VARIANT, engagement.variant_id)
        target = _engagement_id(engagement)
        yield LineageEdgeDTO(source=source, target=target, relation=LineageRelation.BROUGHT)


def _new(chain: Chain, text_id: UUID, known: Collection[UUID]) -> list[UUID]:
    """List the posts that a text cites and that nothing on the way to it does: the others are joined to it by that."""
    return [item_id for item_id in chain.cited.get(text_id, ()) if item_id not in known]


def _citing(item_ids: Sequence[UUID], target: str) -> Iterator[LineageEdgeDTO]:
    for item_id in item_ids:
        source = node_id(LineageKind.EVIDENCE, item_id)
        yield LineageEdgeDTO(source=source, target=target, relation=LineageRelation.CITED_BY)
