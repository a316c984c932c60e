"""Importing a file: the form that sends it, the work while it goes on, and the report with what was refused."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TypeAlias
from uuid import UUID

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from kairo.errors import FieldError, Invalid, NotFound, TooLarge
from kairo.interfaces.web import wording
from kairo.interfaces.web.access import MemberRequest, for_members, require_editor
from kairo.interfaces.web.brands import Place, place_of
from kairo.interfaces.web.opportunities import LIVE, progress_of
from kairo.platform.database.clock import now
from kairo.platform.jobs import operations as job_operations
from kairo.platform.jobs import queries as job_queries
from kairo.platform.jobs.contracts import JobAcceptedDTO, JobDTO, JobState
from kairo.stages.evidence import operations, queries
from kairo.stages.evidence.contracts import MAX_UPLOAD_BYTES, ImportNotFound, SurfaceRole, UploadDTO

AUTO = "auto"
REJECTS_PER_PAGE = 50
MAX_MAPPING_CHARACTERS = 20_000
LARGEST_PLACE = 2_147_483_647

Import: TypeAlias = tuple[JobDTO, UploadDTO | None]


@dataclass(frozen=True)
class ImportChoices:
    """What a person chose beside the file, as they wrote it, and what there is to choose from."""

    format_name: str = AUTO
    role: str = ""
    mapping: str = ""

    @property
    def formats(self) -> list[str]:
        return operations.format_names()

    @property
    def roles(self) -> list[SurfaceRole]:
        return list(SurfaceRole)

    @property
    def max_bytes(self) -> int:
        return MAX_UPLOAD_BYTES


def choices_of(sent: QueryDict) -> ImportChoices:
    """Read what was chosen; a NUL, which no stored text holds, is dropped."""

    def given(name: str) -> str:
        return sent.get(name, "").replace("\0", "")

    return ImportChoices(format_name=given("format") or AUTO, role=given("role"), mapping=given("mapping"))


def headings_of(text: str) -> dict[str, str] | None:
    """Read a mapping, one line for each of our fields: `text: Review text`; None where no line stands.

    Raises:
        Invalid: a line names no heading, or a field stands twice.
    """
    if len(text) > MAX_MAPPING_CHARACTERS:
        raise _bad_mapping(_("The list of columns is too long."))
    headings: dict[str, str] = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        field, colon, heading = (part.strip() for part in line.partition(":"))
        if not (field and colon and heading):
            raise _bad_mapping(_("“%(line)s” names no column. Write a line like “text: Review text”.") % {"line": line})
        if field in headings:
            raise _bad_mapping(_("The field %(field)s stands twice in the list of columns.") % {"field": field})
        headings[field] = _unquoted(heading)
    return headings or None


def _unquoted(heading: str) -> str:
    is_quoted = len(heading) > 1 and heading[0] == heading[-1] and heading[0] in "\"'"
    return heading[1:-1] if is_quoted else heading


def _bad_mapping(message: str) -> Invalid:
    return Invalid(message, errors=(FieldError("mapping", message),))


@require_http_methods(["GET", "HEAD", "POST"])
@for_members
def send_file(request: MemberRequest, brand_slug: str) -> HttpResponse:
    """Show the form; with POST, take the file and lead to its import."""
    place = place_of(request, brand_slug)
    if request.method != "POST":
        return _form(request, place, ImportChoices())
    require_editor(place.principal)
    choices = choices_of(request.POST)
    try:
        accepted = _accept(request, place, choices)
    except (Invalid, TooLarge) as error:
        status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE if isinstance(error, TooLarge) else HTTPStatus.UNPROCESSABLE_ENTITY
        return _refused(request, place, choices, complaint=wording.as_sentence(error.message), status=status)
    address = reverse("web:upload", args=[brand_slug, accepted.job_id])
    return HttpResponseClientRedirect(address) if request.htmx else redirect(address)


def _accept(request: MemberRequest, place: Place, choices: ImportChoices) -> JobAcceptedDTO:
    file = request.FILES.get("file")
    if file is None:
        raise Invalid(_("Choose a file first."), errors=(FieldError("file", "missing"),))
    return operations.accept_upload(
        brand_id=place.brand.id,
        file=file,
        at=now(),
        format_name=choices.format_name,
        mapping=headings_of(choices.mapping),
        role=_role(choices.role),
    )


def _role(text: str) -> SurfaceRole | None:
    try:
        return SurfaceRole(text) if text else None
    except ValueError as error:
        message = _("Choose one of the voices that are listed.")
        raise Invalid(message, errors=(FieldError("role", message),)) from error


def _refused(
    request: MemberRequest, place: Place, choices: ImportChoices, *, complaint: str, status: HTTPStatus
) -> HttpResponse:
    if request.htmx:
        return render(request, "evidence/_complaint.html", {"complaint": complaint}, status=status)
    return _form(request, place, choices, complaint=complaint, status=status)


def _form(
    request: MemberRequest,
    place: Place,
    choices: ImportChoices,
    *,
    complaint: str = "",
    status: HTTPStatus = HTTPStatus.OK,
) -> HttpResponse:
    shown = {"place": place, "choices": choices, "complaint": complaint, "current": "evidence"}
    return render(request, "evidence/import.html", shown, status=status)


@require_safe
@for_members
def upload(request: MemberRequest, brand_slug: str, import_job_id: UUID) -> HttpResponse:
    """Show how far an import is and how it failed; once it has succeeded, lead to its report."""
    place = place_of(request, brand_slug)
    return _work(request, place, _require_import(place, import_job_id))


@require_POST
@for_members
def cancel_upload(request: MemberRequest, brand_slug: str, import_job_id: UUID) -> HttpResponse:
    """Ask an import to stop."""
    place = place_of(request, brand_slug)
    _, sent = _require_import(place, import_job_id)
    require_editor(place.principal)
    return _after_a_change(request, place, (job_operations.request_cancel(import_job_id), sent))


@require_POST
@for_members
def retry_upload(request: MemberRequest, brand_slug: str, import_job_id: UUID) -> HttpResponse:
    """Start a cancelled import over, with the file that was sent."""
    place = place_of(request, brand_slug)
    _, sent = _require_import(place, import_job_id)
    require_editor(place.principal)
    return _after_a_change(request, place, (job_operations.retry(import_job_id), sent))


def _after_a_change(request: MemberRequest, place: Place, changed: Import) -> HttpResponse:
    if request.htmx:
        return _work(request, place, changed)
    return redirect("web:upload", brand_slug=place.brand.slug, import_job_id=changed[0].id)


def _work(request: MemberRequest, place: Place, shown_import: Import) -> HttpResponse:
    job, sent = shown_import
    if job.state is JobState.SUCCEEDED:
        address = reverse("web:import", args=[place.brand.slug, str(job.outcome["capture_run_id"])])
        return HttpResponseClientRedirect(address) if request.htmx else redirect(address)
    run_id = sent.capture_run_id if sent else None
    shown = {
        "place": place,
        "job": job,
        "progress": progress_of(job, at=timezone.now()) if job.state in LIVE else None,
        "sent": sent,
        "run": queries.import_run(place.brand.id, run_id, limit=0) if run_id else None,
        "may_be_retried": job.state is JobState.CANCELLED and sent is not None,
        "current": "evidence",
    }
    return render(request, "evidence/_upload.html" if request.htmx else "evidence/upload.html", shown)


def _require_import(place: Place, import_job_id: UUID) -> Import:
    """Return an import; the file is read before the job, since both end in one step and the file is then gone.

    Raises:
        ImportNotFound: the job imports nothing, or for another brand; of one that ended, what named the brand is gone.
    """
    sent = queries.upload_of(place.brand.id, import_job_id)
    job = job_queries.job(import_job_id)
    if job.kind != operations.IMPORT or (job.state in LIVE and sent is None):
        raise ImportNotFound("There is no such import.")
    return job, sent


@require_safe
@for_members
def report(request: MemberRequest, brand_slug: str, capture_run_id: UUID) -> HttpResponse:
    """Say what an import did, with the records that it refused, a page at a time."""
    place = place_of(request, brand_slug)
    after = _place_in_list(request)
    found = queries.import_run(place.brand.id, capture_run_id, after=after, limit=REJECTS_PER_PAGE)
    shown = {"place": place, "run": found, "is_first_page": after == 0, "current": "evidence"}
    return render(request, "evidence/report.html", shown)


def _place_in_list(request: MemberRequest) -> int:
    text = request.GET.get("after", "0")
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(LARGEST_PLACE)) and int(text) <= LARGEST_PLACE):
        raise NotFound(_("There is no such page of refused records."))
    return int(text)
