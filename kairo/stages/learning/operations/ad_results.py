"""Taking in what ads did and brought, as something to learn from: their texts came from opportunities."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from pydantic import JsonValue

from kairo.errors import NotFound
from kairo.stages.ads import queries as ads
from kairo.stages.ads.contracts import AdDTO
from kairo.stages.ads.contracts.stats import AdTotals
from kairo.stages.content import queries as content
from kairo.stages.learning.contracts import LearningSignalType
from kairo.stages.learning.models import LearningEvent
from kairo.stages.learning.operations.noting import About, about_variant
from kairo.stages.revenue import queries as revenue
from kairo.stages.revenue.contracts.outcomes import AdDeals


@dataclass(frozen=True)
class _Noted:
    """What is told of one ad in one currency, and of which kind that is."""

    ad: AdDTO
    signal: LearningSignalType
    currency: str
    payload: dict[str, JsonValue]

    @property
    def key(self) -> str:
        return f"{self.signal}:{self.currency}:{self.ad.ad_id}"


@transaction.atomic
def note_ad_results(*, at: datetime) -> list[UUID]:
    """Keep what the ads of variants did and brought, as it is known by now; return the brands that learn from it."""
    totals = ads.totals(until=at)
    known = {ad_id: ad for ad_id, ad in ads.ads_by_id([one.ad_id for one in totals]).items() if ad.variant_id}
    noted = list(_noted([one for one in totals if one.ad_id in known], known))
    kept = _kept(noted)
    changed = [one for one in noted if one.key not in kept or _is_new(kept[one.key], one)]
    abouts = _abouts({one.ad.variant_id for one in changed if one.ad.variant_id}, at=at)
    events = [
        _event(one, *abouts[one.ad.variant_id], kept.get(one.key), at=at)
        for one in changed
        if one.ad.variant_id in abouts
    ]
    LearningEvent.objects.bulk_create(
        events,
        update_conflicts=True,
        unique_fields=["tenant", "event_key"],
        update_fields=["payload", "effective_at"],
        batch_size=1_000,
    )
    return sorted({event.brand_id for event in events})


def _kept(noted: Iterable[_Noted]) -> dict[str, LearningEvent]:
    keys = [one.key for one in noted]
    return {event.event_key: event for event in LearningEvent.objects.filter(event_key__in=keys)}


def _is_new(kept: LearningEvent, one: _Noted) -> bool:
    return any(kept.payload.get(name) != value for name, value in one.payload.items())


def _noted(totals: Iterable[AdTotals], known: Mapping[str, AdDTO]) -> Iterator[_Noted]:
    """Tell of each ad what its audience did and what it brought: by deals where its currency has any, else cash."""
    listed = list(totals)
    deals = {(one.ad_id, one.currency): one for one in revenue.ad_deals([one.ad_id for one in listed])}
    pipelines = {currency for _, currency in deals}
    for one in listed:
        ad = known[one.ad_id]
        counts: dict[str, JsonValue] = {"impression": one.impressions, "click": one.clicks}
        yield _Noted(ad, LearningSignalType.AD_RESULT, one.currency, {"counts": counts, "platform": ad.platform})
        told = deals.get((one.ad_id, one.currency)) if one.currency in pipelines else None
        yield _Noted(ad, LearningSignalType.REVENUE, one.currency, _brought(one, told, one.currency in pipelines))


def _brought(one: AdTotals, told: AdDeals | None, by_deals: bool) -> dict[str, JsonValue]:
    results, revenue = one.conversions, float(one.cash_revenue)
    if by_deals:
        results, revenue = (told.deals, float(told.synthetic_revenue)) if told else (0, 0.0)
    unit = f"{'pipeline' if by_deals else 'cash'} {one.currency}"
    return {"unit": unit, "spend": float(one.spend), "results": results, "revenue": round(revenue, 4)}


def _abouts(variant_ids: Iterable[UUID], *, at: datetime) -> dict[UUID | None, tuple[UUID, About]]:
    """Return of each variant its brand and what it is about; one that was withdrawn is left out."""
    found: dict[UUID | None, tuple[UUID, About]] = {}
    for variant_id, variant in content.variants_by_id(list(variant_ids)).items():
        try:
            found[variant_id] = (variant.brand_id, about_variant(variant_id, at=at))
        except NotFound:
            continue
    return found


def _event(one: _Noted, brand_id: UUID, about: About, kept: LearningEvent | None, *, at: datetime) -> LearningEvent:
    return LearningEvent(
        brand_id=brand_id,
        event_key=one.key,
        signal_type=one.signal,
        pattern_id=about.pattern_id,
        opportunity_id=about.opportunity_id,
        variant_id=one.ad.variant_id,
        payload={**one.payload, "ad_id": one.ad.ad_id, "levels": about.levels},
        effective_at=at,
        created_at=kept.created_at if kept else at,
    )
