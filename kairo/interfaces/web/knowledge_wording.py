"""The words in which pages speak of a brand's knowledge and its gathers, in the language of the reader."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as marked

from kairo.interfaces.web import wording
from kairo.platform.jobs.contracts import JobDTO, JobState
from kairo.stages.knowledge.contracts.departments import DepartmentList
from kairo.stages.knowledge.contracts.documents import DocumentKind
from kairo.stages.knowledge.contracts.gathers import DepartmentState, Evaluator, GatherDTO, GatherState
from kairo.stages.knowledge.contracts.graph import SourceType

GATHER_STATE_WORDS: Mapping[GatherState, str] = {
    GatherState.PENDING: marked("Waiting"),
    GatherState.RUNNING: marked("Gathering"),
    GatherState.COMPLETED: marked("Complete"),
    GatherState.CANCELLED: marked("Cancelled"),
    GatherState.INSUFFICIENT_EVIDENCE: marked("Not enough evidence"),
    GatherState.FAILED: marked("Failed"),
}
GATHER_ICONS: Mapping[GatherState, str] = {
    GatherState.PENDING: "pending",
    GatherState.RUNNING: "running",
    GatherState.COMPLETED: "succeeded",
    GatherState.CANCELLED: "cancelled",
    GatherState.INSUFFICIENT_EVIDENCE: "insufficient_evidence",
    GatherState.FAILED: "failed",
}
ENDED_WORDS: Mapping[GatherState, str] = {
    GatherState.COMPLETED: marked("The gather is complete."),
    GatherState.CANCELLED: marked("The gather was cancelled. What it had saved stays."),
    GatherState.INSUFFICIENT_EVIDENCE: marked("There is nothing to gather from yet."),
    GatherState.FAILED: marked("The gather failed."),
}
DEPARTMENT_STATE_WORDS: Mapping[DepartmentState, str] = {
    DepartmentState.WAITING: marked("waits"),
    DepartmentState.RUNNING: marked("being gathered"),
    DepartmentState.THRESHOLD_REACHED: marked("good enough"),
    DepartmentState.STAGNANT: marked("no more gain"),
    DepartmentState.ITERATIONS_USED_UP: marked("iterations used up"),
    DepartmentState.NOT_REACHED: marked("not reached"),
    DepartmentState.STOPPED: marked("stopped"),
}
DEPARTMENT_WORDS: Mapping[str, str] = {
    "positioning": marked("Positioning"),
    "audience": marked("Audience"),
    "product": marked("Product"),
    "voice": marked("Voice"),
    "competitors": marked("Competitors"),
    "visual": marked("Visual identity"),
    "channels": marked("Channels"),
}
"""The default set's names; an account's own departments are called as it calls them."""
SOURCE_WORDS: Mapping[SourceType, str] = {
    SourceType.EVIDENCE: marked("From a post"),
    SourceType.DOCUMENT: marked("From a document"),
    SourceType.GATHER_ITEM: marked("Gathered"),
    SourceType.PERSON: marked("Said by a person"),
}
DOCUMENT_KIND_WORDS: Mapping[DocumentKind, str] = {
    DocumentKind.MARKDOWN: marked("Markdown"),
    DocumentKind.TEXT: marked("Text"),
    DocumentKind.PDF: marked("PDF"),
    DocumentKind.WEB_PAGE: marked("Web page"),
}
_DEGRADED_WORDS: Mapping[str, str] = {
    "brain_unavailable": marked("The remote brain was away: the gather went on with its own items alone."),
    "judge_unavailable": marked("The model that judges was away: quality was measured locally."),
    "model_busy": marked("A model asked for patience: the gather waited for it."),
    "departments_from_last_good_copy": marked("The CMS of the departments was away: its last list was used."),
}
EVALUATOR_WORDS: Mapping[Evaluator, str] = {
    Evaluator.LOCAL: marked("measured locally"),
    Evaluator.MODEL: marked("judged by a model"),
}


def department_words(slug: str, name: str) -> str:
    """Return a department's name: translated where it is one of the default set's."""
    known = DEPARTMENT_WORDS.get(slug)
    return _(known) if known is not None and known.casefold() == name.casefold() else name


def gather_words(gather: GatherDTO, job: JobDTO | None, department: str | None) -> str:
    """Say what a live gather is doing."""
    if job is not None and job.cancel_requested:
        return _(wording.STOPPING)
    if job is not None and job.state is JobState.PENDING:
        return wording.job_words(job) if gather.state is GatherState.PENDING else _("Goes on in a moment")
    place = {"iteration": gather.iterations, "all": gather.max_iterations, "department": department}
    if department is not None:
        return _("%(department)s: iteration %(iteration)s of %(all)s is done") % place
    return _("Iteration %(iteration)s of %(all)s is done") % place


@dataclass(frozen=True)
class DepartmentChoice:
    """A department to choose."""

    slug: str
    name: str


def department_choices(listed: DepartmentList) -> list[DepartmentChoice]:
    """Return the active departments by their numbers."""
    return [
        DepartmentChoice(one.slug, department_words(one.slug, one.name)) for one in listed.departments if one.is_active
    ]


def department_name(slug: str) -> str:
    """Return what a department of this slug is called where only its slug is known."""
    return _(DEPARTMENT_WORDS[slug]) if slug in DEPARTMENT_WORDS else wording.in_words(slug.replace("-", " "))


def degraded_words(reason: str) -> str:
    """Say why a gather is degraded."""
    return _(_DEGRADED_WORDS[reason]) if reason in _DEGRADED_WORDS else wording.as_sentence(wording.in_words(reason))
