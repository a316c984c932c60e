"""The frozen shapes of the Today board: other programs read them, so they may gain optional fields, never lose one."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import NewType
from uuid import UUID

from pydantic import Field, JsonValue

from kairo.errors import Gone, Invalid, NotFound
from kairo.shapes import Frozen, Strict
from kairo.stages.brands.contracts import BrandSnapshotDTO
from kairo.stages.evidence.contracts import EvidenceShortfallDTO, EvidenceSummaryDTO
from kairo.stages.opportunities.contracts.winners import KnownWinnerDTO as KnownWinnerDTO
from kairo.stages.opportunities.contracts.winners import TextInvitation as TextInvitation
from kairo.stages.opportunities.contracts.winners import TextOpening as TextOpening
from kairo.stages.opportunities.contracts.winners import WinnerForm as WinnerForm

BoardId = NewType("BoardId", UUID)
OpportunityId = NewType("OpportunityId", UUID)

BOARD_SOURCE = "hero_f1_v2"


class BoardNotFound(NotFound):
    code = "board_not_found"


class OpportunityNotFound(NotFound):
    code = "opportunity_not_found"


class LegacyRegenerateGone(Gone):
    code = "legacy_regenerate_gone"


class DecisionNotApplicable(Invalid):
    """This kind of thing is never decided on in this way."""

    code = "decision_not_applicable"


class Channel(StrEnum):
    INSTAGRAM = "instagram"
    TIKTOK = "tiktok"
    LINKEDIN = "linkedin"
    X = "x"
    YOUTUBE = "youtube"
    EMAIL = "email"
    BLOG = "blog"
    META_ADS = "meta_ads"


class OpportunityType(StrEnum):
    TREND = "trend"
    EVERGREEN = "evergreen"
    COMPETITIVE = "competitive"
    CAMPAIGN = "campaign"


class CreatedVia(StrEnum):
    AI_SUGGESTED = "ai_suggested"
    MANUAL = "manual"
    IMPORTED = "imported"


class BoardState(StrEnum):
    NOT_GENERATED_YET = "not_generated_yet"
    GENERATING = "generating"
    READY = "ready"
    INSUFFICIENT_EVIDENCE = "insufficient_evidence"
    ERROR = "error"


class Generator(StrEnum):
    """Who writes a board's opportunities. `auto`: the model where one can be asked, else the extractive one."""

    AUTO = "auto"
    EXTRACTIVE = "extractive"
    MODEL = "model"


class ReadyReason(StrEnum):
    GENERATED = "generated"
    NO_VALID_CANDIDATES = "no_valid_candidates"
    EMPTY_BRAND_CONTEXT = "empty_brand_context"


class CitedEvidenceDTO(Frozen):
    """A stored post that an opportunity stands on, with a span that is found in it letter by letter."""

    id: UUID
    quote: str
    url: str | None = None
    author: str | None = None
    platform: str
    published_at: datetime


class PredictionDTO(Frozen):
    """A bet that can be checked: which measurable moves, by when, and how likely that is (0–1).

    `unadjusted` is the probability before it was corrected by how earlier predictions ended.
    """

    measure: str
    statement: str
    threshold: float
    due_at: datetime
    probability: float
    unadjusted: float | None = None


class ScorePart(Frozen):
    """One part of a score: its value 0–100, its weight, and the reason in words.

    `effects`: how many points of the score each learned effect is worth, by its name; of the part `winners`, each ad
    that won, by its id. `parts` of the relevance: what of the brand's profile speaks for it; 1 is usual for a keyword.
    """

    value: float
    weight: float
    reason: str
    effects: dict[str, float] = {}
    parts: dict[str, float] = {}


class OpportunityDTO(Frozen):
    id: UUID
    brand_id: UUID
    title: str
    angle: str
    type: OpportunityType
    primary_channel: Channel
    score: float = Field(ge=0, le=100)
    score_explanation: str | None = None
    source: str
    source_url: str | None = None
    persona_id: UUID | None = None
    pillar_id: UUID | None = None
    suggested_channels: list[Channel] = []
    is_pinned: bool = False
    is_snoozed: bool = False
    snoozed_until: datetime | None = None
    is_dismissed: bool = False
    created_via: CreatedVia = CreatedVia.AI_SUGGESTED
    created_at: datetime
    updated_at: datetime
    why_now: str
    evidence_ids: list[UUID] = Field(min_length=1)
    evidence: list[CitedEvidenceDTO] = []
    score_breakdown: dict[str, ScorePart] = {}
    independent_voices: int
    would_change_our_mind: str
    prediction: PredictionDTO | None = None


