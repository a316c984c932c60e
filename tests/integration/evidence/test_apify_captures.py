"""Surfaces that an actor reads for money, by the official client against a local server."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from pytest_django import Settings

from kairo.platform.database.sessions import tenant_transaction
from kairo.stages.evidence import queries
from kairo.stages.evidence.adapters.live.apify import ActorLimits, AnyActor
from kairo.stages.evidence.contracts import CaptureReport, CaptureStatus, SurfaceDTO
from tests.factories.brands import stored_brand
from tests.factories.surfaces import NOON, captured, stored_surface, surface_now
from tests.integration.evidence.apify_service import ApifyService, instagram_post
from tests.integration.outbound.servers import Site, page

KEY = 'apify/instagram-scraper {"directUrls": ["https://www.instagram.com/acme/"], "resultsType": "posts"}'
LIMITS = ActorLimits(max_items=120, max_charge_usd=Decimal("0.25"), max_time=timedelta(minutes=2))

pytest.importorskip("apify_client", reason="the extra [apify] is not installed")


@pytest.fixture
def surface(tenant: UUID) -> SurfaceDTO:
    return stored_surface(tenant, stored_brand(tenant).id, KEY, platform="apify", surface_type="list")


def _read(tenant: UUID, surface: SurfaceDTO, site: Site, **changes: object) -> CaptureReport:
    source = AnyActor(api=site.url(""), token="secret", limits=LIMITS)
    return captured(tenant, surface, source, **changes)  # type: ignore[arg-type]


def test_a_run_is_started_within_its_limits_awaited_and_taken_in(tenant: UUID, surface: SurfaceDTO) -> None:
    service = ApifyService([instagram_post(number) for number in range(60)], looks_until_done=2)
    with Site(service) as site:
        report = _read(tenant, surface, site)

    assert (report.status, report.new, report.rejected, report.pages) == (CaptureStatus.SUCCEEDED, 60, 0, 2)
    assert report.cost_usd == Decimal("0.0421")
    [(actor, asked, given)] = service.started
    assert actor == "apify~instagram-scraper"
    assert (asked["maxItems"], asked["maxTotalChargeUsd"], asked["timeout"]) == ("120", "0.25", "120")
    assert given == {"directUrls": ["https://www.instagram.com/acme/"], "resultsType": "posts"}
    assert service.tokens == {"Bearer secret"}
    with tenant_transaction(tenant):
        items = queries.items(surface.brand_id)
    assert {(item.platform, item.author) for item in items} == {("instagram", "acme")}
    last_run = surface_now(tenant, surface).last_run
    assert last_run is not None
    assert last_run.cost_usd == Decimal("0.042100")


def test_a_run_that_failed_is_refused_and_its_cost_is_kept(tenant: UUID, surface: SurfaceDTO) -> None:
    with Site(ApifyService([], status="FAILED")) as site:
        report = _read(tenant, surface, site)

    assert report.status is CaptureStatus.FAILED
    assert "FAILED (The page could not be opened)" in str(report.error)
    assert report.cost_usd == Decimal("0.0421")


def test_what_was_paid_for_is_not_paid_for_again(tenant: UUID, surface: SurfaceDTO) -> None:
    service = ApifyService([instagram_post(number) for number in range(3)], is_away=True)
    with Site(service) as site:
        failed = _read(tenant, surface, site)
        service.is_away = False
        whole = _read(tenant, surface, site, at=NOON + timedelta(minutes=2))

    assert (failed.status, failed.error) == (CaptureStatus.FAILED, "Apify answered 502: Try again")
    assert (whole.status, whole.new, len(service.started)) == (CaptureStatus.SUCCEEDED, 3, 1)


def test_what_a_run_out_of_time_had_found_is_taken(tenant: UUID, surface: SurfaceDTO) -> None:
    with Site(ApifyService([instagram_post(1)], status="TIMED-OUT")) as site:
        report = _read(tenant, surface, site)

    assert (report.new, report.warnings) == (1, ["The actor ran out of time; what it had found was taken."])


def test_no_run_is_started_once_the_days_limit_is_reached(tenant: UUID, surface: SurfaceDTO) -> None:
    with Site(ApifyService([instagram_post(1)], cost_usd=5.5)) as site:
        _read(tenant, surface, site)
        refused = _read(tenant, surface, site, at=NOON + timedelta(hours=2))
        runs_by_then = sum(seen.method == "POST" for seen in site.requests)
        again = _read(tenant, surface, site, at=NOON + timedelta(hours=25))

    assert (refused.status, runs_by_then) == (CaptureStatus.FAILED, 1)
    assert "have cost $5.50 within a day, and the limit is $5.00" in str(refused.error)
    assert again.status is CaptureStatus.SUCCEEDED


def test_a_token_that_is_not_valid_is_said_plainly(tenant: UUID, surface: SurfaceDTO) -> None:
    told = b'{"error": {"type": "token-not-provided", "message": "User was not found or authentication is not valid"}}'
    with Site(page(told, status=401)) as site:
        report = _read(tenant, surface, site)

    assert report.error == "Apify answered 401: User was not found or authentication is not valid"
    assert "secret" not in str(surface_now(tenant, surface))


def test_a_missing_token_is_said_plainly(tenant: UUID, surface: SurfaceDTO, settings: Settings) -> None:
    settings.APIFY_TOKEN = None
    report = captured(tenant, surface)

    assert report.status is CaptureStatus.FAILED
    assert "Set APIFY_TOKEN" in str(report.error)
