"""A person uploads a document, gathers from it under their eyes, and changes what is known, without a mouse too."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from uuid import UUID

from django.utils import timezone
from playwright.sync_api import Page, expect

from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.telemetry.contracts import EventType
from kairo.stages.knowledge.models import AutomatedGather, GatherDepartment
from kairo.stages.knowledge.operations.announcing import announce_gather
from tests.factories.boards import make_brand
from tests.factories.knowledge_pages import PARTS, known, staged_gather, statements_of
from tests.journeys.test_accessibility import violations
from tests.journeys.test_today import HOSTILE, sign_in_by_keyboard, tab_to

Worker = Callable[[], AbstractContextManager[None]]

BOOK = f"""# Who we are

Fernway sells houseplants that forgive people who forget them. {HOSTILE}
We promise that every plant we sell lives through its first year, or we replace it.

## Whom we serve

Our customers rent small flats with little light and have never kept a plant alive.
They ask for plants that survive a week without water and a window to the north.
Beginners fear that they will kill the plant, so our guides begin with watering.

## What we sell

Our starter kit holds a pothos, a pot with a water reserve and a card with three rules.
The snake plant is our best seller because it lives in the dark and needs water twice a month.
"""


def _sign_in(page: Page, path: str) -> None:
    sign_in_by_keyboard(page, path)
    expect(page.get_by_role("heading", level=1, name="Today")).to_be_visible()


def test_from_a_document_to_statements_through_a_cancel_and_a_reload_without_a_mouse(
    page: Page, tenant: UUID, sign_in_path: str, worker: Worker, complaints: list[str], tmp_path: Path
) -> None:
    brand = make_brand(tenant, slug="fernway", name="Fernway")
    book = tmp_path / "brand-book.md"
    book.write_text(BOOK)
    _sign_in(page, sign_in_path)

    tab_to(page, "a[href='/b/fernway/knowledge']")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Nothing is known of this brand yet")).to_be_visible()
    tab_to(page, "input[type='file']")
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Space")
    chooser.value.set_files(book)
    tab_to(page, ".document-form button[type='submit']")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Who we are")).to_be_visible()

    tab_to(page, "#start-gather")
    page.keyboard.press("Enter")
    expect(page.locator("#announcer")).to_have_text("A gather was started.")
    expect(page.locator("#gather-title")).to_be_focused()
    page.reload()
    expect(page.locator("#gather-live .progress-words")).to_have_text("Waiting for a worker")
    tab_to(page, "#cancel")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="The gather was cancelled")).to_be_visible()
    expect(page.locator("#gather-title")).to_be_focused()

    tab_to(page, "#iterations")
    page.keyboard.press("ControlOrMeta+A")
    page.keyboard.type("4")
    tab_to(page, "#start-gather")
    page.keyboard.press("Enter")
    with worker():
        expect(page.get_by_role("heading", name="The newest gather")).to_be_visible(timeout=60_000)
    expect(page.locator("#newest .post-row").first).to_be_visible()
    expect(page.locator("#newest blockquote").first).to_be_visible()
    expect(page.locator(".radar canvas")).to_be_visible()
    assert violations(page) == []

    page.get_by_role("link", name="Who we are").click()
    expect(page.locator(".document-text")).to_contain_text("document.title='owned'")
    assert page.title() != "owned"
    assert len(statements_of(tenant, brand.id)) > 0
    assert complaints == []


def test_scores_and_statements_arrive_while_a_gather_is_under_way(
    page: Page, tenant: UUID, sign_in_path: str, complaints: list[str]
) -> None:
    brand = make_brand(tenant, slug="fernway", name="Fernway")
    gather = staged_gather(tenant, brand.id, at=timezone.now())
    _sign_in(page, sign_in_path)
    page.goto("/b/fernway/knowledge")
    product = page.locator("tr[data-axis='Product']")
    expect(product).to_have_attribute("data-score", "64.0")
    tab_to(page, "#cancel")

    known(tenant, brand.id, "The snake plant lives in the dark.", department="product")
    with tenant_transaction(tenant):
        AutomatedGather.objects.filter(id=gather.id).update(iterations=8, items_created=36)
        GatherDepartment.objects.filter(gather_id=gather.id, slug="product").update(
            quality_score=77.0, local_parts=PARTS
        )
        announce_gather(
            project_id=brand.id,
            run_id=gather.run_id,
            kind="automated_gather_creation",
            events=[(EventType.ITERATION_COMPLETE, {"department": "product", "quality_score": 77.0})],
            at=timezone.now(),
        )

    expect(product).to_have_attribute("data-score", "77.0")
    expect(page.locator(".gather-progress")).to_contain_text("8 of 50 iterations")
    expect(page.locator("#newest")).to_contain_text("The snake plant lives in the dark.")
    expect(page.locator("#cancel")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#gather-live .progress-words")).to_have_text("Stopping")
    expect(page.locator("#cancel")).to_have_count(0)
    assert complaints == []


def test_a_statement_is_edited_and_another_removed_and_put_back_on_a_phone(
    page: Page, tenant: UUID, sign_in_path: str, complaints: list[str]
) -> None:
    brand = make_brand(tenant, slug="fernway", name="Fernway")
    known(tenant, brand.id, "Pothos needs sun.", f"Plants like talk. {HOSTILE}")
    page.set_viewport_size({"width": 360, "height": 740})
    _sign_in(page, sign_in_path)
    page.goto("/b/fernway/knowledge/statements")
    rows = page.locator("ol.posts").first.locator(".post-row")
    expect(rows).to_have_count(2)

    rows.last.get_by_text("Edit").click()
    rows.last.get_by_label("What is known").fill("Pothos lives in the shade.")
    rows.last.get_by_role("button", name="Save").click()
    expect(rows.first).to_contain_text("Pothos lives in the shade.")
    expect(rows.first).to_contain_text("Said by a person")

    rows.last.get_by_text("Remove").first.click()
    rows.last.get_by_role("button", name="Remove it").click()
    expect(rows).to_have_count(1)
    page.get_by_role("button", name="Undo").click()
    expect(rows).to_have_count(2)
    assert violations(page) == []
    assert page.title() != "owned"
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert complaints == []
