"""Insights over HTTP: the trends of a brand, and the clusters that they come from."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest
from ninja import Router

from kairo.interfaces.api.errors import PROBLEMS
from kairo.interfaces.api.paging import Limit, Page
from kairo.platform.database.clock import now
from kairo.stages.insights import queries
from kairo.stages.insights.contracts.trends import ClusterDTO, TrendCandidateDTO, TrendWindow

router = Router(tags=["insights"])


@router.get("/brands/{brand_id}/trends", response={200: Page[TrendCandidateDTO], **PROBLEMS})
def list_trends(
    request: HttpRequest,
    brand_id: UUID,
    window: TrendWindow = TrendWindow.WEEK,
    cursor: UUID | None = None,
    limit: Limit = 50,
) -> Page[TrendCandidateDTO]:
    """List what the brand's evidence says more of than its past explains, the strongest first."""
    found = queries.trends(brand_id, window, now())
    first = next((place for place, candidate in enumerate(found, 1) if candidate.id == cursor), 0)
    page = found[first : first + limit]
    return Page(items=page, next_cursor=str(page[-1].id) if first + limit < len(found) else None)


@router.get("/clusters/{cluster_id}", response={200: ClusterDTO, **PROBLEMS})
def get_cluster(request: HttpRequest, cluster_id: UUID) -> ClusterDTO:
    """Return a cluster: its life by the hour and by the day, its newest items, the candidates that it has been."""
    return queries.cluster(cluster_id)
