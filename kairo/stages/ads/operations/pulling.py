"""Pulling what ads did from their platforms: names first, then figures; what was read before is read again.

A platform corrects its figures for days: conversions come late, and are counted on the day of their click.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import islice
from typing import TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import JsonValue

from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.tenancy.sealing import SealBroken
from kairo.stages.ads.adapters.meta import MetaAccount
from kairo.stages.ads.contracts import MOST_RECORDS
from kairo.stages.ads.contracts.accounts import (
    AccountPulled,
    AdAccountDTO,
    MetaMissing,
    PlatformAd,
    PlatformAdSet,
    PullReport,
)
from kairo.stages.ads.contracts.figures import StatDraft
from kairo.stages.ads.contracts.platforms import PlatformThrottled, UnableToAskPlatform
from kairo.stages.ads.contracts.stats import AdStatDTO, Granularity
from kairo.stages.ads.models import Ad, Campaign
from kairo.stages.ads.operations.accounts import keep_facts, platform_of_account
from kairo.stages.ads.operations.figures import store_stats
from kairo.stages.ads.operations.recording import record_ad_sets, record_ads, record_campaigns
from kairo.stages.ads.queries.accounts import newest_day_of, pullable_accounts

FoundT = TypeVar("FoundT")
FIRST_LOOK_BACK_DAYS = 28
LATE_DAYS = 7
"""So many days are read again: Meta credits a conversion to a click of up to a week before."""


def pull_stats(*, tenant_id: UUID, at: datetime, days: int | None = None) -> PullReport:
    """Read names and figures of all connected accounts and store them; one that cannot be asked stops no other.

    Called outside transactions. `days` says how far to look back; without it from where the last pull ended.

    Raises:
        MetaMissing: Meta's client is not installed.
    """
    with tenant_transaction(tenant_id):
        accounts = pullable_accounts()
    return PullReport(accounts=[_pulled(account, tenant_id=tenant_id, at=at, days=days) for account in accounts])


def _pulled(account: AdAccountDTO, *, tenant_id: UUID, at: datetime, days: int | None) -> AccountPulled:
    try:
        ads, stats = _pull(account, tenant_id=tenant_id, at=at, days=days)
    except PlatformThrottled as error:
        return AccountPulled(account_id=account.account_id, error=error.message, retry_after_s=error.after_s)
    except MetaMissing:
        raise
    except (UnableToAskPlatform, SealBroken) as error:
        return AccountPulled(account_id=account.account_id, error=error.message)
    return AccountPulled(account_id=account.account_id, ads=ads, stats=stats)


def _pull(account: AdAccountDTO, *, tenant_id: UUID, at: datetime, days: int | None) -> tuple[int, int]:
    with tenant_transaction(tenant_id):
        platform = platform_of_account(account_id=account.account_id)
        newest = newest_day_of(account.account_id)
    facts = platform.facts()
    platform.currency, platform.timezone = facts.currency, facts.timezone
    ad_sets, found = list(platform.ad_sets()), list(platform.ads())
    with tenant_transaction(tenant_id):
        keep_facts(facts=facts, at=at)
        _keep_ad_sets(ad_sets, account=account, currency=facts.currency, at=at)
        for ads in _parts(found):
            _keep_ads(ads, account=account, at=at)
    today = at.astimezone(ZoneInfo(facts.timezone)).date()
    stored = 0
    for figures in _parts(_figures(platform, today=today, since=_first_day(today, newest, facts.timezone, days))):
        with tenant_transaction(tenant_id):
            drafts = _drafts(figures)
            stored += sum(status != "unchanged" for status in store_stats(drafts=drafts, at=at))
    return len(found), stored


def _first_day(today: date, newest: datetime | None, timezone: str, days: int | None) -> date:
    if days is not None:
        return today - timedelta(days=days)
    if newest is None:
        return today - timedelta(days=FIRST_LOOK_BACK_DAYS)
    return min(newest.astimezone(ZoneInfo(timezone)).date(), today - timedelta(days=LATE_DAYS))


def _figures(platform: MetaAccount, *, today: date, since: date) -> Iterator[AdStatDTO]:
    yesterday = today - timedelta(days=1)
    yield from platform.stats(since=since, until=yesterday, granularity=Granularity.DAY)
    # A day that is not over has hours only: its own figures would count for it, and be too small.
    yield from platform.stats(since=yesterday, until=today, granularity=Granularity.HOUR)


def _keep_ad_sets(found: Sequence[PlatformAdSet], *, account: AdAccountDTO, currency: str, at: datetime) -> None:
    """Store ad sets and their campaigns under their platform's ids."""
    campaigns: dict[str, dict[str, JsonValue]] = {
        one.campaign_id: {
            "campaign_id": one.campaign_id, "name": one.campaign_name, "platform": account.platform.value,
            "status": one.campaign_status, "objective": one.objective, "currency": currency,
        }
        for one in found if one.campaign_id
    }  # fmt: skip
    for records in _parts(campaigns.values()):
        record_campaigns(records=records, at=at)
    Campaign.objects.filter(campaign_id__in=campaigns).update(account_id=account.account_id)
    record_ad_sets(ad_sets=[(one.ad_set_id, one.campaign_id or None, one.name) for one in found], at=at)


def _keep_ads(found: Sequence[PlatformAd], *, account: AdAccountDTO, at: datetime) -> None:
    """Store ads under their platform's ids; one that has an id of its own here keeps it."""
    own_ids = _own_ids(ad.ad_id for ad in found)
    records: list[dict[str, JsonValue]] = [
        {
            "ad_id": own_ids.get(ad.ad_id, ad.ad_id), "campaign_id": ad.campaign_id or None,
            "ad_set_id": ad.ad_set_id or None, "platform": account.platform.value, "platform_ad_id": ad.ad_id,
            "name": ad.name, "status": ad.status,
        }
        for ad in found
    ]  # fmt: skip
    record_ads(records=records, at=at)


def _drafts(found: Sequence[AdStatDTO]) -> list[StatDraft]:
    own_ids = _own_ids([stat.ad_id for stat in found])
    return [
        StatDraft.model_validate({**stat.model_dump(), "ad_id": own_ids.get(stat.ad_id, stat.ad_id)}) for stat in found
    ]


def _own_ids(platform_ids: Iterable[str]) -> dict[str, str]:
    known = Ad.objects.filter(platform_ad_id__in=set(platform_ids)).values_list("platform_ad_id", "ad_id")
    return {platform_id: ad_id for platform_id, ad_id in known if platform_id is not None}


def _parts(found: Iterable[FoundT]) -> Iterator[list[FoundT]]:
    walk = iter(found)
    while part := list(islice(walk, MOST_RECORDS)):
        yield part
