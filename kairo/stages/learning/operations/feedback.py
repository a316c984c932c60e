"""Taking in what ads have done: running totals as of a moment, in any order, as often as anybody likes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from kairo.platform.database.batches import batch_rows
from kairo.platform.database.ids import new_id
from kairo.platform.database.sessions import current_tenant
from kairo.stages.learning.contracts.budgets import AdReport, AdStanding, AdStandings
from kairo.stages.learning.queries.budgets import newest_totals

# Of one statement's rows each moment of an ad may stand once.
_STORE = """
INSERT INTO ad_reading AS known (id, tenant_id, ad_id, observed_at, impressions, clicks, spend, pipeline_value,
                                 cash_revenue, received_at)
SELECT told.id, %(tenant)b::uuid, told.ad_id, told.observed_at, told.impressions, told.clicks, told.spend,
       told.pipeline_value, told.cash_revenue, %(at)b::timestamptz
FROM unnest(%(ids)b::uuid[], %(ads)b::text[], %(moments)b::timestamptz[], %(impressions)b::bigint[],
            %(clicks)b::bigint[], %(spend)b::float8[], %(pipeline)b::float8[], %(cash)b::float8[])
     AS told(id, ad_id, observed_at, impressions, clicks, spend, pipeline_value, cash_revenue)
ORDER BY told.ad_id, told.observed_at
ON CONFLICT (tenant_id, ad_id, observed_at) DO UPDATE
SET impressions = excluded.impressions, clicks = excluded.clicks, spend = excluded.spend,
    pipeline_value = excluded.pipeline_value, cash_revenue = excluded.cash_revenue, received_at = excluded.received_at
WHERE (known.impressions, known.clicks, known.spend, known.pipeline_value, known.cash_revenue)
      IS DISTINCT FROM (excluded.impressions, excluded.clicks, excluded.spend, excluded.pipeline_value,
                        excluded.cash_revenue)
RETURNING known.ad_id, known.observed_at
"""


def take_feedback(*, report: AdReport, at: datetime) -> AdStanding:
    """Keep what an ad had done by a moment, and return its newest totals. The same again changes nothing."""
    return take_feedback_batch(reports=[report], at=at).results[0]


@transaction.atomic
def take_feedback_batch(*, reports: Sequence[AdReport], at: datetime) -> AdStandings:
    """Keep what ads had done, and return each one's newest totals in the order sent.

    Told differently for the same moment, the later telling holds.
    """
    last = {(report.ad_id, report.observed_at): report for report in reports}
    told = list(last.values())
    stored = batch_rows(
        _STORE,
        {
            "tenant": current_tenant(),
            "at": at,
            "ids": [new_id() for _ in told],
            "ads": [report.ad_id for report in told],
            "moments": [report.observed_at for report in told],
            "impressions": [report.impressions for report in told],
            "clicks": [report.clicks for report in told],
            "spend": [float(report.spend) for report in told],
            "pipeline": [float(report.pipeline_value) for report in told],
            "cash": [float(report.cash_revenue) for report in told],
        },
    )
    new = set(stored)
    newest = newest_totals({report.ad_id for report in told})
    results = []
    for report in reports:
        total = newest[report.ad_id]
        results.append(
            AdStanding(
                **total.model_dump(),
                is_new=(report.ad_id, report.observed_at) in new,
                cost_per_click=total.spend / total.clicks if total.clicks else None,
                cash_roas=total.cash_revenue / total.spend if total.spend else None,
                pipeline_roas=total.pipeline_value / total.spend if total.spend else None,
            )
        )
    return AdStandings(results=results)