class Quote(Frozen):
    """A span of one evidence item, as a draft claims it; it counts only once it was found in that item."""

    evidence_id: UUID
    text: str


class OpportunityDraftDTO(Frozen):
    """What a synthesizer proposes, before and after the checks; an invalid one says why."""

    proposed_title: str
    proposed_angle: str
    type: OpportunityType
    primary_channel: str
    suggested_channels: list[str] = []
    score: float = 0.0
    score_explanation: str | None = None
    source: str
    source_url: str | None = None
    persona_hint: str | None = None
    pillar_hint: str | None = None
    raw_reasoning: str | None = None
    is_valid: bool = True
    rejection_reasons: list[str] = []
    why_now: str | None = None
    evidence_ids: list[UUID] = []
    quotes: list[Quote] = []
    score_breakdown: dict[str, ScorePart] = {}
    independent_voices: int = 0
    would_change_our_mind: str = ""
    prediction: PredictionDTO | None = None


class TodayBoardMetaDTO(Frozen):
    generated_at: datetime | None = None
    source: str = BOARD_SOURCE
    state: BoardState
    job_id: UUID | None = None
    ready_reason: ReadyReason | None = None
    cache_hit: bool = False
    cache_key: str | None = None
    cache_ttl_seconds: int | None = None
    degraded: bool = False
    reason: str | None = None
    remediation: str | None = None
    evidence_shortfall: EvidenceShortfallDTO | None = None
    total_candidates: int | None = None
    opportunity_count: int = 0
    notes: list[str] = []
    wall_time_ms: int | None = None
    evidence_fetch_ms: int | None = None
    llm_synthesis_ms: int | None = None
    llm_scoring_ms: int | None = None
    dominant_pillar: str | None = None
    dominant_persona: str | None = None
    channel_mix: dict[str, int] = {}
    generator: str | None = None
    run_id: UUID | None = None
    board_id: UUID | None = None
    profile_version: int | None = None


class TodayBoardDTO(Frozen):
    brand_id: UUID
    snapshot: BrandSnapshotDTO | None = None
    opportunities: list[OpportunityDTO] = []
    meta: TodayBoardMetaDTO
    evidence_summary: EvidenceSummaryDTO | None = None
    previous: TodayBoardDTO | None = None


class GenerateBoard(Frozen):
    """The message that asks for a new board; without `as_of` it is as of the moment when the job runs.

    `signals` are taken in place of those that would be read, so that an evaluation depends on nothing around it.
    """

    brand_id: UUID
    as_of: datetime | None = None
    generator: Generator = Generator.AUTO
    signals: ExternalSignalBundleDTO | None = None


class RegenerateResponseDTO(Frozen):
    status: str = "accepted"
    job_id: UUID
    poll_url: str


class BoardListItemDTO(Frozen):
    """One earlier board in a list."""

    id: UUID
    state: BoardState
    generator: str | None = None
    opportunity_count: int
    created_at: datetime


class CanonicalBoardDTO(Frozen):
    """What a board says, as one JSON document without ids and times of its making: equal boards have equal bytes."""

    sha256: str
    document: str


class BoardReplayDTO(Frozen):
    """A stored board beside the same board made again from what it was made from.

    `replayed` is None where that is not there any more, and `reason` says what is missing.
    """

    board_id: UUID
    run_id: UUID | None = None
    generator: str | None = None
    as_of: datetime
    identical: bool | None = None
    reason: str | None = None
    differences: list[str] = []
    stored: CanonicalBoardDTO
    replayed: CanonicalBoardDTO | None = None


class TrendSignalDTO(Frozen):
    id: UUID
    topic: str
    source: str
    relevance_score: float
    recency_days: float
    url: str | None = None
    snippet: str | None = None
    item_ids: list[UUID] = []


class WebMentionSignalDTO(Frozen):
    id: UUID
    title: str
    source: str
    url: str | None = None
    snippet: str | None = None
    published_at: datetime | None = None
    relevance_score: float


