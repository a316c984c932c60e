"""Joining what content knows of a chain with its ads, clicks, conversions and deals, and adding up what flowed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from kairo.stages.content.contracts import MOST_OF_A_KIND, TextChain
from kairo.stages.revenue.contracts.lineage import (
    ChainDTO,
    ChainEdgeDTO,
    ChainKind,
    ChainNodeDTO,
    ChainNodeKind,
    ChainRelation,
    ChainRevenueDTO,
    ClickSearchDTO,
    FlowDTO,
)
from kairo.stages.revenue.rules.text_lineage import is_cut, text_edges, text_nodes

NOTHING = Decimal(0)


@dataclass(frozen=True)
class AdFound:
    """An ad of the chain; one that was never recorded has its id alone."""

    ad_id: str
    name: str = ""
    platform: str = ""
    status: str = ""
    variant_id: UUID | None = None
    package_id: UUID | None = None


@dataclass(frozen=True)
class ClickFound:
    """A click of the chain; of one that only a deal names, the time may not be known.

    `led_on`: a deal names it.
    """

    click_id: str
    ad_id: str | None
    at: datetime | None = None
    led_on: bool = False


@dataclass(frozen=True)
class ConversionFound:
    """A conversion of the chain, with the ad and the click that it is credited to."""

    conversion_id: str
    conversion_type: str
    value: Decimal
    currency: str
    at: datetime
    confidence: float
    ad_id: str | None = None
    click_id: str | None = None
    clicked_at: datetime | None = None


@dataclass(frozen=True)
class DealFound:
    """A deal of the chain with what it counts now."""

    deal_id: str
    source: str
    outcome: str
    stage: str | None = None
    ad_id: str | None = None
    click_id: str | None = None
    value: Decimal | None = None
    currency: str | None = None
    at: datetime | None = None


@dataclass(frozen=True)
class ConversionSum:
    """Conversions in one currency; `told` are those that a deal tells of as well."""

    currency: str
    count: int
    value: Decimal
    told: Decimal


@dataclass(frozen=True)
class DealSum:
    """Deals in one currency; None is the currency of those that nobody can value."""

    currency: str | None
    count: int
    value: Decimal
    cash: Decimal


@dataclass(frozen=True)
class Downstream:
    """What came after the texts: at most one more of a kind than is shown, and the sums of all.

    `search` says how far clicks that led to nothing were looked for, where they were.
    """

    ads: Sequence[AdFound] = ()
    clicks: Sequence[ClickFound] = ()
    conversions: Sequence[ConversionFound] = ()
    deals: Sequence[DealFound] = ()
    conversion_sums: Sequence[ConversionSum] = field(default=())
    deal_sums: Sequence[DealSum] = field(default=())
    search: ClickSearchDTO | None = None

    @property
    def is_empty(self) -> bool:
        return not (self.ads or self.clicks or self.conversions or self.deals)


def joined(kind: ChainKind, object_id: str, *, texts: TextChain | None, found: Downstream) -> ChainDTO:
    """Return the whole chain as a graph: every edge joins two nodes that are shown."""
    ads, (led_on, idle) = _all_ads(kind, object_id, found), _all_clicks(found)
    clicks = [*led_on[:MOST_OF_A_KIND], *idle]
    nodes = [*(text_nodes(texts) if texts else ()), *_nodes(found, ads, clicks)]
    names = {node.id for node in nodes}
    edges = [*(text_edges(texts) if texts else ()), *_edges(found, ads, clicks, names)]
    is_short = max(len(ads), len(led_on), len(found.conversions), len(found.deals)) > MOST_OF_A_KIND
    return ChainDTO(
        start=_start(kind, object_id, found),
        nodes=nodes,
        edges=[edge for edge in dict.fromkeys(edges) if {edge.source, edge.target} <= names],
        revenue=None if found.is_empty else revenue_of(found.conversion_sums, found.deal_sums),
        truncated=is_short or (texts is not None and is_cut(texts)),
        clicks_looked_at=found.search if ads else None,
    )


def revenue_of(conversions: Sequence[ConversionSum], deals: Sequence[DealSum]) -> ChainRevenueDTO:
    """Add conversions and deals up by currency: of a sale that both tell of, the deal alone counts."""
    sold: dict[str, Decimal] = defaultdict(Decimal)
    told: dict[str, Decimal] = defaultdict(Decimal)
    won: dict[str, Decimal] = defaultdict(Decimal)
    counted: dict[str, Decimal] = defaultdict(Decimal)
    for sums in conversions:
        sold[sums.currency] += sums.value
        told[sums.currency] += sums.told
    for dealt in deals:
        if dealt.currency is not None:
            won[dealt.currency] += dealt.cash
            counted[dealt.currency] += dealt.value
    flows = [
        FlowDTO(
            currency=currency,
            conversion_cash=sold.get(currency, NOTHING),
            deal_cash=won.get(currency, NOTHING),
            cash=sold.get(currency, NOTHING) + won.get(currency, NOTHING),
            synthetic_revenue=counted.get(currency, NOTHING),
            told_by_deals=told.get(currency, NOTHING),
        )
        for currency in sorted({*sold, *counted})
    ]
    counts = sum(sums.count for sums in conversions), sum(dealt.count for dealt in deals)
    return ChainRevenueDTO(flows=flows, conversions=counts[0], deals=counts[1])


def _start(kind: ChainKind, object_id: str, found: Downstream) -> str:
    if kind is ChainKind.DEAL and found.deals:
        return _deal_node(found.deals[0])
    return f"{kind}:{object_id}"


def _deal_node(deal: DealFound) -> str:
    return f"deal:{deal.source}:{deal.deal_id}"


def _all_ads(kind: ChainKind, object_id: str, found: Downstream) -> list[AdFound]:
    """List the ads of the chain, those too that were never recorded."""
    ads = {ad.ad_id: ad for ad in found.ads}
    named = [object_id] if kind is ChainKind.AD else []
    named += [conversion.ad_id for conversion in found.conversions if conversion.ad_id]
    named += [deal.ad_id for deal in found.deals if deal.ad_id]
    named += [click.ad_id for click in found.clicks if click.ad_id]
    for ad_id in named:
        ads.setdefault(ad_id, AdFound(ad_id))
    return list(ads.values())


def _all_clicks(found: Downstream) -> tuple[list[ClickFound], list[ClickFound]]:
    """List the clicks of the chain: those that led on, and those that led to nothing."""
    clicks: dict[str, ClickFound] = {}
    for conversion in found.conversions:
        if conversion.click_id:
            told = ClickFound(conversion.click_id, conversion.ad_id, conversion.clicked_at)
            clicks.setdefault(conversion.click_id, told)
    stored = {click.click_id: click for click in found.clicks}
    for deal in found.deals:
        if deal.click_id:
            clicks.setdefault(deal.click_id, stored.get(deal.click_id, ClickFound(deal.click_id, deal.ad_id)))
    idle = [click for click in stored.values() if click.click_id not in clicks and not click.led_on]
    return list(clicks.values()), idle


def _nodes(found: Downstream, ads: Sequence[AdFound], clicks: Sequence[ClickFound]) -> Iterator[ChainNodeDTO]:
    yield from map(_of_ad, ads[:MOST_OF_A_KIND])
    yield from map(_of_click, clicks)
    yield from map(_of_conversion, found.conversions[:MOST_OF_A_KIND])
    yield from map(_of_deal, found.deals[:MOST_OF_A_KIND])


def _of_ad(ad: AdFound) -> ChainNodeDTO:
    return ChainNodeDTO(
        id=f"ad:{ad.ad_id}",
        kind=ChainNodeKind.AD,
        object_id=ad.ad_id,
        title=ad.name or ad.ad_id,
        status=ad.status or None,
        channel=ad.platform or None,
    )


def _of_click(click: ClickFound) -> ChainNodeDTO:
    node = f"click:{click.click_id}"
    return ChainNodeDTO(id=node, kind=ChainNodeKind.CLICK, object_id=click.click_id, title=click.click_id, at=click.at)


def _of_conversion(conversion: ConversionFound) -> ChainNodeDTO:
    return ChainNodeDTO(
        id=f"conversion:{conversion.conversion_id}",
        kind=ChainNodeKind.CONVERSION,
        object_id=conversion.conversion_id,
        title=conversion.conversion_id,
        at=conversion.at,
        status=conversion.conversion_type,
        value=conversion.value,
        currency=conversion.currency,
        confidence=conversion.confidence,
    )


def _of_deal(deal: DealFound) -> ChainNodeDTO:
    return ChainNodeDTO(
        id=_deal_node(deal),
        kind=ChainNodeKind.DEAL,
        object_id=deal.deal_id,
        title=deal.deal_id,
        at=deal.at,
        status=deal.outcome,
        source=deal.source,
        value=deal.value,
        currency=deal.currency,
    )


def _edges(
    found: Downstream, ads: Sequence[AdFound], clicks: Sequence[ClickFound], shown: set[str]
) -> Iterator[ChainEdgeDTO]:
    for ad in ads:
        text = f"variant:{ad.variant_id}" if ad.variant_id else f"package:{ad.package_id}"
        source = text if text in shown or not ad.package_id else f"package:{ad.package_id}"
        yield ChainEdgeDTO(source=source, target=f"ad:{ad.ad_id}", relation=ChainRelation.ADVERTISED_BY)
    for click in clicks:
        target = f"click:{click.click_id}"
        yield ChainEdgeDTO(source=f"ad:{click.ad_id}", target=target, relation=ChainRelation.CLICKED)
    for conversion in found.conversions:
        target = f"conversion:{conversion.conversion_id}"
        source = _before(conversion.click_id, conversion.ad_id, shown)
        yield ChainEdgeDTO(source=source, target=target, relation=ChainRelation.LED_TO)
    for deal in found.deals:
        target = _deal_node(deal)
        told = list(_conversions_of(deal, found.conversions))
        for conversion in told:
            source = f"conversion:{conversion.conversion_id}"
            yield ChainEdgeDTO(source=source, target=target, relation=ChainRelation.BECAME)
        if not told:
            source = _before(deal.click_id, deal.ad_id, shown)
            yield ChainEdgeDTO(source=source, target=target, relation=ChainRelation.LED_TO)


def _before(click_id: str | None, ad_id: str | None, shown: set[str]) -> str:
    """Name what a conversion or a deal comes from: its click where that is shown, else its ad."""
    return f"click:{click_id}" if click_id and f"click:{click_id}" in shown else f"ad:{ad_id}"


def _conversions_of(deal: DealFound, conversions: Sequence[ConversionFound]) -> Iterator[ConversionFound]:
    """Yield the conversions that tell of the same sale: by the deal's id, or by its click."""
    for conversion in conversions[:MOST_OF_A_KIND]:
        by_click = deal.click_id is not None and deal.click_id == conversion.click_id
        if conversion.conversion_id == deal.deal_id or by_click:
            yield conversion
