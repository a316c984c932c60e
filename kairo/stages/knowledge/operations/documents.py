"""Taking in documents: files at once, web pages by a job; each stored once, cut into passages that can be cited."""

from __future__ import annotations

import hashlib
from datetime import datetime
from pathlib import PurePath
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from psycopg.errors import ForeignKeyViolation, UniqueViolation

from kairo.errors import FieldError, TooLarge
from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.jobs.contexts import Completion, JobContext
from kairo.platform.jobs.contracts import JobAcceptedDTO, RetryLater
from kairo.platform.jobs.operations import enqueue
from kairo.platform.outbound.client import configured_policy
from kairo.platform.outbound.contracts import Fetched, FetchLimits, TryLater
from kairo.platform.outbound.polite import fetch_politely
from kairo.platform.outbound.urls import checked_url
from kairo.stages.brands import queries as brands
from kairo.stages.evidence.operations import identify_language
from kairo.stages.knowledge.adapters.markdown import read_text_file
from kairo.stages.knowledge.adapters.pdf import is_pdf, read_pdf
from kairo.stages.knowledge.adapters.web_page import read_web_page
from kairo.stages.knowledge.contracts.documents import (
    MAX_DOCUMENT_BYTES,
    MOST_DOCUMENTS_A_BRAND,
    DocumentCited,
    DocumentDTO,
    DocumentNotFound,
    FetchPage,
    ReadText,
    TooManyDocuments,
    UnreadableDocument,
)
from kairo.stages.knowledge.models import DocumentPassage, KnowledgeDocument
from kairo.stages.knowledge.rules.documents import cut_into_passages

FETCH = "knowledge.fetch_page"
_PAGE_LIMITS = FetchLimits(max_bytes=MAX_DOCUMENT_BYTES, max_seconds=60.0)
_LONGEST_NAME = 200


def read_document(*, content: bytes, name: str) -> ReadText:
    """Read a file: Markdown, plain text or PDF; a PDF in a process of its own. Belongs outside of transactions.

    Raises:
        TooLarge: it has more than MAX_DOCUMENT_BYTES.
        UnreadableDocument: it is empty, none of these, or holds no text; the message says what to do.
    """
    check_size(len(content), name=name)
    if is_pdf(content):
        return read_pdf(content, name=name)
    return read_text_file(content, name=name)


def check_size(size: int, *, name: str) -> None:
    """Refuse a file by its size, before it is read.

    Raises:
        TooLarge, UnreadableDocument: see `read_document`.
    """
    if size > MAX_DOCUMENT_BYTES:
        raise TooLarge(
            f"{name} has {size:,} bytes; a document may have {MAX_DOCUMENT_BYTES:,}. Send the part that matters.",
            errors=(FieldError("file", f"it has {size:,} bytes"),),
        )
    if size == 0:
        raise UnreadableDocument(f"{name} is empty: choose the file again.")


def plain_name(name: str | None) -> str:
    """Return what a person called a file, without any path and short enough to be shown."""
    bare = PurePath((name or "").replace("\\", "/")).name.replace("\x00", "").strip()
    return bare[-_LONGEST_NAME:] or "The file"


def add_document(
    *, brand_id: UUID, content: bytes, name: str, read: ReadText, at: datetime
) -> tuple[DocumentDTO, bool]:
    """Store a file that was read, with its passages; return it, and whether it is new: the same bytes change nothing.

    Raises:
        BrandNotFound: no such brand of this tenant.
        TooManyDocuments: the brand has as many as it may.
    """
    digest = hashlib.sha256(content).hexdigest()
    return _store(brand_id, read, digest, at=at, byte_count=len(content), file_name=name)


def request_page(*, brand_id: UUID, url: str) -> JobAcceptedDTO:
    """Ask for a web page to be fetched and taken in; while that is under way, its job is the answer.

    Raises:
        BrandNotFound: no such brand of this tenant.
        UnsafeAddress: no request may go there.
    """
    brands.brand(brand_id)
    address = str(checked_url(url.strip(), configured_policy()))
    key = f"{FETCH}:{brand_id}:{hashlib.sha256(address.encode()).hexdigest()}"
    job = enqueue(FETCH, FetchPage(brand_id=brand_id, url=address), dedupe_key=key)
    return JobAcceptedDTO(job_id=job.id, poll_url=f"/api/jobs/{job.id}")


