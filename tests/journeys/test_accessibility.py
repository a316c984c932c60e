"""No page breaks a rule of axe-core that it calls serious or critical, in light and dark, wide and narrow."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal
from uuid import UUID

import pytest
from django.conf import settings
from playwright.sync_api import Page

from tests.journeys.scenes import PATHS, stage_scenes

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text(encoding="utf-8")
RUN = "() => axe.run(document, {resultTypes: ['violations']})"
GRAVE = {"serious", "critical"}


def violations(page: Page) -> list[str]:
    """Say which rules of axe-core the page breaks gravely, and where."""
    # Through the debugger's door: the page's own policy would load no such script.
    page.evaluate(AXE)
    found: dict[str, Any] = page.evaluate(RUN)
    return [
        f"{broken['id']} ({broken['impact']}): {node['html']} {node['failureSummary']}"
        for broken in found["violations"]
        if broken["impact"] in GRAVE
        for node in broken["nodes"]
    ]


def _open_drawer(page: Page) -> None:
    page.goto(PATHS["today"])
    page.locator(".chip").first.click()
    page.locator("#drawer-body mark").wait_for()


def _open_breakdown(page: Page) -> None:
    page.goto(PATHS["today"])
    page.locator(".breakdown summary").first.click()


def _sign_in_page(page: Page) -> None:
    page.context.clear_cookies()
    page.goto("/sign-in?token=kairo_signin_example")


def _visit(path: str) -> Callable[[Page], object]:
    return lambda page: page.goto(path)


def _open_mapping(page: Page) -> None:
    page.goto(PATHS["import"])
    page.locator(".import-mapping summary").click()


def _open_table(page: Page) -> None:
    page.goto(PATHS["evidence"])
    page.locator(".chart-table summary").click()


SIGHTS: Mapping[str, Callable[[Page], object]] = {
    "drawer": _open_drawer,
    "mapping": _open_mapping,
    "table": _open_table,
    "breakdown": _open_breakdown,
    "sign-in": _sign_in_page,  # the last: it ends the session
}


@pytest.mark.parametrize(
    ("scheme", "width", "language"),
    [
        ("light", 1280, "en"),
        ("dark", 360, "ru"),
        pytest.param("dark", 360, "en", marks=pytest.mark.long),
        pytest.param("dark", 768, "ru", marks=pytest.mark.long),
    ],
)
def test_no_page_has_a_serious_violation(
    page: Page,
    tenant: UUID,
    address: str,
    sign_in_path: str,
    scheme: Literal["light", "dark"],
    width: int,
    language: str,
) -> None:
    visits = {name: _visit(path) for name, path in stage_scenes(tenant).items()}
    page.context.add_cookies([{"name": settings.LANGUAGE_COOKIE_NAME, "value": language, "url": address}])
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.set_viewport_size({"width": width, "height": 860})
    page.goto(sign_in_path)
    page.locator("main form button").click()

    broken = {}
    for name, show in {**visits, **SIGHTS}.items():
        show(page)
        if found := violations(page):
            broken[name] = found

    assert broken == {}
