"""A person brings in a file with bad rows, reads what was refused, and gets a new board of it, without a mouse."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from uuid import UUID

from django.utils import timezone
from playwright.sync_api import Page, expect

from tests.factories.boards import make_board, make_brand, make_item, make_opportunity
from tests.factories.brands import stored_brand
from tests.factories.posts import post, posts, write_posts
from tests.journeys.test_today import HOSTILE, QUOTE, sign_in_by_keyboard, tab_to

Worker = Callable[[], AbstractContextManager[None]]


def _stage_card(tenant: UUID) -> None:
    """Make a board of one card; the posts for the next one are still in the file."""
    pillar = {"name": "Gentle care", "keywords": ["cleanser", "sunscreen", "moisturiser", "acid", "routine"]}
    brand = stored_brand(tenant, brand__name="Glow", pillars=[pillar])
    item = make_item(tenant, brand_id=brand.id, text=f"How often do I {QUOTE}? {HOSTILE}")
    opportunity = make_opportunity(tenant, brand_id=brand.id, cites=[(item, QUOTE)], angle=HOSTILE)
    make_board(tenant, brand_id=brand.id, opportunity_ids=[opportunity])


def _with_bad_rows(folder: Path) -> Path:
    now = timezone.now()
    bad = [post(30, at=now, likes=-1, text=HOSTILE), post(31, at=now, published_at="soon")]
    return write_posts(folder / "mentions.jsonl", [*posts(12, at=now), *bad])


def test_from_the_link_over_a_file_with_bad_rows_to_a_new_board_without_a_mouse(
    page: Page, tenant: UUID, sign_in_path: str, worker: Worker, complaints: list[str], tmp_path: Path
) -> None:
    _stage_card(tenant)

    sign_in_by_keyboard(page, sign_in_path)
    expect(page.locator(".card")).to_have_count(1)
    tab_to(page, ".chip")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="Evidence").locator("mark")).to_have_text(QUOTE)
    page.keyboard.press("Escape")
    page.reload()

    tab_to(page, "a[href='/b/glow/evidence']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/b/glow/evidence")
    tab_to(page, ".import-panel summary")
    page.keyboard.press("Enter")
    tab_to(page, "input[type='file']")
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Space")
    chooser.value.set_files(_with_bad_rows(tmp_path))
    expect(page.locator("[data-chosen]")).to_contain_text("mentions.jsonl")
    tab_to(page, "select[name='role']")
    page.keyboard.type("Mentions")
    tab_to(page, ".import button[type='submit']")
    page.keyboard.press("Enter")

    page.wait_for_url("**/evidence/uploads/*")
    expect(page.get_by_role("heading", level=1, name="mentions.jsonl")).to_be_visible()
    expect(page.locator(".progress-words")).to_have_text("Waiting for a worker")
    with worker():
        page.wait_for_url("**/evidence/imports/*", timeout=60_000)
        expect(page.locator(".tally dd")).to_have_text(["14", "12", "0", "2"])
        expect(page.locator(".refused tbody tr")).to_have_count(2)
        expect(page.locator(".refused")).to_contain_text("likes is negative")
        expect(page.locator(".refused")).to_contain_text("<script>document.title='owned'</script>")
        report = page.url

        tab_to(page, "a[href='/b/glow/today']")
        page.keyboard.press("Enter")
        page.wait_for_url("**/b/glow/today")
        tab_to(page, "#regenerate")
        page.keyboard.press("Enter")
        expect(page.locator("#announcer")).to_have_text("The new board is here.", timeout=60_000)
    expect(page.locator(".card").first).to_contain_text("Gentle care")

    page.goto(report)
    expect(page.locator(".tally dd")).to_have_text(["14", "12", "0", "2"])
    assert page.title() == "mentions.jsonl · Glow · Kairo"
    assert complaints == []


def test_a_file_is_dropped_onto_the_page(
    page: Page, tenant: UUID, sign_in_path: str, complaints: list[str], tmp_path: Path
) -> None:
    make_brand(tenant, slug="glow", name="Glow")
    _sign_in(page, sign_in_path)
    page.goto("/b/glow/evidence")

    _drop(page, ["a.jsonl", "b.jsonl"], "{}")
    expect(page.locator("#import-complaint")).to_have_text("One file at a time: drop a single file.")
    _drop(page, ["empty.jsonl"], "")
    expect(page.locator("#import-complaint")).to_have_text("This file is empty. Choose one with posts in it.")
    _drop(page, ["posts.jsonl"], json.dumps(post(1, at=timezone.now())))
    expect(page.locator("#import-complaint")).to_be_empty()
    expect(page.locator(".import button[type='submit']")).to_be_focused()
    page.keyboard.press("Enter")

    page.wait_for_url("**/evidence/uploads/*")
    expect(page.get_by_role("heading", level=1, name="posts.jsonl")).to_be_visible()
    assert complaints == []


def test_bytes_are_counted_while_they_are_sent_and_sending_can_be_stopped(
    page: Page, tenant: UUID, sign_in_path: str, tmp_path: Path
) -> None:
    make_brand(tenant, slug="glow", name="Glow")
    _sign_in(page, sign_in_path)
    page.goto("/b/glow/evidence/import")
    line = page.context.new_cdp_session(page)
    slow = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 400_000}
    line.send("Network.emulateNetworkConditions", slow)
    large = tmp_path / "large.jsonl"
    large.write_bytes(b'{"x": 1}\n' * 600_000)

    page.locator("input[type='file']").set_input_files(large)
    page.get_by_role("button", name="Import").press("Enter")
    expect(page.locator("[data-sent-words]")).to_contain_text("of 5.4 MB sent")
    page.get_by_role("button", name="Stop sending").press("Enter")

    expect(page.locator("[data-sending]")).to_be_hidden()
    expect(page.get_by_role("button", name="Import")).to_be_focused()
    assert page.url.endswith("/evidence/import")


def test_what_is_wrong_is_said_beside_the_form_that_was_filled_in(
    page: Page, tenant: UUID, sign_in_path: str, tmp_path: Path
) -> None:
    make_brand(tenant, slug="glow", name="Glow")
    _sign_in(page, sign_in_path)
    page.goto("/b/glow/evidence/import")

    page.locator("input[type='file']").set_input_files(_with_bad_rows(tmp_path))
    page.get_by_text("The file has column names of its own").click()
    page.locator("textarea").fill("text: Review text")
    page.get_by_role("button", name="Import").click()

    expect(page.locator("#import-complaint")).to_contain_text("the mapping does not say where to find platform")
    expect(page.locator("textarea")).to_have_value("text: Review text")
    expect(page.locator("[data-chosen]")).to_contain_text("mentions.jsonl")


def test_the_language_is_switched_and_kept(page: Page, tenant: UUID, sign_in_path: str, complaints: list[str]) -> None:
    make_brand(tenant, slug="glow", name="Glow")
    _sign_in(page, sign_in_path)
    page.goto("/b/glow/evidence/surfaces/new")

    page.get_by_role("button", name="Русский").press("Enter")

    expect(page.get_by_role("heading", level=1)).to_have_text("Добавить источник")
    assert page.url.endswith("/b/glow/evidence/surfaces/new")
    page.goto("/b/glow/gates")
    expect(page.get_by_role("heading", level=1)).to_have_text("Проверки материалов")
    assert complaints == []


def _sign_in(page: Page, path: str) -> None:
    page.goto(path)
    page.get_by_role("button", name="Sign in to Kairo").click()


def _drop(page: Page, names: list[str], content: str) -> None:
    transfer = page.evaluate_handle(
        """([names, content]) => {
            const transfer = new DataTransfer();
            for (const name of names) transfer.items.add(new File([content], name));
            return transfer;
        }""",
        [names, content],
    )
    for event in ("dragover", "drop"):
        page.dispatch_event("body", event, {"dataTransfer": transfer})
