"""Clicks that share a key with conversions: for a whole batch in one statement, each key by its own index."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from kairo.platform.database.batches import batch_rows
from kairo.platform.database.sessions import current_tenant
from kairo.platform.database.sql import Row
from kairo.stages.revenue.rules.sightings import IDENTITIES, VISIT_COLUMNS, Candidate, Sighting

MOST_BY_ID = 5
MOST_BY_IDENTITY = 20
MOST_ON_A_LINE = 60
DEGREE_DAYS = 30
"""For so long an identity's earlier clicks tell how many people use it."""
MOST_OTHERS = 20

_VISIT = ", ".join(VISIT_COLUMNS)
# The bounds of the whole batch are constants of the statement: they leave out parts of the table while it is planned.
_BRANCH = """
SELECT probe.place, hit.* FROM unnest(%({name}_place)b::int[], %({name}_key)b::bigint[],
  %({name}_until)b::timestamptz[], %({name}_since)b::timestamptz[]) AS probe (place, key, until, since),
LATERAL (
  SELECT click_id, ad_id, campaign_id, clicked_at, {visit} FROM click_tracking click
  WHERE click.{column} = probe.key AND click.tenant_id = (SELECT %(tenant)b::uuid)
    AND click.clicked_at BETWEEN probe.since AND probe.until
    AND click.clicked_at BETWEEN %(earliest)b::timestamptz AND %(latest)b::timestamptz
  ORDER BY click.clicked_at DESC LIMIT {most}
) hit
"""
_MOST = {
    "click_key": MOST_BY_ID,
    "fbclid_key": MOST_BY_ID,
    "gclid_key": MOST_BY_ID,
    "email_key": MOST_BY_IDENTITY,
    "phone_key": MOST_BY_IDENTITY,
    "external_key": MOST_BY_IDENTITY,
    "ip_key": MOST_ON_A_LINE,
}
# The sum keeps the planner from reading all conversions of a span of time while it has no statistics of the keys yet.
_OTHERS = """
SELECT probe.place, hit.* FROM unnest(%({name}_place)b::int[], %({name}_key)b::bigint[],
  %({name}_until)b::timestamptz[], %({name}_since)b::timestamptz[]) AS probe (place, key, until, since),
LATERAL (
  SELECT conversion_id, occurred_at, {visit} FROM conversion_tracking conversion
  WHERE conversion.{column} = probe.key AND conversion.tenant_id = (SELECT %(tenant)b::uuid)
    AND conversion.occurred_at + interval '0' BETWEEN probe.since AND probe.until
  LIMIT {most}
) hit
"""


def candidates_for(conversions: Sequence[Sighting], *, window_days: float) -> list[list[Candidate]]:
    """Return for each conversion the clicks before it that share a key with it, newest first of each key."""
    by_place: list[dict[tuple[str, float], Candidate]] = [{} for _ in conversions]
    for place, click_id, ad_id, campaign_id, clicked_at, *visit in _probed(_BRANCH, _MOST, conversions, window_days):
        seen = _sighting(clicked_at, visit)
        by_place[place][click_id, seen.at] = Candidate(click_id, ad_id, campaign_id, seen)
    return [list(found.values()) for found in by_place]


def others_for(conversions: Sequence[Sighting]) -> list[list[Sighting]]:
    """Return for each conversion the stored ones that share an identity with it."""
    by_place: list[dict[str, Sighting]] = [{} for _ in conversions]
    most = dict.fromkeys(IDENTITIES, MOST_OTHERS)
    for place, conversion_id, occurred_at, *visit in _probed(_OTHERS, most, conversions, DEGREE_DAYS):
        by_place[place][conversion_id] = _sighting(occurred_at, visit)
    return [list(found.values()) for found in by_place]


def first_click_at() -> datetime | None:
    """Return the moment of the account's first click."""
    [[first]] = batch_rows(
        "SELECT min(clicked_at) FROM click_tracking WHERE tenant_id = (SELECT %(tenant)b::uuid)",
        {"tenant": current_tenant()},
    )
    found: datetime | None = first
    return found


def sample_of_clicks(*, until: datetime, limit: int) -> list[Sighting]:
    """Return the newest clicks of which a device was seen."""
    statement = f"""
      SELECT clicked_at, {_VISIT} FROM click_tracking
      WHERE tenant_id = (SELECT %(tenant)b::uuid) AND clicked_at <= %(until)b AND browser IS NOT NULL
      ORDER BY clicked_at DESC LIMIT %(limit)b
    """  # noqa: S608
    found = batch_rows(statement, {"tenant": current_tenant(), "until": until, "limit": limit})
    return [_sighting(clicked_at, visit) for clicked_at, *visit in found]


def _probed(branch: str, most: dict[str, int], conversions: Sequence[Sighting], window_days: float) -> list[Row]:
    """Look every key of every conversion up, those of one kind by one branch of the statement."""
    window, degree = timedelta(days=window_days), timedelta(days=max(window_days, DEGREE_DAYS))
    probes: dict[str, list[tuple[int, int, datetime, datetime]]] = defaultdict(list)
    for place, seen in enumerate(conversions):
        until = datetime.fromtimestamp(seen.at, tz=UTC)
        for name in most:
            key = getattr(seen, name)
            if key is not None and (name != "ip_key" or seen.consent is True):
                probes[name].append((place, key, until, until - (degree if name in IDENTITIES else window)))
    if not probes:
        return []
    parameters: dict[str, Any] = {"tenant": current_tenant()}
    branches = []
    for name, asked in probes.items():
        for part, values in zip(("place", "key", "until", "since"), zip(*asked, strict=True), strict=True):
            parameters[f"{name}_{part}"] = list(values)
        branches.append(branch.format(name=name, column=name, most=most[name], visit=_VISIT))
    parameters["earliest"] = min(since for asked in probes.values() for _, _, _, since in asked)
    parameters["latest"] = max(until for asked in probes.values() for _, _, until, _ in asked)
    return batch_rows(" UNION ALL ".join(f"({one})" for one in branches), parameters)


def _sighting(at: datetime, visit: Sequence[Any]) -> Sighting:
    return Sighting(at.timestamp(), *visit)
