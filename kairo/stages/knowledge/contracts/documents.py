"""Documents that people uploaded for a brand, and the passages that gathered items cite."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from kairo.errors import Conflict, Invalid, NotFound
from kairo.shapes import Frozen

MAX_DOCUMENT_BYTES = 20_000_000
MAX_DOCUMENT_CHARACTERS = 2_000_000
MAX_PDF_PAGES = 1_000
MOST_DOCUMENTS_A_BRAND = 1_000


class DocumentNotFound(NotFound):
    code = "document_not_found"


class UnreadableDocument(Invalid):
    """The file or page cannot be taken in; the message says why and what to do instead."""

    code = "unreadable_document"


class DocumentCited(Conflict):
    """Something cites the document: taking it away would leave a statement without its source."""

    code = "document_cited"


class TooManyDocuments(Conflict):
    code = "too_many_documents"


class DocumentKind(StrEnum):
    """What a document was when it came."""

    MARKDOWN = "markdown"
    TEXT = "text"
    PDF = "pdf"
    WEB_PAGE = "web_page"


class Passage(Frozen):
    """A piece of source material to gather from: of a document or of an evidence item; items cite `source_id`.

    `source_type` is a `SourceType`; `text` stands letter by letter in what was stored.
    """

    source_type: str
    source_id: UUID
    text: str
    title: str | None = None
    url: str | None = None
    lang: str | None = None


class DocumentDTO(Frozen):
    """A stored document; its text is what the passages are cut from."""

    id: UUID
    brand_id: UUID
    kind: DocumentKind
    title: str
    file_name: str | None = None
    url: str | None = None
    sha256: str
    byte_count: int
    characters: int
    passages: int
    lang: str | None = None
    created_at: datetime


class DocumentText(DocumentDTO):
    """A document with its text and where each passage stands in it."""

    text: str
    places: tuple[PassagePlace, ...]


class PassagePlace(Frozen):
    """A passage by its id and its place in the text, in characters: `text[start:end]`."""

    id: UUID
    position: int
    start: int
    end: int
    title: str | None = None
    lang: str | None = None


class ReadText(Frozen):
    """What was read from a file or page: plain text, and the headings with the places where they begin."""

    kind: DocumentKind
    title: str
    text: str
    headings: tuple[tuple[int, str], ...] = ()


class FetchPage(Frozen):
    """The message that asks for a web page to be taken in as a document."""

    brand_id: UUID
    url: str


DocumentText.model_rebuild()
