"""Captures as jobs: asked for over HTTP and on the command line, or come due by the clock."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings
from typer.testing import CliRunner

from kairo.interfaces.cli.commands import app
from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.jobs import queries as jobs
from kairo.platform.jobs.contracts import FailureReason, JobDTO, JobFailure, JobState
from kairo.platform.jobs.registry import job_kind
from kairo.stages.brands import operations as brand_operations
from kairo.stages.brands.contracts import BrandFileSurface
from kairo.stages.evidence import operations, queries
from kairo.stages.evidence.contracts import (
    CaptureStatus,
    CaptureSurface,
    InvalidSurface,
    NotLive,
    SurfaceChange,
    SurfaceDTO,
)
from kairo.stages.evidence.models import Surface
from kairo.stages.evidence.operations.claiming import claim_surface
from tests.factories.brands import stored_brand
from tests.factories.callers import caller
from tests.factories.surfaces import entry, feed, stored_surface, surface_now
from tests.factories.uploads import worked_off
from tests.integration.outbound.servers import Site, page

FEED = page(feed([entry(0), entry(1)]), headers={"content-type": "application/rss+xml"})
CAPTURE = "evidence.capture"


@pytest.fixture(autouse=True)
def _opened_loopback(settings: Settings) -> None:
    settings.KAIRO_OUTBOUND_NETWORKS = ["127.0.0.1/32"]


@pytest.fixture
def brand_id(tenant: UUID) -> UUID:
    return stored_brand(tenant).id


def _waiting(tenant: UUID) -> list[JobDTO]:
    with tenant_transaction(tenant):
        return jobs.jobs(state=JobState.PENDING, kind=CAPTURE)[0]


def _asked_for(client: Client, surface: SurfaceDTO) -> UUID:
    answer = client.post(f"/api/brands/{surface.brand_id}/surfaces/{surface.id}/capture")
    assert answer.status_code == 202, answer.content
    assert answer.json()["poll_url"] == f"/api/jobs/{answer.json()['job_id']}"
    return UUID(answer.json()["job_id"])


def _due(tenant: UUID, surface: SurfaceDTO, at: datetime | None) -> None:
    with tenant_transaction(tenant):
        Surface.objects.filter(id=surface.id).update(next_due_at=at)


def test_a_surface_is_read_when_somebody_asks(tenant: UUID, brand_id: UUID) -> None:
    with Site(FEED) as site:
        surface = stored_surface(tenant, brand_id, site.url("/feed.xml"), is_active=False)
        client = caller(tenant)
        job_id = _asked_for(client, surface)
        assert _asked_for(client, surface) == job_id
        job = worked_off(tenant, job_id)

        listed = client.get(f"/api/brands/{brand_id}/surfaces").json()["items"][0]
    assert (job.state, job.outcome["new"], job.outcome["status"]) == (JobState.SUCCEEDED, 2, "succeeded")
    assert (listed["last_run"]["new"], listed["failure_count"], listed["last_error"]) == (2, 0, None)
    assert listed["last_captured_at"] is not None


def test_a_surface_that_cannot_be_read_ends_its_job_with_the_reason(tenant: UUID, brand_id: UUID) -> None:
    with Site(page(b"", status=404)) as site:
        surface = stored_surface(tenant, brand_id, site.url("/feed.xml"))
        client = caller(tenant)
        job = worked_off(tenant, _asked_for(client, surface))
        listed = client.get(f"/api/brands/{brand_id}/surfaces").json()["items"][0]

    assert job.state is JobState.FAILED
    assert job.error == listed["last_error"] == listed["last_run"]["error"]
    assert "answered 404" in listed["last_error"]
    assert listed["failure_count"] == 1


def test_what_nobody_can_read_is_refused_at_once(tenant: UUID, stranger: UUID, brand_id: UUID) -> None:
    surface = stored_surface(tenant, brand_id, "acme", platform="linkedin", surface_type="profile")
    path = f"/api/brands/{brand_id}/surfaces/{surface.id}/capture"

    refused = caller(tenant).post(path)
    unseen = caller(stranger).post(path)

    assert (refused.status_code, refused.json()["code"]) == (422, "surface_not_live")
    assert "Nothing reads profile surfaces of linkedin" in refused.json()["detail"]
    assert (unseen.status_code, unseen.json()["code"]) == (404, "brand_not_found")


def test_due_surfaces_are_enqueued_once_the_longest_overdue_first(tenant: UUID, brand_id: UUID) -> None:
    now = timezone.now()
    due = [stored_surface(tenant, brand_id, f"https://feeds.example/{number}") for number in range(4)]
    paused = stored_surface(tenant, brand_id, "https://feeds.example/paused", is_active=False)
    for surface, at in zip(due, (now - timedelta(hours=1), None, now + timedelta(minutes=3)), strict=False):
        _due(tenant, surface, at)
    _due(tenant, due[3], now + timedelta(hours=1))

    counts = [operations.schedule_captures(tenant_id=tenant, at=now) for _ in range(2)]

    waiting = {job.id: job for job in _waiting(tenant)}
    assert counts == [3, 3]
    assert len(waiting) == 3
    soonest = sorted(waiting.values(), key=lambda job: job.id)
    assert soonest[2].available_at == now + timedelta(minutes=3)
    assert job_kind(CAPTURE).time_limit_s == 900
    assert paused.next_due_at is None


def test_a_scheduled_reading_is_passed_over_when_it_is_not_due_any_more(tenant: UUID, brand_id: UUID) -> None:
    with Site(FEED) as site:
        surface = stored_surface(tenant, brand_id, site.url("/feed.xml"))
        operations.schedule_captures(tenant_id=tenant, at=timezone.now())
        worked_off(tenant, _asked_for(caller(tenant), surface))
        [scheduled] = _waiting(tenant)
        passed_over = worked_off(tenant, scheduled.id)

        assert len(site.requests) == 1
    assert passed_over.outcome["status"] == "not_due"


def test_the_clock_brings_a_surface_round(tenant: UUID, brand_id: UUID) -> None:
    with Site(FEED) as site:
        surface = stored_surface(tenant, brand_id, site.url("/feed.xml"), cadence_minutes=30)
        for _ in range(2):
            operations.schedule_captures(tenant_id=tenant, at=timezone.now())
            for job in _waiting(tenant):
                worked_off(tenant, job.id)

        assert len(site.requests) == 1
    after = surface_now(tenant, surface)
    assert after.next_due_at is not None
    assert timedelta(minutes=29) < after.next_due_at - timezone.now() < timedelta(minutes=34)


def test_a_paused_surface_is_not_due(tenant: UUID, brand_id: UUID) -> None:
    surface = stored_surface(tenant, brand_id, "https://feeds.example/1")
    with tenant_transaction(tenant):
        operations.change_surface(brand_id=brand_id, surface_id=surface.id, change=SurfaceChange(is_active=False))

    assert operations.schedule_captures(tenant_id=tenant, at=timezone.now()) == 0
    assert surface_now(tenant, surface).next_due_at is None


def test_a_job_that_ends_without_a_word_is_noted_on_its_surface(tenant: UUID, brand_id: UUID) -> None:
    surface = stored_surface(tenant, brand_id, "https://feeds.example/1", cadence_minutes=60)
    job_id, now = uuid4(), timezone.now()
    failure = JobFailure(
        job_id=job_id, kind=CAPTURE, run_id=uuid4(), attempts=1, reason=FailureReason.TIME_LIMIT, error="Out of time."
    )
    with tenant_transaction(tenant):
        claim_surface(surface.id, by=job_id, format_name="feed", at=now)
        operations.capture_failed(message=CaptureSurface(surface_id=surface.id), failure=failure, at=now)

    after = surface_now(tenant, surface)
    assert (after.failure_count, after.last_error) == (1, "Out of time.")
    assert after.last_run is not None
    assert after.last_run.status is CaptureStatus.FAILED
    assert after.next_due_at is not None
    assert after.next_due_at >= now + timedelta(minutes=2)


def test_the_brands_file_brings_live_surfaces(tenant: UUID, brand_id: UUID) -> None:
    file = {
        "brand": {"slug": "glow", "name": "Glow"},
        "surfaces": [
            {"platform": "rss", "surface_type": "feed", "surface_key": "https://feeds.example/1", "role": "competitor"},
            {"platform": "mastodon", "surface_type": "hashtag", "surface_key": "skincare@mastodon.social"},
            {"platform": "linkedin", "surface_type": "profile", "surface_key": "acme"},
        ],
    }
    parsed = brand_operations.parse_brand_file(json.dumps(file))
    with tenant_transaction(tenant):
        assert operations.declare_surfaces(brand_id=brand_id, surfaces=parsed.surfaces) == 3
        labels = {label for _, label in operations.live_surfaces(brand_id=brand_id)}
        assert labels == {"rss https://feeds.example/1", "mastodon skincare@mastodon.social"}
        assert queries.declared_surfaces(brand_id) == sorted(parsed.surfaces, key=lambda each: each.platform)


def test_a_brands_file_with_a_key_that_nobody_can_read_is_refused(tenant: UUID, brand_id: UUID) -> None:
    wrong = BrandFileSurface(platform="mastodon", surface_type="hashtag", surface_key="skincare")
    with tenant_transaction(tenant), pytest.raises(InvalidSurface, match=r"Surface 1 .* the server that is asked"):
        operations.declare_surfaces(brand_id=brand_id, surfaces=[wrong])


def test_the_command_reads_a_brands_surfaces_and_one_that_fails_stops_nobody(tenant: UUID, brand_id: UUID) -> None:
    with Site({"/feed.xml": FEED, "/gone.xml": page(b"", status=410)}) as site:
        gone = stored_surface(tenant, brand_id, site.url("/gone.xml"))
        stored_surface(tenant, brand_id, site.url("/feed.xml"))
        told = CliRunner().invoke(app, ["ingest", "capture", "--brand", "glow"], terminal_width=200)
        as_json = CliRunner().invoke(app, ["ingest", "capture", "--surface", str(gone.id), "--json"])

    assert told.exit_code == as_json.exit_code == 1
    assert "gone.xml: not read. 127.0.0.1 answered 410" in told.stdout
    assert "feed.xml: 2 new, 0 known, 0 rejected." in told.stdout
    [report] = json.loads(as_json.stdout)["captures"]
    assert (report["status"], report["surface_id"]) == ("failed", str(gone.id))


def test_the_command_wants_to_know_what_to_read(tenant: UUID) -> None:
    assert CliRunner().invoke(app, ["ingest", "capture"]).exit_code == 2
    with pytest.raises(NotLive, match="There is no live surface"):
        CliRunner().invoke(app, ["ingest", "capture", "--surface", str(uuid4())], catch_exceptions=False)
