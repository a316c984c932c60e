"""The page that draws the chain from a post to what came of it."""

from __future__ import annotations

import itertools
from uuid import UUID

from django.test import Client

from kairo.interfaces.web.lineage import BOX_HEIGHT, BOX_WIDTH, drawn
from kairo.platform.database.sessions import tenant_transaction
from kairo.stages.revenue import operations
from kairo.stages.revenue.contracts.lineage import ChainKind
from tests.factories.boards import make_board, make_brand, make_item
from tests.factories.packages import NOON
from tests.integration.content.test_lineage import story
from tests.integration.web.conftest import at_most

PAGE = "/b/northwind/lineage"


def test_the_chain_is_drawn_and_told_as_a_table(client: Client, tenant: UUID) -> None:
    told = story(tenant)

    with at_most(10):
        page = client.get(f"{PAGE}/evidence/{told.item}").content.decode()

    assert page.count('class="lineage-arrow"') == 4
    assert page.count('<tr><th scope="row">') == 4
    assert f'href="/b/northwind/evidence/{told.item}"' in page
    assert f'href="/b/northwind/packages/{told.package}#variant-{told.variant}"' in page
    assert "Views: 1" in page
    assert "No revenue is tracked here yet" in page


def test_no_box_is_drawn_over_another(tenant: UUID) -> None:
    told = story(tenant)
    with tenant_transaction(tenant):
        found = operations.follow(kind=ChainKind.VARIANT, object_id=str(told.variant), at=NOON)

    drawing = drawn(found, "northwind")

    places = sorted((box.x, box.y) for box in drawing.boxes)
    assert len(set(places)) == len(found.nodes)
    for (x, y), (next_x, next_y) in itertools.pairwise(places):
        assert next_x >= x + BOX_WIDTH or next_y >= y + BOX_HEIGHT
    assert max(x for x, _ in places) + BOX_WIDTH <= drawing.width
    assert max(y for _, y in places) + BOX_HEIGHT <= drawing.height


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
