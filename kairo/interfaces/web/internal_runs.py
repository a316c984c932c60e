"""The inspector of runs: what was done under a run's id, step by step, what it asked of models and what that cost."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from pydantic import BaseModel

from kairo.interfaces.web.internal_access import for_operators, look_of
from kairo.interfaces.web.paging import row_named
from kairo.platform.jobs import queries as jobs
from kairo.platform.jobs.contracts import JobDTO, JobNotFound
from kairo.platform.llm import queries as llm
from kairo.platform.llm.contracts import CallDTO, RecordedCall
from kairo.platform.telemetry import runs
from kairo.platform.telemetry.contracts import EventType, ObsHealth, RunDTO, RunEventDTO
from kairo.platform.telemetry.health import job_of_run, run_summaries, run_summary
from kairo.platform.tenancy.internal import InternalAccess

RUNS_PER_PAGE = 50
EVENTS_PER_PAGE = 200


@dataclass(frozen=True)
class ListedRun:
    """A run of the list and what its model calls cost, in millionths of a dollar."""

    run: RunDTO
    cost_microdollars: int


@dataclass(frozen=True)
class InspectedRun:
    """A run with a page of its events, its job, its model calls, and what is kept of their inputs and answers."""

    run: RunDTO
    job: JobDTO | None
    events: list[RunEventDTO]
    calls: list[CallDTO]
    kept: list[RecordedCall]

    @property
    def cost_microdollars(self) -> int:
        return sum(call.cost_microdollars for call in self.calls)

    @property
    def steps(self) -> list[RunEventDTO]:
        return [event for event in self.events if event.type is EventType.STEP]

    @property
    def later_than(self) -> int | None:
        """The number after which the next page of events begins."""
        last = self.events[-1].seq if self.events else 0
        return last if 0 < last < self.run.events else None


@require_safe
@for_operators
def listed(request: HttpRequest, access: InternalAccess) -> HttpResponse:
    """List an account's runs, newest first, by kind and health."""
    look = look_of(request, access)
    kind, health = request.GET.get("kind", "").strip(), _health(request)
    found: list[ListedRun] = []
    before = row_named(request)
    if look.tenant_id is not None:
        with look.into_account():
            page = run_summaries(kind=kind or None, health=health, before=before, limit=RUNS_PER_PAGE + 1)
            costs = llm.costs_of_runs([run.id for run in page])
        found = [ListedRun(run, costs.get(run.id, 0)) for run in page]
    shown = found[:RUNS_PER_PAGE]
    following = shown[-1].run.id if len(found) > RUNS_PER_PAGE else None
    words = {
        "look": look,
        "runs": shown,
        "kind": kind,
        "health": health,
        "healths": list(ObsHealth),
        "is_narrowed": bool(kind or health),
        "is_first_page": before is None,
        "older": look.address(kind=kind, health=health, before=following) if following else None,
        "current": "runs",
    }
    return render(request, "internal/runs.html", words)


@require_safe
@for_operators
def run(request: HttpRequest, access: InternalAccess, run_id: UUID) -> HttpResponse:
    """Show one run."""
    inspected = _inspected(access, run_id, after_seq=_after_seq(request), limit=EVENTS_PER_PAGE)
    return render(request, "internal/run.html", {"inspected": inspected, "current": "runs"})


@require_safe
@for_operators
def run_json(request: HttpRequest, access: InternalAccess, run_id: UUID) -> HttpResponse:
    """Return one run as JSON, with at most 1,000 of its events from the one after `?after_seq=`."""
    inspected = _inspected(access, run_id, after_seq=_after_seq(request), limit=1000)
    return JsonResponse(
        {
            "run": _plain(inspected.run),
            "job": _plain(inspected.job) if inspected.job else None,
            "cost_microdollars": inspected.cost_microdollars,
            "events": [_plain(event) for event in inspected.events],
            "next_after_seq": inspected.later_than,
            "calls": [_plain(call) for call in inspected.calls],
            "kept": [_plain(call) for call in inspected.kept],
        }
    )


def _inspected(access: InternalAccess, run_id: UUID, *, after_seq: int, limit: int) -> InspectedRun:
    tenant_id = runs.tenant_of(run_id)
    with access.looking_into(tenant_id):
        job_id = job_of_run(run_id)
        return InspectedRun(
            run=run_summary(run_id),
            job=_job(job_id) if job_id else None,
            events=runs.events_of(run_id, after_seq=after_seq, limit=limit),
            calls=llm.calls_of_run(run_id),
            kept=llm.recording_of(run_id),
        )


def _job(job_id: UUID) -> JobDTO | None:
    try:
        return jobs.job(job_id)
    except JobNotFound:
        return None  # What a run tells of outlives its job.


def _health(request: HttpRequest) -> ObsHealth | None:
    text = request.GET.get("health", "")
    return ObsHealth(text) if text in list(ObsHealth) else None


def _after_seq(request: HttpRequest) -> int:
    text = request.GET.get("after_seq", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _plain(value: BaseModel) -> object:
    return value.model_dump(mode="json")
