"""Sums of what ads did: no hour is counted beside the day that holds it, also where the clock changes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from kairo.platform.database.sessions import tenant_transaction
from kairo.stages.ads import operations, queries
from kairo.stages.ads.contracts import AdDraft, CampaignDraft
from kairo.stages.ads.contracts.accounts import AccountConnection
from kairo.stages.ads.contracts.figures import StatDraft
from kairo.stages.ads.contracts.stats import Granularity
from kairo.stages.ads.models import Campaign
from kairo.stages.ads.operations.figures import store_stats

BERLIN = ZoneInfo("Europe/Berlin")
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def midnight(text: str, zone: ZoneInfo = BERLIN) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


def connect(tenant: UUID, account_id: str, zone: str) -> None:
    connection = AccountConnection(account_id=account_id, currency="EUR", timezone=zone)
    with tenant_transaction(tenant):
        operations.connect_account(connection=connection, at=NOON)


def spent(tenant: UUID, granularity: Granularity, *spans: tuple[datetime, str]) -> None:
    drafts = [
        StatDraft(ad_id="ad-1", granularity=granularity, starts_at=starts_at, spend=Decimal(spend), currency="EUR")
        for starts_at, spend in spans
    ]
    with tenant_transaction(tenant):
        store_stats(drafts=drafts, at=NOON)


def spend(tenant: UUID) -> Decimal:
    with tenant_transaction(tenant):
        return sum((one.spend for one in queries.totals(until=NOON)), Decimal(0))


def test_a_day_of_25_hours_is_counted_once(tenant: UUID) -> None:
    connect(tenant, "1", "Europe/Berlin")
    start, end = midnight("2026-10-25"), midnight("2026-10-26")
    hours = [start + n * HOUR for n in range(25)]
    assert hours[-1] + HOUR == end

    spent(tenant, Granularity.HOUR, *[(hour, "1") for hour in hours])
    assert spend(tenant) == 25
    spent(tenant, Granularity.DAY, (start, "26"))

    assert spend(tenant) == 26
    spent(tenant, Granularity.HOUR, (end, "3"))
    assert spend(tenant) == 29


def test_the_first_hour_after_a_day_of_23_hours_counts(tenant: UUID) -> None:
    connect(tenant, "1", "Europe/Berlin")
    start, end = midnight("2026-03-29"), midnight("2026-03-30")
    assert end - start == 23 * HOUR

    spent(tenant, Granularity.DAY, (start, "10"))
    spent(tenant, Granularity.HOUR, (end - HOUR, "1"), (end, "3"))

    assert spend(tenant) == 13


@pytest.mark.parametrize(("account_id", "sum_of_all"), [("berlin", 10), ("utc", 11), (None, 11)])
def test_of_several_accounts_the_campaigns_own_says_how_long_its_days_are(
    tenant: UUID, account_id: str | None, sum_of_all: int
) -> None:
    connect(tenant, "berlin", "Europe/Berlin")
    connect(tenant, "utc", "UTC")
    with tenant_transaction(tenant):
        operations.save_campaign(draft=CampaignDraft(campaign_id="c1"), at=NOON)
        Campaign.objects.update(account_id=account_id)
        operations.save_ad(draft=AdDraft(ad_id="ad-1", campaign_id="c1"), at=NOON)
    start = midnight("2026-10-25")

    spent(tenant, Granularity.DAY, (start, "10"))
    spent(tenant, Granularity.HOUR, (start + 24 * HOUR, "1"))

    assert spend(tenant) == sum_of_all


def test_a_day_lasts_24_hours_where_no_account_is_known(tenant: UUID) -> None:
    start = datetime(2026, 10, 25, tzinfo=UTC)

    spent(tenant, Granularity.DAY, (start, "10"))
    spent(tenant, Granularity.HOUR, (start + 23 * HOUR, "1"), (start + 24 * HOUR, "2"))

    assert spend(tenant) == 12
