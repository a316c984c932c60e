"""Keeping what a landing tells of a click: its device, and whether its visitor agrees."""

from __future__ import annotations

from datetime import datetime, timedelta

from kairo.platform.database.batches import batch_execute, batch_rows
from kairo.platform.database.sessions import current_tenant
from kairo.stages.revenue.adapters.tenant_keys import key_maker
from kairo.stages.revenue.contracts.tracking import ClickInput, Landing
from kairo.stages.revenue.operations.tracking import VISIT_TYPES, track_click
from kairo.stages.revenue.rules.sightings import Sighting
from kairo.stages.revenue.rules.visits import sighting_of

LONGEST_MEMORY = timedelta(days=90)
UNKNOWN_AD = "unknown"
_DEVICE = [name for name in VISIT_TYPES if name not in ("click_key", "fbclid_key", "gclid_key", "consent")]
# What is known stays: a script may be run again, on another page, by anybody.
_COMPLETED = ", ".join(f"{name} = COALESCE(click.{name}, %({name})b::{VISIT_TYPES[name]})" for name in _DEVICE)
_FORGOTTEN = ", ".join(f"{name} = NULL" for name in _DEVICE)
_WHICH = """
WHERE click.tenant_id = (SELECT %(tenant)b::uuid) AND click.click_key = %(click_key)b::bigint
  AND click.clicked_at BETWEEN %(since)b::timestamptz AND %(until)b::timestamptz
"""
_COMPLETE = f"""
UPDATE click_tracking click SET {_COMPLETED}, consent = COALESCE(%(consent)b::bool, click.consent) {_WHICH}
  AND click.consent IS DISTINCT FROM false
"""  # noqa: S608
_FORGET = f"UPDATE click_tracking click SET {_FORGOTTEN}, utm = NULL, consent = false {_WHICH}"  # noqa: S608


def land(*, landing: Landing, at: datetime) -> None:
    """Complete the click that led to a landing; a click that no redirect has seen is stored now.

    Raises:
        ValueError: an address or an id cannot be one.
    """
    if landing.click_id is None:
        return
    seen = sighting_of(landing, at=at, key_of=key_maker(current_tenant()))
    if _complete(seen, at=at) or _is_known(seen, at=at):
        return
    if landing.fbclid is None and landing.gclid is None and landing.ad_id is None:
        return
    values = landing.model_dump(exclude={"ad_id"})
    click = ClickInput.model_validate({**values, "ad_id": landing.ad_id or UNKNOWN_AD, "clicked_at": at.isoformat()})
    track_click(click=click, at=at)


def _is_known(seen: Sighting, *, at: datetime) -> bool:
    """Tell whether there is such a click; one whose visitor has refused is neither completed nor made again."""
    which = {"tenant": current_tenant(), "click_key": seen.click_key, "since": at - LONGEST_MEMORY, "until": at}
    return bool(batch_rows(f"SELECT 1 FROM click_tracking click {_WHICH} LIMIT 1", which))  # noqa: S608


def _complete(seen: Sighting, *, at: datetime) -> int:
    values = dict(zip(VISIT_TYPES, seen[1:], strict=True))
    which = {"tenant": current_tenant(), "since": at - LONGEST_MEMORY, "until": at}
    if seen.consent is False:
        return batch_execute(_FORGET, {**which, "click_key": values["click_key"]})
    return batch_execute(_COMPLETE, {**which, **{name: values[name] for name in [*_DEVICE, "click_key", "consent"]}})
