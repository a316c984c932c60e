"""The API's document as a person reads it."""

from __future__ import annotations

from playwright.sync_api import Page, expect


def test_the_document_is_readable_without_loading_anything_from_elsewhere(page: Page, complaints: list[str]) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))

    page.goto("/api/docs")
    page.get_by_text("/api/brands/{brand_id}/today", exact=True).click()

    expect(page.get_by_text("Not there, or not yours")).to_be_visible()
    assert {url.split("/")[2] for url in asked if not url.startswith("data:")} == {page.url.split("/")[2]}
    assert complaints == []
