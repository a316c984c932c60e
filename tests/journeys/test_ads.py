"""A person decides on changes of ads, watches one being carried out, takes it back, and stops everything."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from uuid import UUID

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from tests.factories.ad_changes import AdDesk
from tests.factories.boards import make_brand
from tests.journeys.test_accessibility import violations
from tests.journeys.test_today import HOSTILE, sign_in_by_keyboard, tab_to


@pytest.fixture
def desk(tenant: UUID) -> Iterator[AdDesk]:
    make_brand(tenant, slug="fernway", name="Fernway")
    with ExitStack() as stack:
        yield AdDesk(tenant, stack, at=timezone.now())


def carried_out(desk: AdDesk) -> None:
    """Carry out what the page has approved, by the operation that the worker calls."""
    desk.at = timezone.now()
    desk.run()


def _open(page: Page, sign_in_path: str) -> None:
    sign_in_by_keyboard(page, sign_in_path)
    expect(page.get_by_role("heading", level=1, name="Today")).to_be_visible()
    tab_to(page, "a[href='/b/fernway/ads']")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1, name="Ads")).to_be_visible()


def test_approve_watch_roll_back_reject_and_stop_without_a_mouse(
    page: Page, desk: AdDesk, sign_in_path: str, complaints: list[str]
) -> None:
    change = desk.want(requested_value=11_000, reason=f"It pays. {HOSTILE}")
    _open(page, sign_in_path)
    row = page.locator(f"#change-{change.id}")
    expect(row).to_contain_text("110.00 EUR")
    expect(row).to_contain_text("Waits for approval")
    assert violations(page) == []

    tab_to(page, "[data-approve]")
    page.keyboard.press("Enter")
    expect(page.locator("#announcer")).to_have_text("Approved. It is carried out when all checks let it.")
    expect(page.locator("#changes-title")).to_be_focused()
    expect(page.locator("#ads-moving")).to_contain_text("Approved, waits for its turn")

    carried_out(desk)
    expect(page.locator("#announcer")).to_have_text("The changes have moved on.")
    expect(row).to_contain_text("Done")
    assert desk.now_at_platform() == 11_000
    expect(page.locator("#ads-moving")).to_have_count(0)
    row.get_by_text("What happened").click()
    expect(row).to_contain_text("Largest step of a decision")

    tab_to(page, f"#change-{change.id} .ads-ask > summary")
    page.keyboard.press("Enter")
    tab_to(page, f"#change-{change.id} .ads-ask button")
    page.keyboard.press("Enter")
    expect(page.locator("#ads-moving")).to_contain_text("Takes back")
    carried_out(desk)
    expect(row).to_contain_text("Rolled back")
    assert desk.now_at_platform() == 10_000

    other = desk.want(requested_value=10_500)
    page.reload()
    rejected = page.locator(f"#change-{other.id}")
    rejected.get_by_text("Reject").first.click()
    rejected.get_by_label("Why").fill("Not this week")
    rejected.get_by_role("button", name="Reject it").click()
    expect(rejected).to_contain_text("Rejected")
    expect(rejected).to_contain_text("Not this week")

    page.get_by_text("Stop all changes").click()
    page.get_by_label("Why everything is to stop").fill("The site is down")
    page.get_by_role("button", name="Stop everything").click()
    expect(page.get_by_role("heading", name="The kill switch is on: nothing is changed")).to_be_focused()
    expect(page.locator("#ads-switch")).to_contain_text("The site is down")
    assert violations(page) == []
    page.get_by_role("button", name="Let changes go on").click()
    expect(page.get_by_role("heading", name="Changes may be made")).to_be_visible()
    assert page.title() != "owned"
    assert complaints == []


def test_what_the_kill_switch_holds_waits_on_a_phone(
    page: Page, desk: AdDesk, sign_in_path: str, complaints: list[str]
) -> None:
    change = desk.want(requested_value=11_000)
    page.set_viewport_size({"width": 360, "height": 740})
    sign_in_by_keyboard(page, sign_in_path)
    expect(page.get_by_role("heading", level=1, name="Today")).to_be_visible()
    page.goto("/b/fernway/ads")
    page.get_by_text("Stop all changes").click()
    page.get_by_label("Why everything is to stop").fill("A wrong price is out")
    page.get_by_role("button", name="Stop everything").click()
    expect(page.locator("#ads-switch")).to_contain_text("A wrong price is out")
    page.locator(f"#change-{change.id} [data-approve]").click()
    expect(page.locator("#ads-moving")).to_contain_text("Approved, waits for its turn")

    carried_out(desk)

    held = page.locator("#ads-moving .check-failed")
    expect(held).to_contain_text("Kill switch")
    expect(held).to_contain_text("held")
    assert desk.now_at_platform() == 10_000
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= 360
    assert complaints == []
