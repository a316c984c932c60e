"""Runs and jobs over HTTP."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from django.http import HttpRequest, StreamingHttpResponse
from django.utils import timezone
from ninja import Header, Query, Router

from kairo.interfaces.api.auth import may_read
from kairo.interfaces.api.errors import PROBLEMS, Problem
from kairo.interfaces.api.paging import Limit, Page
from kairo.interfaces.api.streams import EVENT_STREAM, event_stream, wants_stream
from kairo.platform.database.sessions import current_tenant
from kairo.platform.jobs import operations as job_operations
from kairo.platform.jobs import queries as job_queries
from kairo.platform.jobs.contracts import JobDTO, JobState
from kairo.platform.live import tickets
from kairo.platform.live.contracts import MAX_SEQ, FollowedRun, WsTicketDTO
from kairo.platform.telemetry import health, runs
from kairo.platform.telemetry.contracts import RunDTO, RunEventDTO

router = Router(tags=["jobs and runs"])

Seq = Annotated[int, Query(ge=0, le=MAX_SEQ)]
STREAM_TOO = {200: {"content": {EVENT_STREAM: {"schema": {"type": "string"}}}}}


@router.get("/jobs", response={200: Page[JobDTO], **PROBLEMS})
def list_jobs(
    request: HttpRequest,
    state: JobState | None = None,
    kind: str | None = None,
    cursor: UUID | None = None,
    limit: Limit = 50,
) -> Page[JobDTO]:
    """List the account's jobs, newest first."""
    jobs, following = job_queries.jobs(state=state, kind=kind, cursor=str(cursor) if cursor else None, limit=limit)
    return Page(items=jobs, next_cursor=following)


@router.get("/jobs/{job_id}", response={200: JobDTO, **PROBLEMS})
def get_job(request: HttpRequest, job_id: UUID) -> JobDTO:
    """Return a job's state and progress."""
    return job_queries.job(job_id)


@router.post("/jobs/{job_id}/cancel", response={200: JobDTO, 409: Problem, **PROBLEMS})
def cancel_job(request: HttpRequest, job_id: UUID) -> JobDTO:
    """Ask a job to stop; one that waits is cancelled at once."""
    return job_operations.request_cancel(job_id)


@router.post("/jobs/{job_id}/retry", response={200: JobDTO, 409: Problem, **PROBLEMS})
def retry_job(request: HttpRequest, job_id: UUID) -> JobDTO:
    """Put a failed or cancelled job back to work."""
    return job_operations.retry(job_id)


@router.get("/runs/{run_id}", response={200: RunDTO, **PROBLEMS})
def get_run(request: HttpRequest, run_id: UUID) -> RunDTO:
    """Return a run and its health."""
    return health.run_summary(run_id)


@router.get(
    "/runs/{run_id}/events", response={200: list[RunEventDTO], **PROBLEMS}, openapi_extra={"responses": STREAM_TOO}
)
def get_run_events(
    request: HttpRequest,
    run_id: UUID,
    after_seq: Seq = 0,
    last_event_id: Annotated[int | None, Header(alias="Last-Event-ID", ge=0, le=MAX_SEQ)] = None,
) -> list[RunEventDTO] | StreamingHttpResponse:
    """List a run's events in order, from the one after `after_seq`, at most 1,000.

    With `Accept: text/event-stream` they come as server-sent events, and go on until the run has ended: the last one
    is `end`. `Last-Event-ID` goes before `after_seq`.
    """
    if wants_stream(request):
        first = after_seq if last_event_id is None else last_event_id
        return event_stream(FollowedRun(current_tenant(), run_id), after_seq=first)
    return runs.events_of(run_id, after_seq=after_seq)


@router.post("/ws-ticket", auth=may_read, response={200: WsTicketDTO, **PROBLEMS})
def make_ws_ticket(request: HttpRequest) -> WsTicketDTO:
    """Make a ticket that opens one WebSocket within 60 seconds.

    `/ws/runs/{run_id}/?ticket=` or `/ws/automated-gather/{project_id}/?ticket=`.
    """
    return tickets.issue_ticket(at=timezone.now())
