"""The list of earlier boards, and one of them."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.test import Client

from kairo.interfaces.web.opportunities import BOARDS_PER_PAGE
from kairo.stages.opportunities.contracts import BoardState
from tests.factories.boards import NOON, make_board, make_brand, make_ready_board
from tests.integration.web.conftest import at_most, sign_in


def test_boards_are_listed_newest_first_and_lead_to_themselves(client: Client, tenant: UUID) -> None:
    brand = make_brand(tenant)
    older = make_ready_board(tenant, brand_id=brand.id)
    newer = make_board(
        tenant, brand_id=brand.id, state=BoardState.INSUFFICIENT_EVIDENCE, created_at=NOON + timedelta(days=1)
    )

    with at_most(10):
        page = client.get("/b/northwind/boards").content.decode()

    assert page.index(f"/b/northwind/boards/{newer}") < page.index(f"/b/northwind/boards/{older}")
    assert "Not enough evidence" in page


def test_an_earlier_board_is_shown_as_it_was(client: Client, tenant: UUID) -> None:
    board_id = make_ready_board(tenant, brand_id=make_brand(tenant).id)

    with at_most(10):
        page = client.get(f"/b/northwind/boards/{board_id}").content.decode()

    assert "Show how to descale in five minutes" in page
    assert "/today/regenerate" not in page


def test_a_long_list_of_boards_is_paged(client: Client, tenant: UUID) -> None:
    brand = make_brand(tenant)
    boards = [
        make_board(tenant, brand_id=brand.id, created_at=NOON + timedelta(minutes=number))
        for number in range(BOARDS_PER_PAGE + 1)
    ]

    first = client.get("/b/northwind/boards").content.decode()
    second = client.get("/b/northwind/boards", {"before": str(boards[1])}).content.decode()

    assert f"?before={boards[1]}" in first
    assert str(boards[0]) not in first
    assert str(boards[0]) in second
    assert "Older boards" not in second


def test_a_list_of_no_boards_says_where_to_begin(client: Client, tenant: UUID) -> None:
    make_brand(tenant)

    assert "No boards yet" in client.get("/b/northwind/boards").content.decode()


def test_a_broken_page_mark_is_not_found(client: Client, tenant: UUID) -> None:
    make_brand(tenant)

    assert client.get("/b/northwind/boards", {"before": "yesterday"}).status_code == 404


def test_a_board_of_another_brand_is_not_found_under_this_one(client: Client, tenant: UUID) -> None:
    make_brand(tenant)
    board_id = make_ready_board(tenant, brand_id=make_brand(tenant, slug="other").id)

    assert client.get(f"/b/northwind/boards/{board_id}").status_code == 404


def test_nothing_of_another_tenant_is_found(tenant: UUID, stranger: UUID) -> None:
    board_id = make_ready_board(tenant, brand_id=make_brand(tenant).id)
    make_brand(stranger, slug="theirs")
    theirs = sign_in(stranger, email="mallory@example.com")

    paths = ["/b/northwind/today", "/b/northwind/boards", f"/b/theirs/boards/{board_id}", "/b/northwind/today/progress"]
    statuses = [theirs.get(path).status_code for path in paths]

    assert statuses == [404] * 4
    assert theirs.post("/b/northwind/today/regenerate").status_code == 404
    assert theirs.post("/b/northwind/today/cancel").status_code == 404


def test_the_switcher_lists_the_brands_in_use(client: Client, tenant: UUID) -> None:
    make_brand(tenant, slug="alpha")
    make_brand(tenant, slug="beta")
    make_brand(tenant, slug="gone", archived_at=NOON)

    page = client.get("/b/alpha/today").content.decode()

    assert 'href="/b/beta/today"' in page
    assert 'href="/b/gone/today"' not in page
