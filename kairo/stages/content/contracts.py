"""The frozen shapes of packages and variants: other programs read them, so they may gain optional fields only."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import NewType
from uuid import UUID

from pydantic import AwareDatetime, Field, JsonValue, model_validator

from kairo.errors import Conflict, Invalid, KairoError, NotFound, VersionConflict
from kairo.shapes import Frozen, Strict
from kairo.stages.evidence.contracts import EvidenceItemDTO
from kairo.stages.opportunities.contracts import Channel, CreatedVia, Generator, OpportunityDTO, WinnerForm

PackageId = NewType("PackageId", UUID)
VariantId = NewType("VariantId", UUID)

MAX_BODY = 100_000
MAX_EVENTS = 500
MOST_OF_A_KIND = 50
"""So many things of a kind are shown of a chain."""


class PackageNotFound(NotFound):
    code = "package_not_found"


class VariantNotFound(NotFound):
    code = "variant_not_found"


class VariantsExist(Conflict):
    code = "variants_exist"


class MoveNotAllowed(Conflict):
    """The status that the thing has does not lead to the one that is wanted."""

    code = "move_not_allowed"


class TimeTaken(Conflict):
    """Another variant of the brand goes out on this channel at about this time."""

    code = "time_conflict"


class DuplicateContent(Conflict):
    """The brand has planned or published nearly the same text on this channel."""

    code = "duplicate_content"


class TextRefused(Invalid):
    """Policy or a channel's limits do not let the text out; `errors` names each reason."""

    code = "text_refused"


class OpportunityRefused(Invalid):
    """No package is made of this opportunity: a taboo, or something that policy does not let out."""

    code = "opportunity_refused"


class VariantChanged(VersionConflict):
    """Somebody else saved the variant first; `current` is what he saved."""

    code = "variant_changed"

    def __init__(self, message: str, *, current: VariantDTO) -> None:
        super().__init__(message)
        self.current = current


class WorkFailed(KairoError):
    """A package or its variants could not be made; nothing of it was stored."""

    code = "generation_failed"
    retryable = True


class PackageStatus(StrEnum):
    DRAFT = "draft"
    IN_REVIEW = "in_review"
    APPROVED = "approved"
    SCHEDULED = "scheduled"
    PUBLISHED = "published"
    ARCHIVED = "archived"


class VariantStatus(StrEnum):
    DRAFT = "draft"
    APPROVED = "approved"
    REJECTED = "rejected"
    SCHEDULED = "scheduled"
    MISSED = "missed"
    PUBLISHED = "published"
    ARCHIVED = "archived"


class PackageBand(StrEnum):
    INVALID = "invalid"
    WEAK = "weak"
    BOARD_READY = "board_ready"


class VariantBand(StrEnum):
    INVALID = "invalid"
    WEAK = "weak"
    PUBLISH_READY = "publish_ready"


class ClaimStatus(StrEnum):
    CITED = "cited"
    TO_CHECK = "to_check"


class ExecutionEventType(StrEnum):
    IMPRESSION = "impression"
    VIEW = "view"
    LIKE = "like"
    COMMENT = "comment"
    SHARE = "share"
    SAVE = "save"
    CLICK = "click"
    CONVERSION = "conversion"


class ExecutionSource(StrEnum):
    MANUAL = "manual"
    PLATFORM = "platform"
    IMPORT = "import"
    SANDBOX = "sandbox"


class CountedPart(StrEnum):
    """What of a text a channel limits."""

    CHARACTERS = "characters"
    HASHTAGS = "hashtags"
    LINKS = "links"
    LINE_BREAKS = "line_breaks"


class ExportFormat(StrEnum):
    MARKDOWN = "md"
    JSON = "json"
    CSV = "csv"


class ExportedFile(Frozen):
    """A package as a file."""

    name: str
    content_type: str
    text: str


class ChannelCount(Frozen):
    """How much of one part a text has, body and call to action together, and how much its channel takes."""

    part: CountedPart
    used: int
    allowed: int

    @property
    def is_over(self) -> bool:
        return self.used > self.allowed


class ClaimDTO(Frozen):
    """One factual sentence of a variant. A cited one stands on evidence, or on what the brand says of itself."""

    text: str
    evidence_ids: list[UUID] = []
    status: ClaimStatus
    knowledge: str | None = Field(default=None, description="What of the brand the sentence stands on, in words")


class ShapingWinnerDTO(Frozen):
    """An ad that won, whose form a package's texts take: its return, beside the rest of its campaign's, and why."""

    ad_id: str
    variant_id: UUID | None = None
    expected: float
    beside: float
    results: int
    why: str
    form: WinnerForm


class ContentPackageDTO(Frozen):
    id: UUID
    brand_id: UUID
    title: str
    status: PackageStatus
    origin_opportunity_id: UUID | None = None
    persona_id: UUID | None = None
    pillar_id: UUID | None = None
    channels: list[Channel] = []
    planned_publish_start: datetime | None = None
    planned_publish_end: datetime | None = None
    owner_user_id: UUID | None = None
    notes: str | None = None
    created_via: CreatedVia
    created_at: datetime
    updated_at: datetime
    thesis: str | None = None
    summary: str | None = None
    primary_channel: Channel | None = None
    cta: str | None = None
    package_score: int | None = None
    package_score_breakdown: dict[str, int] = {}
    quality_band: PackageBand | None = None
    generator: str | None = None
    language: str | None = None
    evidence_ids: list[UUID] = []
    winners: list[ShapingWinnerDTO] = []


