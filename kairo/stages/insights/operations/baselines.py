"""Taking in what is usual for an account's topics, from whoever has learned it."""

from __future__ import annotations

from datetime import datetime

from kairo.platform.database.sessions import current_tenant
from kairo.stages.insights.contracts.baselines import ServingBaseline
from kairo.stages.insights.models import TrendBaselineRow


def set_trend_baseline(*, serving: ServingBaseline, at: datetime) -> None:
    """Put a baseline in use; looks from now on go by it."""
    values = {
        "version": serving.version,
        "learned_until": serving.learned_until,
        "baseline": serving.baseline.model_dump(mode="json"),
        "set_at": at,
    }
    TrendBaselineRow.objects.update_or_create(tenant_id=current_tenant(), defaults=values)
