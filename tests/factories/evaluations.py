"""A run of the hero loop as it would be left behind: by default a good one, of made-up posts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from kairo.stages.brands.contracts import BrandSnapshotDTO, PersonaDTO, PillarDTO
from kairo.stages.content.contracts import (
    ClaimDTO,
    ClaimStatus,
    ContentPackageDTO,
    PackageBand,
    PackageStatus,
    VariantBand,
    VariantDTO,
    VariantStatus,
)
from kairo.stages.content.rules.evaluating_report import EvalInputs
from kairo.stages.content.rules.evaluating_run import LoopRun, Made
from kairo.stages.evidence.contracts import EvidenceItemDTO
from kairo.stages.opportunities.contracts import (
    BoardState,
    Channel,
    CitedEvidenceDTO,
    CreatedVia,
    OpportunityDTO,
    OpportunityType,
    TodayBoardDTO,
    TodayBoardMetaDTO,
)

NOON = datetime(2026, 10, 1, 12, tzinfo=UTC)
BRAND = UUID(int=1)
PILLAR = UUID(int=2)
PERSONA = UUID(int=3)
SUBJECTS = ("kettles", "filters", "grinders", "scales", "beans", "cups")
ANGLES = (
    "Boil water in three of them and time it on camera.",
    "Rinse paper and metal side by side, then taste both blind.",
    "Open an old machine and show where stale oil hides.",
    "Weigh one spoon ten times to see how far it drifts.",
    "Follow a bag from roasting day until its smell is gone.",
    "Ask a potter why thin rims make coffee seem sweeter.",
)


def item(number: int, **changes: object) -> EvidenceItemDTO:
    """Build a post that asks about one subject."""
    fields: dict[str, object] = {
        "id": UUID(int=1000 + number),
        "platform": "instagram",
        "platform_item_id": str(number),
        "text": f"Which of these {SUBJECTS[number % len(SUBJECTS)]} lasts longest, and why do people swear by it?",
        "captured_at": NOON,
        "published_at": NOON,
    }
    return EvidenceItemDTO.model_validate(fields | changes)


def opportunity(number: int, **changes: object) -> OpportunityDTO:
    """Build an opportunity that quotes the post of its number."""
    subject = SUBJECTS[number % len(SUBJECTS)]
    quote = f"Which of these {subject} lasts longest"
    cited = CitedEvidenceDTO(id=UUID(int=1000 + number), quote=quote, platform="instagram", published_at=NOON)
    fields: dict[str, object] = {
        "id": UUID(int=2000 + number),
        "brand_id": BRAND,
        "title": f"Which {subject} really last",
        "angle": ANGLES[number % len(ANGLES)],
        "type": OpportunityType.EVERGREEN,
        "primary_channel": Channel.LINKEDIN,
        "score": 60,
        "source": "cluster",
        "pillar_id": PILLAR,
        "created_at": NOON,
        "updated_at": NOON,
        "why_now": "3 posts in the last 10 days.",
        "evidence_ids": [cited.id],
        "evidence": [cited],
        "independent_voices": 3,
        "would_change_our_mind": "Nobody asks any more.",
    }
    return OpportunityDTO.model_validate(fields | changes)


def package(number: int, **changes: object) -> ContentPackageDTO:
    """Build the stored package of an opportunity."""
    fields: dict[str, object] = {
        "id": UUID(int=3000 + number),
        "brand_id": BRAND,
        "title": f"Which {SUBJECTS[number % len(SUBJECTS)]} really last",
        "thesis": "People ask it in public.",
        "status": PackageStatus.DRAFT,
        "channels": [Channel.LINKEDIN],
        "created_via": CreatedVia.AI_SUGGESTED,
        "created_at": NOON,
        "updated_at": NOON,
        "package_score": 12,
        "quality_band": PackageBand.BOARD_READY,
        "generator": "local",
        "evidence_ids": [UUID(int=1000 + number)],
    }
    return ContentPackageDTO.model_validate(fields | changes)


def variant(number: int, **changes: object) -> VariantDTO:
    """Build the stored text of a package, of one sentence that cites the opportunity's post."""
    said = f"Somebody asked: “Which of these {SUBJECTS[number % len(SUBJECTS)]} lasts longest”."
    fields: dict[str, object] = {
        "id": UUID(int=4000 + number),
        "package_id": UUID(int=3000 + number),
        "brand_id": BRAND,
        "channel": Channel.LINKEDIN,
        "status": VariantStatus.DRAFT,
        "body": said,
        "call_to_action": "How do you do it?",
        "eval_score": 10,
        "quality_band": VariantBand.PUBLISH_READY,
        "claims": [ClaimDTO(text=said, evidence_ids=[UUID(int=1000 + number)], status=ClaimStatus.CITED)],
        "created_at": NOON,
        "updated_at": NOON,
        "version": 1,
    }
    return VariantDTO.model_validate(fields | changes)


def made(number: int) -> Made:
    """Build an opportunity with its package and its one variant."""
    return Made(opportunity(number), package=package(number), variants=[variant(number)])


def loop_run(cases: Sequence[Made] | None = None, *, taboos: Sequence[str] = (), **changes: object) -> LoopRun:
    """Build a run of these cases, by default of six good ones; the posts of all six are stored."""
    ready = TodayBoardMetaDTO(state=BoardState.READY, generator="extractive", total_candidates=9)
    snapshot = BrandSnapshotDTO(
        id=UUID(int=4),
        snapshot_at=NOON,
        brand_id=BRAND,
        brand_name="Brew",
        pillars=[PillarDTO(id=PILLAR, name="Tools")],
        personas=[PersonaDTO(id=PERSONA, name="Home barista")],
    )
    fields: dict[str, object] = {
        "name": "brew",
        "generator": "extractive",
        "as_of": NOON,
        "made_at": NOON,
        "inputs": EvalInputs(brand="Brew", items=6, signals="fixture", sha256="a" * 64),
        "board": TodayBoardDTO(brand_id=BRAND, snapshot=snapshot, meta=ready),
        "made": [made(number) for number in range(6)] if cases is None else list(cases),
        "items": {one.id: one for one in map(item, range(6))},
        "taboos_said": lambda text: [taboo for taboo in taboos if taboo in text.casefold()],
        "latency_ms": {"board": 10, "total": 30},
    }
    return LoopRun(**(fields | changes))  # type: ignore[arg-type]
