"""An account's market by its own past: ads by the platform's figures, else by what was told of them, and all deals."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np

from kairo.stages.ads import queries as ads
from kairo.stages.learning.contracts.measures import MarketMeasures
from kairo.stages.learning.models import AdReading
from kairo.stages.learning.queries.budgets import budget_settings, newest_totals, readings_of
from kairo.stages.learning.queries.delay_curves import paths_of
from kairo.stages.learning.rules.budgets.histories import Readings
from kairo.stages.revenue import queries as revenue

LONGEST = timedelta(days=2 * 365)
_DAY_S = 86_400.0


def market_measures(*, until: datetime) -> MarketMeasures:
    """Measure an account's market by what was known by a moment, in the currency of its budgets."""
    # Loaded late: it takes half a second, and every command would wait for it.
    from kairo.stages.learning.rules.budgets.measuring import Followed, measured
    from kairo.stages.learning.rules.budgets.selecting import steps_of_past

    currency, since = budget_settings().currency, until - LONGEST
    by_platform = [one for one in ads.totals(since=since, until=until) if one.currency == currency]
    known = {one.ad_id for one in by_platform}
    told_ids = AdReading.objects.filter(observed_at__gte=since, observed_at__lte=until)
    told = sorted({*told_ids.values_list("ad_id", flat=True).distinct()} - known)
    ad_ids = [*sorted(known), *told]
    readings = _together(
        _of_days(ads.daily_figures(currency=currency, since=since, until=until)),
        readings_of(told, since=since, until=until),
        first=len(known),
    )
    last = until.timestamp() / _DAY_S
    first = float(readings.day.min(initial=last))
    begun = revenue.deals_begun(since=datetime.fromtimestamp(first * _DAY_S, UTC), until=until)
    clicks = np.zeros(len(ad_ids))
    np.maximum.at(clicks, readings.ad, readings.clicks)
    followed = Followed(
        steps=steps_of_past(readings, len(ad_ids)),
        days=last - first,
        clicks=clicks,
        impressions=sum(one.impressions for one in by_platform)
        + sum(one.impressions for one in newest_totals(told).values()),
        pixel_leads=sum(one.conversions for one in by_platform),
        begun=np.array([begun.get(ad_id, 0) for ad_id in ad_ids], dtype=float),
        begun_unknown=begun.get(None, 0),
        closed=paths_of(revenue.deal_histories(until=until, currency=currency)),
        delays=np.array(revenue.lead_delays(until=until)),
    )
    return measured(followed, currency=currency)


def _of_days(figures: Sequence[tuple[str, int, float, float]]) -> Readings:
    """Return the running totals of ads, in order of their ids, at the end of each day; before the first there is 0."""
    places = {ad_id: place for place, ad_id in enumerate(dict.fromkeys(ad_id for ad_id, *_ in figures))}
    lines: list[tuple[int, float, float, float]] = []
    for ad_id, day, clicks, spend in figures:
        place = places[ad_id]
        if not lines or lines[-1][0] != place:
            lines.append((place, float(day), 0.0, 0.0))
        _, _, clicks_before, spend_before = lines[-1]
        lines.append((place, day + 1.0, clicks_before + clicks, spend_before + spend))
    table = np.array(lines, dtype=float).reshape(-1, 4)
    nothing = np.zeros(len(table))
    return Readings(table[:, 0].astype(np.int64), table[:, 1], table[:, 2], table[:, 3], nothing, nothing)


def _together(one: Readings, other: Readings, *, first: int) -> Readings:
    """Join the readings of two lists of ads; the places of the second begin at `first`."""
    names = ("day", "clicks", "spend", "pipeline", "cash")
    columns = (np.concatenate([getattr(one, name), getattr(other, name)]) for name in names)
    return Readings(np.concatenate([one.ad, other.ad + first]), *columns)
