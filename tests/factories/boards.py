"""Boards with all that they stand on, written straight into the tables; each function makes the least valid row."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TypedDict, Unpack
from uuid import UUID, uuid4

from pydantic import JsonValue

from kairo.platform.database.sessions import tenant_transaction
from kairo.stages.brands.contracts import BrandDTO
from kairo.stages.brands.models import Brand, ContentPillar, Persona
from kairo.stages.brands.operations import take_snapshot
from kairo.stages.evidence.contracts import CaptureStatus, MediaType, SurfaceType
from kairo.stages.evidence.models import CaptureRun, EvidenceItem, EvidenceSighting, Surface
from kairo.stages.opportunities.contracts import BoardState, Channel, OpportunityType
from kairo.stages.opportunities.models import OpportunitiesBoard, Opportunity, OpportunityCitation

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


class BrandFields(TypedDict, total=False):
    name: str
    is_synthetic: bool
    archived_at: datetime


class ItemFields(TypedDict, total=False):
    platform: str
    url: str | None
    author_ref: str | None
    format_has_author: bool
    transcript: str
    language: str
    published_at: datetime | None


class CountFields(TypedDict, total=False):
    view_count: int
    like_count: int
    comment_count: int
    share_count: int


class OpportunityFields(TypedDict, total=False):
    title: str
    angle: str
    why_now: str
    type: OpportunityType
    primary_channel: Channel
    suggested_channels: list[Channel]
    score: float
    score_explanation: str
    score_breakdown: dict[str, JsonValue]
    independent_voices: int
    would_change_our_mind: str
    prediction: dict[str, JsonValue]


class BoardFields(TypedDict, total=False):
    run_id: UUID
    generator: str
    remediation: str
    diagnostics_json: dict[str, JsonValue]
    evidence_summary_json: dict[str, JsonValue]
    evidence_shortfall_json: dict[str, JsonValue]


def make_brand(tenant: UUID, *, slug: str = "northwind", **fields: Unpack[BrandFields]) -> BrandDTO:
    """Make a brand with one pillar, Brewing, and one persona, Home barista."""
    with tenant_transaction(tenant):
        brand = Brand.objects.create(slug=slug, **{"name": slug.capitalize(), **fields})
        ContentPillar.objects.create(brand=brand, name="Brewing")
        Persona.objects.create(brand=brand, name="Home barista")
        return brand.to_contract()


def make_item(
    tenant: UUID, *, brand_id: UUID, text: str, counts: CountFields | None = None, **fields: Unpack[ItemFields]
) -> UUID:
    """Make a post that was seen once on the brand's surface."""
    identity = uuid4().hex
    given: dict[str, object] = {
        "platform": "instagram",
        "platform_item_id": identity,
        "url": f"https://instagram.example/p/{identity}",
        "author_ref": "somebody",
        "text_content": text,
        "media_type": MediaType.TEXT,
        "published_at": NOON - timedelta(days=1),
        "captured_at": NOON,
        **fields,
    }
    with tenant_transaction(tenant):
        item = EvidenceItem.objects.create(**given)
        surface, _ = Surface.objects.get_or_create(
            brand_id=brand_id, platform=item.platform, surface_type=SurfaceType.IMPORT, surface_key="posts.jsonl"
        )
        capture = CaptureRun.objects.create(
            surface=surface, status=CaptureStatus.SUCCEEDED, started_at=NOON, ended_at=NOON
        )
        EvidenceSighting.objects.create(item=item, surface=surface, capture_run=capture, seen_at=NOON, **(counts or {}))
    return item.id


def make_opportunity(
    tenant: UUID, *, brand_id: UUID, cites: Sequence[tuple[UUID, str]], **fields: Unpack[OpportunityFields]
) -> UUID:
    """Make an opportunity that cites (item, quote) pairs, for the brand's pillar and persona."""
    given: dict[str, object] = {
        "title": "Show how to descale in five minutes",
        "angle": "Most people put it off because it looks hard.",
        "why_now": "Seven posts in two days ask for it.",
        "type": OpportunityType.TREND,
        "primary_channel": Channel.INSTAGRAM,
        "score": 71.0,
        "source": "cluster",
        "independent_voices": 1,
        "would_change_our_mind": "No new post asks for it within a week.",
        "created_at": NOON,
        "updated_at": NOON,
        **fields,
    }
    with tenant_transaction(tenant):
        opportunity = Opportunity.objects.create(
            brand_id=brand_id,
            pillar=ContentPillar.objects.filter(brand_id=brand_id).first(),
            persona=Persona.objects.filter(brand_id=brand_id).first(),
            **given,
        )
        for position, (item_id, quote) in enumerate(cites):
            item = EvidenceItem.objects.get(id=item_id)
            assert item.published_at is not None, "No opportunity cites a post without a date."
            OpportunityCitation.objects.create(
                opportunity=opportunity,
                item=item,
                position=position,
                quote=quote,
                url=item.url,
                author=item.author_ref,
                platform=item.platform,
                published_at=item.published_at,
            )
    return opportunity.id


def make_board(
    tenant: UUID,
    *,
    brand_id: UUID,
    state: BoardState = BoardState.READY,
    opportunity_ids: Sequence[UUID] = (),
    created_at: datetime = NOON,
    **fields: Unpack[BoardFields],
) -> UUID:
    """Make a stored board of a job that has ended."""
    with tenant_transaction(tenant):
        snapshot = take_snapshot(brand_id=brand_id, at=created_at)
        board = OpportunitiesBoard.objects.create(
            brand_id=brand_id,
            job_id=uuid4(),
            state=state,
            as_of=created_at,
            snapshot_id=snapshot.id,
            snapshot_json=snapshot.model_dump(mode="json"),
            opportunity_ids=list(opportunity_ids),
            created_at=created_at,
            **{"generator": "extractive", "diagnostics_json": {"ready_reason": "generated"}, **fields},
        )
    return board.id


def make_ready_board(tenant: UUID, *, brand_id: UUID, text: str = "How do I descale my machine?") -> UUID:
    """Make a ready board of one opportunity that cites the whole of one post."""
    item_id = make_item(tenant, brand_id=brand_id, text=text)
    opportunity_id = make_opportunity(tenant, brand_id=brand_id, cites=[(item_id, text)])
    return make_board(tenant, brand_id=brand_id, opportunity_ids=[opportunity_id])
