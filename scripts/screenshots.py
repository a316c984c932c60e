"""Take pictures of the pages at three widths, one of them dark: `python scripts/screenshots.py [SCENE …]`.

They go to docs/screenshots/SCENE-WIDTH-SCHEME.png; without a scene, all are taken anew. What they show is the synthetic
demo brand with a board that Kairo made of it, and one made-up brand for each other state, in a database of their own
that is gone afterwards.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal
from uuid import UUID

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kairo.config.settings")

from tests.database_server import SERVER_VARIABLE  # noqa: E402, I001 (starts the database, before Django reads its settings)
import django  # noqa: E402

django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.utils import timezone  # noqa: E402
from playwright.sync_api import Browser, Page, sync_playwright  # noqa: E402

from kairo.interfaces.cli.demo import seed_demo_brand  # noqa: E402
from kairo.platform.database.roles import prepare_database  # noqa: E402
from kairo.platform.database.sessions import tenant_transaction  # noqa: E402
from kairo.platform.jobs.runner import run_job_by_id  # noqa: E402
from kairo.platform.tenancy.operations import issue_sign_in_link  # noqa: E402
from kairo.stages.brands.queries import locate_brand  # noqa: E402
from kairo.stages.opportunities.operations import regenerate  # noqa: E402
from tests.journeys.conftest import CHROMIUM_ARGUMENTS, CHROMIUM_NAMES, MISSING  # noqa: E402
from tests.journeys.live_server import serving  # noqa: E402
from tests.journeys.scenes import PATHS, stage_scenes  # noqa: E402

DEMO_BRAND = "fernway"
TODAY = f"/b/{DEMO_BRAND}/today"
PICTURES = ROOT / "docs" / "screenshots"
HEIGHTS = {360: 740, 768: 1024, 1280: 860}
LOOKS: tuple[tuple[int, Literal["light", "dark"]], ...] = ((360, "dark"), (768, "light"), (1280, "light"))
"""Each width once: the colours are the same tokens everywhere, and six pictures a scene are more than anybody reads."""


def _open_drawer(page: Page) -> None:
    page.goto(TODAY)
    page.locator(".chip").first.click()
    page.locator("#drawer-body mark").wait_for()


def _open_breakdown(page: Page) -> None:
    page.goto(TODAY)
    page.locator(".breakdown summary").first.click()
    page.locator(".parts").first.evaluate("parts => parts.scrollIntoView({block: 'center'})")


def _watch_progress(page: Page) -> None:
    page.goto(PATHS["generating"])
    page.locator("progress").wait_for()


def _open_switcher(page: Page) -> None:
    page.goto(PATHS["not-yet"])
    page.locator(".switcher-button").click()


def _sign_out(page: Page) -> None:
    page.context.clear_cookies()
    page.goto("/sign-in?token=kairo_signin_example")


def _visit(path: str) -> Callable[[Page], object]:
    return lambda page: page.goto(path)


def _open_mapping(page: Page) -> None:
    page.goto(PATHS["import"])
    page.locator(".import-mapping summary").click()


def _read_russian(page: Page) -> None:
    address = page.url.partition("/b/")[0]
    page.context.add_cookies([{"name": settings.LANGUAGE_COOKIE_NAME, "value": "ru", "url": address}])
    page.goto(TODAY)
    page.context.clear_cookies(name=settings.LANGUAGE_COOKIE_NAME)


def _open_why(page: Page) -> None:
    page.goto(PATHS["search"])
    page.locator(".why summary").first.click()


def _open_score(page: Page) -> None:
    page.goto("/b/lantern/trends")
    page.locator(".breakdown summary").first.click()


def _make_code(page: Page) -> None:
    page.goto(PATHS["settings-none"])
    page.locator("#make-code").click()
    page.locator("#chat-code code").wait_for()


SCENES: Mapping[str, Callable[[Page], object]] = {
    "today": _visit(TODAY),
    "generating": _watch_progress,
    "switcher": _open_switcher,
    "drawer": _open_drawer,
    "breakdown": _open_breakdown,
    "mapping": _open_mapping,
    "russian": _read_russian,
    "search": _open_why,
    "trends-why": _open_score,
    "settings-code": _make_code,
    "sign-in": _sign_out,
}
"""What is more than a visit to a path."""
WINDOW_ONLY = {"today", "russian", "breakdown", "generating", "drawer", "switcher"}
"""Scenes of which only what fits the window is shown; of the others, the whole page."""
NEVER_STILL = {"generating", "importing", "answering", "brain-live"}
"""Scenes whose page follows a job, so that the network never rests."""
MIDDLING = {"today", "evidence", "package", "answer", "trends", "brain"}
"""Scenes that are kept at the middle width too; most look there as they do wide."""
MIDDLE_WIDTH = 768
LAST = "sign-in"
"""It ends the session."""


def main(wanted: list[str]) -> None:
    """Take the pictures of the wanted scenes, of all if none is named."""
    chromium = next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    if chromium is None:
        raise SystemExit(MISSING)
    prepare_database(os.environ[SERVER_VARIABLE])
    call_command("migrate", database="owner", verbosity=0)
    tenant = _stage_demo()
    visits = {name: _visit(path) for name, path in stage_scenes(tenant).items()}
    scenes = visits | SCENES
    # All that asks the database comes first: Playwright's loop keeps Django out of this thread.
    looks = [
        (width, scheme, issue_sign_in_link(tenant_id=tenant, email="ada@example.com", at=timezone.now()))
        for width, scheme in LOOKS
    ]
    PICTURES.mkdir(parents=True, exist_ok=True)
    for outdated in [] if wanted else PICTURES.glob("*.png"):
        outdated.unlink()
    with serving() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_ARGUMENTS)
        for width, scheme, token in looks:
            chosen = {name: show for name, show in scenes.items() if not wanted or name in wanted}
            _take(browser, address, token, chosen, width, scheme)
        browser.close()


def _stage_demo() -> UUID:
    """Make the demo brand and its board the way `kairo run` does, and return their tenant."""
    seed_demo_brand(at=timezone.now())
    tenant_id, brand_id = locate_brand(DEMO_BRAND)
    with tenant_transaction(tenant_id):
        job_id = regenerate(brand_id=brand_id).job_id
    run_job_by_id(job_id)
    return tenant_id


def _take(
    browser: Browser,
    address: str,
    token: str,
    scenes: Mapping[str, Callable[[Page], object]],
    width: int,
    scheme: Literal["light", "dark"],
) -> None:
    context = browser.new_context(
        base_url=address,
        viewport={"width": width, "height": HEIGHTS[width]},
        color_scheme=scheme,
        reduced_motion="reduce",
        timezone_id="Europe/Berlin",
        locale="en-GB",
    )
    page = context.new_page()
    page.goto(f"/sign-in?token={token}")
    page.get_by_role("button", name="Sign in to Kairo").click()
    for name, show in sorted(scenes.items(), key=lambda scene: scene[0] == LAST):
        if width == MIDDLE_WIDTH and name not in {*MIDDLING, LAST}:
            continue
        show(page)
        page.wait_for_load_state("load" if name in NEVER_STILL else "networkidle")
        picture = PICTURES / f"{name}-{width}-{scheme}.png"
        page.screenshot(path=picture, full_page=name not in WINDOW_ONLY)
    context.close()


if __name__ == "__main__":
    main(sys.argv[1:])
