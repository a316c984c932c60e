"""An account whose conversions were found by every layer or by none, for whoever looks at the Revenue pages."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import quote
from uuid import UUID

from kairo.platform.database.sessions import tenant_transaction
from kairo.stages.ads.models import AdStat
from kairo.stages.revenue import operations
from kairo.stages.revenue.contracts.deals import DealsIn
from kairo.stages.revenue.contracts.tracking import HoldoutDraft
from tests.factories.packages import make_package, make_variant
from tests.factories.sales import Sale, make_sale
from tests.factories.tracking import DEVICE, click_record, conversion_record

DAYS = 24
STAGES = ("appointment_scheduled", "qualified_to_buy", "qualified_to_buy", "contract_sent", "closed_lost")


def stage_revenue(tenant: UUID, *, brand_id: UUID, item_id: UUID, at: datetime) -> dict[str, str]:
    """Make what the pages of a brand show, and return their paths."""
    package = make_package(tenant, brand_id=brand_id, item_id=item_id)
    variant = make_variant(tenant, brand_id=brand_id, package_id=package, item_id=item_id)
    sale = make_sale(tenant, variant_id=variant, at=at)
    _conversions(tenant, at=at)
    _deals(tenant, at=at)
    with tenant_transaction(tenant):
        AdStat.objects.create(
            ad_id=sale.ad, granularity="day", starts_at=at - timedelta(days=1), impressions=18_240, clicks=412,
            spend=Decimal("310.40"), currency="EUR", received_at=at,
        )  # fmt: skip
    prefix = "/b/northwind"
    return {
        "revenue": f"{prefix}/revenue",
        "conversions": f"{prefix}/revenue/conversions",
        "conversions-none": f"{prefix}/revenue/conversions?ad=nobody",
        "conversion": f"{prefix}/revenue/conversions/visit-10",
        "conversion-sold": f"{prefix}/revenue/conversions/{sale.lead}",
        "lineage-deal": f"{prefix}/lineage/deal/{sale.deal}",
        "lineage-ad": f"{prefix}/lineage/ad/{quote(sale.ad)}",
    }


def _conversions(tenant: UUID, *, at: datetime) -> None:
    clicks, sold = [], []
    for day in range(DAYS):
        then = at - timedelta(days=day, hours=day % 5)
        person = {"email": f"person-{day}@mail.example"}
        mine: dict[str, Any] = {"ip": f"203.0.113.{day + 10}"}
        ways: tuple[dict[str, Any], ...] = ({"click_id": f"kc-{day}"}, person, {**DEVICE, **mine}, {})
        for number, way in enumerate(ways[: 2 + day % 3]):
            # Of every second device the screen is not seen again: that is for layer 3 to weigh.
            bought = {name: told for name, told in way.items() if name != "screen" or day % 2}
            if number < 3:
                clicks.append(click_record(then - timedelta(minutes=20), ad_id=f"ad-{day % 4}", **way))
            value = f"{20 + day * 3 + number}.50"
            sold.append(
                conversion_record(
                    then, conversion_id=f"visit-{day * 4 + number}", conversion_type="purchase", value=value,
                    currency="EUR", **bought,
                )
            )  # fmt: skip
    idle = [click_record(at - timedelta(hours=n), ad_id=Sale.ad, click_id=f"kc-idle-{n:02}") for n in range(54)]
    with tenant_transaction(tenant):
        operations.track_clicks(records=[*clicks, *idle], at=at)
        operations.attribute_conversions(records=sold, at=at)


def _deals(tenant: UUID, *, at: datetime) -> None:
    deals = [
        {
            "deal_id": f"open-{number}", "stage": stage, "amount": str(400 + number * 150), "currency": "EUR",
            "ad_id": f"ad-{number % 4}", "created_at": (at - timedelta(days=number + 1)).isoformat(),
        }
        for number, stage in enumerate(STAGES)
    ]  # fmt: skip
    group = {"people": 10_000, "converted": 310}
    draft = {
        "name": "Autumn", "kind": "user_split", "started_at": (at - timedelta(days=20)).isoformat(), "shown": group,
        "held_out": {**group, "converted": 240},
    }  # fmt: skip
    with tenant_transaction(tenant):
        operations.ingest_deals(sent=DealsIn.model_validate({"source": "crm", "deals": deals}), at=at)
        operations.declare_holdout(draft=HoldoutDraft.model_validate(draft), at=at)
