"""The account's background work: what runs, what failed and why, and the buttons that stop it or start it over."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as marked
from django.views.decorators.http import require_POST, require_safe

from kairo.errors import NotFound
from kairo.interfaces.web import wording
from kairo.interfaces.web.access import MemberRequest, for_members, require_editor
from kairo.interfaces.web.brands import Place, place_of
from kairo.interfaces.web.opportunities import LIVE, Progress, progress_of
from kairo.platform.jobs import operations, queries
from kairo.platform.jobs.contracts import JobDTO, JobState

JOBS_PER_PAGE = 30
STARTED_OVER = marked("The job was started over.")


@dataclass(frozen=True)
class ListedJob:
    """One job of the list; `progress` while it is live."""

    job: JobDTO
    progress: Progress | None

    @property
    def may_be_cancelled(self) -> bool:
        return self.job.state in LIVE and not self.job.cancel_requested

    @property
    def may_be_retried(self) -> bool:
        return self.job.state in {JobState.FAILED, JobState.CANCELLED}


@require_safe
@for_members
def jobs(request: MemberRequest, brand_slug: str) -> HttpResponse:
    """List the account's jobs, newest first; htmx gets the list alone, as it stands now."""
    place = place_of(request, brand_slug)
    template = "jobs/_list.html" if request.htmx else "jobs/list.html"
    return render(request, template, _shown(request, place))


@require_POST
@for_members
def cancel(request: MemberRequest, brand_slug: str, job_id: UUID) -> HttpResponse:
    """Ask a job to stop."""
    return _changed(request, brand_slug, job_id, _stopped)


@require_POST
@for_members
def retry(request: MemberRequest, brand_slug: str, job_id: UUID) -> HttpResponse:
    """Start a failed or cancelled job over."""
    return _changed(request, brand_slug, job_id, _started_over)


def _stopped(job_id: UUID) -> str:
    asked = operations.request_cancel(job_id)
    return _(wording.JOB_STATE_WORDS[asked.state] if asked.state is JobState.CANCELLED else wording.STOPPING)


def _started_over(job_id: UUID) -> str:
    operations.retry(job_id)
    return _(STARTED_OVER)


def _changed(request: MemberRequest, brand_slug: str, job_id: UUID, change: Callable[[UUID], str]) -> HttpResponse:
    place = place_of(request, brand_slug)
    require_editor(place.principal)
    announcement = change(job_id)
    if request.htmx:
        changed = {"announcement": announcement, "changed_job_id": job_id}
        return render(request, "jobs/_list.html", {**_shown(request, place), **changed})
    cursor = _cursor(request)
    page = f"?{urlencode({'cursor': cursor})}" if cursor else ""
    return redirect(reverse("web:jobs", args=[brand_slug]) + page)


def _shown(request: MemberRequest, place: Place) -> dict[str, object]:
    at, cursor = timezone.now(), _cursor(request)
    found, following = queries.jobs(cursor=cursor, limit=JOBS_PER_PAGE)
    listed = [ListedJob(job, progress_of(job, at=at) if job.state in LIVE else None) for job in found]
    return {
        "place": place,
        "listed_jobs": listed,
        "is_any_live": any(row.progress for row in listed),
        "cursor": cursor,
        "older_than": following,
        "current": "jobs",
    }


def _cursor(request: MemberRequest) -> str | None:
    text = request.GET.get("cursor")
    if not text:
        return None
    try:
        return str(UUID(text))
    except ValueError as error:
        raise NotFound(_("There is no such page of jobs.")) from error
