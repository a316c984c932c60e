"""Connected accounts: their tokens, their figures, and what happens when a platform says no."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest
from django.test import Client
from typer.testing import CliRunner

from kairo.interfaces.cli.commands import app
from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.tenancy.contracts import Role
from kairo.platform.tenancy.operations import issue_token
from kairo.sandbox.ad_market.faults import Fault
from kairo.stages.ads import operations, queries
from kairo.stages.ads.contracts.accounts import AccountConnection
from kairo.stages.ads.contracts.platforms import PlatformName
from kairo.stages.ads.models import AdAccount, AdStat, Campaign
from tests.integration.ads.test_meta import MONDAY, Sandbox

STAT = {"ad_id": "a1", "starts_at": "2026-06-01", "spend": "12.5", "clicks": 3, "currency": "eur"}


@pytest.fixture
def owner(tenant: UUID) -> Client:
    token = issue_token(tenant_id=tenant, name="owner", role=Role.OWNER).token
    return Client(headers={"Authorization": f"Bearer {token}"})


@pytest.fixture
def sandbox(tenant: UUID) -> Iterator[Sandbox]:
    with ExitStack() as stack:
        sandbox = Sandbox(1, stack)
        connection = AccountConnection(
            account_id="act_901",
            platform=PlatformName.SANDBOX,
            currency="USD",
            timezone="UTC",
            access_token="token-1",
        )
        with tenant_transaction(tenant):
            operations.connect_account(connection=connection, at=MONDAY, base_url=sandbox.address)
        yield sandbox


def test_a_token_is_sealed_and_never_told(owner: Client, tenant: UUID) -> None:
    body = {"account_id": "act_77", "currency": "EUR", "timezone": "Europe/Berlin", "access_token": "very-secret"}
    first = owner.post("/api/ads/accounts", body, content_type="application/json")
    del body["access_token"]
    again = owner.post("/api/ads/accounts", {**body, "name": "Shop"}, content_type="application/json")
    [listed] = owner.get("/api/ads/accounts").json()["items"]
    assert (first.status_code, again.status_code) == (201, 200)
    assert (listed["account_id"], listed["name"], listed["has_access_token"]) == ("77", "Shop", True)
    assert b"very-secret" not in first.content + again.content
    with tenant_transaction(tenant):
        assert "very-secret" not in str(AdAccount.objects.get().access_token)


def test_only_an_owner_connects_an_account(tenant: UUID) -> None:
    token = issue_token(tenant_id=tenant, name="editor", role=Role.EDITOR).token
    editor = Client(headers={"Authorization": f"Bearer {token}"})
    body = {"account_id": "1", "currency": "EUR", "timezone": "UTC"}
    assert editor.post("/api/ads/accounts", body, content_type="application/json").status_code == 403


@pytest.mark.parametrize("wrong", [{"timezone": "Mars/Base"}, {"currency": "EURO"}, {"base_url": "http://10.0.0.1"}])
def test_what_is_no_account_is_refused(owner: Client, wrong: dict[str, str]) -> None:
    body = {"account_id": "1", "currency": "EUR", "timezone": "UTC", **wrong}
    answer = owner.post("/api/ads/accounts", body, content_type="application/json")
    assert answer.status_code in {400, 422}
    assert next(iter(wrong)) in answer.content.decode()


def test_a_pull_names_what_runs_and_replaces_figures(sandbox: Sandbox, tenant: UUID) -> None:
    sandbox.market.advance(MONDAY + timedelta(days=2, hours=6))
    operations.pull_stats(tenant_id=tenant, at=sandbox.market.now)
    sandbox.market.advance(MONDAY + timedelta(days=2, hours=9))
    [pulled] = operations.pull_stats(tenant_id=tenant, at=sandbox.market.now).accounts
    assert pulled.error is None
    assert 0 < pulled.stats < 10
    with tenant_transaction(tenant):
        account = AdAccount.objects.get()
        assert (account.currency, account.timezone, account.name) == ("EUR", "Europe/Berlin", "Sandbox account")
        campaign = Campaign.objects.get()
        assert (campaign.name, campaign.account_id) == ("Spring", "901")
        [totals] = queries.totals(until=sandbox.market.now)
    assert totals.clicks == sum(one.clicks for one in sandbox.market.figures.values())
    assert totals.spend == pytest.approx(Decimal(sandbox.market.spent(sandbox.ad)), abs=Decimal(1))


def test_an_ad_with_an_id_of_its_own_keeps_it(sandbox: Sandbox, tenant: UUID) -> None:
    with tenant_transaction(tenant):
        operations.record_ads(records=[{"ad_id": "mine", "platform_ad_id": sandbox.ad}], at=MONDAY)
    sandbox.market.advance(MONDAY + timedelta(days=1))
    operations.pull_stats(tenant_id=tenant, at=sandbox.market.now)
    with tenant_transaction(tenant):
        assert {stat.ad_id for stat in AdStat.objects.all()} == {"mine"}
        assert [ad.ad_id for ad in queries.ads()] == ["mine"]


def test_a_platform_that_says_wait_is_left_for_later(sandbox: Sandbox, tenant: UUID) -> None:
    sandbox.site.faults.plan(Fault.THROTTLED, method="GET")
    [pulled] = operations.pull_stats(tenant_id=tenant, at=MONDAY).accounts
    assert pulled.error is not None
    assert pulled.retry_after_s == 300


def test_figures_over_http_replace_older_ones(owner: Client) -> None:
    first = owner.post("/api/ads/stats", STAT, content_type="application/json")
    batch = {"stats": [{**STAT, "clicks": 5}, {**STAT, "clicks": 5}, {**STAT, "ad_id": "a2"}, {"ad_id": "a3"}]}
    results = owner.post("/api/ads/stats", batch, content_type="application/json").json()["results"]
    assert first.status_code == 201
    assert first.json()["currency"] == "EUR"
    assert [result["status"] for result in results] == ["updated", "unchanged", "created", "refused"]
    assert "starts_at" in results[3]["error"]["message"]


@pytest.mark.parametrize(
    "wrong",
    [{"spend": "-1"}, {"clicks": -1}, {"starts_at": 1780000000}, {"starts_at": "2026-06-01T12:07:00Z"},
     {"spend": "NaN"}, {"granularity": "week"}, {"currency": "€"}],
)  # fmt: skip
def test_figures_that_cannot_be_are_refused(owner: Client, wrong: dict[str, object]) -> None:
    answer = owner.post("/api/ads/stats", {**STAT, **wrong}, content_type="application/json")
    assert answer.status_code == 422, answer.content


def test_figures_of_a_file_may_be_brought_again(tenant: UUID, tmp_path: Path) -> None:
    file = tmp_path / "figures.csv"
    file.write_text("ad_id,starts_at,currency,clicks,spend\na1,2026-06-01,EUR,3,1.5\na1,yesterday,EUR,1,1\n")
    command = ["ads", "stats", "import", str(file), "--tenant", "acme"]
    outputs = [CliRunner().invoke(app, command).output for _ in range(2)]
    assert outputs[0].startswith("1 created")
    assert "line 3: starts_at" in outputs[0]
    assert "1 unchanged" in outputs[1]


def test_an_account_is_connected_by_asking_the_platform(tenant: UUID, sandbox: Sandbox) -> None:
    command = ["ads", "accounts", "connect", "act_901", "--tenant", "acme", "--platform", "sandbox"]
    told = CliRunner().invoke(app, [*command, "--base-url", sandbox.address], input="token-1\n")
    wrong = CliRunner().invoke(app, [*command, "--base-url", sandbox.address], input="nonsense\n")
    listed = CliRunner().invoke(app, ["ads", "accounts", "list", "--tenant", "acme"]).output
    assert told.exit_code == 0, told.output
    assert "EUR, Europe/Berlin" in told.output
    assert "access token" in str(wrong.exception)
    assert "token-1" not in listed
    assert CliRunner().invoke(app, ["ads", "accounts", "disconnect", "act_901", "--tenant", "acme"]).exit_code == 0
