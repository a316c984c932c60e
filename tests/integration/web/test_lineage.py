"""The page that draws the chain from a post to what came of it."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.test import Client

from kairo.platform.database.sessions import tenant_transaction
from kairo.stages.revenue import operations
from tests.factories.boards import make_board, make_brand, make_item
from tests.factories.packages import NOON
from tests.factories.stories import story
from tests.factories.tracking import click_record
from tests.integration.web.conftest import at_most

PAGE = "/b/northwind/lineage"


def test_the_chain_is_drawn_and_told_as_a_table(client: Client, tenant: UUID) -> None:
    told = story(tenant)

    with at_most(10):
        page = client.get(f"{PAGE}/evidence/{told.item}").content.decode()

    assert page.count("<li data-node=") == 5
    assert page.count("<tr data-from=") == 4
    assert page.count('lineage-start" href="/b/northwind/evidence/') == 1
    assert f'href="/b/northwind/evidence/{told.item}"' in page
    assert f'href="/b/northwind/packages/{told.package}#variant-{told.variant}"' in page
    assert "Views: 1" in page
    assert "No revenue is tracked here yet" in page


def test_a_post_of_which_nothing_came_says_so(client: Client, tenant: UUID) -> None:
    brand = make_brand(tenant)
    item = make_item(tenant, brand_id=brand.id, text="<b>Nobody</b> noticed")

    page = client.get(f"{PAGE}/evidence/{item}").content.decode()

    assert "nothing has come of it" in page
    assert "<b>Nobody" not in page


def test_a_card_and_a_post_lead_to_their_chains(client: Client, tenant: UUID) -> None:
    told = story(tenant)
    make_board(tenant, brand_id=told.brand, opportunity_ids=[told.opportunity])

    board = client.get("/b/northwind/today").content.decode()
    post = client.get(f"/b/northwind/evidence/{told.item}").content.decode()

    assert f'href="{PAGE}/opportunity/{told.opportunity}"' in board
    assert f'href="{PAGE}/evidence/{told.item}"' in post


def test_what_is_nothing_to_follow_is_not_found(client: Client, tenant: UUID) -> None:
    told = story(tenant)
    make_brand(tenant, slug="second")

    assert client.get(f"{PAGE}/deal/{told.item}").status_code == 404
    assert client.get(f"{PAGE}/deal/%00").status_code == 404
    assert client.get(f"{PAGE}/evidence/no-uuid").status_code == 404
    assert client.get(f"{PAGE}/invoice/{told.item}").status_code == 404
    assert client.get(f"{PAGE}/package/{told.item}").status_code == 404
    assert client.get(f"/b/second/lineage/package/{told.package}").status_code == 404


def test_clicks_that_led_to_nothing_are_listed_page_by_page(client: Client, tenant: UUID) -> None:
    make_brand(tenant)
    records = [click_record(NOON - timedelta(minutes=n), click_id=f"kc-{n:02}") for n in range(51)]
    with tenant_transaction(tenant):
        operations.track_clicks(records=records, at=NOON)

    page = client.get(f"{PAGE}/ad/ad-1").content.decode()
    older = page.partition("?clicks_before=")[2].partition("#")[0]
    rest = client.get(f"{PAGE}/ad/ad-1?clicks_before={older}").content.decode()
    before = client.get(f"{PAGE}/ad/ad-1?until=2026-11-20T12:59&zone=Europe/Berlin").content.decode()

    assert (page.count("<bdi>kc-"), page.count("<li data-node=")) == (50, 1)
    assert "Earlier ones were not looked at." in page
    assert (rest.count("<bdi>kc-"), "<bdi>kc-50" in rest) == (1, True)
    assert "Earlier ones" not in rest
    assert ("<bdi>kc-01" in before, "<bdi>kc-02" in before) == (False, True)


def test_a_click_that_was_asked_for_is_drawn_though_it_led_to_nothing(client: Client, tenant: UUID) -> None:
    make_brand(tenant)
    with tenant_transaction(tenant):
        operations.track_clicks(records=[click_record(NOON, click_id="kc-1")], at=NOON)

    page = client.get(f"{PAGE}/click/kc-1").content.decode()

    assert page.count("<li data-node=") == 2
    assert "Clicks that led to nothing" not in page


def test_what_is_no_place_among_clicks_is_refused_with_words(client: Client, tenant: UUID) -> None:
    make_brand(tenant)

    for query in ("clicks_before=yesterday", "until=yesterday", "until=1850-01-01T00:00"):
        assert client.get(f"{PAGE}/ad/ad-1?{query}").status_code == 422
