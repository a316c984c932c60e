"""Deciding stored conversions anew, and forgetting devices that were kept long enough."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from kairo.platform.database.batches import batch_execute
from kairo.platform.database.sessions import current_tenant
from kairo.stages.revenue import queries
from kairo.stages.revenue.contracts.tracking import ConversionInput
from kairo.stages.revenue.models.tracking import Conversion
from kairo.stages.revenue.operations.attributing import RESULT_TYPES, attempt, log_attempts, result_columns
from kairo.stages.revenue.operations.tracking import VISIT_TYPES
from kairo.stages.revenue.rules.sightings import Sighting

BATCH = 500
_SET = ", ".join(
    f"{name} = new.{name}::jsonb" if name in ("candidates", "path") else f"{name} = new.{name}" for name in RESULT_TYPES
)
_ARRAYS = ", ".join(f"%({name})b::{kind}[]" for name, kind in RESULT_TYPES.items())
_UPDATE = f"""
UPDATE conversion_tracking conversion SET {_SET}
FROM unnest(%(conversion_id)b::text[], {_ARRAYS}) AS new (conversion_id, {", ".join(RESULT_TYPES)})
WHERE conversion.tenant_id = (SELECT %(tenant)b::uuid) AND conversion.conversion_id = new.conversion_id
"""  # noqa: S608

_FORGET = """
UPDATE {table} SET {nothing}
WHERE tenant_id = (SELECT %(tenant)b::uuid) AND {time} < %(before)b::timestamptz
  AND (ip_key IS NOT NULL OR browser IS NOT NULL OR screen IS NOT NULL)
"""
_LINES = ("ip_key", "browser", "browser_version", "system", "screen", "timezone", "language")


def attribute_again(*, conversion_ids: Sequence[str], at: datetime) -> int:
    """Decide stored conversions by the clicks that there are now, and return how many were decided."""
    settings, weights = queries.settings_and_weights()
    done = 0
    for start in range(0, len(conversion_ids), BATCH):
        rows = list(Conversion.objects.filter(conversion_id__in=conversion_ids[start : start + BATCH]))
        rows.sort(key=lambda row: (row.occurred_at, row.conversion_id))
        attempts = attempt([(_input(row), _seen(row)) for row in rows], settings, weights)
        if attempts:
            ids = [one.conversion.conversion_id for one in attempts]
            columns = result_columns(attempts, weights)
            batch_execute(_UPDATE, {"tenant": current_tenant(), "conversion_id": ids, **columns})
            log_attempts(attempts, weights, at=at)
        done += len(attempts)
    return done


def forget_devices(*, at: datetime) -> int:
    """Take addresses' keys and devices off what is older than the tenant keeps them; return of how many rows."""
    kept = timedelta(days=queries.attribution_settings().device_retention_days)
    nothing = ", ".join(f"{name} = NULL" for name in _LINES)
    parameters = {"tenant": current_tenant(), "before": at - kept}
    clicks = batch_execute(_FORGET.format(table="click_tracking", nothing=nothing, time="clicked_at"), parameters)
    return clicks + batch_execute(
        _FORGET.format(table="conversion_tracking", nothing=nothing, time="occurred_at"), parameters
    )


def _input(row: Conversion) -> ConversionInput:
    return ConversionInput.model_construct(
        conversion_id=row.conversion_id,
        conversion_type=row.conversion_type,
        value=row.value,
        currency=row.currency,
        occurred_at=row.occurred_at,
        click_id=row.click_id,
        fbclid=row.fbclid,
        gclid=row.gclid,
    )


def _seen(row: Conversion) -> Sighting:
    return Sighting(row.occurred_at.timestamp(), *(getattr(row, name) for name in VISIT_TYPES))
