"""The chain from a post to the money that came of it, drawn and as a table: where it came from, where it led.

The boxes are laid out by the browser, so that they fit its window; lineage.js draws the arrows that the table tells of.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as marked
from django.views.decorators.http import require_safe

from kairo.errors import NotFound
from kairo.interfaces.web import wording
from kairo.interfaces.web.access import MemberRequest, for_members
from kairo.interfaces.web.brands import place_of
from kairo.interfaces.web.moments import moment_given
from kairo.interfaces.web.revenue_wording import conversion_type_words, money_words, outcome_words
from kairo.platform.database.clock import now
from kairo.stages.content.contracts import ExecutionEventType
from kairo.stages.revenue import operations
from kairo.stages.revenue.contracts.deals import DealOutcome
from kairo.stages.revenue.contracts.lineage import (
    ChainDTO,
    ChainKind,
    ChainNodeDTO,
    ChainNodeKind,
    ChainRelation,
    ClicksBefore,
)

KIND_WORDS: Final = {
    ChainNodeKind.EVIDENCE: marked("Post"),
    ChainNodeKind.OPPORTUNITY: marked("Opportunity"),
    ChainNodeKind.PACKAGE: marked("Package"),
    ChainNodeKind.VARIANT: marked("Text"),
    ChainNodeKind.ENGAGEMENT: marked("Engagement"),
    ChainNodeKind.AD: marked("Ad"),
    ChainNodeKind.CLICK: marked("Click"),
    ChainNodeKind.CONVERSION: marked("Conversion"),
    ChainNodeKind.DEAL: marked("Deal"),
}
RELATION_WORDS: Final = {
    ChainRelation.CITED_BY: marked("is cited by"),
    ChainRelation.WORKED_OUT_AS: marked("is worked out as"),
    ChainRelation.WRITTEN_AS: marked("is written as"),
    ChainRelation.BROUGHT: marked("has brought"),
    ChainRelation.ADVERTISED_BY: marked("is advertised by"),
    ChainRelation.CLICKED: marked("was clicked as"),
    ChainRelation.LED_TO: marked("led to"),
    ChainRelation.BECAME: marked("became"),
}
ENGAGEMENT_WORDS: Final = {
    ExecutionEventType.IMPRESSION: marked("Impressions"),
    ExecutionEventType.VIEW: marked("Views"),
    ExecutionEventType.LIKE: marked("Likes"),
    ExecutionEventType.COMMENT: marked("Comments"),
    ExecutionEventType.SHARE: marked("Shares"),
    ExecutionEventType.SAVE: marked("Saves"),
    ExecutionEventType.CLICK: marked("Clicks"),
    ExecutionEventType.CONVERSION: marked("Conversions"),
}


@dataclass(frozen=True)
class Box:
    """A node as it is shown; `href` leads to the thing itself, if it has a page."""

    node: ChainNodeDTO
    kind_words: str
    title: str
    href: str | None
    is_start: bool


@dataclass(frozen=True)
class Level:
    """The boxes of one kind."""

    words: str
    boxes: list[Box]


@dataclass(frozen=True)
class Link:
    """An edge: what leads to what, and how."""

    source: Box
    target: Box
    words: str


@dataclass(frozen=True)
class Drawing:
    """The graph, a level a kind. Clicks that led to nothing, other than the one asked for, stand apart as `idle`."""

    levels: list[Level]
    links: list[Link]
    idle: list[Box]
    start: Box


@require_safe
@for_members
def lineage(request: MemberRequest, brand_slug: str, node_kind: str, node_id: str) -> HttpResponse:
    """Show what a thing came from and what came of it; `?source=` names the CRM of a deal."""
    place = place_of(request, brand_slug)
    if node_kind not in list(ChainKind):
        raise NotFound(_("There is nothing of this kind to follow."))
    found = operations.follow(
        kind=ChainKind(node_kind),
        object_id=node_id,
        source=request.GET.get("source", "").replace("\0", "") or None,
        clicks_before=_clicks_before(request),
        brand_id=place.brand.id,
        at=now(),
    )
    words = {
        "place": place,
        "drawing": drawn(found, brand_slug),
        "lineage": found,
        "until": request.GET.get("until", ""),
    }
    return render(request, "lineage/page.html", words)


def _clicks_before(request: MemberRequest) -> ClicksBefore | None:
    """Read from where clicks are looked for: a place that the page named, or a time that the reader did."""
    given = request.GET.get("clicks_before")
    if given:
        return ClicksBefore.read(given)
    until = moment_given(request.GET, "until")
    return ClicksBefore.read(until.isoformat()) if until else None


def drawn(found: ChainDTO, brand_slug: str) -> Drawing:
    """Lay a graph out; levels on which nothing stands are left out."""
    boxes = {node.id: _box(node, found.start, brand_slug) for node in found.nodes}
    led_on = {edge.source for edge in found.edges}
    idle = {
        box.node.id: box
        for box in boxes.values()
        if box.node.kind is ChainNodeKind.CLICK and box.node.id not in led_on and not box.is_start
    }
    levels: dict[ChainNodeKind, list[Box]] = {kind: [] for kind in ChainNodeKind}
    for box in boxes.values():
        if box.node.id not in idle:
            levels[box.node.kind].append(box)
    links = [
        Link(boxes[edge.source], boxes[edge.target], _(RELATION_WORDS[edge.relation]))
        for edge in found.edges
        if edge.target not in idle
    ]
    return Drawing(
        levels=[Level(_(KIND_WORDS[kind]), level) for kind, level in levels.items() if level],
        links=links,
        idle=list(idle.values()),
        start=boxes[found.start],
    )


def _box(node: ChainNodeDTO, start: str, brand_slug: str) -> Box:
    return Box(
        node=node,
        kind_words=_kind_words(node),
        title=_title(node),
        href=_href(node, brand_slug),
        is_start=node.id == start,
    )


def _kind_words(node: ChainNodeDTO) -> str:
    words = _(KIND_WORDS[node.kind])
    if node.kind is ChainNodeKind.CONVERSION and node.status:
        return f"{words} · {conversion_type_words(node.status)}"
    if node.kind is ChainNodeKind.DEAL and node.status:
        return f"{words} · {outcome_words(DealOutcome(node.status))}"
    is_of_a_platform = node.kind in {ChainNodeKind.EVIDENCE, ChainNodeKind.VARIANT, ChainNodeKind.AD}
    return f"{words} · {wording.platform_name(node.channel)}" if is_of_a_platform and node.channel else words


def _title(node: ChainNodeDTO) -> str:
    if node.count is not None:
        return f"{_(ENGAGEMENT_WORDS[ExecutionEventType(node.title)])}: {wording.number_words(node.count)}"
    if node.value is not None and node.currency is not None:
        return f"{money_words(node.value, node.currency)} · {node.title}"
    return node.title


def _href(node: ChainNodeDTO, brand_slug: str) -> str | None:
    """Return the page of a thing; things that have none lead to their own chain."""
    if node.kind is ChainNodeKind.EVIDENCE:
        return reverse("web:evidence_item", args=[brand_slug, node.object_id])
    if node.kind is ChainNodeKind.PACKAGE:
        return reverse("web:package", args=[brand_slug, node.object_id])
    if node.kind is ChainNodeKind.VARIANT and node.package_id:
        return f"{reverse('web:package', args=[brand_slug, node.package_id])}#variant-{node.object_id}"
    if node.kind is ChainNodeKind.CONVERSION:
        return reverse("web:conversion", args=[brand_slug, node.object_id])
    if node.kind is ChainNodeKind.AD:
        return reverse("web:ads", args=[brand_slug])
    return None if node.kind is ChainNodeKind.ENGAGEMENT else chain_page(brand_slug, node)


def chain_page(brand_slug: str, node: ChainNodeDTO) -> str:
    """Return the path of the chain through a thing."""
    path = reverse("web:lineage", args=[brand_slug, node.kind, node.object_id])
    return f"{path}?{urlencode({'source': node.source})}" if node.source else path
