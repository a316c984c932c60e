"""The list of background work, and the buttons that stop it or start it over."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.utils import timezone

from kairo.interfaces.web.job_pages import JOBS_PER_PAGE
from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.jobs.contracts import JobState
from kairo.platform.jobs.models import Job
from kairo.platform.jobs.operations import enqueue
from kairo.platform.jobs.queries import job
from kairo.platform.tenancy.contracts import Role
from kairo.stages.opportunities.contracts import GenerateBoard
from tests.factories.boards import make_brand
from tests.integration.web.conftest import at_most, sign_in

JOBS = "/b/northwind/jobs"
HTMX = {"HX-Request": "true", "HX-Target": "jobs"}


@pytest.fixture
def brand_id(tenant: UUID) -> UUID:
    return make_brand(tenant).id


def _job(tenant: UUID, brand_id: UUID, **changes: object) -> UUID:
    with tenant_transaction(tenant):
        job_id = enqueue("opportunities.generate", GenerateBoard(brand_id=brand_id)).id
        Job.objects.filter(id=job_id).update(**{"state": JobState.PENDING, **changes})
    return job_id


def _state(tenant: UUID, job_id: UUID) -> JobState:
    with tenant_transaction(tenant):
        return job(job_id).state


def _failed(tenant: UUID, brand_id: UUID) -> UUID:
    ended = {"attempts": 4, "started_at": timezone.now(), "finished_at": timezone.now()}
    return _job(tenant, brand_id, state=JobState.FAILED, error="The <database> was away.", **ended)


def test_jobs_are_listed_newest_first_with_how_far_they_are(client: Client, tenant: UUID, brand_id: UUID) -> None:
    failed = _failed(tenant, brand_id)
    progress = {"step": "synthesis", "done": 2, "total": 4, "note": "42 items"}
    running = _job(tenant, brand_id, state=JobState.RUNNING, attempts=1, progress=progress, started_at=timezone.now())

    with at_most(10):
        page = client.get(JOBS).content.decode()

    assert page.index(f'id="job-{running}"') < page.index(f'id="job-{failed}"')
    assert "Working out opportunities" in page
    assert "2 of 4 steps done" in page
    assert "Attempt 4 of 4" in page
    assert "The &lt;database&gt; was away." in page
    assert 'hx-trigger="every 3s"' in page


def test_a_list_without_live_jobs_is_not_asked_for_again(client: Client, tenant: UUID, brand_id: UUID) -> None:
    _failed(tenant, brand_id)

    assert "hx-trigger" not in client.get(JOBS).content.decode()


def test_htmx_is_given_the_list_alone(client: Client, tenant: UUID, brand_id: UUID) -> None:
    _failed(tenant, brand_id)

    fragment = client.get(JOBS, headers=HTMX).content.decode()

    assert fragment.startswith('<div id="jobs"')


def test_cancelling_a_waiting_job_ends_it(client: Client, tenant: UUID, brand_id: UUID) -> None:
    waiting = _job(tenant, brand_id)

    with at_most(14):
        fragment = client.post(f"{JOBS}/{waiting}/cancel", headers=HTMX).content.decode()

    assert f'data-announce="Cancelled" data-focus="job-{waiting}"' in fragment
    assert f"{waiting}/retry" in fragment
    assert _state(tenant, waiting) is JobState.CANCELLED


def test_cancelling_a_running_job_says_that_it_stops(client: Client, tenant: UUID, brand_id: UUID) -> None:
    running = _job(tenant, brand_id, state=JobState.RUNNING, attempts=1, started_at=timezone.now())

    fragment = client.post(f"{JOBS}/{running}/cancel", headers=HTMX).content.decode()

    assert 'data-announce="Stopping"' in fragment
    assert f"{running}/cancel" not in fragment


def test_retrying_starts_a_failed_job_over_and_it_waits_since_now(client: Client, tenant: UUID, brand_id: UUID) -> None:
    failed = _failed(tenant, brand_id)
    with tenant_transaction(tenant):
        Job.objects.filter(id=failed).update(created_at=timezone.now() - timedelta(hours=3))

    response = client.post(f"{JOBS}/{failed}/retry", follow=True)

    assert response.redirect_chain == [(JOBS, 302)]
    assert _state(tenant, failed) is JobState.PENDING
    assert "No worker has taken it yet" not in response.content.decode()


def test_without_the_script_the_same_page_of_the_list_comes_back(client: Client, tenant: UUID, brand_id: UUID) -> None:
    waiting, cursor = _job(tenant, brand_id), uuid4()

    response = client.post(f"{JOBS}/{waiting}/cancel?cursor={cursor}")

    assert response["Location"] == f"{JOBS}?cursor={cursor}"


def test_a_job_that_has_ended_is_left_alone_and_the_list_stays(client: Client, tenant: UUID, brand_id: UUID) -> None:
    done = _job(tenant, brand_id, state=JobState.SUCCEEDED, attempts=1, finished_at=timezone.now())

    refused = client.post(f"{JOBS}/{done}/cancel", headers=HTMX)

    assert refused.status_code == 409
    assert (refused["HX-Retarget"], refused["HX-Reswap"]) == ("#notices", "innerHTML")
    assert client.post(f"{JOBS}/{done}/retry").status_code == 409


def test_a_viewer_sees_jobs_and_changes_none(tenant: UUID, brand_id: UUID) -> None:
    waiting, failed = _job(tenant, brand_id), _failed(tenant, brand_id)
    viewer = sign_in(tenant, email="eve@example.com", role=Role.VIEWER)

    page = viewer.get(JOBS).content.decode()

    assert "/cancel" not in page
    assert "/retry" not in page
    assert viewer.post(f"{JOBS}/{waiting}/cancel").status_code == 403
    assert viewer.post(f"{JOBS}/{failed}/retry").status_code == 403
    assert _state(tenant, waiting) is JobState.PENDING


def test_changing_a_job_needs_the_form(tenant: UUID, brand_id: UUID) -> None:
    waiting = _job(tenant, brand_id)
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = sign_in(tenant).cookies

    assert strict.post(f"{JOBS}/{waiting}/cancel").status_code == 403
    assert _state(tenant, waiting) is JobState.PENDING


def test_a_long_list_is_paged(client: Client, tenant: UUID, brand_id: UUID) -> None:
    jobs = [_failed(tenant, brand_id) for _ in range(JOBS_PER_PAGE + 1)]

    with at_most(10):
        first = client.get(JOBS).content.decode()
    second = client.get(JOBS, {"cursor": str(jobs[1])}).content.decode()

    assert f'href="?cursor={jobs[1]}"' in first
    assert f'id="job-{jobs[0]}"' not in first
    assert f'id="job-{jobs[0]}"' in second
    assert "Older jobs" not in second


def test_an_empty_list_says_what_will_be_here(client: Client, brand_id: UUID) -> None:
    assert "No jobs yet" in client.get(JOBS).content.decode()


def test_a_broken_page_mark_is_not_found(client: Client, brand_id: UUID) -> None:
    assert client.get(JOBS, {"cursor": "last"}).status_code == 404


def test_a_stranger_finds_no_jobs_and_stops_none(tenant: UUID, stranger: UUID, brand_id: UUID) -> None:
    waiting, failed = _job(tenant, brand_id), _failed(tenant, brand_id)
    make_brand(stranger, slug="theirs")
    theirs = sign_in(stranger, email="mallory@example.com")

    assert theirs.get(JOBS).status_code == 404
    assert str(waiting) not in theirs.get("/b/theirs/jobs").content.decode()
    assert theirs.post(f"/b/theirs/jobs/{waiting}/cancel").status_code == 404
    assert theirs.post(f"/b/theirs/jobs/{failed}/retry").status_code == 404
    assert _state(tenant, waiting) is JobState.PENDING
    assert Client().get(JOBS)["Location"] == "/sign-in"
