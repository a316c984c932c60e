"""The Ads page: what it asks of the database, what it shows to whom, and what may be done there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.utils import timezone

from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.tenancy.contracts import Role
from kairo.stages.ads import queries
from kairo.stages.ads.contracts.changes import ChangeStatus
from kairo.stages.learning import operations as learning
from kairo.stages.learning.contracts.winners import WinnerDraft
from kairo.stages.learning.queries import newest_selection
from tests.factories.ad_changes import AdDesk
from tests.factories.advertising import make_ad, make_campaign
from tests.factories.boards import make_brand
from tests.integration.web.conftest import at_most, sign_in

PAGE = "/b/northwind/ads"
HOSTILE = "<script>document.title='owned'</script>"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def brand_id(tenant: UUID) -> UUID:
    return make_brand(tenant).id


@pytest.fixture
def desk(tenant: UUID, brand_id: UUID) -> Iterator[AdDesk]:
    with ExitStack() as stack:
        yield AdDesk(tenant, stack, at=timezone.now())


def test_an_account_without_ads_says_the_next_step(client: Client, brand_id: UUID) -> None:
    with at_most(10):
        page = client.get(PAGE).content.decode()
    winners = client.get(f"{PAGE}/winners", headers=HTMX).content.decode()
    assert "No ads are known yet" in page
    assert "kairo ads import" in page
    assert "No ad has won yet" in winners


def test_all_of_it_takes_ten_queries_at_most_and_says_what_there_is(client: Client, tenant: UUID, desk: AdDesk) -> None:
    make_campaign(tenant, at=desk.at)
    for name in ("good", "plain"):
        make_ad(tenant, name, conversions=60 if name == "good" else 12, at=desk.at)
    client.post(f"{PAGE}/recommend", {"campaign_id": "c1", "total_budget": "100"})
    done = desk.approved(11_000)
    desk.run()
    open_one = desk.want(requested_value=12_000, reason=f"It pays. {HOSTILE}")
    with tenant_transaction(tenant):
        learning.add_winner(draft=WinnerDraft(ad_id="w", text=f"Fresh beans {HOSTILE}", why="Sold out."), at=desk.at)

    with at_most(10):
        page = client.get(PAGE).content.decode()
    with at_most(10):
        live = client.get(f"{PAGE}/changes?moving=", headers=HTMX).content.decode()
    with at_most(10):
        winners = client.get(f"{PAGE}/winners", headers=HTMX).content.decode()

    assert f"change-{open_one.id}" in page
    assert f"change-{done.id}" in page
    assert 'class="interval"' in page
    assert "Waits for approval" in page
    assert "Largest step of a decision" in page
    assert "Sold out." in winners
    for shown in (page, live, winners):
        assert HOSTILE not in shown


def test_approving_rejecting_and_rolling_back(client: Client, tenant: UUID, desk: AdDesk) -> None:
    change = desk.want(requested_value=11_000)
    shown = client.post(f"{PAGE}/changes/{change.id}/approve", headers=HTMX).content.decode()
    assert "On their way" in shown
    desk.at = timezone.now()
    desk.run()
    assert desk.now_at_platform() == 11_000
    client.post(f"{PAGE}/changes/{change.id}/rollback", {"reason": "Too much"}, headers=HTMX)
    desk.at = timezone.now()
    desk.run()
    other = desk.want(requested_value=10_500)
    client.post(f"{PAGE}/changes/{other.id}/reject")
    again = client.post(f"{PAGE}/changes/{other.id}/approve", headers=HTMX)
    assert desk.now_at_platform() == 10_000
    assert desk.change(change).status is ChangeStatus.ROLLED_BACK
    assert desk.change(other).status is ChangeStatus.REJECTED
    assert again.status_code == 422


def test_the_kill_switch_needs_a_reason(client: Client, tenant: UUID, brand_id: UUID) -> None:
    refused = client.post(f"{PAGE}/kill-switch", {"on": "1", "reason": " "}, headers=HTMX)
    turned = client.post(f"{PAGE}/kill-switch", {"on": "1", "reason": "The site is down"}, headers=HTMX)
    with tenant_transaction(tenant):
        switch = queries.kill_switch()
    off = client.post(f"{PAGE}/kill-switch", {"on": "0"}, headers=HTMX).content.decode()
    assert refused.status_code == 422
    assert "The site is down" in turned.content.decode()
    assert (switch.on, switch.reason) == (True, "The site is down")
    assert "Stop all changes" in off


def test_a_recommendation_becomes_pending_changes(client: Client, tenant: UUID, desk: AdDesk) -> None:
    make_ad(tenant, "good", campaign_id=desk.campaign, at=desk.at)
    client.post(f"{PAGE}/recommend", {"campaign_id": desk.campaign, "total_budget": "100"})
    with tenant_transaction(tenant):
        found = newest_selection()
    assert found is not None
    refused = client.post(f"{PAGE}/recommendations/{found.id}")
    assert refused.status_code == 422
    assert "could not be proposed" in refused.content.decode()
    assert client.post(f"{PAGE}/recommendations/{uuid4()}").status_code == 404
    assert client.post(f"{PAGE}/recommend", {"campaign_id": "", "total_budget": "x"}).status_code == 422
    assert client.post(f"{PAGE}/recommend", {"campaign_id": "nothing", "total_budget": "1"}).status_code == 404


def test_a_viewer_reads_and_may_not_decide(client: Client, tenant: UUID, desk: AdDesk) -> None:
    change = desk.want(requested_value=11_000)
    viewer = sign_in(tenant, email="vic@example.com", role=Role.VIEWER)
    page = viewer.get(PAGE).content.decode()
    paths = [f"{PAGE}/changes/{change.id}/{deed}" for deed in ("approve", "reject", "rollback")] + [
        f"{PAGE}/kill-switch",
        f"{PAGE}/recommend",
        f"{PAGE}/recommendations/{uuid4()}",
    ]
    assert f"change-{change.id}" in page
    assert "data-approve" not in page
    assert "Stop all changes" not in page
    assert [viewer.post(path, {"on": "1", "reason": "x"}).status_code for path in paths] == [403] * 6


def test_nobody_else_finds_the_page_or_a_change(client: Client, stranger: UUID, desk: AdDesk) -> None:
    change = desk.want(requested_value=11_000)
    other = sign_in(stranger, email="eve@example.com")
    make_brand(stranger, slug="theirs")
    assert other.get(PAGE).status_code == 404
    assert other.post(f"/b/theirs/ads/changes/{change.id}/approve").status_code == 404
    assert str(change.id) not in other.get("/b/theirs/ads").content.decode()
