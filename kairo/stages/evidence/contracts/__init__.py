"""The shapes in which evidence is spoken of: captured records, stored items, gates, counts of an import."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, NewType
from uuid import UUID

from pydantic import Field, JsonValue, StringConstraints

from kairo.errors import Conflict, Invalid, KairoError, NotFound
from kairo.shapes import Frozen, Strict
from kairo.stages.evidence.contracts.search import MAX_QUERY_CHARACTERS as MAX_QUERY_CHARACTERS
from kairo.stages.evidence.contracts.search import MAX_SEARCH_RESULTS as MAX_SEARCH_RESULTS
from kairo.stages.evidence.contracts.search import MAX_SNIPPET_CHARACTERS as MAX_SNIPPET_CHARACTERS
from kairo.stages.evidence.contracts.search import InvalidSearch as InvalidSearch
from kairo.stages.evidence.contracts.search import SearchAnswer as SearchAnswer
from kairo.stages.evidence.contracts.search import SearchCache as SearchCache
from kairo.stages.evidence.contracts.search import SearchHitDTO as SearchHitDTO
from kairo.stages.evidence.contracts.search import SearchMode as SearchMode
from kairo.stages.evidence.contracts.search import SearchRanks as SearchRanks
from kairo.stages.evidence.contracts.search import SearchScores as SearchScores

EvidenceId = NewType("EvidenceId", UUID)
SurfaceId = NewType("SurfaceId", UUID)

Cadence = Annotated[int, Field(ge=5, le=43_200)]
"""Every how many minutes a surface is read: from five minutes to thirty days."""

MAX_TEXT_CHARACTERS = 100_000
"""A text or transcript longer than this is refused: no post or hour-long transcript comes near it."""
MAX_RECORD_BYTES = 2_000_000
"""One raw record (a line, a CSV row, an array element) larger than this is refused unread."""


MAX_UPLOAD_BYTES = 200_000_000
"""A larger file is refused over HTTP; the command line takes any."""


class UnreadableFile(Invalid):
    """The file as a whole cannot be read: not a known layout, not text, or empty."""

    code = "unreadable_file"


class InvalidSurface(Invalid):
    code = "invalid_surface"


class EvidenceNotFound(NotFound):
    code = "evidence_not_found"


class AuthorNotFound(NotFound):
    code = "author_not_found"


class SurfaceExists(Conflict):
    code = "surface_exists"


class SurfaceNotFound(NotFound):
    code = "surface_not_found"


class ImportNotFound(NotFound):
    code = "import_not_found"


class ImportUnderWay(Conflict):
    """Somebody else reads the same bytes into the same run at this moment."""

    code = "import_under_way"
    retryable = True


class NotLive(Invalid):
    """No source can read the surface: it is an imported file, or nothing listens to its platform."""

    code = "surface_not_live"


class CaptureUnderWay(Conflict):
    """Somebody else reads the surface at this moment."""

    code = "capture_under_way"
    retryable = True


class UnableToCapture(KairoError):
    """A surface could not be read; `retryable` says whether it may work by itself later."""

    code = "capture_failed"

    def __init__(self, message: str, *, retryable: bool = False) -> None:
        super().__init__(message)
        self.retryable = retryable


class SurfaceType(StrEnum):
    PROFILE = "profile"
    HASHTAG = "hashtag"
    SEARCH = "search"
    FEED = "feed"
    LIST = "list"
    IMPORT = "import"


class SurfaceRole(StrEnum):
    """Whose voice a surface carries; it decides where its items go in the signals bundle."""

    OWN = "own"
    COMPETITOR = "competitor"
    MENTION = "mention"
    MARKET = "market"


class CaptureStatus(StrEnum):
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


class MediaType(StrEnum):
    TEXT = "text"
    IMAGE = "image"
    VIDEO = "video"
    CAROUSEL = "carousel"
    LINK = "link"


@dataclass(frozen=True, slots=True)
class Counts:
    """Engagement as one capture saw it; None where the platform hides it or the format has no such field."""

    views: int | None = None
    likes: int | None = None
    comments: int | None = None
    shares: int | None = None


@dataclass(frozen=True, slots=True)
class CapturedItem:
    """One record of a source, translated but not yet stored.

    `text_content` is all that a person reads in the post, its title included on a first line of its own; a quote
    must be found in it or in `transcript`. `author_ref` is the platform's handle, None where the record has none;
    `format_has_author` tells that apart from a format that has no such field at all.
    """

    platform: str
    platform_item_id: str
    published_at: datetime | None
    title: str | None = None
    text_content: str = ""
    transcript: str | None = None
    url: str | None = None
    author_ref: str | None = None
    format_has_author: bool = True
    media_type: MediaType = MediaType.TEXT
    audio_id: str | None = None
    hashtags: tuple[str, ...] = ()
    language: str | None = None
    counts: Counts = Counts()
    raw: dict[str, JsonValue] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RejectedRecord:
    """One record that could not be taken: where it stood (1-based), a stable code, and a reason for a person."""

    row: int
    code: str
    reason: str
    excerpt: str = ""


class EvidenceItemDTO(Frozen):
    """A stored item with what normalisation found. `engagement_score` is a percentile, 0–1, within its platform."""

    id: UUID
    platform: str
    platform_item_id: str
    url: str | None = None
    author: str | None = None
    format_has_author: bool = True
    title: str | None = None
    text: str = ""
    transcript: str | None = None
    media_type: MediaType = MediaType.TEXT
    hashtags: list[str] = []
    language: str | None = None
    published_at: datetime | None = None
    captured_at: datetime
    views: int | None = None
    likes: int | None = None
    comments: int | None = None
    shares: int | None = None
    roles: list[SurfaceRole] = []
    normalized_text: str = ""
    content_hash: str = ""
    engagement_score: float = 0.0
    near_duplicate_of: UUID | None = None
    holds_real_content: bool = True


class RejectDTO(Frozen):
    """One refused record: `place` counts the refused ones of a run from 1, `row` says where it stood in the file."""

    place: int
    row: int
    code: str
    reason: str
    excerpt: str = ""


class CaptureRunDTO(Frozen):
    """One reading of a surface. While it runs, the counts say how far it is."""

    id: UUID
    status: CaptureStatus
    format: str
    read: int
    new: int
    known: int
    rejected: int
    undated: int = 0
    error: str | None = None
    warnings: list[str] = []
    cost_usd: Decimal | None = None
    started_at: datetime
    ended_at: datetime | None = None


class ImportDTO(CaptureRunDTO):
    """An imported file with a page of its refused records; `rejects_not_kept` of them are counted and no more."""

    surface_id: UUID
    file_name: str
    rejects: list[RejectDTO] = []
    rejects_not_kept: int = 0
    next_cursor: str | None = None


class UploadDTO(Frozen):
    """A file that waits for its import or is being imported; `capture_run_id` once the import has opened it."""

    file_name: str
    byte_count: int
    capture_run_id: UUID | None = None


class SurfaceDTO(Frozen):
    """A place that a brand listens to, with its newest reading.

    `failure_count` captures in a row have failed, the last for `last_error`; the next is due at `next_due_at`.
    """

    id: UUID
    brand_id: UUID
    platform: str
    surface_type: SurfaceType
    surface_key: str
    role: SurfaceRole
    cadence_minutes: int
    is_active: bool
    created_at: datetime
    last_run: CaptureRunDTO | None = None
    next_due_at: datetime | None = None
    last_captured_at: datetime | None = None
    failure_count: int = 0
    last_error: str | None = None


class SurfaceDraft(Strict):
    """A place that somebody asks to have listened to. Files make surfaces of type import by themselves."""

    platform: Annotated[str, StringConstraints(strip_whitespace=True, to_lower=True, min_length=1, max_length=50)]
    surface_type: SurfaceType
    surface_key: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]
    role: SurfaceRole = SurfaceRole.MARKET
    cadence_minutes: Cadence = 60
    is_active: bool = True


class SurfaceChange(Strict):
    """What may be changed of a surface; what is left out stays as it is."""

    role: SurfaceRole | None = None
    cadence_minutes: Cadence | None = None
    is_active: bool | None = None


class ImportReport(Frozen):
    """What an import did with each record that it read: `read` = `new` + `known` + `rejected`.

    `undated` of the new items carry no date: they are kept, but no board looks at them. `rejects` holds the first
    refused records; `rejected_file`, where a file of this machine was imported, all of them.
    """

    surface_id: UUID
    capture_run_id: UUID
    format: str
    read: int
    new: int
    known: int
    rejected: int
    undated: int = 0
    normalized: int = 0
    rejects: list[dict[str, JsonValue]] = []
    rejected_file: str | None = None


class CaptureReport(Frozen):
    """What one capture of a surface did: `read` = `new` + `known` + `rejected`.

    While its `status` is running, the host has asked for patience, and reading goes on at `next_due_at`.
    """

    surface_id: UUID
    platform: str
    surface_key: str
    capture_run_id: UUID
    status: CaptureStatus
    read: int = 0
    new: int = 0
    known: int = 0
    rejected: int = 0
    pages: int = 0
    unchanged: bool = False
    error: str | None = None
    warnings: list[str] = []
    cost_usd: Decimal | None = None
    next_due_at: datetime | None = None


class CaptureSurface(Frozen):
    """The message that asks for a surface to be read; a scheduled one is passed over if its time has not come."""

    surface_id: UUID
    scheduled: bool = False


class ScheduleCaptures(Frozen):
    """The message that asks for the captures that come due next."""


class ImportUpload(Frozen):
    """The message that asks for the import of an uploaded file."""

    upload_id: UUID


class EvidenceIngested(Frozen):
    """The message that new items are stored and normalised; later stages take it from there."""


class EraseAuthor(Frozen):
    """The message that asks for what is kept of an author to be deleted."""

    erasure_id: UUID


class AuthorDTO(Frozen):
    """A person as a platform names them; `author_key` is the handle in lower case."""

    platform: str
    author_key: str


class GateVerdict(StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    NOT_APPLICABLE = "not_applicable"


class GateKind(StrEnum):
    QUALITY = "quality"
    USABILITY = "usability"


class GateResult(Frozen):
    """One gate with what it measured against what it asks for; `message` is one line for a person."""

    code: str
    kind: GateKind
    measured: float | list[str]
    threshold: float | list[str]
    verdict: GateVerdict
    message: str = ""


class EvidenceShortfallDTO(Frozen):
    required_items: int
    found_items: int
    required_platforms: list[str] = []
    found_platforms: list[str] = []
    missing_platforms: list[str] = []
    transcript_coverage: float
    min_transcript_coverage: float
    failures: list[str] = []
    gates: list[GateResult] = []


class EvidenceSummaryDTO(Frozen):
    items: int
    with_text: int
    by_platform: dict[str, int] = {}
    authors: int
    newest_at: datetime | None = None
    transcript_coverage: float


class GateThresholds(Frozen):
    """What the ten gates ask for; every number is a brand setting with these defaults."""

    min_items: int = 8
    min_items_with_text: int = 6
    platforms: list[str] = ["instagram", "tiktok"]
    min_transcript_coverage: float = 0.30
    fresh_within_days: float = 7
    min_long_items: int = 4
    long_item_characters: int = 30
    min_authors: int = 3
    min_urls: int = 6
    max_duplicate_share: float = 0.20
    min_content_share: float = 0.60


class GateReport(Frozen):
    """The verdict of all gates. `reason` names the kind that failed first: quality is checked before usability."""

    can_proceed: bool
    reason: str | None = None
    remediation: str | None = None
    shortfall: EvidenceShortfallDTO
    summary: EvidenceSummaryDTO
