"""The items that a question is about: those of its window, and those of the window before to compare with."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from kairo.platform.policy.injections import orders_a_machine
from kairo.stages.evidence import queries as evidence
from kairo.stages.evidence.contracts import EvidenceItemDTO, SurfaceRole
from kairo.stages.evidence.queries import EvidenceWindow
from kairo.stages.insights.contracts.agents import AgentItem, ExpandedQuery
from kairo.stages.insights.contracts.answers import AnalysisRequest, AnswerLanguage
from kairo.stages.insights.ports import FindsItems

MAX_ITEMS = 300
"""The newest of a window that are read: enough for shares within ±6 %, few enough for a simple command's seconds."""
MAX_FOUND = 200
MAX_FOUND_DEGRADED = 5
MIN_ITEMS = 3
FEW_ITEMS = 10
MAX_WORDINGS = 4
RANK_FUSION = 60
"""The constant of reciprocal rank fusion, by which the lists of several wordings become one."""


@dataclass
class Gathered:
    """What was read for a question. `warnings` are (name, count) of the wordings."""

    items: list[EvidenceItemDTO]
    previous: list[EvidenceItemDTO]
    warnings: list[tuple[str, int]] = field(default_factory=list)
    degraded: list[str] = field(default_factory=list)
    wordings: Sequence[ExpandedQuery] = ()

    def language_for(self, request: AnalysisRequest) -> str:
        """Return the language of the answer: the one asked for, the query's, else that of most items."""
        if request.lang is not AnswerLanguage.AUTO:
            return request.lang.value
        if request.query and _is_cyrillic(request.query):
            return "ru"
        majority = self._majority()
        return majority if majority in {"en", "ru"} else "en"

    def is_foreign(self) -> bool:
        """Say whether most items are in a language in which no answers are written."""
        return self._majority() not in {"en", "ru", None}

    def _majority(self) -> str | None:
        told = Counter(item.language for item in self.items if item.language)
        return told.most_common(1)[0][0] if told else None


def in_windows(*, brand_id: UUID, request: AnalysisRequest, as_of: datetime) -> Gathered:
    """Read the items of the window and of the one before."""
    span = timedelta(hours=request.window.hours)
    now = _in_window(brand_id, request, as_of=as_of)
    gathered = Gathered(items=now, previous=_in_window(brand_id, request, as_of=as_of - span))
    if len(now) >= MAX_ITEMS and not request.query:
        gathered.warnings.append(("capped", MAX_ITEMS))
    return gathered


def settle_on(gathered: Gathered, *, at_most: int | None) -> None:
    """Leave out what is no voice of the market, and what a model is not given; say how little is left."""
    _leave_out_orders(gathered)
    if at_most is not None:
        if len(gathered.items) > at_most:
            gathered.warnings = [told for told in gathered.warnings if told[0] != "capped"]
            gathered.warnings.append(("capped_for_model", at_most))
        gathered.items, gathered.previous = gathered.items[:at_most], gathered.previous[:at_most]
    if MIN_ITEMS <= len(gathered.items) < FEW_ITEMS:
        gathered.warnings.append(("few_items", len(gathered.items)))


def voices(items: Sequence[EvidenceItemDTO]) -> list[EvidenceItemDTO]:
    """Return the items without those that speak to machines."""
    return [item for item in items if not orders_a_machine(_read_text(item))]


def agent_items(items: Sequence[EvidenceItemDTO]) -> list[AgentItem]:
    """Return items as agents read them."""
    return [
        AgentItem(
            id=item.id,
            text=_read_text(item),
            language=item.language,
            author=f"{item.platform}:{item.author}" if item.author else None,
            published_at=item.published_at,
            engagement=round(100 * item.engagement_score, 1),
        )
        for item in items
    ]


def _read_text(item: EvidenceItemDTO) -> str:
    return item.text or item.transcript or item.title or ""


def _in_window(brand_id: UUID, request: AnalysisRequest, *, as_of: datetime) -> list[EvidenceItemDTO]:
    window = EvidenceWindow(as_of=as_of, days=request.window.hours // 24, max_items=MAX_ITEMS)
    return [item for item in evidence.brand_evidence(brand_id, window).items if _counts(item, request)]


def _counts(item: EvidenceItemDTO, request: AnalysisRequest) -> bool:
    """Say whether an item is a voice of its own: no repeat, no empty one, and not the brand's own."""
    return (
        item.near_duplicate_of is None
        and item.holds_real_content
        and item.roles != [SurfaceRole.OWN]
        and (not request.sources or item.platform in request.sources)
    )


def narrow_to_query(
    gathered: Gathered,
    brand_id: UUID,
    request: AnalysisRequest,
    *,
    as_of: datetime,
    find_items: FindsItems,
    held_back: bool,
) -> None:
    """Keep the items that the query and its wordings find; held back, the best few of the query alone."""
    limit = MAX_FOUND_DEGRADED if held_back else MAX_FOUND
    if held_back:
        gathered.degraded += ["expansion", "retrieval"]
    wordings = [(wording.text, wording.weight) for wording in gathered.wordings] or [(request.query or "", 1.0)]

    def found(at: datetime) -> list[EvidenceItemDTO]:
        merged: defaultdict[UUID, float] = defaultdict(float)
        for text, weight in wordings:
            ids = find_items(
                brand_id=brand_id, query=text, window=request.window, at=at, platforms=request.sources, limit=limit
            )
            for rank, item_id in enumerate(ids, start=1):
                merged[item_id] += weight / (RANK_FUSION + rank)
        known = {item.id: item for item in (*gathered.items, *gathered.previous)}
        best = sorted(merged, key=lambda item_id: (-merged[item_id], item_id))[:limit]
        known |= evidence.items_by_id([item_id for item_id in best if item_id not in known])
        return [known[item_id] for item_id in best if item_id in known and _counts(known[item_id], request)]

    span = timedelta(hours=request.window.hours)
    gathered.items, gathered.previous = found(as_of), found(as_of - span)


def _leave_out_orders(gathered: Gathered) -> None:
    """Leave out posts that speak to machines: they are no voice of the market."""
    kept = voices(gathered.items)
    if len(kept) < len(gathered.items):
        gathered.warnings.append(("orders_to_machines", len(gathered.items) - len(kept)))
    gathered.items = kept
    gathered.previous = voices(gathered.previous)


def _is_cyrillic(text: str) -> bool:
    letters = [character for character in text if character.isalpha()]
    return sum("Ѐ" <= character <= "ӿ" for character in letters) * 2 > len(letters)
