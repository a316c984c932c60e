"""The brands and the jobs of an account, as who runs the installation sees them."""

from __future__ import annotations

from urllib.parse import urlencode
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe
from ninja.utils import check_csrf

from kairo.errors import Forbidden
from kairo.interfaces.web.internal_access import for_operators, look_of
from kairo.interfaces.web.paging import row_named
from kairo.platform.database.clock import now
from kairo.platform.jobs import operations as job_operations
from kairo.platform.jobs import queries as jobs
from kairo.platform.jobs.contracts import JobDTO, JobState
from kairo.platform.jobs.health import QueueHealth, queue_health
from kairo.platform.tenancy.internal import InternalAccess
from kairo.stages.brands import queries as brand_queries
from kairo.stages.brands.contracts import BrandDTO
from kairo.stages.evidence import queries as evidence
from kairo.stages.opportunities import queries as opportunities

JOBS_PER_PAGE = 50
SHOWN_OF_A_BRAND = 20
MOST_ITEMS = 10_000
RETRYABLE = frozenset({JobState.FAILED, JobState.CANCELLED})


@require_safe
@for_operators
def brands(request: HttpRequest, access: InternalAccess) -> HttpResponse:
    """List an account's brands, archived ones too."""
    look = look_of(request, access)
    found: list[BrandDTO] = []
    if look.tenant_id is not None:
        with look.into_account():
            found = brand_queries.brands(with_archived=True)
    return render(request, "internal/brands.html", {"look": look, "brands": found, "current": "brands"})


@require_safe
@for_operators
def brand(request: HttpRequest, access: InternalAccess, brand_id: UUID) -> HttpResponse:
    """Show a brand's surfaces with their last errors, and its boards with the runs that made them."""
    look = look_of(request, access)
    with look.into_account():
        found = brand_queries.brand(brand_id)
        words = {
            "look": look,
            "brand": found,
            "surfaces": evidence.surfaces(brand_id, limit=SHOWN_OF_A_BRAND),
            "items": evidence.count_brand_items(brand_id, evidence.EvidenceWindow(as_of=now()), up_to=MOST_ITEMS),
            "most_items": MOST_ITEMS,
            "boards": opportunities.boards(brand_id, limit=SHOWN_OF_A_BRAND),
            "current": "brands",
        }
    return render(request, "internal/brand.html", words)


@require_safe
@for_operators
def listed_jobs(request: HttpRequest, access: InternalAccess) -> HttpResponse:
    """List an account's jobs, newest first, by state and kind."""
    look = look_of(request, access)
    state = _state(request)
    kind = request.GET.get("kind", "").strip()
    before = row_named(request)
    found: list[JobDTO] = []
    following: str | None = None
    queues: list[QueueHealth] = []
    if look.tenant_id is not None:
        with look.into_account():
            queues = queue_health()
            cursor = str(before) if before else None
            found, following = jobs.jobs(state=state, kind=kind or None, cursor=cursor, limit=JOBS_PER_PAGE)
    words = {
        "look": look,
        "jobs": found,
        "queues": queues,
        "retryable": RETRYABLE,
        "kind": kind,
        "state": state,
        "states": list(JobState),
        "is_narrowed": bool(kind or state),
        "is_first_page": before is None,
        "older": look.address(kind=kind, state=state, before=following) if following else None,
        "current": "jobs",
    }
    return render(request, "internal/jobs.html", words)


# The operator's token is no cookie, which a strange page could make a browser send along; a session's form is checked.
@csrf_exempt
@require_POST
@for_operators
def retry_job(request: HttpRequest, access: InternalAccess, job_id: UUID) -> HttpResponse:
    """Put a failed or cancelled job back to work."""
    if not access.is_operator and check_csrf(request) is not None:
        raise Forbidden("The request carries no valid CSRF token: reload the page.", code="csrf_failed")
    tenant_id = jobs.tenant_of(job_id)
    if tenant_id is None:
        raise Http404
    with access.looking_into(tenant_id):
        job_operations.retry(job_id)
    account = request.GET.get("account", "")
    chosen = f"?{urlencode({'account': account})}" if account else ""
    return redirect(reverse("internal:jobs") + chosen)


def _state(request: HttpRequest) -> JobState | None:
    text = request.GET.get("state", "")
    return JobState(text) if text in list(JobState) else None
