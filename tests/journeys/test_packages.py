"""A person turns a card of the board into texts, edits them beside somebody else, decides and takes the file away."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from django.utils import timezone
from playwright.sync_api import Page, Route, expect

from kairo.platform.database.sessions import tenant_transaction
from kairo.stages.content import operations, queries
from kairo.stages.content.contracts import VariantDTO, VariantStatus, VariantUpdateDTO
from kairo.stages.opportunities import queries as opportunities
from kairo.stages.opportunities.contracts import Channel
from tests.factories.boards import make_board, make_brand, make_item, make_opportunity
from tests.factories.packages import package_made, variants_made
from tests.journeys.test_accessibility import violations
from tests.journeys.test_today import HOSTILE, tab_to

QUOTE = "How do I descale my machine?"
ANSWER = "Citric acid, twenty minutes, two rinses, done."


@pytest.fixture
def opportunity_id(tenant: UUID) -> UUID:
    brand = make_brand(tenant)
    asked = make_item(tenant, brand_id=brand.id, text=f"{QUOTE} {HOSTILE}", author_ref=HOSTILE)
    answered = make_item(tenant, brand_id=brand.id, text=ANSWER, author_ref="ben")
    made = make_opportunity(
        tenant,
        brand_id=brand.id,
        cites=[(asked, QUOTE), (answered, ANSWER)],
        suggested_channels=[Channel.LINKEDIN, Channel.X],
    )
    make_board(tenant, brand_id=brand.id, opportunity_ids=[made])
    return made


@pytest.fixture
def variants(tenant: UUID, opportunity_id: UUID) -> list[VariantDTO]:
    with tenant_transaction(tenant):
        brand_id = opportunities.opportunity(opportunity_id, at=timezone.now()).brand_id
    package = package_made(tenant, brand_id=brand_id, opportunity_id=opportunity_id)
    return variants_made(tenant, package_id=package.id)


def sign_in(page: Page, path: str) -> None:
    page.goto(path)
    page.get_by_role("button", name="Sign in to Kairo").click()
    page.get_by_role("heading", level=1, name="Today").wait_for()


def package_path(variant: VariantDTO) -> str:
    return f"/b/northwind/packages/{variant.package_id}"


def refusals_in(complaints: list[str]) -> list[str]:
    """Return the complaints without those that the browser and htmx make of an answer that refuses."""
    return [one for one in complaints if "412" not in one and "422" not in one]


def test_from_a_card_to_a_scheduled_text_without_a_mouse(
    page: Page,
    tenant: UUID,
    opportunity_id: UUID,
    sign_in_path: str,
    worker: Callable[[], AbstractContextManager[None]],
    complaints: list[str],
    tmp_path: Path,
) -> None:
    sign_in(page, sign_in_path)

    tab_to(page, ".card-actions button")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Making the package")).to_be_visible()
    with worker():
        expect(page.get_by_role("heading", name="No texts yet")).to_be_visible(timeout=60_000)
        page.locator("#write-variants").focus()
        page.keyboard.press("Enter")
        expect(page.locator(".variant")).to_have_count(3, timeout=60_000)
    expect(page.locator("#announcer")).to_have_text("The texts are here.")
    expect(page.locator("#variants-title")).to_be_focused()

    second = page.locator(".variant").nth(1)
    second.locator("textarea").focus()
    page.keyboard.press("ControlOrMeta+End")
    page.keyboard.type(f" It took us nine minutes. {HOSTILE}")
    expect(second.locator("[data-save-state]")).to_contain_text("Saved as version 2")
    expect(second.locator("textarea")).to_be_focused()
    expect(second.locator(".to-check").first).to_have_text("1 to check")
    expect(second.locator(".preview")).to_contain_text("<script>document.title='owned'</script>")

    second.locator("button[value=approve]").focus()
    page.keyboard.press("Enter")
    expect(second.locator(".state")).to_have_text("Approved")
    expect(second.locator("h3")).to_be_focused()
    second.get_by_text("Schedule…").focus()
    page.keyboard.press("Enter")
    second.get_by_label("Day and time").fill(f"{timezone.now() + timedelta(days=40):%Y-%m-%d}T09:30")
    second.locator("button[value=schedule]").focus()
    page.keyboard.press("Enter")
    expect(second.locator(".state")).to_have_text("Scheduled")
    expect(second.locator(".facts time")).to_contain_text("09:30")

    with page.expect_download() as file:
        page.get_by_role("link", name="CSV").click()
    file.value.save_as(tmp_path / "package.csv")
    rows = list(csv.DictReader(io.StringIO((tmp_path / "package.csv").read_text(encoding="utf-8-sig"))))
    assert [row["status"] for row in rows] == ["draft", "scheduled", "draft"]
    assert "owned" not in page.title()
    assert complaints == []


def test_two_people_edit_one_text_and_neither_loses_a_word(
    page: Page, tenant: UUID, variants: list[VariantDTO], sign_in_path: str, complaints: list[str]
) -> None:
    variant = variants[1]
    sign_in(page, sign_in_path)
    page.goto(package_path(variant))
    mine = page.locator(f"#variant-{variant.id}")

    def other_saves(text: str) -> None:
        with tenant_transaction(tenant):
            change = VariantUpdateDTO(body=text)
            operations.update_variant(variant_id=variant.id, change=change, by="user:ben", at=timezone.now())

    other_saves("Ben was first.")
    mine.locator("textarea").fill("Ada was second.")
    expect(mine.locator(".theirs")).to_contain_text("Ben was first.")
    assert violations(page) == []
    expect(mine.locator("textarea")).to_have_value("Ada was second.")
    mine.get_by_role("button", name="Save mine over it").click()
    expect(mine.locator("[data-save-state]")).to_contain_text("Saved as version 3")

    other_saves("Ben comes again.")
    mine.locator("textarea").fill("Ada gives in.")
    mine.get_by_role("link", name="Take theirs").click()
    expect(mine.locator("textarea")).to_have_value("Ben comes again.")
    mine.get_by_role("link", name="Earlier texts").click()
    expect(page.locator(".version-text")).to_have_text(
        ["Ben comes again.", "Ada was second.", "Ben was first.", variant.body]
    )
    page.get_by_role("button", name="Take this text again (Version 1)").click()
    expect(page.locator(f"#variant-{variant.id} textarea")).to_have_value(variant.body)
    assert refusals_in(complaints) == []


def test_what_is_typed_while_a_save_is_under_way_is_saved_too(
    page: Page, tenant: UUID, variants: list[VariantDTO], sign_in_path: str, complaints: list[str]
) -> None:
    variant = variants[1]
    sign_in(page, sign_in_path)
    page.goto(package_path(variant))
    text = page.locator(f"#variant-{variant.id} textarea")

    def slowly(route: Route) -> None:
        page.wait_for_timeout(700)
        route.continue_()

    page.route(f"**/variants/{variant.id}", slowly)
    text.fill("One.")
    page.locator(f"#save-{variant.id}").click()
    text.fill("One. Two.")
    page.locator(f"#save-{variant.id}").click()
    expect(page.locator(f"#variant-{variant.id} [data-save-state]")).to_contain_text("Saved as version 3")

    with tenant_transaction(tenant):
        kept = queries.variant(variant.id)
    assert (kept.body, kept.status) == ("One. Two.", VariantStatus.DRAFT)
    assert complaints == []


def test_a_refused_button_is_not_pressed_again_by_a_save(
    page: Page, tenant: UUID, variants: list[VariantDTO], sign_in_path: str, complaints: list[str]
) -> None:
    variant = variants[2]
    sign_in(page, sign_in_path)
    page.goto(package_path(variant))
    mine = page.locator(f"#variant-{variant.id}")

    mine.locator("textarea").fill("long " * 80)
    mine.get_by_role("button", name="Approve").click()
    expect(mine.locator(".findings")).to_contain_text("too long")
    expect(mine.locator(".banner-error")).to_contain_text("Not saved.")
    mine.locator("textarea").fill("Short again.")
    expect(mine.locator("[data-save-state]")).to_contain_text("Saved as version 2")

    expect(mine.locator(".state")).to_have_text("Draft")
    assert refusals_in(complaints) == []


def test_a_board_is_sorted_with_the_keyboard(
    page: Page, opportunity_id: UUID, sign_in_path: str, complaints: list[str]
) -> None:
    sign_in(page, sign_in_path)

    tab_to(page, f"#pin-{opportunity_id}")
    page.keyboard.press("Enter")
    expect(page.locator("#announcer")).to_have_text("Pinned: it stands first from now on.")
    expect(page.locator(f"#opportunity-{opportunity_id}")).to_be_focused()
    tab_to(page, f"#dismiss-{opportunity_id}")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Put aside: 1 opportunity")).to_be_visible()
    expect(page.locator(f"#opportunity-{opportunity_id}")).to_be_focused()
    tab_to(page, f"#restore-{opportunity_id}")
    page.keyboard.press("Enter")
    expect(page.locator("#announcer")).to_have_text("Restored.")
    expect(page.locator(".aside")).to_have_count(0)
    assert complaints == []
