"""First contentful paint of the pages in Chromium, signed in, beside an empty page of the same server.

python -m bench.first_paint        BENCH_SCALE=.1 (default): 10 views a page; 1: 50
"""

from __future__ import annotations

import os
import shutil
import statistics

import psycopg

from bench.table import SCALE, Line, at_share, durable_server, report
from bench.today import CONSTANT, a_brand_with_a_board, a_token, served

VIEWS = max(10, round(50 * SCALE))
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
PAGES = {"Today": "today", "Evidence": "evidence", "Brain": "knowledge", "Gates": "gates", "Jobs": "jobs"}
# The paint may come after the load event, so it is waited for; an empty page has a first paint without content.
PAINT = """() => new Promise((told, failed) => {
  const look = (list) => {
    const paints = list.getEntries();
    const paint = paints.find((each) => each.name === "first-contentful-paint") ?? paints[0];
    if (paint) told(paint.startTime);
  };
  new PerformanceObserver(look).observe({type: "paint", buffered: true});
  setTimeout(() => failed(new Error("nothing was painted within 10 s")), 10000);
})"""
OWNER = "owner@kairo.local"


def main() -> None:
    """View each page in turn with the empty one, and report the median and the p95 of their first paints."""
    chromium = next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    if chromium is None:
        print("first_paint: skipped, there is no Chromium")
        return
    with durable_server() as url:
        tenant_id, _ = a_brand_with_a_board(url)
        link = sign_in_token(tenant_id)
        with served(a_token(tenant_id)) as ask:
            report("first_paint", paints(chromium, f"http://127.0.0.1:{ask.port}", link, slug_of_the_brand(url)))


def sign_in_token(tenant_id: object) -> str:
    from django.utils import timezone

    from kairo.platform.tenancy.operations import issue_sign_in_link

    return issue_sign_in_link(tenant_id=tenant_id, email=OWNER, at=timezone.now())  # type: ignore[arg-type]


def slug_of_the_brand(url: str) -> str:
    with psycopg.connect(url) as server:
        row = server.execute("SELECT slug FROM brand").fetchone()
    assert row is not None, "the demo brand was not made"
    return str(row[0])


def paints(chromium: str, address: str, token: str, slug: str) -> list[Line]:
    """Return the lines of all pages; each view is a whole navigation with the browser's caches as they are by then."""
    from playwright.sync_api import sync_playwright

    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    ours: dict[str, list[float]] = {name: [] for name in PAGES}
    empty: list[float] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page()
        page.goto(f"{address}/sign-in?token={token}")
        page.click("button[type=submit]")
        page.wait_for_url(f"{address}/b/**")
        for _ in range(VIEWS):
            page.goto(f"{address}{CONSTANT}")
            empty.append(page.evaluate(PAINT))
            for name, path in PAGES.items():
                answer = page.goto(f"{address}/b/{slug}/{path}")
                assert answer is not None, f"{path} was not loaded"
                assert answer.ok, f"{path} was not shown but {page.url}"
                ours[name].append(page.evaluate(PAINT))
        browser.close()
    theirs = statistics.median(empty)
    lines = []
    for name, waits in ours.items():
        what, against = f"{name}, first paint", ("a constant", theirs, "ms")
        lines.append(Line(f"{what}, median", statistics.median(waits), *against, "≤ 150 ms"))
        lines.append(Line(f"{what}, p95", at_share(waits, 0.95), *against))
    return lines


if __name__ == "__main__":
    main()
