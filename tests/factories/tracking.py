"""Clicks, conversions and what belongs to them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from kairo.platform.database.sessions import tenant_transaction
from kairo.stages.ads import operations as ads
from kairo.stages.ads.contracts import AdDraft, CampaignDraft
from kairo.stages.revenue import operations as revenue
from kairo.stages.revenue.contracts.tracking import (
    AttributionDTO,
    AttributionSettings,
    ClickInput,
    ConversionInput,
    HoldoutDraft,
    LinkDraft,
    SiteDraft,
    TrackedClick,
)

CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/134.0.0.0 Safari/537.36"
)
DEVICE = {
    "ip": "203.0.113.7",
    "user_agent": CHROME,
    "screen": "1920x1080",
    "timezone": "Europe/Berlin",
    "language": "de-DE",
    "consent": True,
}


def click_record(at: datetime, **values: Any) -> dict[str, Any]:
    return {"ad_id": "ad-1", "clicked_at": at.isoformat(), **values}


def conversion_record(at: datetime, **values: Any) -> dict[str, Any]:
    return {"conversion_id": "cv-1", "conversion_type": "lead", "value": "10", "occurred_at": at.isoformat(), **values}


def tracked(tenant_id: UUID, at: datetime, **values: Any) -> TrackedClick:
    """Track one click."""
    with tenant_transaction(tenant_id):
        return revenue.track_click(click=ClickInput.model_validate(click_record(at, **values)), at=at)


def attributed(tenant_id: UUID, at: datetime, **values: Any) -> AttributionDTO:
    """Attribute one conversion."""
    with tenant_transaction(tenant_id):
        conversion = ConversionInput.model_validate(conversion_record(at, **values))
        return revenue.attribute_conversion(conversion=conversion, at=at)


def make_tracking(tenant_id: UUID, *, at: datetime) -> None:
    """Make one of everything that tracking keeps."""
    mine = tenant_id.hex
    with tenant_transaction(tenant_id):
        ads.save_campaign(draft=CampaignDraft(campaign_id=f"cmp-{mine}"), at=at)
        ads.save_ad(draft=AdDraft(ad_id=f"ad-{mine}", ad_set_id=f"set-{mine}"), at=at)
        revenue.make_link(draft=LinkDraft(ad_id=f"ad-{mine}", target_url="https://shop.example/l"), at=at)
        revenue.add_site(draft=SiteDraft(name="shop"), at=at)
        revenue.change_attribution_settings(settings=AttributionSettings(), at=at)
        group = {"people": 100, "converted": 10}
        holdout = {"name": "spring", "kind": "geo", "started_at": at.isoformat(), "shown": group, "held_out": group}
        revenue.declare_holdout(draft=HoldoutDraft.model_validate(holdout), at=at)
    click = tracked(tenant_id, at - timedelta(hours=1), ad_id=f"ad-{mine}", email=f"{mine}@mail.example", **DEVICE)
    attributed(tenant_id, at, conversion_id=f"cv-{mine}", click_id=click.click_id)
    with tenant_transaction(tenant_id):
        revenue.learn_weights(until=at, at=at)
