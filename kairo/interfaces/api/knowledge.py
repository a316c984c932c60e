"""A brand's knowledge over HTTP: its graph, by the paths of a brain, its documents, and the departments."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from django.http import HttpRequest
from ninja import File, Form, Query, Router, Status
from ninja.files import UploadedFile

from kairo.errors import FieldError, Invalid
from kairo.interfaces.api.auth import may_read
from kairo.interfaces.api.errors import PROBLEMS, Problem
from kairo.interfaces.api.paging import Limit, Page
from kairo.platform.database.clock import now
from kairo.platform.jobs.contracts import JobAcceptedDTO
from kairo.platform.tenancy.contracts import Principal
from kairo.stages.brands import queries as brands
from kairo.stages.knowledge import operations, queries
from kairo.stages.knowledge.contracts.departments import DepartmentList, DepartmentsDraft
from kairo.stages.knowledge.contracts.documents import DocumentDTO, DocumentText
from kairo.stages.knowledge.contracts.graph import (
    MOST_CONTEXT_TOKENS,
    CoverageReport,
    CoverageRequest,
    DepartmentContext,
    Duplicates,
    DuplicateSearch,
    NodeBatch,
    NodesStored,
)

router = Router(tags=["knowledge"])


def _principal(request: HttpRequest) -> Principal:
    return request.auth  # type: ignore[attr-defined, no-any-return]


def _graph(request: HttpRequest) -> operations.LocalBrain:
    """Return the graph of this installation: whoever asks here asks us, whatever brain our own gathers ask."""
    return operations.LocalBrain(_principal(request).tenant_id)


@router.post("/v1/nodes/batch", response={200: NodesStored, 404: Problem, **PROBLEMS})
def store_nodes(request: HttpRequest, body: NodeBatch) -> NodesStored:
    """Store up to 500 nodes with edges, all or nothing. A repeated client key changes nothing."""
    return _graph(request).store(project_id=body.project_id, nodes=body.nodes, edges=body.edges)


@router.post("/v1/search/duplicates", auth=may_read, response={200: Duplicates, 404: Problem, **PROBLEMS})
def find_duplicates(request: HttpRequest, body: DuplicateSearch) -> Duplicates:
    """Find the nodes of a project that say the same as a text, most similar first.

    Of pairs with a similarity of 0.90 or more, at least 95 % say the same.
    """
    found = _graph(request).duplicates(project_id=body.project_id, content=body.content, threshold=body.threshold)
    return Duplicates(duplicates=found)


@router.get("/v1/context/department", response={200: DepartmentContext, 404: Problem, **PROBLEMS})
def get_context(
    request: HttpRequest,
    project_id: UUID,
    department: Annotated[str, Query(min_length=1, max_length=100)],
    previous_depts: Annotated[
        str | None, Query(max_length=10_000, description="Slugs with commas between; left out: all with lower numbers")
    ] = None,
    max_tokens: Annotated[int, Query(ge=1, le=MOST_CONTEXT_TOKENS)] = 2_000,
) -> DepartmentContext:
    """Return what earlier departments established that bears on this one, best first, within a budget of tokens."""
    previous = None if previous_depts is None else [slug.strip() for slug in previous_depts.split(",") if slug.strip()]
    return _graph(request).context(
        project_id=project_id, department=department, previous=previous, max_tokens=max_tokens
    )


@router.post("/v1/analyze/coverage", auth=may_read, response={200: CoverageReport, 404: Problem, **PROBLEMS})
def analyze_coverage(request: HttpRequest, body: CoverageRequest) -> CoverageReport:
    """Say which aspects of a department are covered, and by which nodes.

    A local measure: it sees whether an aspect is spoken of, not whether what is said of it is right.
    """
    return _graph(request).coverage(project_id=body.project_id, department=body.department)


@router.get("/brands/{brand_id}/documents", response={200: Page[DocumentDTO], **PROBLEMS})
def list_documents(
    request: HttpRequest, brand_id: UUID, cursor: UUID | None = None, limit: Limit = 50
) -> Page[DocumentDTO]:
    """List a brand's documents, newest first."""
    found = queries.documents(brand_id, before=cursor, limit=limit + 1)
    following = str(found[limit - 1].id) if len(found) > limit else None
    return Page(items=found[:limit], next_cursor=following)


@router.post(
    "/brands/{brand_id}/documents",
    response={200: DocumentDTO, 201: DocumentDTO, 202: JobAcceptedDTO, 409: Problem, **PROBLEMS},
)
def add_document(
    request: HttpRequest,
    brand_id: UUID,
    file: Annotated[UploadedFile | None, File(description="Markdown, plain text or PDF; 20 MB")] = None,
    url: Annotated[str | None, Form(max_length=2_000, description="A web page to take in instead of a file")] = None,
) -> Status[DocumentDTO] | Status[JobAcceptedDTO]:
    """Take in a document that knowledge is gathered from: a file at once, a web page by a job.

    The same file again changes nothing, and is answered with 200.
    """
    brands.brand(brand_id)
    if (file is None) == (not url):
        reason = "send either a file or the address of a page"
        raise Invalid(f"Nothing to take in: {reason}.", errors=(FieldError("file", reason),))
    if file is None:
        return Status(202, operations.request_page(brand_id=brand_id, url=url or ""))
    name = operations.plain_name(file.name)
    operations.check_size(file.size or 0, name=name)
    content = file.read()
    read = operations.read_document(content=content, name=name)
    document, is_new = operations.add_document(brand_id=brand_id, content=content, name=name, read=read, at=now())
    return Status(201 if is_new else 200, document)


@router.get("/brands/{brand_id}/documents/{document_id}", response={200: DocumentText, **PROBLEMS})
def get_document(request: HttpRequest, brand_id: UUID, document_id: UUID) -> DocumentText:
    """Return a document with its text and where each passage stands in it."""
    return queries.document(brand_id, document_id)


@router.delete("/brands/{brand_id}/documents/{document_id}", response={204: None, 409: Problem, **PROBLEMS})
def delete_document(request: HttpRequest, brand_id: UUID, document_id: UUID) -> Status[None]:
    """Delete a document that nothing cites; one that is cited stays (409)."""
    operations.delete_document(brand_id=brand_id, document_id=document_id)
    return Status(204, None)


@router.get("/departments", response={200: DepartmentList, **PROBLEMS})
def list_departments(request: HttpRequest) -> DepartmentList:
    """List the departments by their numbers, and where the list comes from."""
    return operations.listed_departments(at=now())


@router.put("/departments", response={200: DepartmentList, 409: Problem, **PROBLEMS})
def set_departments(request: HttpRequest, body: DepartmentsDraft) -> DepartmentList:
    """Replace the account's departments by these; refused where a CMS lists them (409)."""
    return operations.set_departments(draft=body)
