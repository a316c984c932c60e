"""The chain from a post to the money that came of it, drawn and as a table: where it came from, where it led."""

from __future__ import annotations

from collections import defaultdict
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
from kairo.interfaces.web.revenue_wording import conversion_type_words, money_words, outcome_words
from kairo.platform.database.clock import now
from kairo.stages.content.contracts import ExecutionEventType
from kairo.stages.revenue import operations
from kairo.stages.revenue.contracts.deals import DealOutcome
from kairo.stages.revenue.contracts.lineage import ChainDTO, ChainKind, ChainNodeDTO, ChainNodeKind, ChainRelation

COLUMNS: Final = tuple(ChainNodeKind)
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
BOX_WIDTH, BOX_HEIGHT, GAP_X, GAP_Y = 184, 56, 56, 16
LONGEST_LINE: Final = 22


@dataclass(frozen=True)
class Box:
    """A node where it is drawn; `href` leads to the thing itself, if it has a page."""

    node: ChainNodeDTO
    kind_words: str
    title: str
    href: str | None
    x: int
    y: int
    is_start: bool

    @property
    def line(self) -> str:
        return self.title if len(self.title) <= LONGEST_LINE else f"{self.title[: LONGEST_LINE - 1].rstrip()}…"

    @property
    def text_x(self) -> int:
        return self.x + 12

    @property
    def kind_y(self) -> int:
        return self.y + 22

    @property
    def line_y(self) -> int:
        return self.y + 42


@dataclass(frozen=True)
class Arrow:
    """An edge: its curve from the right side of one box to the left side of the other, and what it means."""

    source: Box
    target: Box
    words: str

    @property
    def curve(self) -> str:
        x, y = self.source.x + BOX_WIDTH, self.source.y + BOX_HEIGHT // 2
        to_x, to_y = self.target.x, self.target.y + BOX_HEIGHT // 2
        middle = (x + to_x) // 2
        return f"M{x} {y} C{middle} {y} {middle} {to_y} {to_x} {to_y}"


@dataclass(frozen=True)
class Drawing:
    """The graph laid out in columns, one a kind, from left to right."""

    boxes: list[Box]
    arrows: list[Arrow]
    width: int
    height: int

    @property
    def start(self) -> Box:
        return next(box for box in self.boxes if box.is_start)


@require_safe
@for_members
def lineage(request: MemberRequest, brand_slug: str, node_kind: str, node_id: str) -> HttpResponse:
    """Show what a thing came from and what came of it; `?source=` names the CRM of a deal."""
    place = place_of(request, brand_slug)
    if node_kind not in list(ChainKind):
        raise NotFound(_("There is nothing of this kind to follow."))
    source = request.GET.get("source", "").replace("\0", "") or None
    kind = ChainKind(node_kind)
    found = operations.follow(kind=kind, object_id=node_id, source=source, brand_id=place.brand.id, at=now())
    words = {"place": place, "drawing": drawn(found, brand_slug), "lineage": found, "box": (BOX_WIDTH, BOX_HEIGHT)}
    return render(request, "lineage/page.html", words)


def drawn(found: ChainDTO, brand_slug: str) -> Drawing:
    """Lay a graph out; columns in which nothing stands are left out."""
    by_kind: dict[str, list[ChainNodeDTO]] = defaultdict(list)
    for node in found.nodes:
        by_kind[node.kind].append(node)
    columns = [by_kind[kind] for kind in COLUMNS if by_kind[kind]]
    tallest = max(map(len, columns))
    boxes = {
        node.id: _box(node, found.start, brand_slug, column=column, row=row, rows=len(nodes), tallest=tallest)
        for column, nodes in enumerate(columns)
        for row, node in enumerate(nodes)
    }
    arrows = [Arrow(boxes[edge.source], boxes[edge.target], _(RELATION_WORDS[edge.relation])) for edge in found.edges]
    width = len(columns) * (BOX_WIDTH + GAP_X) - GAP_X + 4
    return Drawing(list(boxes.values()), arrows, width, tallest * (BOX_HEIGHT + GAP_Y) - GAP_Y + 4)


def _box(node: ChainNodeDTO, start: str, brand_slug: str, *, column: int, row: int, rows: int, tallest: int) -> Box:
    centred = (tallest - rows) * (BOX_HEIGHT + GAP_Y) // 2
    return Box(
        node=node,
        kind_words=_kind_words(node),
        title=_title(node),
        href=_href(node, brand_slug),
        x=2 + column * (BOX_WIDTH + GAP_X),
        y=2 + centred + row * (BOX_HEIGHT + GAP_Y),
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
