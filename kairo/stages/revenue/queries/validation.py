"""Checking layers 2 and 3 on a tenant's own pairs: how much do they find where the click's own id is kept from them?"""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import datetime

from kairo.platform.database.batches import batch_rows
from kairo.platform.database.sessions import current_tenant
from kairo.stages.revenue.contracts.tracking import ValidationReport
from kairo.stages.revenue.queries.candidates import (
    MOST_ON_A_LINE,
    candidates_for,
    first_click_at,
    others_for,
)
from kairo.stages.revenue.queries.weights import settings_and_weights
from kairo.stages.revenue.rules.deciding import LAYER, Limits, decide
from kairo.stages.revenue.rules.sightings import Candidate, Sighting
from kairo.stages.revenue.rules.weights import WINDOW_HOURS

BATCH = 500
_PAIRS = """
SELECT ad_id, occurred_at, NULL::bigint, NULL::bigint, NULL::bigint, email_key, phone_key, external_key, ip_key,
       browser, browser_version, system, screen, timezone, language, consent
FROM conversion_tracking
WHERE tenant_id = (SELECT %(tenant)b::uuid) AND layer = 1 AND consent AND occurred_at <= %(until)b::timestamptz
ORDER BY occurred_at DESC LIMIT %(most)b
"""


def validate_attribution(*, until: datetime, most: int = 5_000) -> ValidationReport:
    """Return what layers 2 and 3 recover of conversions whose click layer 1 knows, without its ids.

    These kept their ids, so their devices changed less than those of conversions that lost them: what is told here is
    what a lost cookie costs, not what a change of device does.
    """
    settings, weights = settings_and_weights()
    # The id would have come along here; asked is what is found where it does not.
    blind = weights.model_copy(update={"lost": dict.fromkeys(weights.lost, 1.0)})
    limits = Limits(
        window_s=settings.longest_window_days * 86_400,
        threshold=settings.probability_threshold,
        degree_cap=settings.shared_degree_cap,
        most_on_a_line=MOST_ON_A_LINE,
    )
    first_at = first_click_at()
    found = batch_rows(_PAIRS, {"tenant": current_tenant(), "until": until, "most": most})
    counts: Counter[str] = Counter()
    by_layer: dict[str, int] = defaultdict(int)
    for start in range(0, len(found), BATCH):
        pairs = [(ad_id, Sighting(at.timestamp(), *visit)) for ad_id, at, *visit in found[start : start + BATCH]]
        masked = [seen for _, seen in pairs]
        candidates = candidates_for(masked, window_days=settings.longest_window_days)
        for (ad_id, seen), those, others in zip(pairs, candidates, others_for(masked), strict=True):
            hours = WINDOW_HOURS if first_at is None else (seen.at - first_at.timestamp()) / 3600
            decision = decide(seen, _masked(those), blind, limits, others=[*others, seen], observed_hours=hours)
            if decision.click is None or decision.method is None:
                continue
            counts["recovered"] += 1
            counts["right"] += decision.click.ad_id == ad_id
            by_layer[str(LAYER[decision.method])] += 1
    return _report(len(found), counts["recovered"], counts["right"], dict(by_layer))


def _masked(candidates: list[Candidate]) -> list[Candidate]:
    return [one._replace(seen=one.seen._replace(click_key=None, fbclid_key=None, gclid_key=None)) for one in candidates]


def _report(pairs: int, recovered: int, right: int, by_layer: dict[str, int]) -> ValidationReport:
    if not pairs:
        says = "There is nothing to check yet: no conversion with consent carries its click's own id."
    else:
        says = (
            f"Without their ids {recovered} of {pairs} known conversions are found again, {right} of them with the"
            " right ad."
        )
    return ValidationReport(
        pairs=pairs,
        recovered=recovered,
        right=right,
        recall=round(right / pairs, 4) if pairs else 0.0,
        precision=round(right / recovered, 4) if recovered else None,
        by_layer=by_layer,
        says=says,
    )
