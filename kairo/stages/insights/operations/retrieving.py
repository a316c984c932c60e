"""What one answer is made from: who does the agents' work, the items, the stored trends, what the brand holds it to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import cast
from uuid import UUID

from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.flags import queries as flags
from kairo.platform.flags.contracts import DegradationLevel, Flag
from kairo.platform.llm.asking import Models
from kairo.platform.llm.contracts import Spender
from kairo.platform.policy.contracts import Bounds
from kairo.stages.brands import queries as brands
from kairo.stages.brands.contracts import AgentsChoice
from kairo.stages.evidence import queries as evidence
from kairo.stages.evidence.contracts import EvidenceItemDTO
from kairo.stages.insights.contracts.agents import ExpandedQuery
from kairo.stages.insights.contracts.answers import AnalysisMode, AnalysisRequest
from kairo.stages.insights.contracts.trends import TrendCandidateDTO
from kairo.stages.insights.operations.agent_runs import run_agents
from kairo.stages.insights.operations.formatting import bounds_of
from kairo.stages.insights.operations.gathering import (
    MAX_WORDINGS,
    Gathered,
    agent_items,
    in_windows,
    narrow_to_query,
    settle_on,
    voices,
)
from kairo.stages.insights.operations.model_sources import BY_MODEL, ModelDesk, model_agents, open_desk
from kairo.stages.insights.ports import Sources

MODEL_ITEMS = 80
"""So many items a model is given: 48,000 characters at most, which the smallest models of the routes still read."""
MODEL_ITEMS_HELD_BACK = 20
TREND_ITEMS = 10
EXPANSION = "expansion"


@dataclass(frozen=True)
class Asked:
    """A question as it is being answered: whose, about when, asked now, and who pays."""

    brand_id: UUID
    request: AnalysisRequest
    as_of: datetime
    at: datetime
    spender: Spender


@dataclass
class Material:
    """All that one answer is made from. `desk` is the way to models, where they do the agents' work."""

    request: AnalysisRequest
    as_of: datetime
    gathered: Gathered
    trends: Sequence[TrendCandidateDTO]
    trend_items: dict[UUID, EvidenceItemDTO]
    bounds: Bounds
    is_enhanced: bool
    choice: AgentsChoice = AgentsChoice.LOCAL
    desk: ModelDesk | None = None

    @property
    def language(self) -> str:
        return self.gathered.language_for(self.request)

    def items(self) -> dict[UUID, EvidenceItemDTO]:
        return self.trend_items | {item.id: item for item in self.gathered.items}


def agents_choice(brand_id: UUID, request: AnalysisRequest) -> AgentsChoice:
    """Return who does the agents' work: what the question asks for, else what the brand has set, else local code."""
    return request.agents or AgentsChoice(str(brands.brand_settings(brand_id).get("agents", AgentsChoice.LOCAL)))


def retrieve(asked: Asked, *, sources: Sources, models: Models) -> Material:
    """Read what a question is about; other wordings of it are looked for between two transactions."""
    tenant_id = asked.spender.tenant_id
    with tenant_transaction(tenant_id):
        choice = agents_choice(asked.brand_id, asked.request)
        desk = None if choice is AgentsChoice.LOCAL else open_desk(models, asked.spender, at=asked.at)
        level = flags.degradation_level()
        gathered = in_windows(brand_id=asked.brand_id, request=asked.request, as_of=asked.as_of)
    held_back = level >= DegradationLevel.SOFT or (desk is not None and desk.is_near_cap)
    if asked.request.query and not held_back:
        gathered.wordings = _wordings(asked.request.query, gathered, sources, desk)
    with tenant_transaction(tenant_id):
        if asked.request.query:
            narrow_to_query(
                gathered,
                asked.brand_id,
                asked.request,
                as_of=asked.as_of,
                find_items=sources.find_items,
                held_back=held_back,
            )
        settle_on(gathered, at_most=_most_items(desk, held_back=held_back))
        return _with_trends(asked, gathered, sources, level, choice, desk)


def _most_items(desk: ModelDesk | None, *, held_back: bool) -> int | None:
    if desk is None or not desk.tasks:
        return None
    return MODEL_ITEMS_HELD_BACK if held_back else MODEL_ITEMS


def _wordings(query: str, gathered: Gathered, sources: Sources, desk: ModelDesk | None) -> Sequence[ExpandedQuery]:
    """Return the query in other wordings; who finds none in time is named, and the query alone is searched."""
    items = agent_items(voices(gathered.items))
    tries = [(EXPANSION, sources.agents.expansion, sources.limits.simple_s)]
    if desk is not None and desk.has(EXPANSION):
        tries.insert(0, (f"{EXPANSION}{BY_MODEL}", model_agents(desk).expansion, sources.limits.models_s))
    for name, expand, limit_s in tries:
        runs = run_agents({name: partial(expand, query, items)}, limit_s=limit_s)
        if name in runs.delivered:
            return cast(Sequence[ExpandedQuery], runs.delivered[name])[:MAX_WORDINGS]
        gathered.degraded.append(name)
    return ()


def _with_trends(
    asked: Asked,
    gathered: Gathered,
    sources: Sources,
    level: DegradationLevel,
    choice: AgentsChoice,
    desk: ModelDesk | None,
) -> Material:
    is_trends = asked.request.mode is AnalysisMode.TRENDS
    trends: Sequence[TrendCandidateDTO] = ()
    if is_trends:
        trends = sources.read_trends(brand_id=asked.brand_id, window=asked.request.window, at=asked.as_of)
    known = {item.id for item in gathered.items}
    missing = {item_id for trend in trends for item_id in trend.item_ids[:TREND_ITEMS] if item_id not in known}
    is_on = flags.is_on(Flag.ENABLE_TRENDS_ENHANCED, brand_id=asked.brand_id)
    return Material(
        request=asked.request,
        as_of=asked.as_of,
        gathered=gathered,
        trends=trends,
        trend_items=evidence.items_by_id(sorted(missing)),
        bounds=bounds_of(asked.brand_id),
        is_enhanced=is_trends and level < DegradationLevel.HARD and is_on,
        choice=choice,
        desk=desk,
    )
