"""The chain from a post to what came of it, drawn and as a table: where a text came from, where a post led."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Final
from uuid import UUID

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
from kairo.platform.database.clock import now
from kairo.stages.content import queries
from kairo.stages.content.contracts import ExecutionEventType, LineageDTO, LineageKind, LineageNodeDTO, LineageRelation

COLUMNS: Final = (*LineageKind, "engagement")
KIND_WORDS: Final = {
    LineageKind.EVIDENCE: marked("Post"),
    LineageKind.OPPORTUNITY: marked("Opportunity"),
    LineageKind.PACKAGE: marked("Package"),
    LineageKind.VARIANT: marked("Text"),
    "engagement": marked("Engagement"),
}
RELATION_WORDS: Final = {
    LineageRelation.CITED_BY: marked("is cited by"),
    LineageRelation.WORKED_OUT_AS: marked("is worked out as"),
    LineageRelation.WRITTEN_AS: marked("is written as"),
    LineageRelation.BROUGHT: marked("has brought"),
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
LONGEST_LINE: Final = 24


@dataclass(frozen=True)
class Box:
    """A node where it is drawn; `href` leads to the thing itself, if it has a page."""

    node: LineageNodeDTO
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
def lineage(request: MemberRequest, brand_slug: str, node_kind: str, node_id: UUID) -> HttpResponse:
    """Show what a thing came from and what came of it."""
    place = place_of(request, brand_slug)
    if node_kind not in list(LineageKind):
        raise NotFound(_("There is nothing of this kind to follow."))
    found = queries.lineage(LineageKind(node_kind), node_id, brand_id=place.brand.id, at=now())
    words = {"place": place, "drawing": drawn(found, brand_slug), "lineage": found, "box": (BOX_WIDTH, BOX_HEIGHT)}
    return render(request, "lineage/page.html", words)


def drawn(found: LineageDTO, brand_slug: str) -> Drawing:
    """Lay a graph out; columns in which nothing stands are left out."""
    by_kind: dict[str, list[LineageNodeDTO]] = defaultdict(list)
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


def _box(node: LineageNodeDTO, start: str, brand_slug: str, *, column: int, row: int, rows: int, tallest: int) -> Box:
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


def _kind_words(node: LineageNodeDTO) -> str:
    words = _(KIND_WORDS[node.kind])
    if node.kind in {LineageKind.EVIDENCE, LineageKind.VARIANT} and node.channel:
        return f"{words} · {wording.platform_name(node.channel)}"
    return words


def _title(node: LineageNodeDTO) -> str:
    if node.count is None:
        return node.title
    return f"{_(ENGAGEMENT_WORDS[ExecutionEventType(node.title)])}: {wording.number_words(node.count)}"


def _href(node: LineageNodeDTO, brand_slug: str) -> str | None:
    if node.kind is LineageKind.EVIDENCE:
        return reverse("web:evidence_item", args=[brand_slug, node.object_id])
    if node.kind is LineageKind.PACKAGE:
        return reverse("web:package", args=[brand_slug, node.object_id])
    if node.kind is LineageKind.VARIANT and node.package_id:
        return f"{reverse('web:package', args=[brand_slug, node.package_id])}#variant-{node.object_id}"
    if node.kind is LineageKind.OPPORTUNITY:
        return reverse("web:lineage", args=[brand_slug, node.kind, node.object_id])
    return None
