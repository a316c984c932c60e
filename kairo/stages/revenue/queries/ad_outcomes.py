"""What the deals of each ad came to, all ads at once."""

from __future__ import annotations

from collections.abc import Collection

from kairo.platform.database.sessions import current_tenant
from kairo.platform.database.sql import rows
from kairo.stages.revenue.contracts.outcomes import AdDeals

_OUTCOMES = """
SELECT ad_id, synthetic_currency, count(*) FILTER (WHERE synthetic_value > 0), sum(synthetic_value),
       count(*) FILTER (WHERE outcome = 'won')
FROM deal
WHERE tenant_id = %(tenant)s AND ad_id IS NOT NULL AND synthetic_value IS NOT NULL AND NOT is_deleted
  AND merged_into IS NULL {condition}
GROUP BY ad_id, synthetic_currency ORDER BY ad_id, synthetic_currency
"""


def ad_deals(ad_ids: Collection[str] | None = None) -> list[AdDeals]:
    """Return the sums of each ad's deals, currency by currency, in one statement; all ads without `ad_ids`."""
    condition = "" if ad_ids is None else "AND ad_id = ANY(%(ads)s)"
    parameters: dict[str, object] = {"tenant": current_tenant()}
    if ad_ids is not None:
        parameters["ads"] = list(ad_ids)
    return [
        AdDeals(ad_id=ad_id, currency=currency, deals=deals, synthetic_revenue=value, won=won)
        for ad_id, currency, deals, value, won in rows(_OUTCOMES.format(condition=condition), parameters)
    ]
