"""Questions about a brand's evidence: asking one, watching it being answered, the answer, and the earlier ones."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from http import HTTPStatus
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import reswap, retarget
from pydantic import ValidationError

from kairo.errors import Invalid
from kairo.interfaces.web import insight_wording as said
from kairo.interfaces.web import wording
from kairo.interfaces.web.access import MemberRequest, for_members, require_editor
from kairo.interfaces.web.brands import Place, place_of
from kairo.interfaces.web.opportunities import LIVE, Progress, progress_of
from kairo.interfaces.web.paging import row_named
from kairo.platform.database.clock import now
from kairo.platform.jobs import operations as job_operations
from kairo.platform.jobs import queries as job_queries
from kairo.platform.jobs.contracts import JobDTO, JobNotCancellable, JobState
from kairo.stages.insights import operations, queries
from kairo.stages.insights.contracts.answers import (
    AnalysisDTO,
    AnalysisMode,
    AnalysisNotFound,
    AnalysisRequest,
    AnalysisState,
    AnswerLanguage,
    EvidenceEntry,
    Insight,
    InsightType,
)
from kairo.stages.insights.contracts.trends import TrendWindow

QUESTIONS_PER_PAGE = 20
_FIRST = {"mode": str(AnalysisMode.KEYWORDS), "query": "", "window": str(TrendWindow.WEEK), "platform": "", "lang": ""}


@dataclass(frozen=True)
class CitedEntry:
    """One entry of an answer's evidence and the number under which the insights cite it."""

    number: int
    entry: EvidenceEntry

    @property
    def day(self) -> date:
        return date.fromisoformat(self.entry.date)


@dataclass(frozen=True)
class CitingInsight:
    """One insight and the entries that it stands on."""

    insight: Insight
    cited: list[CitedEntry]

    @property
    def is_conflict(self) -> bool:
        return self.insight.type is InsightType.CONFLICT


@dataclass(frozen=True)
class Answer:
    """How a question stands: the numbered answer, the progress while it is worked on, or neither when that ended."""

    analysis: AnalysisDTO
    job: JobDTO | None
    progress: Progress | None

    @property
    def is_abandoned(self) -> bool:
        """Tell whether the work ended without leaving an answer or a reason: it was cancelled."""
        return self.analysis.state is AnalysisState.PENDING and self.progress is None

    @property
    def entries(self) -> list[CitedEntry]:
        response = self.analysis.response
        return [CitedEntry(number, entry) for number, entry in enumerate(response.evidence, 1)] if response else []

    @property
    def insights(self) -> list[CitingInsight]:
        response = self.analysis.response
        if response is None:
            return []
        known = {cited.entry.id: cited for cited in self.entries}
        return [CitingInsight(told, [known[ref] for ref in told.evidence_refs]) for told in response.insights]

    @property
    def asked_again(self) -> str:
        """The query string that fills the form with this question."""
        return urlencode(_given(self.analysis.request))


