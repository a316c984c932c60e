"""A person narrows the evidence, reads a post and looks at the gates, without a mouse; another one stops a job."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

from django.utils import timezone
from playwright.sync_api import Page, expect

from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.jobs.models import Job
from tests.factories.boards import make_brand, make_item
from tests.factories.posts import import_posts, posts
from tests.journeys.test_today import HOSTILE, sign_in_by_keyboard, tab_to


def _sign_in(page: Page, path: str) -> None:
    page.goto(path)
    page.get_by_role("button", name="Sign in to Kairo").click()


def test_from_the_list_of_posts_to_the_gates_without_a_mouse(
    page: Page, tenant: UUID, sign_in_path: str, complaints: list[str], tmp_path: Path
) -> None:
    brand, at = make_brand(tenant, slug="glow", name="Glow"), timezone.now()
    import_posts(posts(12, at=at), tenant_id=tenant, brand_id=brand.id, folder=tmp_path, at=at)
    make_item(tenant, brand_id=brand.id, text=HOSTILE, author_ref=HOSTILE, platform="reddit", published_at=at)
    sign_in_by_keyboard(page, sign_in_path)
    expect(page.get_by_role("heading", level=1, name="Today")).to_be_visible()

    tab_to(page, "a[href='/b/glow/evidence']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/b/glow/evidence")
    expect(page.locator(".post-row")).to_have_count(13)

    tab_to(page, "select[name='platform']")
    page.keyboard.type("Reddit")
    tab_to(page, ".filters button")
    page.keyboard.press("Enter")
    page.wait_for_url("**platform=reddit**")
    assert "zone=Europe%2FBerlin" in page.url
    expect(page.locator(".post-row")).to_have_count(1)

    tab_to(page, ".post-snippet")
    page.keyboard.press("Enter")
    drawer = page.get_by_role("dialog", name="Evidence")
    expect(drawer).to_contain_text("<script>document.title='owned'</script>")
    page.keyboard.press("Escape")
    expect(page.locator(".post-snippet")).to_be_focused()

    page.reload()
    tab_to(page, "a[href='/b/glow/gates']")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1, name="Evidence gates")).to_be_visible()
    expect(page.locator(".gate")).to_have_count(10)
    expect(page.locator(".gate-verdict").first).to_have_text("Passed")
    assert page.title() == "Gates · Glow · Kairo"
    assert complaints == []


def test_a_job_is_stopped_and_started_over_with_the_keyboard(
    page: Page, tenant: UUID, sign_in_path: str, complaints: list[str], tmp_path: Path
) -> None:
    brand, at = make_brand(tenant, slug="glow", name="Glow"), timezone.now()
    import_posts(posts(12, at=at), tenant_id=tenant, brand_id=brand.id, folder=tmp_path, at=at)
    with tenant_transaction(tenant):
        Job.objects.all().delete()  # What follows an import by itself would stand in the list beside the board's job.
    _sign_in(page, sign_in_path)
    page.goto("/b/glow/today")
    page.goto("/b/glow/jobs")
    expect(page.locator(".job")).to_have_count(1)

    tab_to(page, ".job button")
    page.keyboard.press("Enter")
    expect(page.locator("#announcer")).to_have_text("Cancelled")
    expect(page.locator(".job-title")).to_be_focused()

    tab_to(page, ".job button")
    page.keyboard.press("Enter")
    expect(page.locator("#announcer")).to_have_text("The job was started over.")
    expect(page.locator(".progress-words")).to_have_text("Waiting for a worker")
    # The list asks again by itself, and the focus stays where the person put it.
    tab_to(page, ".job button")
    with page.expect_response("**/b/glow/jobs"):
        pass
    expect(page.locator(".job button")).to_be_focused()
    assert complaints == []
