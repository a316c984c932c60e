"""How closed deals moved through their stages: what rates, amounts and delays are learned from."""

from __future__ import annotations

import json
from datetime import datetime

from kairo.platform.database.sessions import current_tenant
from kairo.platform.database.sql import rows
from kairo.stages.revenue.contracts.histories import DealHistory
from kairo.stages.revenue.queries.deals import set_stages, template_name
from kairo.stages.revenue.rules.stage_values import pipelines_from

MOST_DEALS = 20_000
_NEWEST = """
SELECT ad_id, pipeline, outcome = 'won', amount::float8, created_at, closed_at, steps::text
FROM deal WHERE tenant_id = %(tenant)s AND outcome IN ('won', 'lost') AND merged_into IS NULL AND NOT is_deleted
  AND created_at IS NOT NULL AND closed_at >= created_at AND closed_at <= %(until)s
  AND (currency IS NULL OR currency = %(currency)s)
ORDER BY closed_at DESC, deal_key LIMIT %(most)s
"""
_VERSION = """
SELECT count(*), max(changed_at)::text FROM deal
WHERE tenant_id = %(tenant)s AND outcome IN ('won', 'lost') AND closed_at <= %(until)s
"""
_BEGUN = """
SELECT ad_id, count(*) FROM deal
WHERE tenant_id = %(tenant)s AND merged_into IS NULL AND NOT is_deleted
  AND created_at >= %(since)s AND created_at <= %(until)s
GROUP BY ad_id
"""
# By the click that a lead itself carries: what was credited lies within the days that attribution looks back.
_LEAD_DELAYS = """
SELECT extract(epoch FROM lead.occurred_at - click.clicked_at)::float8 / 86400
FROM conversion_tracking lead
JOIN click_tracking click ON click.tenant_id = lead.tenant_id AND click.click_id = lead.click_id
WHERE lead.tenant_id = %(tenant)s AND lead.conversion_type = 'lead' AND click.clicked_at <= lead.occurred_at
  AND lead.occurred_at <= %(until)s
ORDER BY lead.occurred_at DESC LIMIT %(most)s
"""


def deal_histories(*, until: datetime, currency: str) -> list[DealHistory]:
    """List the newest deals of a currency that had closed by `until`, at most 20,000, the newest first.

    A stage's share is what people or the defaults say that it counts, never what was learned: reports of open value
    are made by such fixed shares.
    """
    pipelines = pipelines_from(set_stages(), template=template_name())
    shares: dict[tuple[str, str], float | None] = {}
    found = []
    named = {"tenant": current_tenant(), "until": until, "currency": currency, "most": MOST_DEALS}
    for ad_id, pipeline, is_won, amount, created_at, closed_at, steps in rows(_NEWEST, named):
        course = []
        for step in json.loads(steps):
            key = (pipeline, step["stage"])
            if key not in shares:
                shares[key] = pipelines.of(pipeline).probability(step["stage"])[0]
            share = shares[key]
            if share is not None and 0 < share < 1:
                course.append((share, datetime.fromisoformat(step["at"])))
        found.append(
            DealHistory(
                ad_id=ad_id, created_at=created_at, closed_at=closed_at, is_won=is_won, amount=amount, steps=course
            )
        )
    return found


def deal_histories_version(*, until: datetime) -> str:
    """Return what changes whenever a closed deal does, so that what was learned of them can be kept until then."""
    [[count, changed_at]] = rows(_VERSION, {"tenant": current_tenant(), "until": until})
    return f"{count} {changed_at}"


def deals_begun(*, since: datetime, until: datetime) -> dict[str | None, int]:
    """Count the deals that began within a span by the ad that led to them; None: of these nobody knows it."""
    return dict(rows(_BEGUN, {"tenant": current_tenant(), "since": since, "until": until}))


def lead_delays(*, until: datetime) -> list[float]:
    """List after how many days leads came whose own click is known, the newest first."""
    return [days for (days,) in rows(_LEAD_DELAYS, {"tenant": current_tenant(), "until": until, "most": MOST_DEALS})]