@require_http_methods(["GET", "HEAD", "POST"])
@for_members
def insights(request: MemberRequest, brand_slug: str) -> HttpResponse:
    """Show what was asked before and the form for the next question; with POST, ask it and go where it is answered."""
    place = place_of(request, brand_slug)
    if request.method != "POST":
        return _form(request, place, _sent(request.GET))
    require_editor(place.principal)
    sent = _sent(request.POST)
    try:
        asked = operations.request_analysis(
            brand_id=place.brand.id,
            request=_request(sent),
            at=now(),
            reader_language=get_language() or "en",
            asked_by=place.principal.user_id,
        )
    except Invalid as error:
        return _form(request, place, sent, complaint=error.message, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return redirect("web:analysis", brand_slug=brand_slug, analysis_id=asked.id)


@require_safe
@for_members
def analysis(request: MemberRequest, brand_slug: str, analysis_id: UUID) -> HttpResponse:
    """Show a question with its answer, or how far that is."""
    place = place_of(request, brand_slug)
    shown = {"place": place, "answer": _answer(place, analysis_id), "current": "insights"}
    return render(request, "insights/analysis.html", shown)


@require_safe
@for_members
def progress(request: MemberRequest, brand_slug: str, analysis_id: UUID) -> HttpResponse:
    """Tell how far the answer is; when the work has ended, hand over what it left."""
    place = place_of(request, brand_slug)
    answer = _answer(place, analysis_id)
    if answer.progress:
        return render(request, "opportunities/_progress.html", {"place": place, "progress": answer.progress})
    announcement = _(said.ANSWERED_WORDS[answer.analysis.state])
    fragment = _answer_fragment(request, place, answer, announcement=announcement)
    return reswap(retarget(fragment, "#answer"), "outerHTML")


@require_POST
@for_members
def cancel(request: MemberRequest, brand_slug: str, analysis_id: UUID) -> HttpResponse:
    """Ask the job that makes an answer to stop; one that has just ended is left alone."""
    place = place_of(request, brand_slug)
    job = _answer(place, analysis_id).job
    require_editor(place.principal)
    announcement = _ask_to_stop(job) if job else _(wording.ENDED_BEFORE)
    if not request.htmx:
        return redirect("web:analysis", brand_slug=brand_slug, analysis_id=analysis_id)
    return _answer_fragment(request, place, _answer(place, analysis_id), announcement=announcement)


def _ask_to_stop(job: JobDTO) -> str:
    try:
        asked = job_operations.request_cancel(job.id)
    except JobNotCancellable:
        return _(wording.ENDED_BEFORE)
    is_over = asked.state is JobState.CANCELLED
    return _(said.ANSWERED_WORDS[AnalysisState.PENDING] if is_over else wording.STOPPING)


def _answer_fragment(request: MemberRequest, place: Place, answer: Answer, *, announcement: str) -> HttpResponse:
    words = {"place": place, "answer": answer, "announcement": announcement}
    return render(request, "insights/_answer.html", words)


@require_POST
@for_members
def feedback(request: MemberRequest, brand_slug: str, analysis_id: UUID) -> HttpResponse:
    """Keep whether an answer helped."""
    place = place_of(request, brand_slug)
    _require_same_brand(queries.analysis(analysis_id), place)
    require_editor(place.principal)
    helpful = request.POST.get("helpful") == "yes"
    changed = operations.give_feedback(analysis_id=analysis_id, helpful=helpful, by=f"user:{place.principal.user_id}")
    if not request.htmx:
        return redirect("web:analysis", brand_slug=brand_slug, analysis_id=analysis_id)
    words = {"place": place, "analysis": changed, "chosen": "yes" if helpful else "no"}
    return render(request, "insights/_feedback.html", words)


def _form(
    request: MemberRequest,
    place: Place,
    given: dict[str, str],
    *,
    complaint: str = "",
    status: HTTPStatus = HTTPStatus.OK,
) -> HttpResponse:
    found = queries.analyses(place.brand.id, before=row_named(request), limit=QUESTIONS_PER_PAGE + 1)
    page = found[:QUESTIONS_PER_PAGE]
    shown = {
        "place": place,
        "given": _FIRST | {name: value for name, value in given.items() if value},
        "complaint": complaint,
        "modes": list(AnalysisMode),
        "windows": list(TrendWindow),
        "answer_languages": list(AnswerLanguage),
        "platforms": sorted({*wording.PLATFORMS, given["platform"]} - {""}, key=wording.platform_name),
        "questions": page,
        "older_than": page[-1].id if len(found) > QUESTIONS_PER_PAGE else None,
        "is_first_page": "before" not in request.GET,
        "current": "insights",
    }
    return render(request, "insights/list.html", shown, status=status)


def _answer(place: Place, analysis_id: UUID) -> Answer:
    found = queries.analysis(analysis_id)
    _require_same_brand(found, place)
    if found.state is not AnalysisState.PENDING or found.job_id is None:
        return Answer(analysis=found, job=None, progress=None)
    job = job_queries.job(found.job_id)
    if job.state in LIVE:
        return Answer(analysis=found, job=job, progress=progress_of(job, at=timezone.now()))
    # A job that ended between the two reads has left its answer behind.
    return Answer(analysis=queries.analysis(analysis_id), job=job, progress=None)


def _require_same_brand(found: AnalysisDTO, place: Place) -> None:
    if found.brand_id != place.brand.id:
        raise AnalysisNotFound("There is no such analysis.")


def _sent(form: QueryDict) -> dict[str, str]:
    return {name: form.get(name, "").replace("\0", "").strip() for name in _FIRST}


def _given(request: AnalysisRequest) -> dict[str, str]:
    named = {
        "mode": str(request.mode),
        "query": request.query or "",
        "window": str(request.window),
        "platform": request.sources[0] if request.sources else "",
        "lang": "" if request.lang is AnswerLanguage.AUTO else str(request.lang),
    }
    return {name: value for name, value in named.items() if value}


def _request(sent: dict[str, str]) -> AnalysisRequest:
    asked: dict[str, object] = {name: sent[name] for name in ("mode", "query", "window", "lang") if sent[name]}
    sources = [sent["platform"].casefold()] if sent["platform"] else []
    try:
        return AnalysisRequest.model_validate({**asked, "sources": sources})
    except ValidationError as error:
        fields = dict.fromkeys(str(problem["loc"][0]) for problem in error.errors())
        raise Invalid(" ".join(_complaint(name) for name in fields)) from error


def _complaint(field: str) -> str:
    words = {
        "mode": _("Choose what you want to know."),
        "query": _("A question holds at most 200 characters: shorten it."),
        "window": _("Choose how far back to look."),
        "lang": _("Choose a language of the answer."),
        "sources": _("Choose a platform."),
    }
    return words[field]
