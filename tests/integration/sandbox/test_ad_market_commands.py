"""The invented ad market in use: policies compared, its servers asked by the official clients, the whole loop."""

from __future__ import annotations

import json
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.test import override_settings
from typer.testing import CliRunner

from kairo.interfaces.cli.commands import app
from kairo.interfaces.cli.loop.running import run_loop
from kairo.interfaces.cli.loop.serving import Served
from kairo.platform.database.clock import now
from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.tenancy.lookups import tenants
from kairo.sandbox.ad_market.hubspot_server import TOKEN
from kairo.stages.ads import operations as ads
from kairo.stages.ads import queries as ad_queries
from kairo.stages.ads.contracts.accounts import AccountConnection
from kairo.stages.ads.contracts.platforms import PlatformName
from kairo.stages.revenue import operations as revenue
from kairo.stages.revenue import queries as revenue_queries
from tests.integration.revenue.hubspot_posts import connect
from tests.virtual_clock import virtual_clock

START = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.mark.usefixtures("database")
def test_policies_are_compared_on_the_same_market() -> None:
    command = ["simulate", "ads", "--days", "3", "--ads", "3", "--seeds", "1", "--budget", "300", "--json"]
    results = [CliRunner().invoke(app, command) for _ in range(2)]
    assert results[0].exit_code == 0, results[0].output
    first, again = (json.loads(result.stdout)["markets"][0]["policies"] for result in results)
    assert [one["policy"] for one in first] == ["equal split", "plain rules", "who knows the truth", "kairo"]
    assert first == again
    assert all(0 <= one["spend"] <= 900.5 for one in first)
    assert {tenant.slug for tenant in tenants()} == {"simulated-ads-7", "simulated-ads-7-2"}


def test_both_servers_are_asked_by_the_official_clients(tenant: UUID) -> None:
    with ExitStack() as stack:
        served = Served.opened(stack, seed=5, ads=3, ports=(0, 0), fault_rate=0, kairo=(None, ""))
        served.live_until(served.market.now + timedelta(days=6))
        at = served.market.now
        connection = AccountConnection(
            account_id=served.market.account_id,
            platform=PlatformName.SANDBOX,
            currency="USD",
            timezone="UTC",
            access_token=served.account.token,
        )
        with tenant_transaction(tenant):
            ads.connect_account(connection=connection, at=at, base_url=served.addresses[0])
        connect(tenant, access_token=TOKEN, hubspot_ad_id_property="ad_id")
        [pulled] = ads.pull_stats(tenant_id=tenant, at=at).accounts
        with override_settings(KAIRO_HUBSPOT_API_URL=served.addresses[1]):
            report = revenue.sync_hubspot(tenant_id=tenant, at=at, wait=served.portal.wait)
        begun = [deal for deal in served.market.deals.values() if deal.created_at < at]
        with tenant_transaction(tenant):
            totals = ad_queries.totals(until=at)
            known = sum(len(revenue_queries.deals_of_ad(total.ad_id)) for total in totals)
    assert pulled.error is None
    assert sum(total.clicks for total in totals) == sum(one.clicks for one in served.market.figures.values())
    assert report.ingested == len(begun)
    assert known == sum(deal.ad_id is not None for deal in begun)


def test_whoever_is_not_there_to_be_told_is_named_once(capsys: pytest.CaptureFixture[str]) -> None:
    with ExitStack() as stack:
        served = Served.opened(
            stack, seed=5, ads=2, ports=(0, 0), fault_rate=0, kairo=("http://127.0.0.1:9", "a token")
        )
        for _ in range(3):
            served.live_until(served.market.now + timedelta(days=1))
    assert capsys.readouterr().err.count("track-clicks") == 1


@pytest.mark.usefixtures("database")
def test_a_loop_may_not_end_in_the_future() -> None:
    later = f"{datetime.now(UTC) + timedelta(days=30):%Y-%m-%d}"
    with virtual_clock():
        result = CliRunner().invoke(app, ["simulate", "loop", "--days", "4", "--start", later])
    assert result.exit_code != 0
    assert "future" in str(result.exception)


@pytest.mark.long
@pytest.mark.usefixtures("database")
def test_the_whole_loop_earns_and_learns_in_a_tenant_of_its_own() -> None:
    with virtual_clock():
        report = run_loop(seed=3, start=START, days=8, budget=600, posts_per_day=20)
        assert abs(now() - datetime.now(UTC)) < timedelta(minutes=1)
    assert [one.policy for one in report.policies] == ["kairo", "equal split", "plain rules", "who knows the truth"]
    assert report.ads >= 4
    assert report.boards == 2
    assert report.executed["done"] > report.ads
    assert report.counts["deals refused"] == report.counts["pulls that failed"] == 0
    assert report.counts["clicks tracked"] < report.counts["clicks"]
    assert 0.6 < report.deals_credited <= 1
    assert report.credited_right > 0.9
    assert report.policies[0].spend <= 600 * 8 * 1.02
    assert report.next_board
    [tenant] = [tenant for tenant in tenants() if tenant.slug == "loop-3"]
    with tenant_transaction(tenant.id):
        [account] = ad_queries.accounts()
    assert not account.is_active
