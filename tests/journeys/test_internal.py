"""An owner follows a card to the posts behind it, and a job to the run that tells what it did."""

from __future__ import annotations

from uuid import UUID

import pytest
from playwright.sync_api import Page, expect
from pytest_django import Settings

from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.jobs.contracts import JobState
from kairo.platform.jobs.models import Job
from kairo.platform.jobs.operations import enqueue
from kairo.stages.opportunities.contracts import GenerateBoard
from tests.factories.boards import make_board
from tests.factories.stories import story
from tests.integration.web.test_internal import run_of
from tests.journeys.test_accessibility import violations
from tests.journeys.test_today import sign_in_by_keyboard, tab_to


@pytest.fixture(autouse=True)
def _token_is_set(settings: Settings) -> None:
    settings.KAIRO_INTERNAL_ADMIN_TOKEN = "an-operators-token"


def test_from_a_card_to_its_lineage_and_from_a_job_to_its_run(
    page: Page, tenant: UUID, sign_in_path: str, complaints: list[str]
) -> None:
    told = story(tenant)
    make_board(tenant, brand_id=told.brand, opportunity_ids=[told.opportunity])
    run_id = run_of(tenant, kind="opportunities.generate", failing=True)
    with tenant_transaction(tenant):
        job = enqueue("opportunities.generate", GenerateBoard(brand_id=told.brand))
        Job.objects.filter(id=job.id).update(state=JobState.FAILED, attempts=4, error="Away", run_id=run_id)
    page.set_viewport_size({"width": 360, "height": 740})
    sign_in_by_keyboard(page, sign_in_path)

    page.locator(".card").get_by_role("link", name="Lineage").click()
    expect(page.locator(".lineage-arrow")).to_have_count(5)
    assert violations(page) == []
    tab_to(page, f".lineage a[href$='{told.item}']")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Lineage: what came of this post").click()
    expect(page.locator(".lineage-arrow")).to_have_count(4)

    page.goto("/hero/internal/jobs/?state=failed")
    assert violations(page) == []
    page.locator("tbody").get_by_role("link", name="opportunities.generate").click()
    expect(page.get_by_role("heading", level=1, name="opportunities.generate")).to_be_visible()
    expect(page.locator(".health-failed")).to_be_visible()
    page.locator("details summary").click()
    assert violations(page) == []
    page.get_by_role("navigation", name="Internal pages").get_by_role("link", name="Runs").click()
    assert violations(page) == []
    page.goto("/hero/internal/jobs/?state=failed")
    page.get_by_role("button", name="Retry").click()
    row = page.get_by_role("row", name="opportunities.generate")
    expect(row.locator(".state-pending")).to_be_visible()

    assert complaints == []
