"""Reads of budgets: settings, what ads were told to have done, and how selections turned out."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

import numpy as np

from kairo.platform.database.batches import batch_rows
from kairo.platform.database.sessions import current_tenant
from kairo.stages.learning.contracts.budgets import AdTotalsAt, BudgetSettings, RecommendationScore
from kairo.stages.learning.models import BudgetSelection, BudgetSettingsRow
from kairo.stages.learning.rules.budgets.histories import Readings

LONGEST_DAYS = 200
MATURE_DAYS = 30
_DAY_S = 86_400.0
_OF_ADS = """
SELECT ad_id, extract(epoch FROM observed_at)::float8, clicks::float8, spend, pipeline_value, cash_revenue
FROM ad_reading
WHERE tenant_id = %(tenant)b::uuid AND ad_id = ANY(%(ads)b::text[])
  AND observed_at <= %(until)b::timestamptz AND observed_at >= %(since)b::timestamptz
"""
_NEWEST = """
SELECT found.* FROM unnest(%(ads)b::text[]) AS asked(ad_id) CROSS JOIN LATERAL (
    SELECT ad_id, observed_at, impressions, clicks, spend, pipeline_value, cash_revenue FROM ad_reading
    WHERE tenant_id = %(tenant)b::uuid AND ad_id = asked.ad_id ORDER BY observed_at DESC LIMIT 1
) AS found
"""
_NEWEST_MOMENT = """
SELECT max(newest.at) FROM unnest(%(ads)b::text[]) AS asked(ad_id) CROSS JOIN LATERAL (
    SELECT observed_at AS at FROM ad_reading
    WHERE tenant_id = %(tenant)b::uuid AND ad_id = asked.ad_id ORDER BY observed_at DESC LIMIT 1
) AS newest
"""


def budget_settings() -> BudgetSettings:
    """Return how the account wants budgets decided."""
    row = BudgetSettingsRow.objects.first()
    return BudgetSettings.model_validate(row.settings) if row else BudgetSettings()


def newest_totals(ad_ids: Collection[str]) -> dict[str, AdTotalsAt]:
    """Return the newest totals of those ads that anything was told of."""
    found = batch_rows(_NEWEST, {"tenant": current_tenant(), "ads": list(ad_ids)})
    return {
        ad_id: AdTotalsAt(
            ad_id=ad_id,
            observed_at=observed_at,
            impressions=impressions,
            clicks=clicks,
            spend=spend,
            pipeline_value=pipeline_value,
            cash_revenue=cash_revenue,
        )
        for ad_id, observed_at, impressions, clicks, spend, pipeline_value, cash_revenue in found
    }


def newest_moment(ad_ids: Collection[str]) -> datetime | None:
    """Return when any of the ads was last told of."""
    [[found]] = batch_rows(_NEWEST_MOMENT, {"tenant": current_tenant(), "ads": list(ad_ids)})
    moment: datetime | None = found
    return moment


def readings_of(ad_ids: Sequence[str], *, since: datetime, until: datetime) -> Readings:
    """Return what was told of ads within a span; an ad is its place in `ad_ids`, days count from 1970."""
    places = {ad_id: place for place, ad_id in enumerate(ad_ids)}
    named = {"tenant": current_tenant(), "ads": list(ad_ids), "since": since, "until": until}
    found = batch_rows(_OF_ADS, named) if ad_ids else []
    table = np.array([(places[ad_id], *figures) for ad_id, *figures in found], dtype=float).reshape(-1, 6)
    table = table[np.lexsort((table[:, 1], table[:, 0]))]
    return Readings(
        ad=table[:, 0].astype(np.int64),
        day=table[:, 1] / _DAY_S,
        clicks=table[:, 2],
        spend=table[:, 3],
        pipeline=table[:, 4],
        cash=table[:, 5],
    )


def recommendation_scores(*, limit: int = 50) -> list[RecommendationScore]:
    """List how selections turned out, the newest first; those that nothing is known of yet are left out."""
    found = BudgetSelection.objects.exclude(score=None).order_by("-made_at", "-id")[:limit]
    return [RecommendationScore.model_validate(row.score) for row in found]
