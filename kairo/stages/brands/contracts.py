"""The shapes in which brands are spoken of: what queries return, the API serialises and pages render."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated, NewType
from uuid import UUID

from pydantic import Field, StringConstraints, model_validator

from kairo.errors import Conflict, Invalid, NotFound
from kairo.shapes import Frozen, Strict

BrandId = NewType("BrandId", UUID)

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
ShortText = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
LongText = Annotated[str, StringConstraints(strip_whitespace=True, max_length=4000)]


class BrandNotFound(NotFound):
    code = "brand_not_found"


class AmbiguousBrand(Conflict):
    code = "ambiguous_brand"


class InvalidBrandFile(Invalid):
    code = "invalid_brand_file"


class PatternCategory(StrEnum):
    EDUCATION = "education"
    STORY = "story"
    PROOF = "proof"
    OFFER = "offer"
    COMMUNITY = "community"
    EVERGREEN = "evergreen"
    LAUNCH = "launch"


class PatternStatus(StrEnum):
    ACTIVE = "active"
    EXPERIMENTAL = "experimental"
    DEPRECATED = "deprecated"


class BrandDTO(Frozen):
    """One brand of a tenant. `platforms` lists where its evidence must come from; empty means anywhere."""

    id: UUID
    slug: str
    name: str
    positioning: str | None = None
    tone_tags: list[str] = []
    taboos: list[str] = []
    platforms: list[str] = []
    is_synthetic: bool = False
    is_archived: bool = False
    created_at: datetime
    updated_at: datetime


class PersonaDTO(Frozen):
    id: UUID
    name: str
    role: str | None = None
    summary: str = ""
    priorities: list[str] = []
    pains: list[str] = []
    success_metrics: list[str] = []
    channel_biases: dict[str, float] = {}


class PillarDTO(Frozen):
    """A content pillar: a theme that the brand keeps speaking about. Rank 1 matters most."""

    id: UUID
    name: str
    category: str | None = None
    description: str = ""
    priority_rank: int | None = None
    is_active: bool = True
    keywords: list[str] = []


class PatternTemplateDTO(Frozen):
    id: UUID
    name: str
    category: PatternCategory
    status: PatternStatus = PatternStatus.ACTIVE
    beats: list[str] = []
    supported_channels: list[str] = []
    example_snippet: str | None = None
    performance_hint: str | None = None
    usage_count: int = 0
    avg_engagement_score: float | None = None


class BrandSnapshotDTO(Frozen):
    """A brand as it was at one moment, so that what a run used can be told later."""

    id: UUID
    snapshot_at: datetime
    brand_id: UUID
    brand_name: str
    positioning: str | None = None
    pillars: list[PillarDTO] = []
    personas: list[PersonaDTO] = []
    voice_tone_tags: list[str] = []
    taboos: list[str] = []


class BrandFileBrand(Strict):
    slug: Slug
    name: ShortText
    positioning: LongText | None = None
    tone_tags: list[ShortText] = []
    taboos: list[ShortText] = []
    platforms: list[ShortText] | None = Field(
        default=None, description="Where evidence must come from; empty: anywhere; left out: instagram or tiktok"
    )


class BrandFilePersona(Strict):
    name: ShortText
    role: ShortText | None = None
    summary: LongText = ""
    priorities: list[ShortText] = []
    pains: list[ShortText] = []
    success_metrics: list[ShortText] = []
    channel_biases: dict[str, float] = {}


class BrandFilePillar(Strict):
    name: ShortText
    category: ShortText | None = None
    description: LongText = ""
    priority_rank: Annotated[int, Field(ge=1, le=1000)] | None = None
    is_active: bool = True
    keywords: list[ShortText] = []


class BrandFilePattern(Strict):
    name: ShortText
    category: PatternCategory
    status: PatternStatus = PatternStatus.ACTIVE
    beats: list[ShortText] = []
    supported_channels: list[ShortText] = []
    example_snippet: LongText | None = None
    performance_hint: LongText | None = None


class BrandFileSurface(Strict):
    """A place to listen to, as a brand file names it; the evidence stage makes surfaces of these."""

    platform: ShortText
    surface_type: ShortText
    surface_key: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]
    role: ShortText = "market"
    cadence_minutes: Annotated[int, Field(ge=5, le=43_200)] = 60
    is_active: bool = True


class BrandFile(Strict):
    """A brand in the form for people and for tests (`kairo brand import|export`)."""

    tenant: Slug | None = None
    brand: BrandFileBrand
    personas: list[BrandFilePersona] = []
    pillars: list[BrandFilePillar] = []
    patterns: list[BrandFilePattern] = []
    surfaces: list[BrandFileSurface] = []

    @model_validator(mode="after")
    def names_are_unique(self) -> BrandFile:
        for kind, names in (
            ("personas", [persona.name for persona in self.personas]),
            ("pillars", [pillar.name for pillar in self.pillars]),
            ("patterns", [pattern.name for pattern in self.patterns]),
        ):
            twice = sorted({name for name in names if names.count(name) > 1})
            if twice:
                raise ValueError(f"{kind}: each name once, but {', '.join(twice)} stands there more than once")
        return self


class AgentsChoice(StrEnum):
    """Who does the agents' work in answers: this installation's own code, a model, or a model where one serves."""

    LOCAL = "local"
    MODEL = "model"
    AUTO = "auto"


class GateSettings(Strict):
    """What the evidence gates ask of a brand. A gate can be made stricter or milder; none can be switched off."""

    min_items: Annotated[int, Field(ge=1, le=500)] = 8
    min_items_with_text: Annotated[int, Field(ge=1, le=500)] = 6
    min_transcript_coverage: Annotated[float, Field(gt=0, le=1, description="Share of the video items")] = 0.30
    fresh_within_days: Annotated[float, Field(ge=1, le=365)] = 7
    min_long_items: Annotated[int, Field(ge=1, le=500)] = 4
    long_item_characters: Annotated[int, Field(ge=10, le=1000)] = 30
    min_authors: Annotated[int, Field(ge=2, le=500)] = 3
    min_urls: Annotated[int, Field(ge=1, le=500)] = 6
    max_duplicate_share: Annotated[float, Field(gt=0, le=0.5, description="Share of the items; less passes")] = 0.20
    min_content_share: Annotated[float, Field(gt=0, le=1, description="Share of the items")] = 0.60


Domain = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=253)]


class BrandSettings(Strict):
    """What a brand may set for itself, with the defaults. In a change, what is left out stays as it is."""

    gates: GateSettings = GateSettings()
    evidence_days: Annotated[int, Field(ge=1, le=365, description="Gates and boards look back so far")] = 30
    evidence_max_items: Annotated[int, Field(ge=20, le=5000, description="The newest so many of these days")] = 500
    capture_daily_usd: Annotated[float, Field(ge=0, le=10_000, description="Dollars a day for paid readings")] = 5
    allowed_domains: Annotated[
        list[Domain], Field(max_length=500, description="Only sources of these are shown; empty: of all")
    ] = []
    denied_domains: Annotated[list[Domain], Field(max_length=500, description="Sources of these are not shown")] = []
    agents: AgentsChoice = AgentsChoice.LOCAL

    @model_validator(mode="after")
    def gates_can_be_passed(self) -> BrandSettings:
        asked = self.gates
        needs = max(asked.min_items, asked.min_items_with_text, asked.min_long_items, asked.min_authors, asked.min_urls)
        if needs > self.evidence_max_items:
            raise ValueError(
                f"a gate asks for {needs} items, and only the newest {self.evidence_max_items} are looked at:"
                " raise evidence_max_items or lower the gate"
            )
        return self


class BrandSettingsDTO(Frozen):
    """A brand's settings as they hold, the defaults beside them, and the names of those that the brand has changed."""

    brand_id: UUID
    settings: BrandSettings
    defaults: BrandSettings
    changed: list[str]


class InvalidBrandSettings(Invalid):
    code = "invalid_brand_settings"


class BrandImported(Frozen):
    """What an import of a brand file did."""

    brand: BrandDTO
    tenant_slug: str
    created: bool
    changed: bool


class BrandChanged(Frozen):
    """The message that a brand was made or changed; it is announced in the change's own transaction."""

    brand_id: UUID
