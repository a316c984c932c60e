"""What attribution goes by: a tenant's settings, and the newest version of its match weights."""

from __future__ import annotations

from uuid import UUID

from kairo.platform.database.batches import batch_rows
from kairo.platform.database.sessions import current_tenant
from kairo.stages.revenue.contracts.tracking import AttributionSettings
from kairo.stages.revenue.models.tracking import AttributionConfig, LearnedWeights
from kairo.stages.revenue.rules.weights import DEFAULTS, Weights

MOST_KEPT = 200
# A version never changes once it is committed: reading one takes longer than all the rest of an attribution.
_KNOWN: dict[tuple[UUID, int], Weights] = {}
_NEWEST = """
SELECT (SELECT settings::text FROM attribution_config WHERE tenant_id = %(tenant)b::uuid),
       (SELECT max(version) FROM attribution_weights WHERE tenant_id = %(tenant)b::uuid)
"""


def attribution_settings() -> AttributionSettings:
    """Return how the account wants conversions credited."""
    row = AttributionConfig.objects.first()
    return AttributionSettings.model_validate(row.settings) if row else AttributionSettings()


def settings_and_weights() -> tuple[AttributionSettings, Weights]:
    """Return the account's settings and the weights in use, by one look at the database as a rule."""
    tenant_id = current_tenant()
    [[settings, version]] = batch_rows(_NEWEST, {"tenant": tenant_id})
    chosen = AttributionSettings.model_validate_json(settings) if settings else AttributionSettings()
    return chosen, DEFAULTS if version is None else _weights(tenant_id, version)


def _weights(tenant_id: UUID, version: int) -> Weights:
    known = _KNOWN.get((tenant_id, version))
    if known is None:
        known = Weights.model_validate(LearnedWeights.objects.get(version=version).artifact)
        while len(_KNOWN) >= MOST_KEPT:
            _KNOWN.pop(next(iter(_KNOWN)))
        _KNOWN[tenant_id, version] = known
    return known
