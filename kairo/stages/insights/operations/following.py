"""What happens by itself: new items are clustered and looked at, and open candidates grow older."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from kairo.stages.insights.contracts.trends import AggregateReport, ScoreReport
from kairo.stages.insights.operations.aggregating import Progress, aggregate
from kairo.stages.insights.operations.scoring import score


def follow_new_items(
    *, tenant_id: UUID, at: datetime, progress: Progress | None = None
) -> tuple[AggregateReport, ScoreReport]:
    """Put the tenant's new items into clusters and look at those that got some."""
    aggregated = aggregate(tenant_id=tenant_id, progress=progress)
    return aggregated.report, score(tenant_id=tenant_id, at=at, among=aggregated.touched)