class CompetitorPostSignalDTO(Frozen):
    id: UUID
    competitor_name: str
    channel: str
    post_url: str | None = None
    post_snippet: str | None = None
    engagement_hint: str | None = None
    published_at: datetime | None = None


class SocialMomentSignalDTO(Frozen):
    id: UUID
    description: str
    channel: str
    relevance_hint: str | None = None
    recency_hours: float
    url: str | None = None


class ExternalSignalBundleDTO(Frozen):
    brand_id: UUID
    fetched_at: datetime
    trends: list[TrendSignalDTO] = []
    web_mentions: list[WebMentionSignalDTO] = []
    competitor_posts: list[CompetitorPostSignalDTO] = []
    social_moments: list[SocialMomentSignalDTO] = []


class EffectDimension(StrEnum):
    """What about an opportunity people and markets may like or dislike."""

    PILLAR = "pillar"
    PERSONA = "persona"
    TYPE = "type"
    CHANNEL = "channel"
    PATTERN = "pattern"
    PLATFORM = "platform"


MOST_LEARNED_POINTS = 10.0
"""So far, up or down, all that was learned moves a score at most."""


class ScoreEffectDTO(Frozen):
    """What was learned of one level of a dimension, between -1 (never taken) and 1 (always).

    `key` is the id of a pillar, persona or pattern, else the value itself, such as `instagram`.
    """

    dimension: EffectDimension
    key: str
    effect: float = Field(ge=-1, le=1)


class ScoreEffectsDTO(Frozen):
    """All that boards take from learning, as one version of it.

    `probability_shift` moves the log-odds of predictions, as those that are scored by now would have needed it.
    """

    brand_id: UUID
    version: int = Field(ge=1)
    learned_at: datetime
    effects: list[ScoreEffectDTO] = []
    probability_shift: float = 0.0


class LearningSummaryDTO(Frozen):
    """What was learned for a brand; performances are effects between -1 and 1, 0 is what is usual for the brand."""

    brand_id: UUID
    generated_at: datetime
    top_performing_patterns: list[dict[str, JsonValue]] = []
    top_performing_channels: list[dict[str, JsonValue]] = []
    recent_engagement_score: float | None = None
    pillar_performance: dict[str, float] = {}
    persona_engagement: dict[str, float] = {}
    notes: list[str] = []
    type_performance: dict[str, float] = {}
    platform_performance: dict[str, float] = {}
    version: int | None = None
    probability_shift: float = 0.0


class DecisionType(StrEnum):
    PIN = "pin"
    UNPIN = "unpin"
    SNOOZE = "snooze"
    DISMISS = "dismiss"
    RESTORE = "restore"
    APPROVE = "approve"
    REJECT = "reject"
    EDIT = "edit"
    SCHEDULE = "schedule"
    PUBLISH = "publish"
    ARCHIVE = "archive"


class DecidedObject(StrEnum):
    """What a person may decide on."""

    OPPORTUNITY = "opportunity"
    PACKAGE = "package"
    VARIANT = "variant"


class DecisionRequestDTO(Strict):
    """What a person decides. `metadata` holds what the decision needs, such as `until` of a snooze."""

    decision_type: DecisionType
    reason: str | None = Field(default=None, max_length=2000)
    metadata: dict[str, JsonValue] = Field(default={}, max_length=20)


class DecisionResponseDTO(Frozen):
    """`status` is `recorded`, or `unchanged` where the thing stood like that already: nothing is recorded twice."""

    status: str
    decision_type: DecisionType
    object_type: DecidedObject
    object_id: UUID
    recorded_at: datetime


class DecisionDTO(Frozen):
    """One decision as it was recorded; `moved_from` and `moved_to` are the status before and after."""

    id: UUID
    brand_id: UUID
    object_type: DecidedObject
    object_id: UUID
    decision_type: DecisionType
    reason: str | None = None
    metadata: dict[str, JsonValue] = {}
    moved_from: str | None = None
    moved_to: str | None = None
    decided_by: str
    recorded_at: datetime


class DecisionRecorded(Frozen):
    """The message that a person has decided; it is announced in the decision's own transaction."""

    brand_id: UUID
    decision_id: UUID
