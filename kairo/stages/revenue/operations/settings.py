"""How a tenant wants conversions credited; what was decided before stays as it is."""

from __future__ import annotations

from datetime import datetime

from kairo.platform.database.sessions import current_tenant
from kairo.stages.revenue.contracts.tracking import AttributionSettings
from kairo.stages.revenue.models.tracking import AttributionConfig


def change_attribution_settings(*, settings: AttributionSettings, at: datetime) -> AttributionSettings:
    """Keep the account's settings; the next conversions are credited by them."""
    values = {"settings": settings.model_dump(mode="json"), "updated_at": at}
    AttributionConfig.objects.update_or_create(tenant_id=current_tenant(), defaults=values)
    return settings
