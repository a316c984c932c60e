"""Taking in what there is to learn from: each decision once, and each day of a variant's audience once."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from pydantic import JsonValue

from kairo.errors import NotFound
from kairo.stages.content import queries as content
from kairo.stages.content.contracts import ContentPackageDTO
from kairo.stages.learning.contracts import LearningSignalType
from kairo.stages.learning.models import LearningEvent
from kairo.stages.opportunities import queries as opportunities
from kairo.stages.opportunities.contracts import DecidedObject, DecisionDTO, EffectDimension, OpportunityDTO

MOST_SOURCES = 200
"""A day of a busy variant has thousands of events: the first ones stand for them."""


@dataclass(frozen=True)
class About:
    """What a signal is about: ids, and the levels that effects are estimated for. `facts` go into the payload."""

    levels: dict[str, JsonValue]
    opportunity_id: UUID | None = None
    variant_id: UUID | None = None
    pattern_id: UUID | None = None
    facts: dict[str, JsonValue] = field(default_factory=dict)


def note_decision(*, decision_id: UUID, at: datetime) -> bool:
    """Keep a decision as something to learn from, and say whether it is; what was withdrawn teaches nothing."""
    decision = opportunities.decision(decision_id)
    if decision is None:
        return False
    try:
        about = _about(decision, at=at)
    except NotFound:
        return False
    told: dict[str, JsonValue] = {
        "decision_type": decision.decision_type,
        "object_type": decision.object_type,
        "object_id": str(decision.object_id),
    }
    event = LearningEvent(
        brand_id=decision.brand_id,
        event_key=f"decision:{decision.id}",
        signal_type=LearningSignalType.DECISION,
        pattern_id=about.pattern_id,
        opportunity_id=about.opportunity_id,
        variant_id=about.variant_id,
        payload={**told, **about.facts, "levels": about.levels},
        derived_from=[decision.id],
        effective_at=decision.recorded_at,
        created_at=at,
    )
    LearningEvent.objects.bulk_create([event], ignore_conflicts=True)
    return True


def note_engagement(*, variant_id: UUID, at: datetime) -> int:
    """Keep what a variant's audience did, day by day, as it is known by now; return how many days there are."""
    variant = content.variant(variant_id)
    about = about_variant(variant_id, at=at)
    events = [
        LearningEvent(
            brand_id=variant.brand_id,
            event_key=f"engagement:{variant_id}:{day.day}",
            signal_type=LearningSignalType.ENGAGEMENT,
            pattern_id=about.pattern_id,
            opportunity_id=about.opportunity_id,
            variant_id=variant_id,
            payload={"day": str(day.day), "counts": dict(day.counts), "levels": about.levels},
            derived_from=list(day.event_ids[:MOST_SOURCES]),
            effective_at=day.last_at,
            created_at=at,
        )
        for day in content.engagement_by_day(variant_id)
    ]
    LearningEvent.objects.bulk_create(
        events,
        update_conflicts=True,
        unique_fields=["tenant", "event_key"],
        update_fields=["payload", "derived_from", "effective_at"],
    )
    return len(events)


def _about(decision: DecisionDTO, *, at: datetime) -> About:
    if decision.object_type is DecidedObject.VARIANT:
        return about_variant(decision.object_id, at=at)
    if decision.object_type is DecidedObject.PACKAGE:
        return _about_package(content.package(decision.object_id), at=at)
    return _about_opportunity(opportunities.opportunity(decision.object_id, at=at))


def about_variant(variant_id: UUID, *, at: datetime) -> About:
    """Return what a variant is about: its opportunity's levels, with its own channel and pattern.

    Raises:
        NotFound: the variant, its package or its opportunity is not there.
    """
    variant = content.variant(variant_id)
    about = _about_package(content.package(variant.package_id), at=at)
    own: dict[str, JsonValue] = {EffectDimension.CHANNEL: variant.channel}
    if variant.pattern_template_id is not None:
        own[EffectDimension.PATTERN] = str(variant.pattern_template_id)
    return replace(about, levels={**about.levels, **own}, variant_id=variant_id, pattern_id=variant.pattern_template_id)


def _about_package(package: ContentPackageDTO, *, at: datetime) -> About:
    """What a package is about is its opportunity; where that one was withdrawn, what the package itself still says."""
    if package.origin_opportunity_id is not None:
        return replace(_about_opportunity(opportunities.opportunity(package.origin_opportunity_id, at=at)), facts={})
    levels: dict[str, JsonValue] = {}
    if package.pillar_id is not None:
        levels[EffectDimension.PILLAR] = str(package.pillar_id)
    if package.persona_id is not None:
        levels[EffectDimension.PERSONA] = str(package.persona_id)
    if package.primary_channel is not None:
        levels[EffectDimension.CHANNEL] = package.primary_channel
    return About(levels=levels, facts={"package_id": str(package.id)})


def _about_opportunity(opportunity: OpportunityDTO) -> About:
    levels: dict[str, JsonValue] = {
        EffectDimension.TYPE: opportunity.type,
        EffectDimension.CHANNEL: opportunity.primary_channel,
    }
    if opportunity.pillar_id is not None:
        levels[EffectDimension.PILLAR] = str(opportunity.pillar_id)
    if opportunity.persona_id is not None:
        levels[EffectDimension.PERSONA] = str(opportunity.persona_id)
    platforms = Counter(cited.platform for cited in opportunity.evidence)
    if platforms:
        levels[EffectDimension.PLATFORM] = {
            name: round(times / platforms.total(), 3) for name, times in sorted(platforms.items())
        }
    parts = [opportunity.score_breakdown.get(name) for name in ("learned", "winners")]
    moved = sum(sum(part.effects.values()) for part in parts if part)
    return About(
        levels=levels,
        opportunity_id=opportunity.id,
        # By these a replay knows which ones stood on one board, and how they were ranked before anything was learned.
        facts={"board_at": opportunity.created_at.isoformat(), "unlearned_score": round(opportunity.score - moved, 2)},
    )
