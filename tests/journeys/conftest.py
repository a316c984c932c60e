"""A live server and a real Chromium; without Chromium the journeys say what to install."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from uuid import UUID

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright

from kairo.platform.tenancy.operations import issue_sign_in_link
from tests.journeys.live_server import serving, working

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE_MS = 30_000
"""What a busy machine may take for what takes a moment."""
MISSING = "The journeys drive a real browser and found none: install it, e.g. `sudo apt-get install chromium`."


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """The system's Chromium, closed after each module: its event loop would be in the way of other tests."""
    path = next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    if path is None and os.environ.get("CI") == "true":
        pytest.fail(MISSING)
    if path is None:
        pytest.skip(MISSING)
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        # Playwright's loop runs in this thread, but between its calls nothing does: the database may be asked.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def address(database: str) -> Iterator[str]:
    """The address of a running Kairo over the test's database."""
    with serving() as found:
        yield found


@pytest.fixture
def worker(database: str, tmp_path: Path) -> Callable[[], AbstractContextManager[None]]:
    """Start a worker process: `with worker(): …`."""
    return partial(working, database, tmp_path / "worker.log")


@pytest.fixture
def complaints() -> list[str]:
    """What the browser's console complained of; a journey ends by looking that it is empty."""
    return []


@pytest.fixture
def context(chromium: Browser, address: str) -> Iterator[BrowserContext]:
    """A fresh browser profile in Berlin."""
    opened = chromium.new_context(base_url=address, timezone_id="Europe/Berlin", locale="en-GB")
    opened.set_default_timeout(PATIENCE_MS)
    expect.set_options(timeout=PATIENCE_MS)
    yield opened
    opened.close()


@pytest.fixture
def page(context: BrowserContext, complaints: list[str]) -> Page:
    """A tab whose complaints are collected."""

    def note(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            complaints.append(f"{message.type}: {message.text}")

    tab = context.new_page()
    tab.on("console", note)
    tab.on("pageerror", lambda error: complaints.append(f"exception: {error}"))
    return tab


@pytest.fixture
def sign_in_path(tenant: UUID) -> str:
    """The path of a fresh sign-in link."""
    token = issue_sign_in_link(tenant_id=tenant, email="ada@example.com", at=timezone.now())
    return f"/sign-in?token={token}"