def take_in_page(*, message: FetchPage, job: JobContext, at: datetime) -> Completion:
    """Fetch a page, read it and store it; the same text again changes nothing.

    Raises:
        RetryLater: the host is away or asks for patience.
        UnreadableDocument: there is no such page, or no text on it.
    """
    job.progress("fetch", note=message.url)
    answer = _fetched(message.url, attempt=job.attempt, at=at)
    read = read_web_page(answer)
    # Of a page the text counts: its bytes change with every visit.
    digest = hashlib.sha256(read.text.encode()).hexdigest()
    with tenant_transaction(job.tenant_id):
        document, is_new = _store(
            message.brand_id, read, digest, at=at, byte_count=len(answer.body), url=answer.final_url
        )
    return Completion(
        outcome={"document_id": str(document.id), "new": is_new, "title": document.title},
        result_url=f"/api/brands/{message.brand_id}/documents/{document.id}",
    )


def delete_document(*, brand_id: UUID, document_id: UUID) -> None:
    """Delete a document that nothing cites.

    Raises:
        DocumentNotFound: not there, or somebody else's.
        DocumentCited: a statement cites it or one of its passages.
    """
    document = KnowledgeDocument.objects.filter(brand_id=brand_id, id=document_id).only("id").first()
    if document is None:
        raise DocumentNotFound("There is no such document.")
    try:
        with transaction.atomic():
            DocumentPassage.objects.filter(document_id=document.id).delete()
            document.delete()
    except IntegrityError as error:
        if isinstance(error, ProtectedError) or isinstance(error.__cause__, ForeignKeyViolation):
            raise DocumentCited(
                "Statements of this brand cite the document: it stays, so that each keeps its source."
            ) from error
        raise


def _fetched(url: str, *, attempt: int, at: datetime) -> Fetched:
    try:
        answer = fetch_politely(url, at=at, attempt=attempt, limits=_PAGE_LIMITS)
    except TryLater as error:
        raise RetryLater(error.message, after_s=error.retry_after_s) from error
    if not answer.succeeded:
        raise UnreadableDocument(f"{url} answered {answer.status}: give the address of a page that everybody can open.")
    return answer


def _store(
    brand_id: UUID,
    read: ReadText,
    digest: str,
    *,
    at: datetime,
    byte_count: int,
    file_name: str | None = None,
    url: str | None = None,
) -> tuple[DocumentDTO, bool]:
    brands.brand(brand_id)
    same = KnowledgeDocument.objects.filter(brand_id=brand_id, sha256=digest)
    known = same.first()
    if known is not None:
        return known.to_contract(), False
    if KnowledgeDocument.objects.filter(brand_id=brand_id).count() >= MOST_DOCUMENTS_A_BRAND:
        raise TooManyDocuments(f"A brand keeps at most {MOST_DOCUMENTS_A_BRAND:,} documents: delete some first.")
    stretches = cut_into_passages(read.text, read.headings)
    row = KnowledgeDocument(
        brand_id=brand_id,
        kind=read.kind,
        title=read.title,
        file_name=file_name,
        url=url,
        sha256=digest,
        byte_count=byte_count,
        text=read.text,
        characters=len(read.text),
        passage_count=len(stretches),
        language=identify_language(read.text[:5_000])[0],
        created_at=at,
    )
    passages = [
        DocumentPassage(
            document=row,
            position=position,
            start=stretch.start,
            end=stretch.end,
            title=_title(read.title, stretch.heading),
            text=read.text[stretch.start : stretch.end],
            language=identify_language(read.text[stretch.start : stretch.end])[0],
        )
        for position, stretch in enumerate(stretches)
    ]
    try:
        with transaction.atomic():
            row.save(force_insert=True)
            DocumentPassage.objects.bulk_create(passages, batch_size=500)
    except IntegrityError as error:
        if not isinstance(error.__cause__, UniqueViolation):
            raise
        return same.get().to_contract(), False  # Somebody sent the same file at the same moment and was first.
    return row.to_contract(), True


def _title(document: str, heading: str | None) -> str:
    return document if heading in (None, document) else f"{document} › {heading}"
