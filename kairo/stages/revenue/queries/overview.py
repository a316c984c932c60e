"""What the account's revenue looks like at a glance: each question is one statement."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple
from zoneinfo import ZoneInfo

from kairo.platform.database.sessions import current_tenant
from kairo.platform.database.sql import rows
from kairo.stages.revenue.contracts.deals import DealOutcome
from kairo.stages.revenue.contracts.overview import (
    AdTotal,
    AttributionOverview,
    CampaignActivityDTO,
    DayOfLayers,
    LayerTotal,
    MoneyDTO,
    ReasonTotal,
    StageTotal,
)

MOST_STAGES = 200
_DAYS = """
SELECT (occurred_at AT TIME ZONE %(zone)s)::date, layer, reason, currency, count(*), sum(value), sum(confidence)
FROM conversion_tracking
WHERE tenant_id = %(tenant)s AND occurred_at > %(since)s AND occurred_at <= %(until)s
GROUP BY 1, 2, 3, 4
"""
_STAGES = """
SELECT pipeline, stage, outcome, count(*), synthetic_currency, sum(synthetic_value) FROM deal
WHERE tenant_id = %(tenant)s AND merged_into IS NULL AND NOT is_deleted
GROUP BY pipeline, stage, outcome, synthetic_currency
ORDER BY pipeline, outcome = 'lost', outcome = 'won', sum(synthetic_value) DESC NULLS LAST, stage LIMIT %(most)s
"""
_ADS = """
SELECT ad_id, count(*), currency, sum(value) FROM conversion_tracking
WHERE tenant_id = %(tenant)s AND attributed AND occurred_at > %(since)s AND occurred_at <= %(until)s
GROUP BY ad_id, currency ORDER BY count(*) DESC, ad_id, currency LIMIT %(most)s
"""
_CAMPAIGNS = """
SELECT campaign_id, name, platform, status, ads, currency, impressions, clicks, spend, conversions, deals,
       cash_revenue, synthetic_revenue, cash_roas, pipeline_roas, platform_cash
FROM v_campaign_activity_summary WHERE tenant_id = %(tenant)s
ORDER BY last_activity_at DESC NULLS LAST, campaign_id, currency LIMIT %(most)s
"""


class _Sum(NamedTuple):
    day: date
    layer: int | None
    reason: str | None
    currency: str
    conversions: int
    value: Decimal
    confidence: float


def attribution_overview(*, since: datetime, until: datetime, zone: str = "UTC") -> AttributionOverview:
    """Return what became of the conversions between two moments, by days of a zone, by layer and by reason."""
    asked = {"tenant": current_tenant(), "since": since, "until": until, "zone": zone}
    sums = [_Sum(*row) for row in rows(_DAYS, asked)]
    total = sum(one.conversions for one in sums)
    attributed = sum(one.conversions for one in sums if one.layer is not None)
    recovered = sum(one.conversions for one in sums if one.layer is not None and one.layer > 1)
    return AttributionOverview(
        from_at=since,
        to_at=until,
        conversions=total,
        attributed=attributed,
        recovered=recovered,
        attributed_share=attributed / total if total else None,
        recovered_share=recovered / total if total else None,
        values=_money(one for one in sums if one.layer is not None),
        days=_days(sums, since=since, until=until, zone=zone),
        layers=[_layer(layer, [one for one in sums if one.layer == layer], total) for layer in (1, 2, 3)],
        reasons=_reasons([one for one in sums if one.layer is None], total),
    )


def _days(sums: Sequence[_Sum], *, since: datetime, until: datetime, zone: str) -> list[DayOfLayers]:
    counts: dict[date, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for one in sums:
        counts[one.day][f"layer_{one.layer}" if one.layer else "unattributed"] += one.conversions
    if not counts:
        return []
    local = ZoneInfo(zone)
    # Over all time the days begin with the first conversion.
    first = max((since + timedelta(days=1)).astimezone(local).date(), min(counts))
    last = max(until.astimezone(local).date(), max(counts))
    days = (first + timedelta(days=number) for number in range((last - first).days + 1))
    return [DayOfLayers(day=day, **counts.get(day, {})) for day in days]


def _layer(layer: int, sums: Sequence[_Sum], total: int) -> LayerTotal:
    count = sum(one.conversions for one in sums)
    return LayerTotal(
        layer=layer,
        conversions=count,
        share=count / total if total else 0.0,
        mean_confidence=sum(one.confidence for one in sums) / count if count else 0.0,
        values=_money(sums),
    )


def _reasons(sums: Sequence[_Sum], total: int) -> list[ReasonTotal]:
    by_reason: dict[str, list[_Sum]] = defaultdict(list)
    for one in sums:
        by_reason[one.reason or "unknown"].append(one)
    found = [
        ReasonTotal(
            reason=reason,
            conversions=sum(one.conversions for one in part),
            share=sum(one.conversions for one in part) / total,
            values=_money(part),
        )
        for reason, part in by_reason.items()
    ]
    return sorted(found, key=lambda one: (-one.conversions, one.reason))


def _money(sums: Iterable[_Sum]) -> list[MoneyDTO]:
    totals: dict[str, Decimal] = defaultdict(Decimal)
    for one in sums:
        totals[one.currency] += one.value
    return [MoneyDTO(currency=currency, amount=totals[currency]) for currency in sorted(totals)]


def deals_by_stage() -> list[StageTotal]:
    """List the stages in which deals stand, with what these count now; open ones first."""
    found = rows(_STAGES, {"tenant": current_tenant(), "most": MOST_STAGES})
    return [
        StageTotal(
            pipeline=pipeline,
            stage=stage,
            outcome=DealOutcome(outcome),
            deals=count,
            currency=currency,
            amount=amount,
        )
        for pipeline, stage, outcome, count, currency, amount in found
    ]


def ads_by_credit(*, since: datetime, until: datetime, limit: int = 20) -> list[AdTotal]:
    """List the ads that most conversions of a window are credited to."""
    found = rows(_ADS, {"tenant": current_tenant(), "since": since, "until": until, "most": limit})
    return [
        AdTotal(ad_id=ad_id, conversions=count, currency=currency, value=value)
        for ad_id, count, currency, value in found
    ]


def campaign_activity(*, limit: int = 50) -> list[CampaignActivityDTO]:
    """List campaigns with what they did and what came of it, those of the newest activity first."""
    found = rows(_CAMPAIGNS, {"tenant": current_tenant(), "most": limit})
    names = list(CampaignActivityDTO.model_fields)
    return [CampaignActivityDTO.model_validate(dict(zip(names, row, strict=True))) for row in found]
