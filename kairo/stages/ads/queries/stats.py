"""Sums of what ads did: a day's own figures where they are known, else those of its hours."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from kairo.platform.database.sql import rows
from kairo.stages.ads.contracts.stats import AdTotals


def totals(*, ad_ids: Collection[str] | None = None, since: datetime | None = None, until: datetime) -> list[AdTotals]:
    """Return each ad's sums by currency of the spans that begin within [since, until); all ads without `ad_ids`."""
    condition = "AND ad_id = ANY(%s)" if ad_ids is not None else ""
    parameters: list[object] = [since, since, until]
    if ad_ids is not None:
        parameters.append(list(ad_ids))
    names = list(AdTotals.model_fields)
    found = rows(_TOTALS.format(condition=condition), parameters)
    return [AdTotals.model_validate(dict(zip(names, row, strict=True))) for row in found]


_TOTALS = """
SELECT ad_id, currency, sum(impressions)::bigint, sum(clicks)::bigint, sum(spend), sum(conversions)::bigint,
       sum(cash_revenue), min(starts_at)
FROM ad_figures
WHERE (%s::timestamptz IS NULL OR starts_at >= %s) AND starts_at < %s {condition}
GROUP BY ad_id, currency ORDER BY ad_id, currency
"""
_DAILY = """
SELECT ad_id, floor(extract(epoch FROM starts_at) / 86400)::bigint, sum(clicks)::float8, sum(spend)::float8
FROM ad_figures
WHERE currency = %s AND starts_at >= %s AND starts_at < %s
GROUP BY 1, 2 ORDER BY 1, 2
"""


def daily_figures(*, currency: str, since: datetime, until: datetime) -> list[tuple[str, int, float, float]]:
    """List (ad, day since 1970, clicks, spend) of each day on which figures of an ad begin, by ad and day."""
    return rows(_DAILY, [currency, since, until])
