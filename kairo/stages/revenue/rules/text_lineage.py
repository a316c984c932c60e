"""The first part of a chain, from posts over opportunities, packages and variants to what people did with them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from uuid import UUID

from kairo.stages.content.contracts import MOST_OF_A_KIND, EngagementSum, TextChain
from kairo.stages.revenue.contracts.lineage import ChainEdgeDTO, ChainNodeDTO, ChainNodeKind, ChainRelation

LONGEST_TITLE = 120


def node_id(kind: ChainNodeKind, object_id: object) -> str:
    """Return the name of a thing's node."""
    return f"{kind}:{object_id}"


def is_cut(chain: TextChain) -> bool:
    """Tell whether there are more things of a kind than are shown."""
    levels = (chain.items, chain.opportunities, chain.packages, chain.variants, chain.engagements)
    return any(len(level) > MOST_OF_A_KIND for level in levels)


def text_nodes(chain: TextChain) -> Iterator[ChainNodeDTO]:
    """Yield what is shown of a chain's texts."""
    for item in chain.items[:MOST_OF_A_KIND]:
        title = item.title or item.text or item.transcript or item.platform_item_id
        yield _node(ChainNodeKind.EVIDENCE, item.id, title, at=item.published_at, channel=item.platform)
    for found in chain.opportunities[:MOST_OF_A_KIND]:
        node = _node(ChainNodeKind.OPPORTUNITY, found.id, found.title, at=found.created_at)
        yield node.model_copy(update={"channel": found.primary_channel})
    for package in chain.packages[:MOST_OF_A_KIND]:
        node = _node(ChainNodeKind.PACKAGE, package.id, package.title, at=package.created_at)
        yield node.model_copy(update={"status": package.status})
    for variant in chain.variants[:MOST_OF_A_KIND]:
        node = _node(ChainNodeKind.VARIANT, variant.id, variant.body, at=variant.published_at or variant.created_at)
        own = {"status": variant.status, "channel": variant.channel, "package_id": variant.package_id}
        yield node.model_copy(update=own)
    for engagement in chain.engagements[:MOST_OF_A_KIND]:
        yield ChainNodeDTO(
            id=_engagement_id(engagement),
            kind=ChainNodeKind.ENGAGEMENT,
            object_id=str(engagement.variant_id),
            title=engagement.event_type,
            at=engagement.newest_at,
            count=engagement.count,
        )


def _node(
    kind: ChainNodeKind, object_id: UUID, title: str, *, at: datetime | None, channel: str | None = None
) -> ChainNodeDTO:
    line = " ".join(title.split())
    short = line if len(line) <= LONGEST_TITLE else f"{line[: LONGEST_TITLE - 1].rstrip()}…"
    own = node_id(kind, object_id)
    return ChainNodeDTO(id=own, kind=kind, object_id=str(object_id), title=short, at=at, channel=channel)


def _engagement_id(engagement: EngagementSum) -> str:
    return f"{ChainNodeKind.ENGAGEMENT}:{engagement.variant_id}:{engagement.event_type}"


def text_edges(chain: TextChain) -> Iterator[ChainEdgeDTO]:
    """Yield how a chain's texts lead to each other, also where an end is not shown."""
    cited_before = {found.id: set(found.evidence_ids) for found in chain.opportunities}
    for found in chain.opportunities:
        yield from _citing(found.evidence_ids, node_id(ChainNodeKind.OPPORTUNITY, found.id))
    behind: dict[UUID, set[UUID]] = {}
    for package in chain.packages:
        own = node_id(ChainNodeKind.PACKAGE, package.id)
        origin = package.origin_opportunity_id
        behind[package.id] = cited_before.get(origin, set()) if origin else set()
        if origin:
            source = node_id(ChainNodeKind.OPPORTUNITY, origin)
            yield ChainEdgeDTO(source=source, target=own, relation=ChainRelation.WORKED_OUT_AS)
        yield from _citing(_new(chain, package.id, behind[package.id]), own)
        behind[package.id] = behind[package.id] | set(chain.cited.get(package.id, ()))
    for variant in chain.variants:
        own = node_id(ChainNodeKind.VARIANT, variant.id)
        source = node_id(ChainNodeKind.PACKAGE, variant.package_id)
        yield ChainEdgeDTO(source=source, target=own, relation=ChainRelation.WRITTEN_AS)
        yield from _citing(_new(chain, variant.id, behind.get(variant.package_id, set())), own)
    for engagement in chain.engagements:
        source = node_id(ChainNodeKind.VARIANT, engagement.variant_id)
        yield ChainEdgeDTO(source=source, target=_engagement_id(engagement), relation=ChainRelation.BROUGHT)


def _new(chain: TextChain, text_id: UUID, known: Collection[UUID]) -> list[UUID]:
    """List the posts that a text cites and that nothing on the way to it does: the others are joined to it by that."""
    return [item_id for item_id in chain.cited.get(text_id, ()) if item_id not in known]


def _citing(item_ids: Sequence[UUID], target: str) -> Iterator[ChainEdgeDTO]:
    for item_id in item_ids:
        source = node_id(ChainNodeKind.EVIDENCE, item_id)
        yield ChainEdgeDTO(source=source, target=target, relation=ChainRelation.CITED_BY)
