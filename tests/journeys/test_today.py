"""A person signs in, reads the board with the keyboard, looks at the evidence and asks for a new board."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from django.utils import timezone
from playwright.sync_api import Page, Route, expect

from tests.factories.boards import make_board, make_brand, make_item, make_opportunity
from tests.factories.brands import stored_brand
from tests.factories.posts import import_posts, posts
from tests.journeys.scenes import stage_scenes

HOSTILE = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>"
QUOTE = "descale my machine"


def _stage_board(tenant: UUID, folder: Path) -> None:
    """Make a board of one card, beside fresh posts that are enough for a new one."""
    pillar = {"name": "Gentle care", "keywords": ["cleanser", "sunscreen", "moisturiser", "acid", "routine"]}
    brand = stored_brand(tenant, brand__name="Glow", pillars=[pillar])
    item = make_item(
        tenant,
        brand_id=brand.id,
        text=f"How often do I {QUOTE}? {HOSTILE}",
        author_ref=HOSTILE,
        published_at=datetime(2026, 7, 1, 22, 30, tzinfo=UTC),
    )
    opportunity = make_opportunity(tenant, brand_id=brand.id, cites=[(item, QUOTE)], angle=HOSTILE)
    make_board(tenant, brand_id=brand.id, opportunity_ids=[opportunity])
    import_posts(posts(12, at=timezone.now()), tenant_id=tenant, brand_id=brand.id, folder=folder, at=timezone.now())


def tab_to(page: Page, selector: str) -> None:
    for _ in range(50):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"Fifty presses of Tab do not reach {selector}.")


def sign_in_by_keyboard(page: Page, path: str) -> None:
    """Open a sign-in link and press Enter; the focus comes with the first paint, which may be later than the load."""
    page.goto(path)
    expect(page.get_by_role("button", name="Sign in to Kairo")).to_be_focused()
    page.keyboard.press("Enter")


def test_from_the_sign_in_link_to_a_new_board_without_a_mouse(
    page: Page,
    tenant: UUID,
    sign_in_path: str,
    worker: Callable[[], AbstractContextManager[None]],
    complaints: list[str],
    tmp_path: Path,
) -> None:
    _stage_board(tenant, tmp_path)

    sign_in_by_keyboard(page, sign_in_path)
    expect(page.get_by_role("heading", level=1, name="Today")).to_be_visible()
    expect(page.locator(".card")).to_have_count(1)
    # 22:30 UTC is past midnight in Berlin: the day shown is the reader's.
    expect(page.locator(".chip time")).to_have_text("2 Jul 2026")

    tab_to(page, ".chip")
    page.keyboard.press("Enter")
    drawer = page.get_by_role("dialog", name="Evidence")
    expect(drawer.locator("mark")).to_have_text(QUOTE)
    expect(drawer).to_contain_text("<script>document.title='owned'</script>")
    page.keyboard.press("Escape")
    expect(drawer).to_be_hidden()
    expect(page.locator(".chip")).to_be_focused()

    page.locator("#regenerate").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Generating a new board")).to_be_focused()
    expect(page.locator(".progress-words")).to_have_text("Waiting for a worker")
    expect(page.get_by_role("heading", name="Previous board")).to_be_visible()
    with worker():
        expect(page.locator("#announcer")).to_have_text("The new board is here.", timeout=60_000)
    expect(page.get_by_role("heading", name="Previous board")).to_have_count(0)
    expect(page.locator(".card").first).to_contain_text("Gentle care")
    expect(page.get_by_role("heading", level=1, name="Today")).to_be_focused()

    assert page.title() == "Today · Glow · Kairo"
    assert complaints == []


def test_cancelling_brings_back_the_board_that_was_there(
    page: Page, tenant: UUID, sign_in_path: str, complaints: list[str], tmp_path: Path
) -> None:
    _stage_board(tenant, tmp_path)
    page.goto(sign_in_path)
    page.get_by_role("button", name="Sign in to Kairo").click()

    page.get_by_role("button", name="Regenerate").click()
    page.get_by_role("button", name="Cancel").click()

    expect(page.locator("#announcer")).to_have_text("Cancelled. The board is as it was before.")
    expect(page.get_by_role("button", name="Regenerate")).to_be_visible()
    expect(page.locator(".card")).to_have_count(1)
    assert complaints == []


def test_a_chip_opens_in_a_new_tab_as_a_page_of_its_own(
    page: Page, tenant: UUID, sign_in_path: str, complaints: list[str], tmp_path: Path
) -> None:
    _stage_board(tenant, tmp_path)
    page.goto(sign_in_path)
    page.get_by_role("button", name="Sign in to Kairo").click()

    with page.context.expect_page() as opened:
        page.locator(".chip").click(modifiers=["ControlOrMeta"])

    expect(opened.value.locator("mark")).to_have_text(QUOTE)
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert complaints == []


def test_a_board_that_arrives_leaves_the_open_post_alone(
    page: Page, tenant: UUID, sign_in_path: str, complaints: list[str], tmp_path: Path
) -> None:
    _stage_board(tenant, tmp_path)
    page.goto(sign_in_path)
    page.get_by_role("button", name="Sign in to Kairo").click()
    page.get_by_role("button", name="Regenerate").click()
    expect(page.locator("#cancel")).to_have_count(1)
    page.locator(".chip").click()
    drawer = page.get_by_role("dialog", name="Evidence")
    expect(drawer.locator("mark")).to_be_visible()

    page.evaluate("document.getElementById('cancel').click()")
    expect(page.locator("#regenerate")).to_have_count(1)

    expect(drawer.locator("mark")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("heading", level=1, name="Today")).to_be_focused()
    assert complaints == []


def test_the_brand_is_switched_with_the_keyboard(
    page: Page, tenant: UUID, sign_in_path: str, complaints: list[str]
) -> None:
    make_brand(tenant, slug="alpha")
    make_brand(tenant, slug="beta")
    page.goto(sign_in_path)
    page.get_by_role("button", name="Sign in to Kairo").click()

    tab_to(page, ".switcher-button")
    page.keyboard.press("Enter")
    tab_to(page, "a[href='/b/beta/today']")
    page.keyboard.press("Enter")

    page.wait_for_url("**/b/beta/today")
    assert complaints == []


@pytest.mark.parametrize("outage", [None, "<!doctype html><title>503</title><h1>Away</h1>"], ids=["silence", "a page"])
def test_a_server_that_went_away_is_told_of_and_waited_for(
    page: Page, tenant: UUID, sign_in_path: str, tmp_path: Path, outage: str | None
) -> None:
    _stage_board(tenant, tmp_path)
    page.goto(sign_in_path)
    page.get_by_role("button", name="Sign in to Kairo").click()
    page.get_by_role("button", name="Regenerate").click()

    def fail(route: Route) -> None:
        route.abort() if outage is None else route.fulfill(status=503, body=outage, content_type="text/html")

    page.route("**/today/progress", fail)
    expect(page.get_by_text("Kairo cannot be reached.")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_have_text("Today")
    page.unroute("**/today/progress")

    expect(page.get_by_text("Kairo cannot be reached.")).to_be_hidden()


@pytest.mark.parametrize(
    "width", [320, pytest.param(360, marks=pytest.mark.long), pytest.param(768, marks=pytest.mark.long), 1280]
)
def test_no_page_scrolls_sideways_or_breaks_the_policy(
    page: Page, tenant: UUID, sign_in_path: str, complaints: list[str], width: int
) -> None:
    paths = stage_scenes(tenant)
    page.set_viewport_size({"width": width, "height": 740})
    page.goto(sign_in_path)
    page.get_by_role("button", name="Sign in to Kairo").click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()

    for name, path in paths.items():
        page.goto(path)
        page.evaluate("document.querySelectorAll('details').forEach((details) => { details.open = true; })")
        widest = page.evaluate("document.documentElement.scrollWidth")
        assert widest <= width, f"{name} is {widest} px wide"
    refused_on_purpose = ("404", "422")
    assert [text for text in complaints if not any(status in text for status in refused_on_purpose)] == []
