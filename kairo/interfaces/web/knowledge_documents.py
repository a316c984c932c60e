"""The documents that a brand's knowledge stands on: the list, taking one in, reading one, and letting it go."""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from kairo.errors import FieldError, Invalid, KairoError
from kairo.interfaces.web import wording
from kairo.interfaces.web.access import MemberRequest, for_members, require_editor
from kairo.interfaces.web.brands import Place, place_of
from kairo.interfaces.web.errors import status_of
from kairo.interfaces.web.knowledge_changes import once_committed
from kairo.interfaces.web.paging import row_named
from kairo.platform.database.clock import now
from kairo.platform.database.sessions import tenant_transaction
from kairo.stages.knowledge import operations, queries
from kairo.stages.knowledge.contracts.documents import MAX_DOCUMENT_BYTES, DocumentCited

DOCUMENTS_PER_PAGE = 30
SHOWN_CHARACTERS = 20_000


@require_http_methods(["GET", "HEAD", "POST"])
@for_members
def documents(request: MemberRequest, brand_slug: str) -> HttpResponse:
    """List a brand's documents; with POST, take a file in."""
    place = place_of(request, brand_slug)
    if request.method != "POST":
        return _list(request, place)
    require_editor(place.principal)
    try:
        name, content = _sent_file(request)
    except KairoError as error:
        return _refused(request, place, error)

    def take_in() -> HttpResponse:
        read = operations.read_document(content=content, name=name)
        with tenant_transaction(place.principal.tenant_id):
            operations.add_document(brand_id=place.brand.id, content=content, name=name, read=read, at=now())
        address = reverse("web:knowledge", args=[brand_slug])
        return HttpResponseClientRedirect(address) if request.htmx else redirect(address)

    return once_committed(request, take_in, refused=lambda error: _refused_after(request, place, error))


@require_safe
@for_members
def document(request: MemberRequest, brand_slug: str, document_id: UUID) -> HttpResponse:
    """Show the text that was read from a document."""
    place = place_of(request, brand_slug)
    return _document(request, place, document_id)


@require_POST
@for_members
def remove_document(request: MemberRequest, brand_slug: str, document_id: UUID) -> HttpResponse:
    """Remove a document that nothing cites."""
    place = place_of(request, brand_slug)
    require_editor(place.principal)
    try:
        operations.delete_document(brand_id=place.brand.id, document_id=document_id)
    except DocumentCited as error:
        complaint = wording.as_sentence(error.message)
        return _document(request, place, document_id, complaint=complaint, status=HTTPStatus.CONFLICT)
    return redirect("web:knowledge_documents", brand_slug=brand_slug)


def _sent_file(request: MemberRequest) -> tuple[str, bytes]:
    file = request.FILES.get("file")
    if file is None:
        raise Invalid(_("Choose a file first."), errors=(FieldError("file", "missing"),))
    name = operations.plain_name(file.name)
    operations.check_size(file.size or 0, name=name)
    return name, file.read()


def _list(
    request: MemberRequest, place: Place, *, complaint: str = "", status: HTTPStatus = HTTPStatus.OK
) -> HttpResponse:
    found = queries.documents(place.brand.id, before=row_named(request), limit=DOCUMENTS_PER_PAGE + 1)
    listed = found[:DOCUMENTS_PER_PAGE]
    shown = {
        "place": place,
        "documents": listed,
        "older_than": listed[-1].id if len(found) > DOCUMENTS_PER_PAGE else None,
        "complaint": complaint,
        "max_bytes": MAX_DOCUMENT_BYTES,
        "current": "knowledge",
    }
    return render(request, "knowledge/documents.html", shown, status=status)


def _document(
    request: MemberRequest,
    place: Place,
    document_id: UUID,
    *,
    complaint: str = "",
    status: HTTPStatus = HTTPStatus.OK,
) -> HttpResponse:
    found = queries.document(place.brand.id, document_id)
    shown = {
        "place": place,
        "document": found,
        "passages": len(found.places),
        "text": found.text[:SHOWN_CHARACTERS],
        "is_cut": len(found.text) > SHOWN_CHARACTERS,
        "complaint": complaint,
        "current": "knowledge",
    }
    return render(request, "knowledge/document.html", shown, status=status)


def _refused(request: MemberRequest, place: Place, error: KairoError) -> HttpResponse:
    complaint = wording.as_sentence(error.message)
    if request.htmx:
        return render(request, "evidence/_complaint.html", {"complaint": complaint}, status=status_of(error))
    return _list(request, place, complaint=complaint, status=status_of(error))


def _refused_after(request: MemberRequest, place: Place, error: KairoError) -> HttpResponse:
    with tenant_transaction(place.principal.tenant_id):
        return _refused(request, place, error)
