"""The Today board as pages: looking at it, asking for a new one, watching the work, and the earlier boards."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import reswap, retarget

from kairo.errors import Invalid
from kairo.interfaces.web import wording
from kairo.interfaces.web.access import MemberRequest, for_members, require_editor
from kairo.interfaces.web.brands import Place, place_of
from kairo.interfaces.web.package_wording import decided_words
from kairo.interfaces.web.paging import row_named
from kairo.platform.database.clock import now
from kairo.platform.jobs import operations as job_operations
from kairo.platform.jobs import queries as job_queries
from kairo.platform.jobs.contracts import JobDTO, JobNotCancellable, JobState
from kairo.stages.content import queries as content
from kairo.stages.opportunities import operations, queries
from kairo.stages.opportunities.contracts import (
    BoardNotFound,
    BoardState,
    DecidedObject,
    DecisionRequestDTO,
    DecisionType,
    OpportunityNotFound,
    TodayBoardDTO,
)

BOARDS_PER_PAGE = 50
WAITING_IS_LONG = timedelta(seconds=10)
LIVE = {JobState.PENDING, JobState.RUNNING}


@dataclass(frozen=True)
class Progress:
    """How far a board's job is, in words."""

    job: JobDTO
    words: str
    elapsed: timedelta

    @property
    def waits_long(self) -> bool:
        """Tell whether no worker has taken the job for so long that there may be none."""
        is_untaken = self.job.state is JobState.PENDING and self.job.attempts == 0
        return is_untaken and self.elapsed >= WAITING_IS_LONG


def progress_of(job: JobDTO, *, at: datetime) -> Progress:
    """Put a live job's progress into words."""
    # One that was started over waits since then, not since it was first asked for.
    since = job.started_at or max(job.created_at, job.available_at or job.created_at)
    return Progress(job=job, words=wording.job_words(job), elapsed=max(at - since, timedelta()))


@require_safe
@for_members
def today(request: MemberRequest, brand_slug: str) -> HttpResponse:
    """Show the brand's board as it stands."""
    place = place_of(request, brand_slug)
    board = operations.open_today(brand_id=place.brand.id, at=now()).to_contract()
    shown = {"place": place, "board": board, "packages": packages_on(board), "current": "today"}
    return render(request, "opportunities/today.html", shown)


@require_POST
@for_members
def regenerate(request: MemberRequest, brand_slug: str) -> HttpResponse:
    """Ask for a new board."""
    place = place_of(request, brand_slug)
    require_editor(place.principal)
    operations.regenerate(brand_id=place.brand.id)
    return _board_after_a_change(request, place, announcement=_("A new board is being generated."))


@require_POST
@for_members
def cancel(request: MemberRequest, brand_slug: str) -> HttpResponse:
    """Ask the job that works on the board to stop; one that has just ended is left alone."""
    place = place_of(request, brand_slug)
    require_editor(place.principal)
    job = job_queries.live_job(queries.board_job_key(place.brand.id))
    announcement = _ask_to_stop(job) if job else _(wording.ENDED_BEFORE)
    return _board_after_a_change(request, place, announcement=announcement)


def _ask_to_stop(job: JobDTO) -> str:
    try:
        asked = job_operations.request_cancel(job.id)
    except JobNotCancellable:
        return _(wording.ENDED_BEFORE)
    return _(wording.ENDED_WORDS.get(asked.state, wording.STOPPING))


def _board_after_a_change(request: MemberRequest, place: Place, *, announcement: str) -> HttpResponse:
    if not request.htmx:
        return redirect("web:today", brand_slug=place.brand.slug)
    return _board_fragment(request, place, announcement=announcement)


def packages_on(board: TodayBoardDTO) -> dict[UUID, UUID]:
    """Return the package of each opportunity of a board, or of the one before it, that has one."""
    shown = [*board.opportunities, *(board.previous.opportunities if board.previous else [])]
    return content.packages_of([opportunity.id for opportunity in shown]) if shown else {}


@require_POST
@for_members
def decide(request: MemberRequest, brand_slug: str, opportunity_id: UUID) -> HttpResponse:
    """Carry out what a person decided on an opportunity, and show the board as it stands then."""
    place = place_of(request, brand_slug)
    if queries.opportunity(opportunity_id, at=now()).brand_id != place.brand.id:
        raise OpportunityNotFound("There is no such opportunity.")
    require_editor(place.principal)
    try:
        wanted = DecisionRequestDTO(decision_type=DecisionType(request.POST.get("decision", "")))
    except ValueError as error:
        raise Invalid(_("Choose what you decide.")) from error
    by = f"user:{place.principal.user_id}"
    operations.decide_on_opportunity(opportunity_id=opportunity_id, request=wanted, by=by, at=now())
    if not request.htmx:
        return redirect(reverse("web:today", args=[brand_slug]) + f"#opportunity-{opportunity_id}")
    announcement = decided_words(DecidedObject.OPPORTUNITY, wanted.decision_type)
    return _board_fragment(request, place, announcement=announcement, focus=f"opportunity-{opportunity_id}")


def _board_fragment(request: MemberRequest, place: Place, *, announcement: str, focus: str = "") -> HttpResponse:
    board = queries.look_at_today(place.brand.id, at=now()).to_contract()
    shown: dict[str, object] = {"place": place, "board": board, "announcement": announcement, "focus": focus}
    shown["packages"] = packages_on(board)
    if board.meta.state is BoardState.GENERATING and board.meta.job_id:
        shown["progress"] = progress_of(job_queries.job(board.meta.job_id), at=timezone.now())
    return render(request, "opportunities/_board.html", shown)


@require_safe
@for_members
def progress(request: MemberRequest, brand_slug: str) -> HttpResponse:
    """Tell how far the work is; when it has ended, hand over the board that it left."""
    place = place_of(request, brand_slug)
    job = job_queries.newest_job(queries.board_job_key(place.brand.id))
    if job is not None and job.state in LIVE:
        shown = {"place": place, "progress": progress_of(job, at=timezone.now())}
        return render(request, "opportunities/_progress.html", shown)
    announcement = _(wording.ENDED_WORDS.get(job.state, "")) if job else ""
    fragment = _board_fragment(request, place, announcement=announcement)
    return reswap(retarget(fragment, "#board"), "outerHTML")


@require_safe
@for_members
def boards(request: MemberRequest, brand_slug: str) -> HttpResponse:
    """List the brand's boards, newest first."""
    place = place_of(request, brand_slug)
    found = queries.boards(place.brand.id, before=row_named(request), limit=BOARDS_PER_PAGE + 1)
    shown = found[:BOARDS_PER_PAGE]
    older_than = shown[-1].id if len(found) > BOARDS_PER_PAGE else None
    words = {"place": place, "boards": shown, "older_than": older_than, "current": "boards"}
    return render(request, "opportunities/boards.html", words)


@require_safe
@for_members
def board(request: MemberRequest, brand_slug: str, board_id: UUID) -> HttpResponse:
    """Show an earlier board."""
    place = place_of(request, brand_slug)
    found = queries.board(board_id, at=now())
    _require_same_brand(found, place)
    shown = {"place": place, "board": found, "packages": packages_on(found), "is_earlier": True, "current": "boards"}
    return render(request, "opportunities/earlier_board.html", shown)


def _require_same_brand(found: TodayBoardDTO, place: Place) -> None:
    if found.brand_id != place.brand.id:
        raise BoardNotFound("There is no such board of this brand.")
