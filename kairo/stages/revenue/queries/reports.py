"""The report of attribution over a window of time, and the check on a tenant's own pairs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Avg, Count, Q, Sum

from kairo.platform.database.batches import batch_rows
from kairo.platform.database.sessions import current_tenant
from kairo.stages.revenue.contracts.tracking import (
    AdCredit,
    AttributionReport,
    CreditModel,
    LayerShare,
    LinkDTO,
    ModelledRest,
    ReportWindow,
    SiteDTO,
)
from kairo.stages.revenue.models.tracking import Conversion, TrackedLink, TrackedSite
from kairo.stages.revenue.queries.weights import settings_and_weights
from kairo.stages.revenue.rules.crediting import Step, removal_effects, shares
from kairo.stages.revenue.rules.reporting import modelled_rest

LENGTHS: Mapping[str, timedelta | None] = {
    "1d": timedelta(days=1),
    "7d": timedelta(days=7),
    "28d": timedelta(days=28),
    "90d": timedelta(days=90),
    "all": None,
}
MOST_PATHS = 20_000
MOST_ADS = 200
MOST_UNCREDITED = 50_000
CENTS = Decimal("0.0001")
_UNCREDITED = """
SELECT (SELECT coalesce(sum((one ->> 'probability')::float8), 0) FROM jsonb_array_elements(candidates) one)
FROM conversion_tracking
WHERE tenant_id = (SELECT %(tenant)b::uuid) AND NOT attributed AND candidates <> '[]'::jsonb
  AND occurred_at > %(since)b::timestamptz AND occurred_at <= %(until)b::timestamptz
LIMIT %(most)b
"""


def attribution_report(
    *, window: ReportWindow, until: datetime, credit_model: CreditModel | None = None
) -> AttributionReport:
    """Return what was attributed in the window before a moment. A read: nothing is decided anew."""
    length = LENGTHS[window]
    since = until - length if length else datetime(2000, 1, 1, tzinfo=until.tzinfo)
    settings, weights = settings_and_weights()
    model = credit_model or settings.credit_model
    found = Conversion.objects.filter(occurred_at__gt=since, occurred_at__lte=until)
    total = found.aggregate(count=Count("id"), attributed=Count("id", filter=Q(attributed=True)))
    layers = list(
        found.filter(attributed=True)
        .values("layer")
        .annotate(count=Count("id"), value=Sum("value"), mean=Avg("confidence"))
        .order_by("layer")
    )
    reasons = found.filter(attributed=False).values_list("reason").annotate(count=Count("id")).order_by("reason")
    attributed: int = total["attributed"]
    precision = sum(row["count"] * row["mean"] for row in layers) / attributed if attributed else None
    return AttributionReport(
        window=window,
        from_at=since,
        to_at=until,
        conversions=total["count"],
        attributed=attributed,
        attributed_share=_share(attributed, total["count"]),
        estimated_precision=None if precision is None else round(precision, 4),
        layers=[_layer(row, total["count"]) for row in layers],
        unattributed={reason or "unknown": count for reason, count in reasons},
        credit_model=model,
        ads=_credits(found.filter(attributed=True).order_by("-occurred_at"), model),
        modelled=modelled(since=since, until=until),
        weights_version=weights.version,
        says=_says(attributed, total["count"], precision),
    )


def modelled(*, since: datetime, until: datetime) -> ModelledRest:
    """Return how many unattributed conversions between two moments are thought to come from ads all the same."""
    parameters = {"tenant": current_tenant(), "since": since, "until": until, "most": MOST_UNCREDITED}
    expected, low, high = modelled_rest([share for (share,) in batch_rows(_UNCREDITED, parameters)])
    return ModelledRest(expected=round(expected, 2), low=round(low, 2), high=round(high, 2))


def _says(attributed: int, conversions: int, precision: float | None) -> str:
    if not conversions:
        return "No conversions in this window."
    sure = "" if precision is None else f", of which about {precision:.1%} are right by the stated confidence"
    return (
        f"{attributed} of {conversions} conversions are attributed{sure}. Attributed is not incremental:"
        " declare a holdout to see what ads add."
    )


def _layer(row: Mapping[str, Any], conversions: int) -> LayerShare:
    return LayerShare(
        layer=row["layer"],
        conversions=row["count"],
        share=_share(row["count"], conversions),
        value=row["value"],
        mean_confidence=round(row["mean"], 4),
    )


def _share(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 0.0


def _credits(found: Any, model: CreditModel) -> list[AdCredit]:
    """Share each conversion out among the ads on its path; the newest conversions, as far as there are many."""
    rows = [
        ([Step(ad_id, before) for ad_id, before in path] or [Step(ad_id, 0)], value)
        for path, ad_id, value in found.values_list("path", "ad_id", "value")[:MOST_PATHS]
    ]
    if model is CreditModel.MARKOV:
        return _markov(rows)
    counts: dict[str, float] = defaultdict(float)
    values: dict[str, Decimal] = defaultdict(Decimal)
    for path, value in rows:
        for ad_id, share in shares(path, model).items():
            counts[ad_id] += share
            values[ad_id] += value * Decimal(repr(share))
    return _sorted(counts, values)


def _markov(rows: Sequence[tuple[list[Step], Decimal]]) -> list[AdCredit]:
    effects = removal_effects([step.ad_id for step in path] for path, _ in rows)
    total = sum((value for _, value in rows), Decimal(0))
    counts = {ad_id: share * len(rows) for ad_id, share in effects.items()}
    return _sorted(counts, {ad_id: total * Decimal(repr(share)) for ad_id, share in effects.items()})


def _sorted(counts: Mapping[str, float], values: Mapping[str, Decimal]) -> list[AdCredit]:
    credited = [
        AdCredit(ad_id=ad_id, conversions=round(count, 4), value=values[ad_id].quantize(CENTS))
        for ad_id, count in counts.items()
    ]
    return sorted(credited, key=lambda one: (-one.value, one.ad_id))[:MOST_ADS]


def links(*, after: str | None = None, limit: int = 50) -> list[LinkDTO]:
    """List the account's short links by their codes."""
    found = TrackedLink.objects.order_by("code")
    if after is not None:
        found = found.filter(code__gt=after)
    return [row.to_contract() for row in found[:limit]]


def sites(*, after: str | None = None, limit: int = 50) -> list[SiteDTO]:
    """List the account's websites by their keys."""
    found = TrackedSite.objects.order_by("key")
    if after is not None:
        found = found.filter(key__gt=after)
    return [row.to_contract() for row in found[:limit]]
