"""Policies compared on one market after the other; Kairo's optimiser decides in a tenant that is made for it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from uuid import UUID

from kairo.interfaces.cli.loop.running import PolicyResult, compared, played_by
from kairo.interfaces.cli.loop.texts import free_slug
from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.tenancy.operations import ensure_tenant
from kairo.sandbox.ad_market import AdMarket, Params
from kairo.sandbox.ad_market.observing import Standing
from kairo.sandbox.ad_market.policies import Budgets
from kairo.sandbox.ad_market.staging import invented_launches
from kairo.shapes import Frozen
from kairo.stages.learning import operations as learning
from kairo.stages.learning.contracts.budgets import AdReport, AdState, BudgetMode, SelectRequest

START = datetime(2026, 1, 5, tzinfo=UTC)


class MarketCompared(Frozen):
    """What each policy made of one market."""

    seed: int
    currency: str
    policies: list[PolicyResult]


def compare_policies(
    *, days: int, seeds: Iterable[int], ads: int, budget: float, params: Params | None = None
) -> list[MarketCompared]:
    """Let an equal split, the plain rules and Kairo live through the same markets; each market has a tenant."""
    return [_compared(seed, days=days, ads=ads, budget=budget, params=params or Params()) for seed in seeds]


def _compared(seed: int, *, days: int, ads: int, budget: float, params: Params) -> MarketCompared:
    launches = invented_launches(ads, days=days, audiences=[one.name for one in params.audiences])
    tenant_id = ensure_tenant(slug=free_slug(f"simulated-ads-{seed}")).id

    def by_kairo(standings: Sequence[Standing], market: AdMarket) -> Budgets:
        return kairo_budgets(standings, tenant_id=tenant_id, total=budget, seed=seed, at=market.now)

    others = compared(launches, seed=seed, start=START, days=days, total=budget, params=params)
    mine = played_by("kairo", by_kairo, launches, seed=seed, start=START, days=days, params=params)
    return MarketCompared(seed=seed, currency=params.currency, policies=[*others, mine])


def kairo_budgets(standings: Sequence[Standing], *, tenant_id: UUID, total: float, seed: int, at: datetime) -> Budgets:
    """Tell Kairo how the ads stand and return the budgets that it recommends, without the caps of carrying them out."""
    totals = [
        {
            "ad_id": one.ad_id, "impressions": one.impressions, "clicks": one.clicks, "spend": round(one.spend, 2),
            "pipeline_value": round(one.pipeline_value, 2), "cash_revenue": round(one.cash_revenue, 2),
        }
        for one in standings
    ]  # fmt: skip
    states = [
        AdState.model_validate(told | {"age_hours": one.age_hours, "daily_budget": one.daily_budget})
        for told, one in zip(totals, standings, strict=True)
    ]
    reports = [AdReport.model_validate(told | {"observed_at": at.isoformat()}) for told in totals]
    request = SelectRequest(ad_states=states, total_budget=total, mode=BudgetMode.PIPELINE, seed=seed)
    with tenant_transaction(tenant_id):
        learning.take_feedback_batch(reports=reports, at=at)
        selection = learning.select_budgets(request=request, at=at)
    return {one.ad_id: one.recommended_budget for one in selection.recommendations}
