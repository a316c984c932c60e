"""Reads of what is usual for an account's topics: the baseline in use, and the looks that one is learned from."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from kairo.platform.database.sessions import current_tenant
from kairo.platform.database.sql import rows
from kairo.stages.insights.contracts.baselines import BUILT_IN, FittedBaseline, ServingBaseline, TrendBaseline
from kairo.stages.insights.models import TrendBaselineRow
from kairo.stages.insights.queries.activity import Hours, hourly_counts, stream_counts
from kairo.stages.insights.rules.baselines import HOURS_BETWEEN_LOOKS, Looks, fitted, looks_of
from kairo.stages.insights.rules.baselines import losses_by_topic as losses_of
from kairo.stages.insights.rules.bursts import HISTORY_HOURS, LEAST_PAST, Activity

MOST_TOPICS = 3_000
# Each post lies in one cluster by meaning: these are examples of which none repeats another's posts.
_TOPICS = """
SELECT bucket.cluster_id FROM cluster_bucket bucket
JOIN cluster ON cluster.tenant_id = bucket.tenant_id AND cluster.id = bucket.cluster_id
WHERE bucket.tenant_id = (SELECT %(tenant)s::uuid) AND bucket.granularity = 'hour' AND bucket.bucket_start > %(since)s
  AND bucket.bucket_start <= %(at)s AND cluster.cluster_key_type = 'semantic'
GROUP BY bucket.cluster_id HAVING sum(bucket.count) >= %(least)s
ORDER BY bucket.cluster_id LIMIT %(most)s
"""
_FIRST_POST = "SELECT min(first_at) FROM cluster WHERE tenant_id = %(tenant)s AND size > 0"


def serving_baseline() -> ServingBaseline | None:
    """Return the baseline that was put in use, or None where none ever was."""
    row = TrendBaselineRow.objects.first()
    return row.to_contract() if row else None


def baseline_at(moment: datetime) -> TrendBaseline:
    """Return the baseline that looks of a moment go by."""
    serving = serving_baseline()
    return serving.at(moment) if serving else BUILT_IN


def first_post_at() -> datetime | None:
    """Return when the oldest post in a cluster was published."""
    [[found]] = rows(_FIRST_POST, {"tenant": current_tenant()})
    moment: datetime | None = found
    return moment


def fitted_baseline(*, since: datetime, until: datetime) -> FittedBaseline:
    """Learn what is usual from looks between two moments."""
    return fitted(_looks(since, until))


def losses_by_topic(*, baselines: Sequence[TrendBaseline], since: datetime, until: datetime) -> list[list[float]]:
    """Return how badly each baseline foretold each topic between two moments: a list a baseline, the same topics."""
    return losses_of(_looks(since, until), baselines)


def _looks(since: datetime, until: datetime) -> Looks:
    """Look at the topics between two moments, from the first on: the same looks, and more, with a later `until`."""
    looked_at = int((until - since) / timedelta(hours=1))
    hours = Hours(until, HISTORY_HOURS + looked_at)
    found = rows(_TOPICS, hours.parameters(least=LEAST_PAST, most=MOST_TOPICS))
    activity = Activity(hourly_counts(hours, [row[0] for row in found]), stream_counts(hours))
    # The last column is the running hour, which is not over yet.
    return looks_of(
        activity, hours=range(HISTORY_HOURS + HOURS_BETWEEN_LOOKS - 1, hours.count - 1, HOURS_BETWEEN_LOOKS)
    )
