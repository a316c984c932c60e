"""Waiting within a request for what its transaction has set off: the answer if it comes in time, else its job."""

from __future__ import annotations

import time
from collections.abc import Callable
from uuid import UUID

from django.http import HttpResponse

from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.jobs import queries as jobs
from kairo.platform.jobs.contracts import JobAcceptedDTO, JobDTO, JobState

POLL_S = 0.1
WORKER_PATIENCE_S = 2.0
"""Nobody waits longer than this for a worker to begin: the job is accepted, and its answer can be asked for later."""


def accepted(job_id: UUID) -> HttpResponse:
    """Answer that a job will do it."""
    body = JobAcceptedDTO(job_id=job_id, poll_url=f"/api/jobs/{job_id}").model_dump_json()
    return HttpResponse(body, status=202, content_type="application/json; charset=utf-8")


def accepted_or_awaited(
    *, tenant_id: UUID, job_id: UUID, wait_s: float, look: Callable[[JobDTO], HttpResponse | None]
) -> HttpResponse:
    """Answer that a job will do it, or once the request's transaction is committed, with what `look` finds in time.

    `look` is asked again and again, each time in a transaction of its own, and answers None while there is nothing.
    """
    response = accepted(job_id)
    if wait_s:
        response.once_committed = _waiting(tenant_id, job_id, wait_s, look)  # type: ignore[attr-defined]
    return response


def _waiting(
    tenant_id: UUID, job_id: UUID, wait_s: float, look: Callable[[JobDTO], HttpResponse | None]
) -> Callable[[], HttpResponse]:
    def wait() -> HttpResponse:
        started = time.monotonic()
        while (waited := time.monotonic() - started) < wait_s:
            with tenant_transaction(tenant_id):
                job = jobs.job(job_id)
                found = look(job)
            if found is not None:
                return found
            if job.state is JobState.PENDING and waited > WORKER_PATIENCE_S:
                break
            time.sleep(POLL_S)
        return accepted(job_id)

    return wait
