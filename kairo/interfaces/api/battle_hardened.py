"""Budgets over HTTP: what ads have done comes in, how to share a budget comes out."""

from __future__ import annotations

from typing import Annotated

from django.http import HttpRequest, HttpResponse
from ninja import Body, Router
from pydantic import WrapValidator

from kairo.interfaces.api.errors import PROBLEMS, Problem
from kairo.interfaces.api.paging import Limit
from kairo.platform.database.clock import now
from kairo.stages.learning import operations, queries
from kairo.stages.learning.contracts.budgets import (
    AdReport,
    AdReportBatch,
    AdStanding,
    AdStandings,
    BudgetSettings,
    RecommendationScores,
    Selection,
    SelectRequest,
)

router = Router(tags=["budgets"])


def _meant(sent: object, _either: object) -> AdReportBatch | AdReport:
    """Read many reports or one, whichever its members say is meant, so that only mistakes in that one are named."""
    return (AdReportBatch if isinstance(sent, dict) and "reports" in sent else AdReport).model_validate(sent)


Reported = Annotated[AdReportBatch | AdReport, WrapValidator(_meant)]


@router.post("/ml/battle-hardened/feedback", response={200: AdStanding | AdStandings, **PROBLEMS})
def feedback(request: HttpRequest, body: Body[Reported]) -> AdStanding | AdStandings:
    """Keep an ad's running totals as of a moment, or up to 1,000 under `reports`; the same again changes nothing."""
    if isinstance(body, AdReportBatch):
        return operations.take_feedback_batch(reports=body.reports, at=now())
    return operations.take_feedback(report=body, at=now())


@router.post("/ml/battle-hardened/select", response={200: Selection, 404: Problem, **PROBLEMS})
def select(request: HttpRequest, body: SelectRequest) -> HttpResponse:
    """Share at most `total_budget` a day among the ads: one recommendation for each, with its reason.

    Money that no ad would earn back stays unspent. The answer is kept, and nothing acts on it.
    """
    selection = operations.select_budgets(request=body, at=now())
    # Written at once: a hundred thousand answers need not be checked against their shape a second time.
    return HttpResponse(selection.model_dump_json(), content_type="application/json; charset=utf-8")


@router.get("/ml/battle-hardened/scores", response={200: RecommendationScores, **PROBLEMS})
def scores(request: HttpRequest, limit: Limit = 50) -> RecommendationScores:
    """List how earlier recommendations compare with what happened since, the newest first."""
    return RecommendationScores(items=queries.recommendation_scores(limit=limit))


@router.get("/settings/budgets", response={200: BudgetSettings, **PROBLEMS})
def get_settings(request: HttpRequest) -> BudgetSettings:
    """Return the thresholds by which budgets are decided."""
    return queries.budget_settings()


@router.put("/settings/budgets", response={200: BudgetSettings, **PROBLEMS})
def change_settings(request: HttpRequest, body: BudgetSettings) -> BudgetSettings:
    """Change the thresholds from now on; what is left out goes back to its default."""
    return operations.change_budget_settings(settings=body, at=now())
