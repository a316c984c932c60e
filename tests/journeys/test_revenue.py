"""A person asks where money came from: from the report to one conversion, its chain, and the post behind it."""

from __future__ import annotations

from uuid import UUID

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from tests.factories.boards import make_board
from tests.factories.sales import make_sale
from tests.factories.stories import story
from tests.factories.tracking import attributed
from tests.journeys.test_accessibility import violations
from tests.journeys.test_today import HOSTILE, sign_in_by_keyboard, tab_to


def test_from_the_report_to_a_conversion_and_its_post(
    page: Page, tenant: UUID, sign_in_path: str, complaints: list[str]
) -> None:
    told = story(tenant)
    sale = make_sale(tenant, variant_id=told.variant, at=timezone.now())
    attributed(tenant, timezone.now(), conversion_id=HOSTILE, conversion_type=HOSTILE[:100])
    page.goto(sign_in_path)
    page.get_by_role("button", name="Sign in to Kairo").click()
    page.get_by_role("link", name="Revenue", exact=True).click()

    expect(page.locator(".chart canvas")).to_be_visible()
    assert violations(page) == []
    page.get_by_role("link", name="Layer 1: the click’s own id").click()
    expect(page.locator("tbody tr")).to_have_count(2)
    page.get_by_role("link", name=sale.lead).click()
    expect(page.get_by_role("heading", level=1, name=sale.lead)).to_be_visible()
    expect(page.locator(".conversion-facts")).to_contain_text(sale.ad)
    page.get_by_role("link", name="Lineage: from the post to this conversion").click()
    expect(page.locator(".lineage-start")).to_be_visible()
    expect(page.locator(".lineage-revenue")).to_contain_text("900.00")
    assert violations(page) == []
    page.locator(".lineage").get_by_role("link", name="Post").first.click()
    expect(page.get_by_role("link", name="Lineage: what came of this post")).to_be_visible()
    assert complaints == []


def test_the_same_way_without_a_mouse_on_a_narrow_screen(
    page: Page, tenant: UUID, sign_in_path: str, complaints: list[str]
) -> None:
    told = story(tenant)
    make_board(tenant, brand_id=told.brand, opportunity_ids=[told.opportunity])
    sale = make_sale(tenant, variant_id=told.variant, at=timezone.now())
    page.set_viewport_size({"width": 360, "height": 740})
    sign_in_by_keyboard(page, sign_in_path)
    expect(page.get_by_role("heading", level=1, name="Today")).to_be_visible()

    tab_to(page, "a[href$='/revenue']")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1, name="Revenue")).to_be_visible()
    tab_to(page, ".chart-table summary")
    page.keyboard.press("Enter")
    expect(page.locator("#days-table tbody tr").last).to_be_visible()
    tab_to(page, "a[href*='layer=1']")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1, name="Conversions")).to_be_visible()
    tab_to(page, f"a[href$='/conversions/{sale.order}']")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1, name=sale.order)).to_be_visible()
    assert violations(page) == []
    tab_to(page, f"a[href$='/lineage/conversion/{sale.order}']")
    page.keyboard.press("Enter")
    expect(page.locator(".lineage-start")).to_be_visible()
    tab_to(page, f".lineage a[href$='{told.item}']")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Lineage: what came of this post")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert complaints == []


SHOWN = """(chain) => {
  const places = [...chain.querySelectorAll(".lineage-box")].map((box) => box.getBoundingClientRect());
  const crosses = (one, other, first, last) => one[first] < other[last] && other[first] < one[last];
  const overlap = (one, other) => crosses(one, other, "left", "right") && crosses(one, other, "top", "bottom");
  return {
    overlaps: places.filter((one, n) => places.slice(n + 1).some((other) => overlap(one, other))).length,
    body: document.documentElement.scrollWidth - innerWidth,
    frame: chain.closest(".lineage-frame").scrollWidth - chain.closest(".lineage-frame").clientWidth,
  };
}"""
BETWEEN = """(arrow) => {
  const shown = (at) => arrow.getPointAtLength(at).matrixTransform(arrow.getScreenCTM());
  const [from, to] = [0, arrow.getTotalLength()].map(shown);
  const within = (value, first, last) => value > first - 8 && value < last + 8;
  const touches = ({ x, y }) => [...document.querySelectorAll(".lineage-box")].filter((box) => {
    const place = box.getBoundingClientRect();
    return within(x, place.left, place.right) && within(y, place.top, place.bottom);
  }).length;
  return [touches(from), touches(to)];
}"""


@pytest.mark.parametrize("width", [1280, 375])
def test_the_chain_fits_the_window_with_what_was_asked_for_in_view(
    page: Page, tenant: UUID, sign_in_path: str, complaints: list[str], width: int
) -> None:
    told = story(tenant)
    sale = make_sale(tenant, variant_id=told.variant, at=timezone.now())
    page.set_viewport_size({"width": width, "height": 860})
    page.goto(sign_in_path)
    page.get_by_role("button", name="Sign in to Kairo").click()
    page.goto(f"/b/northwind/lineage/deal/{sale.deal}")

    start = page.locator("[aria-current='true'].lineage-start")
    expect(start).to_contain_text(sale.deal)
    expect(start).to_be_in_viewport(ratio=1)
    assert page.locator(".lineage").evaluate(SHOWN) == {"overlaps": 0, "body": 0, "frame": 0}
    arrows = page.locator(".lineage-arrow")
    expect(arrows).to_have_count(page.locator("#links tbody tr").count())
    assert [arrow.evaluate(BETWEEN) for arrow in arrows.all()] == [[1, 1]] * arrows.count()
    tab_to(page, ".lineage-start")
    assert complaints == []
