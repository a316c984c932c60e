"""Meta's client against a server in Meta's shape: two accounts side by side, pages, limits, faults."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from kairo.sandbox.ad_market import AdMarket, Params
from kairo.sandbox.ad_market.faults import Fault
from kairo.sandbox.ad_market.graph import GraphAccount
from kairo.sandbox.ad_market.market import ACTIVE, AD, AD_SET, CAMPAIGN
from kairo.sandbox.ad_market.meta_server import MetaSite, meta_server
from kairo.stages.ads.adapters.meta import API_VERSION, MetaAccount, graph_client
from kairo.stages.ads.contracts.platforms import (
    EntityStatus,
    EntityType,
    OutcomeUnknown,
    PlatformAway,
    PlatformRefused,
    PlatformThrottled,
)
from kairo.stages.ads.contracts.stats import Granularity

MONDAY = datetime(2026, 1, 5, tzinfo=UTC)
BERLIN = Params(timezone="Europe/Berlin", currency="EUR")
CREATIVE = {"title": "Leaves", "body": "They fall", "link_url": "https://example.com/leaves"}


class Sandbox:
    """A served account with one campaign, one ad set and one running ad."""

    def __init__(self, number: int, stack: ExitStack, *, params: Params = BERLIN) -> None:
        self.market = AdMarket(number, MONDAY, params, account_id=f"90{number}")
        campaign = self.market.make(CAMPAIGN, "Spring", status=ACTIVE)
        self.ad_set = self.market.make(
            AD_SET, "Set", parent_id=campaign.entity_id, status=ACTIVE, daily_budget=5_000
        ).entity_id
        self.ad = self.market.make(
            AD, "First", parent_id=self.ad_set, status=ACTIVE, text="Leaves fall", link_url="https://example.com"
        ).entity_id
        self.graph = GraphAccount(self.market, token=f"token-{number}")
        self.site = MetaSite([self.graph])
        self.address = stack.enter_context(meta_server(self.site))
        self.account = self.connected(f"token-{number}")

    def connected(self, token: str) -> MetaAccount:
        client = graph_client(token, base_url=self.address)
        return MetaAccount(client, self.market.account_id, self.market.params.currency, self.market.params.timezone)


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def sandbox(stack: ExitStack) -> Sandbox:
    return Sandbox(1, stack)


def test_two_accounts_are_asked_side_by_side(stack: ExitStack) -> None:
    one, other = Sandbox(1, stack), Sandbox(2, stack)
    one.account.set_daily_budget(EntityType.AD_SET, one.ad_set, daily_budget=7_000)
    other.account.set_daily_budget(EntityType.AD_SET, other.ad_set, daily_budget=9_000)
    budgets = [sandbox.account.read(EntityType.AD_SET, sandbox.ad_set).daily_budget for sandbox in (one, other, one)]
    assert budgets == [7_000, 9_000, 7_000]


def test_the_client_keeps_nothing_for_all(sandbox: Sandbox) -> None:
    from facebook_business.api import FacebookAdsApi

    sandbox.account.facts()
    assert FacebookAdsApi.get_default_api() is None


def test_what_stands_is_read_and_changed(sandbox: Sandbox) -> None:
    account = sandbox.account
    assert account.set_status(EntityType.AD, sandbox.ad, status=EntityStatus.PAUSED) == {"success": True}
    assert account.read(EntityType.AD, sandbox.ad).status is EntityStatus.PAUSED
    ad_set = account.read(EntityType.AD_SET, sandbox.ad_set)
    assert (ad_set.status, ad_set.daily_budget, ad_set.currency) == (EntityStatus.ACTIVE, 5_000, "EUR")
    assert account.facts().timezone == "Europe/Berlin"


def test_an_ad_is_made_paused_and_found_by_its_name(sandbox: Sandbox) -> None:
    made = sandbox.account.create_ad(ad_set_id=sandbox.ad_set, name="Second", creative=CREATIVE)
    sandbox.account.create_ad(ad_set_id=sandbox.ad_set, name="Second one", creative=CREATIVE)
    assert sandbox.account.ads_named("Second") == [made]
    assert sandbox.account.read(EntityType.AD, made).status is EntityStatus.PAUSED
    assert sandbox.market.entity(made).text == "Leaves\nThey fall"
    assert {ad.ad_id: ad.ad_set_id for ad in sandbox.account.ads()}[made] == sandbox.ad_set
    assert [(one.name, one.campaign_name) for one in sandbox.account.ad_sets()] == [("Set", "Spring")]


def test_a_bid_is_read_and_set(sandbox: Sandbox) -> None:
    before = sandbox.account.bid(EntityType.AD_SET, sandbox.ad_set)
    sandbox.account.set_bid(EntityType.AD_SET, sandbox.ad_set, bid=450)
    assert (before, sandbox.account.bid(EntityType.AD_SET, sandbox.ad_set)) == (None, 450)


def test_days_and_hours_add_up_in_the_account_s_time_zone(sandbox: Sandbox) -> None:
    sandbox.account.page_size = 7
    sandbox.market.advance(MONDAY + timedelta(days=3))
    since, until = date(2026, 1, 5), date(2026, 1, 7)
    days = list(sandbox.account.stats(since=since, until=until, granularity=Granularity.DAY))
    hours = list(sandbox.account.stats(since=since, until=until, granularity=Granularity.HOUR))
    assert [stat.starts_at for stat in days] == [datetime(2026, 1, day, 23, tzinfo=UTC) for day in (4, 5, 6)]
    assert sum(stat.clicks for stat in hours) == sum(stat.clicks for stat in days) > 0
    assert sum(stat.spend for stat in days) == pytest.approx(
        sum((stat.spend for stat in hours), Decimal(0)), abs=Decimal(1)
    )
    assert {stat.currency for stat in days} == {"EUR"}
    assert sum(stat.conversions for stat in days) == sum(one.leads_seen for one in sandbox.market.figures.values())


def test_the_fifth_change_of_a_budget_in_an_hour_has_to_wait(sandbox: Sandbox) -> None:
    for budget in (5_100, 5_200, 5_300, 5_400):
        sandbox.account.set_daily_budget(EntityType.AD_SET, sandbox.ad_set, daily_budget=budget)
    with pytest.raises(PlatformThrottled) as refused:
        sandbox.account.set_daily_budget(EntityType.AD_SET, sandbox.ad_set, daily_budget=5_500)
    assert refused.value.after_s == 3_600
    assert sandbox.account.read(EntityType.AD_SET, sandbox.ad_set).daily_budget == 5_400
    sandbox.market.advance(sandbox.market.now + timedelta(hours=1))
    sandbox.account.set_daily_budget(EntityType.AD_SET, sandbox.ad_set, daily_budget=5_500)


def test_usage_grows_until_the_account_is_shut_out(sandbox: Sandbox) -> None:
    sandbox.graph.quota = 10
    seen = []
    for _ in range(10):
        sandbox.account.read(EntityType.AD, sandbox.ad)
        seen.append(sandbox.account.usage.percent)
    assert seen == sorted(seen)
    assert seen[-1] == 100
    with pytest.raises(PlatformThrottled) as refused:
        sandbox.account.read(EntityType.AD, sandbox.ad)
    assert refused.value.after_s == sandbox.account.usage.shut_out_s == 3_600


@pytest.mark.parametrize(
    ("fault", "error", "is_done"),
    [
        (Fault.LOST, OutcomeUnknown, True),
        (Fault.BROKEN, OutcomeUnknown, False),
        (Fault.GATEWAY, OutcomeUnknown, False),
        (Fault.THROTTLED, PlatformThrottled, False),
    ],
)
def test_a_change_without_an_answer_may_have_been_made(
    sandbox: Sandbox, fault: Fault, error: type[Exception], is_done: bool
) -> None:
    sandbox.site.faults.plan(fault)
    with pytest.raises(error):
        sandbox.account.set_daily_budget(EntityType.AD_SET, sandbox.ad_set, daily_budget=6_000)
    assert (sandbox.account.read(EntityType.AD_SET, sandbox.ad_set).daily_budget == 6_000) is is_done


@pytest.mark.parametrize("fault", [Fault.LOST, Fault.BROKEN, Fault.GATEWAY])
def test_a_question_without_an_answer_may_be_asked_again(sandbox: Sandbox, fault: Fault) -> None:
    sandbox.site.faults.plan(fault, method="GET")
    with pytest.raises(PlatformAway) as away:
        sandbox.account.read(EntityType.AD, sandbox.ad)
    assert away.value.after_s > 0
    assert sandbox.account.read(EntityType.AD, sandbox.ad).status is EntityStatus.ACTIVE


def test_a_server_that_is_not_there_was_told_nothing(sandbox: Sandbox) -> None:
    account = sandbox.account
    account.client = graph_client("token-1", base_url="http://127.0.0.1:9")
    with pytest.raises(PlatformAway):
        account.set_status(EntityType.AD, sandbox.ad, status=EntityStatus.PAUSED)


@pytest.mark.parametrize("body", [b"", b"daily_budget=700"])
def test_a_change_whose_sender_dies_halfway_is_none(sandbox: Sandbox, body: bytes) -> None:
    whole = b"daily_budget=7000"
    host, port = sandbox.address.removeprefix("http://").split(":")
    head = f"POST /{API_VERSION}/{sandbox.ad_set} HTTP/1.1\r\nAuthorization: Bearer token-1"
    head += f"\r\nContent-Length: {len(whole)}"
    with socket.create_connection((host, int(port)), timeout=30) as sender:
        sender.sendall(head.encode() + b"\r\n\r\n" + body)
        sender.shutdown(socket.SHUT_WR)
        assert sender.recv(100) == b""

    assert sandbox.market.entity(sandbox.ad_set).daily_budget == 5_000


def _call(what: str, sandbox: Sandbox) -> Any:
    account = sandbox.account
    if what == "token":
        return sandbox.connected("another").facts()
    if what == "budget":
        return account.set_daily_budget(EntityType.AD_SET, sandbox.ad_set, daily_budget=1)
    if what == "ad budget":
        return account.set_daily_budget(EntityType.AD, sandbox.ad, daily_budget=5_000)
    return account.read(EntityType.AD, "404")


@pytest.mark.parametrize(
    ("what", "says"),
    [("token", "access token"), ("budget", "too low"), ("ad budget", "ad set"), ("id", "does not exist")],
)
def test_what_the_platform_refuses_is_told_in_its_words(sandbox: Sandbox, what: str, says: str) -> None:
    with pytest.raises(PlatformRefused, match=says):
        _call(what, sandbox)


def test_the_token_is_in_no_address(sandbox: Sandbox) -> None:
    asked: list[str] = []
    session = sandbox.account.client._session.requests
    session.hooks["response"].append(lambda answer, **_: asked.append(answer.url))
    sandbox.account.facts()
    assert asked
    assert not any("token-1" in url for url in asked)
