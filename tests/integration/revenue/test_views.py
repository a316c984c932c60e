"""The views over campaigns and jobs: what they say, and that each reader sees the own rows alone."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.database.sql import rows
from kairo.platform.jobs.contracts import JobState
from kairo.platform.jobs.health import queue_health
from kairo.platform.jobs.models import Job
from kairo.platform.jobs.operations import enqueue
from kairo.stages.ads.models import AdStat
from kairo.stages.revenue import operations, queries
from kairo.stages.revenue.contracts.deals import AdRoasDTO, AdRoasRequest, LearnStages
from tests.factories.sales import Sale, make_sale
from tests.integration.revenue.deal_records import NOON, deal, ingest

LEARN = "revenue.learn_stages"
DAY = timedelta(days=1)


def spent(tenant: UUID, amount: str, *, ad_id: str = Sale.ad, currency: str = "EUR", **changes: Any) -> None:
    told = {"granularity": "day", "starts_at": NOON - DAY, "impressions": 1_000, "clicks": 40, **changes}
    with tenant_transaction(tenant):
        AdStat.objects.create(ad_id=ad_id, spend=Decimal(amount), currency=currency, received_at=NOON, **told)


def seen(tenant: UUID, view: str) -> list[Any]:
    with tenant_transaction(tenant):
        return rows(f"SELECT * FROM {view}")


def test_a_campaign_tells_what_it_spent_and_what_came_back(tenant: UUID, stranger: UUID) -> None:
    make_sale(tenant, variant_id=None, at=NOON)
    spent(tenant, "100")
    spent(tenant, "7", granularity="hour", starts_at=NOON - DAY + timedelta(hours=3))
    spent(tenant, "5", currency="USD", starts_at=NOON - 2 * DAY)

    with tenant_transaction(tenant):
        dollars, euros = sorted(queries.campaign_activity(), key=lambda one: one.spend)

    assert (euros.campaign_id, euros.name, euros.ads, euros.impressions, euros.clicks) == (
        "77", "Descale week", 1, 1_000, 40,
    )  # fmt: skip
    assert (euros.spend, euros.cash_revenue, euros.synthetic_revenue) == (Decimal(100), Decimal(955), Decimal(900))
    assert (euros.cash_roas, euros.pipeline_roas, euros.conversions, euros.deals) == (9.55, 9.55, 2, 1)
    assert (dollars.currency, dollars.cash_roas) == ("USD", 0.0)
    assert len(seen(tenant, "v_campaign_activity_summary")) == 2
    assert seen(stranger, "v_campaign_activity_summary") == []


def test_queues_and_what_failed_are_told_to_their_owner(tenant: UUID, stranger: UUID) -> None:
    with tenant_transaction(tenant):
        failed, waiting = (enqueue(LEARN, LearnStages()).id for _ in range(2))
        Job.objects.filter(id=failed).update(state=JobState.FAILED, error="The database was away.")

    with tenant_transaction(tenant):
        [queue] = queue_health()
        told = rows("SELECT id, error, archived FROM v_failed_jobs")

    assert (queue.pending, queue.due, queue.running) == (1, 1, 0)
    assert queue.oldest_due_s is not None
    assert told == [(failed, "The database was away.", False)]
    assert waiting != failed
    assert seen(stranger, "v_failed_jobs") == seen(stranger, "v_job_queue_health") == []


def roas(tenant: UUID, ad_id: str = "ad-1", **changes: Any) -> AdRoasDTO:
    with tenant_transaction(tenant):
        return operations.ad_roas(AdRoasRequest(ad_id=ad_id, **changes), at=NOON)


def test_spend_of_the_window_and_the_currency_gives_both_returns(tenant: UUID) -> None:
    ingest(tenant, deal(ad_id="ad-1", stage="proposal", amount=100, currency="EUR"))
    ingest(
        tenant,
        deal("d2", ad_id="ad-1", stage="won", outcome="won", amount=200, currency="EUR", closed_at="2026-05-30T12:00Z"),
    )
    spent(tenant, "40", ad_id="ad-1")
    spent(tenant, "60", ad_id="ad-1", starts_at=NOON - 20 * DAY)

    of_all, of_late = roas(tenant, window="all"), roas(tenant, window="7d")

    assert (of_all.spend, of_all.pipeline_roas, of_all.cash_roas, of_all.reason) == (Decimal(100), 2.8, 2.0, "ok")
    assert of_late.spend == Decimal(40)
    assert of_late.cash_roas == 5.0


@pytest.mark.parametrize(
    ("amount", "currency", "reason"),
    [("0", "EUR", "nothing_spent"), ("5", "USD", "spend_in_other_currency"), (None, "EUR", "no_spend_known")],
)
def test_without_spend_in_its_currency_there_is_no_return_and_that_is_said(
    tenant: UUID, amount: str | None, currency: str, reason: str
) -> None:
    ingest(tenant, deal(ad_id="ad-1", stage="won", outcome="won", amount=200, currency="EUR"))
    if amount is not None:
        spent(tenant, amount, ad_id="ad-1", currency=currency)

    found = roas(tenant, window="all")

    assert (found.currency, found.pipeline_roas, found.cash_roas, found.reason) == ("EUR", None, None, reason)


def test_an_ad_without_deals_brought_nothing_back(tenant: UUID) -> None:
    spent(tenant, "5", ad_id="ad-1", currency="EUR")

    found = roas(tenant)

    assert (found.currency, found.spend, found.cash_roas, found.reason) == ("EUR", Decimal(5), 0.0, "no_deals")
