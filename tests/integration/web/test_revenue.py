"""The Revenue page, the list of conversions behind it, and one conversion."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from django.test import Client
from django.utils import timezone

from kairo.platform.database.sessions import tenant_transaction
from kairo.stages.revenue import operations
from kairo.stages.revenue.contracts.tracking import HoldoutDraft, SiteDraft
from tests.factories.boards import make_brand
from tests.factories.sales import Sale, make_sale
from tests.factories.tracking import DEVICE, attributed, conversion_record, tracked
from tests.integration.web.conftest import at_most

PAGE = "/b/northwind/revenue"
HOUR = timedelta(hours=1)
HOSTILE = "<script>alert(1)</script>"


@pytest.fixture(autouse=True)
def _brand(tenant: UUID) -> None:
    make_brand(tenant)


@pytest.fixture
def at() -> datetime:
    return timezone.now() - HOUR


def declare(tenant: UUID, name: str, at: datetime) -> None:
    draft = HoldoutDraft.model_validate(
        {
            "name": name, "kind": "user_split", "started_at": (at - 48 * HOUR).isoformat(),
            "shown": {"people": 10_000, "converted": 300}, "held_out": {"people": 10_000, "converted": 200},
        }
    )  # fmt: skip
    with tenant_transaction(tenant):
        operations.declare_holdout(draft=draft, at=at)


def test_everything_is_told_in_few_queries(client: Client, tenant: UUID, at: datetime) -> None:
    make_sale(tenant, variant_id=None, at=at)
    attributed(tenant, at, conversion_id="cv-none", value="5", currency="USD")
    for number in range(3):
        declare(tenant, f"split-{number}", at)

    with at_most(10):
        page = client.get(f"{PAGE}?zone=Asia/Tokyo").content.decode()

    assert "66.7" in page
    assert "Days of Asia/Tokyo" in page
    assert 'data-counts="2 0 0 1"' in page
    assert "No click came into question" in page
    assert "Descale week" in page
    assert "closed_won" in page
    assert page.count("split-") == 3
    assert f'{PAGE}/conversions?window=28d&amp;zone=Asia%2FTokyo&amp;reason=no_candidate"' in page
    assert "All ads of your account" in page


def test_where_nothing_is_tracked_the_next_step_is_said(client: Client, tenant: UUID) -> None:
    with at_most(10):
        page = client.get(PAGE).content.decode()
    with tenant_transaction(tenant):
        operations.add_site(draft=SiteDraft(name="shop"), at=timezone.now())
    with_site = client.get(PAGE).content.decode()

    assert "kairo crm import" in page
    assert "/api/tracked-sites" in page
    assert re.search(r"t\.js&quot; data-site=&quot;\w+", with_site)


def test_a_list_is_narrowed_and_paged(client: Client, tenant: UUID, at: datetime) -> None:
    many = [conversion_record(at - number * HOUR / 60, conversion_id=f"cv-{number:02}") for number in range(52)]
    with tenant_transaction(tenant):
        operations.attribute_conversions(records=many, at=at)
    make_sale(tenant, variant_id=None, at=at)

    with at_most(10):
        first = client.get(f"{PAGE}/conversions?reason=no_candidate").content.decode()
    older = re.search(r'href="(\?[^"]*before=[^"]+)"', first)
    assert older is not None
    second = client.get(f"{PAGE}/conversions{older[1].replace('&amp;', '&')}").content.decode()

    assert (first.count("/conversions/cv-"), second.count("/conversions/cv-")) == (50, 2)
    of_layer = client.get(f"{PAGE}/conversions?layer=1").content.decode()
    assert "order-7" in of_layer
    assert "cv-00" not in of_layer
    assert "order-7" in client.get(f"{PAGE}/conversions", {"ad": Sale.ad}).content.decode()
    assert "No such conversion" in client.get(f"{PAGE}/conversions?ad=nobody").content.decode()


def test_one_conversion_tells_its_candidates_and_attempts(client: Client, tenant: UUID, at: datetime) -> None:
    tracked(tenant, at - HOUR / 3, click_id="kc/1", **DEVICE)
    attributed(tenant, at, conversion_id=f"order/{HOSTILE}", value="55", currency="EUR", **DEVICE)

    with at_most(10):
        page = client.get(f"{PAGE}/conversions/order/{HOSTILE}").content.decode()

    assert HOSTILE not in page
    assert "kc/1" in page
    assert "/b/northwind/lineage/conversion/order/" in page
    assert page.count("version 0") == 1
    assert "55.00\N{NO-BREAK SPACE}EUR" in page


@pytest.mark.parametrize(
    "path",
    [
        "?window=2d",
        "/conversions?layer=4",
        "/conversions?before=yesterday",
        "/conversions?before=1-no",
        f"/conversions?before={10**30}-{UUID(int=1)}",
        "/conversions/x",
        "/conversions/%00",
    ],
)
def test_what_is_not_there_is_not_found(client: Client, path: str) -> None:
    assert client.get(f"{PAGE}{path}").status_code == 404


def test_of_another_account_nothing_is_shown(client: Client, stranger: UUID, at: datetime) -> None:
    make_sale(stranger, variant_id=None, at=at)

    assert "kairo crm import" in client.get(PAGE).content.decode()
    assert client.get(f"{PAGE}/conversions/{Sale.order}").status_code == 404


def test_the_chain_of_a_deal_is_drawn_with_its_money(client: Client, tenant: UUID, at: datetime) -> None:
    sale = make_sale(tenant, variant_id=None, at=at)

    with at_most(10):
        page = client.get(f"/b/northwind/lineage/deal/{sale.deal}?source=crm").content.decode()

    assert "900.00\N{NO-BREAK SPACE}EUR" in page
    assert f'href="{PAGE}/conversions/{sale.lead}"' in page
    assert page.count("<tr data-from=") == 3