class ContentPackageDraftDTO(Frozen):
    """What a generator proposes for an opportunity, before and after the checks; an invalid one says why."""

    title: str
    thesis: str
    summary: str
    primary_channel: Channel
    channels: list[Channel]
    cta: str | None = None
    pattern_hints: list[str] = []
    persona_hint: str | None = None
    pillar_hint: str | None = None
    notes_for_humans: str | None = None
    raw_reasoning: str | None = None
    generated_by_model: str | None = None
    is_valid: bool = True
    rejection_reasons: list[str] = []
    package_score: int | None = Field(default=None, ge=0, le=15)
    package_score_breakdown: dict[str, int] = {}
    quality_band: PackageBand | None = None


class VariantDTO(Frozen):
    """`version` counts the texts that were saved; it is the ETag of the variant."""

    id: UUID
    package_id: UUID
    brand_id: UUID
    channel: Channel
    status: VariantStatus
    pattern_template_id: UUID | None = None
    title: str | None = None
    body: str
    call_to_action: str | None = None
    generated_by_model: str | None = None
    proposed_at: datetime | None = None
    scheduled_publish_at: datetime | None = None
    published_at: datetime | None = None
    eval_score: float | None = None
    eval_notes: str | None = None
    quality_band: VariantBand | None = None
    created_at: datetime
    updated_at: datetime
    claims: list[ClaimDTO] = []
    version: int


class VariantDraftDTO(Frozen):
    """What a generator proposes for one channel, before and after the checks; an invalid one says why."""

    channel: Channel
    body: str
    title: str | None = None
    call_to_action: str | None = None
    pattern_hint: str | None = None
    raw_reasoning: str | None = None
    generated_by_model: str | None = None
    is_valid: bool = True
    rejection_reasons: list[str] = []
    variant_score: int | None = Field(default=None, ge=0, le=12)
    variant_score_breakdown: dict[str, int] = {}
    quality_band: VariantBand | None = None
    claims: list[ClaimDTO] = []


class VariantUpdateDTO(Strict):
    """What of a variant is changed; what is left out stays."""

    body: str | None = Field(default=None, min_length=1, max_length=MAX_BODY)
    call_to_action: str | None = Field(default=None, max_length=1000)
    status: VariantStatus | None = None

    @model_validator(mode="after")
    def changes_something(self) -> VariantUpdateDTO:
        if not self.model_fields_set:
            raise ValueError("name at least one of body, call_to_action and status")
        return self


class VariantListDTO(Frozen):
    package_id: UUID
    variants: list[VariantDTO]
    count: int


class VariantVersionDTO(Frozen):
    """A variant's text as it was saved once."""

    variant_id: UUID
    version: int
    body: str
    call_to_action: str | None = None
    claims: list[ClaimDTO] = []
    saved_by: str
    saved_at: datetime


class CreatePackageResponseDTO(Frozen):
    status: str
    package: ContentPackageDTO


class GenerateVariantsResponseDTO(Frozen):
    status: str
    package_id: UUID
    variants: list[VariantDTO]
    count: int


class ExecutionEventDTO(Frozen):
    id: UUID
    brand_id: UUID
    variant_id: UUID
    channel: Channel
    event_type: ExecutionEventType
    decision_type: str | None = None
    event_value: float | None = None
    count: int
    source: ExecutionSource
    occurred_at: datetime
    received_at: datetime
    metadata: dict[str, JsonValue] = {}
    created_at: datetime


class ExecutionEventInput(Strict):
    """One thing that happened to a published variant. `key` is the sender's id of it; without one, equal is same."""

    key: str | None = Field(default=None, min_length=1, max_length=200)
    event_type: ExecutionEventType
    occurred_at: AwareDatetime
    count: int = Field(default=1, ge=1, le=2_000_000_000)
    event_value: float | None = Field(default=None, allow_inf_nan=False)
    source: ExecutionSource = ExecutionSource.MANUAL
    metadata: dict[str, JsonValue] = Field(default={}, max_length=20)


class ExecutionEventBatch(Strict):
    events: list[ExecutionEventInput] = Field(min_length=1, max_length=MAX_EVENTS)


class EventsTakenDTO(Frozen):
    """What a batch did: `created` are new, `unchanged` were known."""

    variant_id: UUID
    created: int
    unchanged: int
    events: list[ExecutionEventDTO]


class ExecutionEventsTaken(Frozen):
    """The message that there are new events of a variant; it is announced in the transaction that stores them."""

    brand_id: UUID
    variant_id: UUID


class DailyEngagement(Frozen):
    """What a variant's audience did on one day, UTC: how many of each kind of event, and when the last came."""

    day: date
    counts: dict[str, int]
    event_ids: list[UUID]
    last_at: datetime


class LineageNotFound(NotFound):
    code = "lineage_not_found"


class LineageKind(StrEnum):
    """From what of its texts a chain can be followed, in the order in which one thing leads to the next."""

    EVIDENCE = "evidence"
    OPPORTUNITY = "opportunity"
    PACKAGE = "package"
    VARIANT = "variant"


class EngagementSum(Frozen):
    """The events of one type on a variant, added up."""

    variant_id: UUID
    event_type: str
    count: int
    newest_at: datetime


class TextChain(Frozen):
    """The texts of a chain and what stands behind them: at most one more of a kind than is shown.

    `cited` are the posts of each text.
    """

    items: list[EvidenceItemDTO] = []
    opportunities: list[OpportunityDTO] = []
    packages: list[ContentPackageDTO] = []
    variants: list[VariantDTO] = []
    engagements: list[EngagementSum] = []
    cited: dict[UUID, list[UUID]] = {}


class MakePackage(Frozen):
    """The message that asks for the package of an opportunity."""

    brand_id: UUID
    opportunity_id: UUID
    asked_by: UUID | None = None
    generator: Generator = Generator.AUTO


class MakeVariants(Frozen):
    """The message that asks for the variants of a package."""

    package_id: UUID
    asked_by: UUID | None = None
    generator: Generator = Generator.AUTO
