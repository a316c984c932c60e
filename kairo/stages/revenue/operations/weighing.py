"""Learning a tenant's match weights from what layers 1 and 2 know; each version is kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from kairo.platform.database.batches import batch_rows
from kairo.platform.database.sessions import current_tenant
from kairo.platform.database.sql import rows
from kairo.platform.jobs.operations import enqueue
from kairo.stages.revenue import queries
from kairo.stages.revenue.contracts.tracking import LearnWeights
from kairo.stages.revenue.models.tracking import LearnedWeights
from kairo.stages.revenue.rules.sightings import VISIT_COLUMNS, Candidate, Sighting
from kairo.stages.revenue.rules.weights import DEFAULTS, Weights, count_frequencies, learned

LEARN = "revenue.learn_weights"
SOON, LATER = timedelta(hours=6), timedelta(hours=24)
EARLY_VERSIONS = 12
MOST_CONVERSIONS, MOST_CLICKS = 6_000, 10_000
# Two who learn at the same moment would give two versions one number.
ONE_LEARNER = "SELECT pg_advisory_xact_lock(hashtextextended('revenue.weights:' || %s, 0))"
_CLICK_VISIT = ", ".join(f"click.{name}" for name in VISIT_COLUMNS)
_CONVERSION_VISIT = ", ".join(f"conversion.{name}" for name in VISIT_COLUMNS)
_RECENT = f"""
SELECT * FROM conversion_tracking
WHERE tenant_id = (SELECT %(tenant)b::uuid) AND occurred_at <= %(until)b::timestamptz AND consent
ORDER BY occurred_at DESC LIMIT {MOST_CONVERSIONS}
"""  # noqa: S608
_PAIRS = f"""
SELECT conversion.layer = 1, conversion.occurred_at, {_CONVERSION_VISIT},
       click.click_id, click.ad_id, click.clicked_at, {_CLICK_VISIT}
FROM ({_RECENT}) conversion
JOIN click_tracking click ON click.tenant_id = conversion.tenant_id AND click.click_key = conversion.attributed_key
  AND click.clicked_at = conversion.clicked_at AND click.consent
WHERE conversion.method IN ('click_id', 'fbclid', 'gclid', 'email', 'phone', 'external_id')
"""  # noqa: S608
_UNRESOLVED = f"""
SELECT count(*) FROM ({_RECENT}) conversion
WHERE conversion.method IS NULL OR conversion.method IN ('device_fingerprint', 'probabilistic')
"""  # noqa: S608


def ask_for_weights(weights: Weights, *, until: datetime) -> None:
    """Have weights learned anew where those in use are older than they should be, by the time of the records."""
    due = SOON if weights.version < EARLY_VERSIONS else LATER
    trained = weights.trained_until
    if trained is None or abs(until - datetime.fromtimestamp(trained, tz=UTC)) >= due:
        enqueue(LEARN, LearnWeights(until=until), dedupe_key=LEARN)


def learn_weights(*, until: datetime, at: datetime) -> int:
    """Learn the account's weights from its newest pairs and return the version.

    Pairs are conversions whose click layers 1 and 2 know; how many conversions come from no click at all is told by the
    rest, weighed by what the pairs have taught.
    """
    rows(ONE_LEARNER, [str(current_tenant())])
    newest = LearnedWeights.objects.order_by("-version").first()
    before = Weights.model_validate(newest.artifact) if newest else DEFAULTS
    parameters = {"tenant": current_tenant(), "until": until}
    pairs = [_pair(row) for row in batch_rows(_PAIRS, parameters)]
    [[unresolved]] = batch_rows(_UNRESOLVED, parameters)
    clicks = queries.sample_of_clicks(until=until, limit=MOST_CLICKS)
    first_at = queries.first_click_at()
    weights = learned(pairs, unresolved=unresolved, frequencies=count_frequencies(clicks), before=before).model_copy(
        update={
            "observed_since": first_at.timestamp() if first_at else None,
            "trained_until": until.timestamp(),
        }
    )
    metrics = {"pairs": len(pairs), "unresolved": unresolved, "clicks": len(clicks)}
    LearnedWeights.objects.create(
        version=weights.version,
        artifact=weights.model_dump(mode="json"),
        metrics=metrics,
        trained_until=until,
        created_at=at,
    )
    return weights.version


def _pair(row: Sequence[Any]) -> tuple[Sighting, Candidate, bool]:
    had_id, occurred_at, *rest = row
    visit, (click_id, ad_id, clicked_at, *click) = rest[: len(VISIT_COLUMNS)], rest[len(VISIT_COLUMNS) :]
    seen = Sighting(clicked_at.timestamp(), *click)
    return Sighting(occurred_at.timestamp(), *visit), Candidate(click_id, ad_id, None, seen), had_id
