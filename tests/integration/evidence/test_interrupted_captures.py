"""Readings that are put off, cut short or doubled: they go on where they stood, and leave no gap behind."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.outbound.pacing import HostPace
from kairo.stages.evidence import operations, queries
from kairo.stages.evidence.adapters.live.hackernews import HackerNews
from kairo.stages.evidence.contracts import CaptureReport, CaptureStatus, CaptureUnderWay, SurfaceDTO, SurfaceNotFound
from kairo.stages.evidence.models import CaptureRun, EvidenceSighting, Surface
from tests.factories.brands import stored_brand
from tests.factories.surfaces import NOON, captured, loopback, stored_surface, surface_now
from tests.integration.evidence.open_services import algolia, hit
from tests.integration.outbound.servers import Answer, Seen, Site, page


class Interrupted(BaseException):
    """What ends a worker in the middle."""


@pytest.fixture
def brand_id(tenant: UUID) -> UUID:
    return stored_brand(tenant).id


@pytest.fixture
def surface(tenant: UUID, brand_id: UUID) -> SurfaceDTO:
    return stored_surface(tenant, brand_id, "espresso", platform="hackernews", surface_type="search")


def _hits(count: int) -> list[dict[str, object]]:
    return [hit(number, at=NOON) for number in range(count)]


def _failing_from(number: int, answer: Answer) -> Answer:
    def answered(seen: Seen, connection: object) -> None:
        if f"page={number}" in seen.path:
            connection.sendall(page(b"", status=500))  # type: ignore[attr-defined]
        else:
            answer(seen, connection)  # type: ignore[arg-type]

    return answered


def _interrupting(after: int) -> object:
    def told(report: CaptureReport) -> None:
        if report.pages == after:
            raise Interrupted

    return told


def test_a_reading_that_was_cut_short_goes_on_in_its_run_behind_its_last_page(
    tenant: UUID, brand_id: UUID, surface: SurfaceDTO
) -> None:
    job_id = uuid4()
    with Site(algolia(_hits(250))) as site:
        network = loopback(HackerNews(site.url("")))
        given = {"tenant_id": tenant, "surface_id": surface.id, "by": job_id, "network": network}
        with pytest.raises(Interrupted):
            operations.capture_surface(at=NOON, told=_interrupting(2), **given)  # type: ignore[arg-type]
        report = operations.capture_surface(at=NOON, **given)  # type: ignore[arg-type]

    assert [seen.path.rpartition("page=")[2] for seen in site.requests] == ["0", "1", "2"]
    assert (report.status, report.read, report.new, report.pages) == (CaptureStatus.SUCCEEDED, 250, 250, 3)
    with tenant_transaction(tenant):
        assert CaptureRun.objects.count() == 1
        assert EvidenceSighting.objects.count() == 250


def test_a_failure_in_the_middle_leaves_no_gap(tenant: UUID, brand_id: UUID, surface: SurfaceDTO) -> None:
    answer = algolia(_hits(250))
    with Site(_failing_from(1, answer)) as site:
        source = HackerNews(site.url(""))
        failed = captured(tenant, surface, source)
        site.answer = answer
        whole = captured(tenant, surface, source)

    assert (failed.status, failed.new) == (CaptureStatus.FAILED, 100)
    assert (whole.status, whole.pages, whole.new, whole.known) == (CaptureStatus.SUCCEEDED, 3, 150, 100)


def test_a_host_that_was_asked_often_enough_gives_a_pause_and_not_a_failure(
    tenant: UUID, brand_id: UUID, surface: SurfaceDTO
) -> None:
    clock = [0.0]
    pace = HostPace(per_second=0.1, burst=2, clock=lambda: clock[0])
    with Site(algolia(_hits(250))) as site:
        source = HackerNews(site.url(""))
        paused = captured(tenant, surface, network=loopback(source, pace=pace))
        after = surface_now(tenant, surface)
        clock[0] = 60.0
        whole = captured(tenant, surface, network=loopback(source, pace=pace), at=NOON + timedelta(minutes=1))

    assert (paused.status, paused.pages, paused.new) == (CaptureStatus.RUNNING, 2, 200)
    assert (after.failure_count, after.last_error) == (0, None)
    assert after.next_due_at is not None
    assert timedelta(seconds=10) <= after.next_due_at - NOON <= timedelta(seconds=15)
    assert (whole.status, whole.pages, whole.read, whole.new) == (CaptureStatus.SUCCEEDED, 3, 250, 250)
    assert whole.capture_run_id == paused.capture_run_id


def test_two_do_not_read_one_surface_at_once(tenant: UUID, brand_id: UUID, surface: SurfaceDTO) -> None:
    with Site(algolia(_hits(150))) as site:
        network = loopback(HackerNews(site.url("")))

        def second(report: CaptureReport) -> None:
            if report.pages == 1:
                with pytest.raises(CaptureUnderWay):
                    captured(tenant, surface, network=network)

        report = operations.capture_surface(
            tenant_id=tenant, surface_id=surface.id, at=NOON, told=second, network=network
        )

    assert (report.status, report.new) == (CaptureStatus.SUCCEEDED, 150)
    assert len(site.requests) == 2


def test_a_claim_whose_holder_is_gone_is_taken_over(tenant: UUID, brand_id: UUID, surface: SurfaceDTO) -> None:
    with tenant_transaction(tenant):
        Surface.objects.filter(id=surface.id).update(claimed_by=uuid4(), claimed_until=NOON - timedelta(days=9999))
        lost = CaptureRun.objects.create(surface_id=surface.id, started_at=NOON)
    with Site(algolia(_hits(10))) as site:
        report = captured(tenant, surface, HackerNews(site.url("")))

    assert report.new == 10
    with tenant_transaction(tenant):
        lost.refresh_from_db()
        assert (lost.status, lost.ended_at) == (CaptureStatus.FAILED, NOON)
        assert "interrupted" in str(lost.error)


def test_a_place_goes_no_further_back_than_its_bound_and_says_so(
    tenant: UUID, brand_id: UUID, surface: SurfaceDTO
) -> None:
    with Site(algolia(_hits(1_050))) as site:
        report = captured(tenant, surface, HackerNews(site.url("")))

    assert (report.status, report.pages, report.new) == (CaptureStatus.SUCCEEDED, 10, 1_000)
    assert report.warnings == ["Older posts than those of 10 pages were left out."]


def test_a_stranger_reads_nobody_elses_surface(tenant: UUID, stranger: UUID, surface: SurfaceDTO) -> None:
    with pytest.raises(SurfaceNotFound):
        captured(stranger, surface)

    with tenant_transaction(tenant):
        assert queries.surface(surface.brand_id, surface.id).last_run is None
