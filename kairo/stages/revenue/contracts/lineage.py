"""The chain from a post to the money that came of it: its nodes, its edges, and what flowed through it."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from pydantic import TypeAdapter, ValidationError

from kairo.errors import Invalid
from kairo.moments import Moment
from kairo.shapes import Frozen
from kairo.stages.content.contracts import LineageNotFound as LineageNotFound
from kairo.stages.revenue.contracts.stages import Money


class ChainKind(StrEnum):
    """What a chain can be followed from, in the order in which one thing leads to the next."""

    EVIDENCE = "evidence"
    OPPORTUNITY = "opportunity"
    PACKAGE = "package"
    VARIANT = "variant"
    AD = "ad"
    CLICK = "click"
    CONVERSION = "conversion"
    DEAL = "deal"


OUTSIDE = frozenset({ChainKind.AD, ChainKind.CLICK, ChainKind.CONVERSION, ChainKind.DEAL})
"""The kinds whose ids come from outside: free texts."""


class ChainNodeKind(StrEnum):
    """What stands in a chain: what it can be followed from, and what people did with a text."""

    EVIDENCE = "evidence"
    OPPORTUNITY = "opportunity"
    PACKAGE = "package"
    VARIANT = "variant"
    ENGAGEMENT = "engagement"
    AD = "ad"
    CLICK = "click"
    CONVERSION = "conversion"
    DEAL = "deal"


class ChainRelation(StrEnum):
    """How a thing leads to the next."""

    CITED_BY = "cited_by"
    WORKED_OUT_AS = "worked_out_as"
    WRITTEN_AS = "written_as"
    BROUGHT = "brought"
    ADVERTISED_BY = "advertised_by"
    CLICKED = "clicked"
    LED_TO = "led_to"
    BECAME = "became"


class ChainNodeDTO(Frozen):
    """One thing of a chain. An engagement is all events of one type on a variant: `count` of them, the newest `at`.

    `package_id`: of a variant, the package that it is part of. `source`: of a deal, its CRM. `value` is what a
    conversion was worth, or what a deal counts now. `status`: of a conversion its type, of a deal its outcome.
    """

    id: str
    kind: ChainNodeKind
    object_id: str
    title: str
    at: datetime | None = None
    status: str | None = None
    channel: str | None = None
    count: int | None = None
    package_id: UUID | None = None
    source: str | None = None
    value: Money | None = None
    currency: str | None = None
    confidence: float | None = None


class ChainEdgeDTO(Frozen):
    """`source` leads to `target`; both are ids of nodes."""

    source: str
    target: str
    relation: ChainRelation


class FlowDTO(Frozen):
    """The money of a chain in one currency; it is never added to that of another.

    A sale may be told by its conversion and by its deal: then the deal counts, and the conversion stands under
    `told_by_deals` alone. `cash` is conversions and won deals together; `synthetic_revenue` is what all deals count
    now, the won ones with their cash.
    """

    currency: str
    conversion_cash: Money
    deal_cash: Money
    cash: Money
    synthetic_revenue: Money
    told_by_deals: Money


class ChainRevenueDTO(Frozen):
    """What flowed through a chain: all of it, also where not every conversion and deal is shown."""

    flows: list[FlowDTO]
    conversions: int
    deals: int


class ClicksBefore(NamedTuple):
    """A place among clicks, newest first: the next one is earlier, or of the same moment with a smaller id."""

    at: datetime
    click_id: str = ""

    def __str__(self) -> str:
        moment = self.at.astimezone(UTC).isoformat().replace("+00:00", "Z")
        return f"{moment}~{self.click_id}" if self.click_id else moment

    @classmethod
    def read(cls, text: str) -> ClicksBefore:
        """Read a place as `str` writes it; a moment alone is one.

        Raises:
            Invalid: it is none.
        """
        moment, _, click_id = text.partition("~")
        try:
            at = TypeAdapter[datetime](Moment).validate_python(moment)
        except ValidationError as error:
            raise Invalid("clicks_before is a moment like 2026-06-01T12:00:00Z, or what `older` said.") from error
        if "\0" in click_id:
            raise Invalid("clicks_before is a moment like 2026-06-01T12:00:00Z, or what `older` said.")
        return cls(at, click_id)


class ClickSearchDTO(Frozen):
    """How far clicks that led to nothing were looked for, the newest first: they have to be read one after the other.

    `until`: where this look began; null is the newest click. `since`: the earliest click that was looked at; null means
    that all earlier ones were. `older`: what to give as `clicks_before` to look further back; null when all were.
    """

    until: datetime | None = None
    since: datetime | None = None
    older: str | None = None


class ChainDTO(Frozen):
    """The chain through one thing, both ways; `start` is its node.

    `truncated`: it leads to more things than are listed. Of clicks that led to nothing, `clicks_looked_at` says instead
    how far they were looked for; it is null where no ad belongs to the chain, and where it is followed from a click or
    from what came of one. `revenue` is null as long as no ad, conversion or deal belongs to it.
    """

    start: str
    nodes: list[ChainNodeDTO]
    edges: list[ChainEdgeDTO]
    revenue: ChainRevenueDTO | None = None
    truncated: bool = False
    clicks_looked_at: ClickSearchDTO | None = None
