"""A person searches, follows a trend to its posts, and asks a question that is answered under their eyes."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from uuid import UUID

from django.utils import timezone
from playwright.sync_api import Page, expect

from kairo.platform.database.sessions import tenant_transaction
from kairo.stages.insights.models import Analysis
from tests.factories.boards import make_brand, make_item
from tests.journeys.insight_scenes import bring_posts
from tests.journeys.test_accessibility import violations
from tests.journeys.test_today import HOSTILE, sign_in_by_keyboard, tab_to


def test_a_question_is_answered_live_and_judged(
    page: Page,
    tenant: UUID,
    sign_in_path: str,
    worker: Callable[[], AbstractContextManager[None]],
    complaints: list[str],
) -> None:
    brand, at = make_brand(tenant, slug="glow", name="Glow"), timezone.now()
    bring_posts(tenant, brand.id, at=at)
    page.goto(sign_in_path)
    page.get_by_role("button", name="Sign in to Kairo").click()
    page.get_by_role("link", name="Insights").click()
    expect(page.get_by_text("Nothing was asked yet.")).to_be_visible()

    page.get_by_label("Sentiment").check()
    page.get_by_label("About what").fill("battery")
    page.get_by_role("button", name="Ask").click()
    expect(page.locator(".progress-words")).to_have_text("Waiting for a worker")
    with worker():
        expect(page.locator("#announcer")).to_have_text("The answer is here.", timeout=45_000)

    expect(page.locator("#answer-title")).to_be_focused()
    expect(page.locator(".insight-conflict")).to_contain_text("Conflict")
    assert violations(page) == []

    page.locator(".insight").first.locator(".refs a").last.click()
    cited = page.locator(".entry:target")
    expect(cited).to_be_visible()
    cited.locator(".post-snippet").click()
    expect(page.get_by_role("dialog", name="Evidence").locator("mark").first).to_be_visible()
    page.keyboard.press("Escape")

    page.get_by_role("button", name="Helpful", exact=True).click()
    expect(page.locator("#helpful-yes")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#announcer")).to_have_text("Thank you. Your judgement was kept.")
    expect(page.locator("#helpful-yes")).to_be_focused()
    with tenant_transaction(tenant):
        assert list(Analysis.objects.get().feedback.values()) == [True]
    assert complaints == []


def test_from_a_search_and_from_a_trend_to_the_post_without_a_mouse(
    page: Page, tenant: UUID, sign_in_path: str, complaints: list[str]
) -> None:
    brand, at = make_brand(tenant, slug="glow", name="Glow"), timezone.now()
    bring_posts(tenant, brand.id, at=at)
    page.set_viewport_size({"width": 360, "height": 740})
    sign_in_by_keyboard(page, sign_in_path)
    expect(page.get_by_role("heading", level=1, name="Today")).to_be_visible()

    page.goto("/b/glow/evidence")
    tab_to(page, "input[name='q']")
    page.keyboard.type("lamp battery died")
    page.keyboard.press("Enter")
    page.wait_for_url("**q=lamp+battery+died**")
    expect(page.locator(".post-snippet mark").first).to_be_visible()
    tab_to(page, ".why summary")
    page.keyboard.press("Enter")
    expect(page.locator(".why .figures").first).to_contain_text("place 1")
    tab_to(page, ".post-snippet")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="Evidence")).to_contain_text("battery of this lamp")
    page.keyboard.press("Escape")

    page.reload()
    tab_to(page, "a[href='/b/glow/trends']")
    page.keyboard.press("Enter")
    expect(page.locator(".trend").first).to_contain_text("Emerging")
    strongest = page.locator(".trend-title").first.inner_text()
    tab_to(page, ".trend-title a")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(strongest)
    expect(page.locator(".chart canvas")).to_be_visible()
    tab_to(page, ".chart-table summary")
    page.keyboard.press("Enter")
    expect(page.locator("#life-table tbody tr").first).to_be_visible()
    assert violations(page) == []
    tab_to(page, ".post-snippet")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="Evidence")).to_contain_text("#glasshouse")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert complaints == []


def test_a_code_is_made_and_what_a_post_says_is_never_run(
    page: Page, tenant: UUID, sign_in_path: str, complaints: list[str]
) -> None:
    brand = make_brand(tenant, slug="glow", name="Glow")
    make_item(tenant, brand_id=brand.id, text=HOSTILE, author_ref=HOSTILE, platform="reddit")
    page.goto(sign_in_path)
    page.get_by_role("button", name="Sign in to Kairo").click()

    page.get_by_role("link", name="Settings").click()
    page.get_by_role("button", name="Make a code for Glow").click()
    expect(page.locator("#chat-code code")).to_contain_text("/link ")
    page.reload()
    expect(page.locator("#chat-code code")).to_have_count(0)
    page.goto(f"/b/glow/evidence?q={HOSTILE}")
    expect(page.get_by_label("Search by words and meaning")).to_have_value(HOSTILE)

    assert page.title().endswith(" · Glow · Kairo")
    assert complaints == []
