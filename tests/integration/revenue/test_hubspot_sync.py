"""Pulling deals from HubSpot, by its official client against a local server of its shape."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from django.test import override_settings

from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.jobs.operations import enqueue
from kairo.platform.tenancy.contracts import Role
from kairo.sandbox.ad_market.hubspot_server import TOKEN, Portal, hubspot_server
from kairo.stages.revenue import operations, queries
from kairo.stages.revenue.contracts.deals import (
    AGGREGATE_PIPELINE,
    AggregatePipeline,
    ConnectionNotFound,
    DealOutcome,
    HubSpotAway,
    HubSpotConnection,
    HubSpotRefused,
    ProcessDealChange,
    SyncReport,
)
from kairo.stages.revenue.models import Deal, DealFact, HubSpotPortal
from tests.factories.board_jobs import run
from tests.factories.callers import caller
from tests.integration.revenue.deal_records import NOON, stored
from tests.integration.revenue.hubspot_posts import PORTAL, connect, event, post


@contextmanager
def served(portal: Portal) -> Iterator[None]:
    with hubspot_server(portal) as address, override_settings(KAIRO_HUBSPOT_API_URL=address):
        yield


def sync(tenant: UUID, portal: Portal, *, full: bool = False) -> SyncReport:
    return operations.sync_hubspot(tenant_id=tenant, at=NOON, wait=portal.wait, full=full)


def count(tenant: UUID) -> int:
    with tenant_transaction(tenant):
        return Deal.objects.count()


def test_deals_are_pulled_with_their_ads_and_what_they_count(tenant: UUID) -> None:
    portal = Portal()
    portal.put(1, amount="1000", deal_currency_code="EUR", utm_ad="ad-1", dealname="Ana Example")
    portal.put(2, amount="500", dealstage="closedwon", hs_is_closed="true", hs_is_closed_won="true", utm_ad="ad-1")
    portal.put(3, amount="500", dealstage="parked")
    connect(tenant, access_token=TOKEN, hubspot_ad_id_property="utm_ad")

    with served(portal):
        report = sync(tenant, portal)

    assert (report.read, report.ingested, report.ads) == (3, 3, 1)
    with tenant_transaction(tenant):
        [euro, dollar] = queries.pipeline_values(["ad-1"])["ad-1"]
        assert not DealFact.objects.filter(value__contains="Ana").exists()
    assert (euro.currency, euro.synthetic_revenue) == ("EUR", Decimal("400.0000"))
    assert (dollar.currency, dollar.cash_revenue) == ("USD", Decimal("500.0000"))
    # A probability of 0 is one: the deal counts nothing, and not what is usual.
    assert stored(tenant, "3").synthetic_revenue == Decimal(0)
    assert stored(tenant, "2").outcome is DealOutcome.WON


def test_another_pull_reads_what_has_changed_and_a_little_more(tenant: UUID) -> None:
    portal = Portal()
    for number in range(50):
        portal.put(number, at=portal.at - timedelta(hours=50 - number), amount="100")
    connect(tenant, access_token=TOKEN)

    with served(portal):
        first = sync(tenant, portal)
        portal.put(3, dealstage="closedlost", hs_is_closed="true", hs_is_closed_won="false")
        second = sync(tenant, portal)

    assert (first.ingested, second.read, second.updated) == (50, 2, 1)
    assert stored(tenant, "3").outcome is DealOutcome.LOST


def test_more_deals_than_a_search_shows_are_all_pulled(tenant: UUID) -> None:
    portal = Portal(most_results=1_000)
    for number in range(1, 1_304):
        portal.put(number, at=portal.at - timedelta(minutes=number // 7), amount="100")
    connect(tenant, access_token=TOKEN)

    with served(portal):
        report = sync(tenant, portal)

    assert (count(tenant), report.ingested, portal.refused) == (1_303, 1_303, 0)


def test_more_than_a_page_of_one_moment_is_pulled_by_id(tenant: UUID) -> None:
    portal = Portal()
    for number in range(1, 1_001):
        portal.put(number, amount="100")
    portal.put(2_000, at=portal.at + timedelta(seconds=1))
    connect(tenant, access_token=TOKEN)

    with served(portal):
        sync(tenant, portal)

    assert count(tenant) == 1_001


def test_deals_that_change_between_pages_hide_no_others(tenant: UUID) -> None:
    portal = Portal()
    for number in range(1, 901):
        portal.put(number, at=portal.at - timedelta(hours=1) + timedelta(seconds=number), amount="100")
    portal.changed_between_pages = [str(number) for number in range(1, 4)]
    connect(tenant, access_token=TOKEN)

    with served(portal):
        sync(tenant, portal)

    assert count(tenant) == 900


def test_what_the_index_shows_late_is_found_by_the_next_pull(tenant: UUID) -> None:
    portal = Portal(lag=timedelta(minutes=2))
    portal.put(1)
    portal.wait(130)
    portal.put(2)
    connect(tenant, access_token=TOKEN)

    with served(portal):
        sync(tenant, portal)
        before = count(tenant)
        portal.wait(60)
        portal.put(3)
        portal.wait(130)
        sync(tenant, portal)

    assert (before, count(tenant)) == (1, 3)


def test_limits_are_kept_and_broken_answers_asked_for_again(tenant: UUID) -> None:
    portal = Portal(a_second=2, broken=2)
    for number in range(1, 1_001):
        portal.put(number, at=portal.at - timedelta(seconds=number))
    connect(tenant, access_token=TOKEN)

    with served(portal):
        report = sync(tenant, portal)

    assert count(tenant) == 1_000
    assert report.waited_s > 2
    assert portal.searches >= 5


def test_after_the_days_limit_a_pull_goes_on_where_it_was(tenant: UUID) -> None:
    portal = Portal(daily=2)
    for number in range(1, 1_001):
        portal.put(number, at=portal.at - timedelta(days=1) + timedelta(minutes=number))
    connect(tenant, access_token=TOKEN)

    with served(portal):
        with pytest.raises(HubSpotAway):
            sync(tenant, portal)
        before = count(tenant)
        portal.daily = None
        report = sync(tenant, portal)

    assert before == 399
    assert count(tenant) == 1_000
    assert report.read < 700


def test_one_pull_after_a_day_of_silence_brings_everything_up_to_date(tenant: UUID) -> None:
    portal = Portal()
    for number in range(1, 501):
        portal.put(number, at=portal.at - timedelta(days=3), amount="100")
    connect(tenant, access_token=TOKEN)
    with served(portal):
        sync(tenant, portal)
        # A day in which no webhook came through.
        for minute in range(24 * 60):
            portal.wait(60)
            stage = ["contractsent", "closedwon", "parked"][minute % 3]
            portal.put(1 + minute % 500, dealstage=stage, amount=f"{minute}")

        report = sync(tenant, portal)
        again = sync(tenant, portal)

    with tenant_transaction(tenant):
        ours = {row.deal_key: (row.stage, row.amount) for row in Deal.objects.all()}
    theirs = {key: (deal["dealstage"], Decimal(deal["amount"])) for key, deal in portal.deals.items()}
    assert ours == theirs
    assert (report.updated, again.updated, portal.refused) == (500, 0, 0)


def test_a_pull_and_events_agree_whatever_comes_first(tenant: UUID) -> None:
    portal = Portal()
    portal.put(7, dealstage="contractsent", amount="100", createdate="2026-05-01T12:00:00Z")
    connect(tenant, access_token=TOKEN)

    with served(portal):
        sync(tenant, portal)
    # Older than what was pulled, and come late.
    post([event(1)])
    with tenant_transaction(tenant):
        operations.process_deal_change(message=ProcessDealChange(deal_ids=["7"]), at=NOON)

    found = stored(tenant, "7")
    assert [step.stage for step in found.steps] == ["qualifiedtobuy", "contractsent"]
    assert found.stage == "contractsent"


def test_a_token_that_hubspot_does_not_take_is_said_so(tenant: UUID) -> None:
    connect(tenant, access_token="revoked")

    with served(Portal()), pytest.raises(HubSpotRefused, match="access token"):
        sync(tenant, Portal())


def test_the_environments_token_serves_the_first_account_alone(tenant: UUID, stranger: UUID) -> None:
    portal = Portal()
    portal.put(1)

    with served(portal), override_settings(HUBSPOT_ACCESS_TOKEN=TOKEN):
        report = sync(tenant, portal)
        with pytest.raises(ConnectionNotFound):
            sync(stranger, portal)

    assert report.ingested == 1


def test_the_hourly_job_pulls_and_says_where_nothing_is_connected(tenant: UUID, stranger: UUID) -> None:
    portal = Portal()
    portal.put(1)
    connect(tenant, access_token=TOKEN)
    outcomes = []
    with served(portal):
        for account in (tenant, stranger):
            with tenant_transaction(account):
                job = enqueue(AGGREGATE_PIPELINE, AggregatePipeline())
            outcomes.append(run(tenant_id=account, job_id=job.id).outcome)

    assert (outcomes[0]["connected"], outcomes[0]["ingested"]) == (True, 1)
    assert outcomes[1]["connected"] is False


def test_secrets_are_sealed_and_never_told(tenant: UUID) -> None:
    body = {"portal_id": PORTAL, "access_token": "pat-secret", "client_secret": "app-secret"}
    as_owner, as_editor = caller(tenant, role=Role.OWNER), caller(tenant)

    made = as_owner.put("/api/settings/connections/hubspot", body, content_type="application/json")
    kept = as_owner.put("/api/settings/connections/hubspot", {"portal_id": PORTAL}, content_type="application/json")
    refused = as_editor.put("/api/settings/connections/hubspot", body, content_type="application/json")

    assert (made.status_code, refused.status_code) == (200, 403)
    assert kept.json()["has_access_token"] is True
    assert "secret" not in made.content.decode().replace("client_secret", "")
    with tenant_transaction(tenant):
        portal = HubSpotPortal.objects.get()
    assert "pat-secret" not in f"{portal.access_token}{portal.client_secret}"


def test_another_portal_starts_anew(tenant: UUID) -> None:
    connect(tenant, access_token=TOKEN)

    with tenant_transaction(tenant):
        told = operations.connect_hubspot(connection=HubSpotConnection(portal_id=8), at=NOON)

    assert (told.has_access_token, told.has_client_secret, told.synced_until) == (False, False, None)
