"""Finding the ads that beat the rest of their campaign with certainty, and putting them into the index."""

from __future__ import annotations

import zlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from kairo.platform.embeddings import default_embedder
from kairo.stages.ads import queries as ads
from kairo.stages.ads.contracts import AdDTO
from kairo.stages.ads.contracts.stats import AdTotals
from kairo.stages.content import queries as content
from kairo.stages.content.contracts import VariantDTO
from kairo.stages.learning.contracts.winners import FoundWinners, WinnerOrigin
from kairo.stages.learning.models import Winner
from kairo.stages.learning.operations.handing_winners import hand_all_down
from kairo.stages.learning.operations.winners import keep_winners
from kairo.stages.learning.rules import winning
from kairo.stages.learning.rules.variant_texts import text_of
from kairo.stages.learning.rules.winning import AdOutcome, Judged
from kairo.stages.revenue import queries as revenue
from kairo.stages.revenue.contracts.outcomes import AdDeals

WINDOW = timedelta(days=90)
PIPELINE, CASH = "Pipeline", "Cash"


@dataclass(frozen=True)
class _Campaign:
    """The ads of a campaign in one currency, with what their revenue is made of."""

    campaign_id: str
    currency: str
    revenue_kind: str
    outcomes: Sequence[AdOutcome]


@transaction.atomic
def find_winners(*, at: datetime) -> FoundWinners:
    """Judge the account's ads by what the last 90 days brought; keep those that won, let go of those that lost it."""
    totals = ads.totals(since=at - WINDOW, until=at)
    known = ads.ads_by_id([total.ad_id for total in totals])
    campaigns = _campaigns(totals, known)
    judged: dict[str, tuple[Judged, _Campaign]] = {}
    for campaign in campaigns:
        seed = zlib.crc32(campaign.campaign_id.encode())
        for one in winning.judge_campaign(campaign.outcomes, seed=seed):
            judged[one.ad_id] = (one, campaign)
    there = {row.ad_id: row for row in Winner.objects.defer("embedding").filter(ad_id__in=list(judged))}
    won = [pair for pair in judged.values() if _wins(pair[0], there.get(pair[0].ad_id))]
    texts = content.variants_by_id([v for one, _ in won if (v := known[one.ad_id].variant_id) is not None])
    kept = _stored(won, known=known, texts=texts, there=there, at=at)
    lost = [
        row.ad_id
        for ad_id, row in there.items()
        if row.origin == WinnerOrigin.FOUND and not _wins(judged[ad_id][0], row)
    ]
    Winner.objects.filter(ad_id__in=lost).delete()
    hand_all_down()
    return FoundWinners(
        campaigns=len(campaigns),
        judged=len(judged),
        winners=len(kept),
        new=sum(ad_id not in there for ad_id in kept),
        without_text=len(won) - len(kept),
        no_longer=len(lost),
    )


def _wins(judged: Judged, row: Winner | None) -> bool:
    if row is not None and row.origin == WinnerOrigin.FOUND:
        return judged.probability >= winning.KEPT_WHILE
    return judged.is_winner


def _campaigns(totals: Iterable[AdTotals], known: Mapping[str, AdDTO]) -> list[_Campaign]:
    deals = {(one.ad_id, one.currency): one for one in revenue.ad_deals()}
    grouped: dict[tuple[str, str], list[AdTotals]] = defaultdict(list)
    for total in totals:
        ad = known.get(total.ad_id)
        if ad is not None and ad.campaign_id is not None:
            grouped[ad.campaign_id, total.currency].append(total)
    return [_campaign(key, found, deals) for key, found in sorted(grouped.items())]


def _campaign(key: tuple[str, str], totals: Sequence[AdTotals], deals: Mapping[tuple[str, str], AdDeals]) -> _Campaign:
    """Count deals where the campaign has any; else what the platform counted."""
    by_deals = any((total.ad_id, total.currency) in deals for total in totals)
    outcomes = []
    for total in totals:
        told = deals.get((total.ad_id, total.currency))
        results, revenue = total.conversions, float(total.cash_revenue)
        if by_deals:
            results, revenue = (told.deals, float(told.synthetic_revenue)) if told else (0, 0.0)
        outcomes.append(AdOutcome(total.ad_id, float(total.spend), results, revenue))
    return _Campaign(key[0], key[1], PIPELINE if by_deals else CASH, outcomes)


def _stored(
    won: Sequence[tuple[Judged, _Campaign]],
    *,
    known: Mapping[str, AdDTO],
    texts: Mapping[UUID, VariantDTO],
    there: Mapping[str, Winner],
    at: datetime,
) -> list[str]:
    """Store the winners whose texts are known, and return their ids; what somebody added by hand stays as it is."""
    found = [
        (one, campaign, known[one.ad_id], texts[variant_id])
        for one, campaign in won
        if (variant_id := known[one.ad_id].variant_id) in texts and variant_id and _is_ours(there.get(one.ad_id))
    ]
    embedder = default_embedder()
    said = [text_of(variant) for _, _, _, variant in found]
    rows = []
    for (one, campaign, ad, variant), text, vector in zip(found, said, embedder.embed(said), strict=True):
        if not vector.any():
            continue
        rows.append(
            Winner(
                ad_id=ad.ad_id,
                variant_id=variant.id,
                text=text,
                embedder=embedder.name,
                dimension=len(vector),
                embedding=vector,
                origin=WinnerOrigin.FOUND,
                metrics=_metrics(one),
                metadata=_metadata(ad, variant, campaign),
                why=winning.why(one, currency=campaign.currency, revenue_kind=campaign.revenue_kind),
                added_at=at,
                updated_at=at,
            )
        )
    keep_winners(rows)
    return [row.ad_id for row in rows]


def _is_ours(row: Winner | None) -> bool:
    return row is None or row.origin == WinnerOrigin.FOUND


def _metrics(one: Judged) -> dict[str, float]:
    return {
        "roas": round(one.roas, 4),
        "rest_roas": round(one.rest_roas, 4),
        "expected_roas": round(one.expected, 4),
        "low": round(one.low, 4),
        "high": round(one.high, 4),
        "probability": round(one.probability, 4),
        "results": one.results,
        "spend": round(one.spend, 2),
        "revenue": round(one.revenue, 2),
    }


def _metadata(ad: AdDTO, variant: VariantDTO, campaign: _Campaign) -> dict[str, str]:
    told = {
        "platform": ad.platform,
        "campaign_id": campaign.campaign_id,
        "currency": campaign.currency,
        "revenue": campaign.revenue_kind.lower(),
        "channel": str(variant.channel),
        "brand_id": str(variant.brand_id),
        "pattern_id": str(variant.pattern_template_id or ""),
        "name": ad.name,
    }
    return {name: value for name, value in told.items() if value}
