"""Which accounts of ad platforms are connected, and how far their figures were pulled."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Max

from kairo.stages.ads.contracts.accounts import AdAccountDTO
from kairo.stages.ads.contracts.platforms import PlatformName
from kairo.stages.ads.contracts.stats import Granularity
from kairo.stages.ads.models import Ad, AdAccount, AdStat, Campaign


def accounts(*, after: str | None = None, limit: int = 50) -> list[AdAccountDTO]:
    """List the connected accounts by their ids."""
    found = AdAccount.objects.order_by("account_id")
    if after is not None:
        found = found.filter(account_id__gt=after)
    return [told(row) for row in found[:limit]]


def pullable_accounts() -> list[AdAccountDTO]:
    """List the accounts that have a token and are switched on."""
    found = AdAccount.objects.filter(is_active=True, access_token__isnull=False).order_by("account_id")
    return [told(row) for row in found]


def newest_day_of(account_id: str) -> datetime | None:
    """Return when the newest day begins of which an account's figures are known."""
    campaigns = Campaign.objects.filter(account_id=account_id).values("campaign_id")
    ads = Ad.objects.filter(campaign_id__in=campaigns).values("ad_id")
    found = AdStat.objects.filter(ad_id__in=ads, granularity=Granularity.DAY).aggregate(newest=Max("starts_at"))
    newest: datetime | None = found["newest"]
    return newest


def told(row: AdAccount) -> AdAccountDTO:
    """Return an account without its secrets."""
    return AdAccountDTO(
        account_id=row.account_id,
        platform=PlatformName(row.platform),
        name=row.name,
        currency=row.currency,
        timezone=row.timezone,
        has_access_token=row.access_token is not None,
        is_active=row.is_active,
        created_at=row.created_at,
        changed_at=row.changed_at,
    )
