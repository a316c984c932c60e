"""What Meta's answers mean: usage headers, error codes, rows of Insights."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from kairo.stages.ads.contracts.platforms import EntityStatus, PlatformUsage
from kairo.stages.ads.contracts.stats import AdStatDTO, Granularity

THROTTLING = frozenset({4, 17, 32, 613, *range(80_000, 80_015)})
UNSURE = frozenset({1, 2})
"""Meta's own faults: the call may have been carried out."""
BUDGET_CHANGED_TOO_OFTEN = 1_487_632
WAIT_S, BUDGET_WAIT_S = 300.0, 3_600.0
MINUTE_S = 60.0
# The first that is there counts: each next one is a part of it, under another name.
PURCHASES = ("omni_purchase", "purchase", "offsite_conversion.fb_pixel_purchase", "web_in_store_purchase")
LEADS = ("lead", "onsite_conversion.lead_grouped", "offsite_conversion.fb_pixel_lead")
_STATUSES = {
    "ACTIVE": EntityStatus.ACTIVE,
    "DELETED": EntityStatus.REMOVED,
    "ARCHIVED": EntityStatus.REMOVED,
}


def usage_of(headers: Mapping[str, str]) -> PlatformUsage | None:
    """Return how much of its allowance an account has used, as the headers of an answer say; None: they are silent."""
    given = {name.lower(): value for name, value in headers.items()}
    percents: list[float] = []
    waits: list[float] = []
    for use in _business_uses(_read(given.get("x-business-use-case-usage"))):
        percents += [_number(use.get(name)) for name in ("call_count", "total_cputime", "total_time")]
        waits.append(_number(use.get("estimated_time_to_regain_access")) * MINUTE_S)
    account = _read(given.get("x-ad-account-usage"))
    if account:
        percents.append(_number(account.get("acc_id_util_pct")))
        if percents[-1] >= 100:
            waits.append(_number(account.get("reset_time_duration")))
    app = _read(given.get("x-app-usage"))
    if app:
        percents += [_number(app.get(name)) for name in ("call_count", "total_cputime", "total_time")]
    if not percents:
        return None
    return PlatformUsage(percent=max(percents), shut_out_s=max(waits, default=0.0))


def wait_after(subcode: int | None, usage: PlatformUsage | None) -> float:
    """Return for how many seconds to leave an account alone after it was throttled."""
    if usage is not None and usage.shut_out_s > 0:
        return usage.shut_out_s
    return BUDGET_WAIT_S if subcode == BUDGET_CHANGED_TOO_OFTEN else WAIT_S


def status_of(word: str | None) -> EntityStatus:
    """Return how something stands by the status that was set; what Meta itself holds back counts as paused."""
    return _STATUSES.get((word or "").upper(), EntityStatus.PAUSED)


def stat_of(row: Mapping[str, Any], *, zone: ZoneInfo, granularity: Granularity, currency: str) -> AdStatDTO:
    """Read one row of Insights; its day and hour are of the account's time zone."""
    day = date.fromisoformat(str(row["date_start"]))
    hour = 0
    if granularity is Granularity.HOUR:
        hour = int(str(row["hourly_stats_aggregated_by_advertiser_time_zone"])[:2])
    purchases = _first_of(row.get("actions"), PURCHASES)
    return AdStatDTO(
        ad_id=str(row["ad_id"]),
        granularity=granularity,
        starts_at=datetime.combine(day, time(hour), zone).astimezone(UTC),
        impressions=int(_amount(row.get("impressions"))),
        clicks=int(_amount(row.get("inline_link_clicks"))),
        spend=_amount(row.get("spend")),
        conversions=int(purchases + _first_of(row.get("actions"), LEADS)),
        cash_revenue=_first_of(row.get("action_values"), PURCHASES),
        currency=str(row.get("account_currency") or currency),
    )


def _first_of(actions: Sequence[Mapping[str, Any]] | None, names: Sequence[str]) -> Decimal:
    counted = {str(action.get("action_type")): action.get("value") for action in actions or ()}
    return next((_amount(counted[name]) for name in names if name in counted), Decimal(0))


def _business_uses(told: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for uses in told.values():
        yield from (use for use in uses if isinstance(use, dict)) if isinstance(uses, list) else ()


def _read(text: str | None) -> Mapping[str, Any]:
    try:
        told = json.loads(text or "{}")
    except ValueError:
        return {}  # A header that is no JSON says nothing; the answer itself still counts.
    return told if isinstance(told, dict) else {}


def _number(value: Any) -> float:
    try:
        return max(float(value or 0), 0.0)
    except (TypeError, ValueError):
        return 0.0


def _amount(value: Any) -> Decimal:
    try:
        amount = Decimal(str(value or 0))
    except InvalidOperation:
        return Decimal(0)
    return amount if amount.is_finite() else Decimal(0)
