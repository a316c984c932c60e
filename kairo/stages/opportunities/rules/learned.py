"""What was learned, as scores take it: effects by name, and the points that each is worth to one opportunity.

An effect of +1 would turn even odds of acceptance into certainty. Effects add up, because they were estimated side by
side; together they move a score by `MOST_LEARNED_POINTS` at the furthest, and then each by its share.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kairo.stages.opportunities.contracts import (
    MOST_LEARNED_POINTS,
    Channel,
    EffectDimension,
    LearningSummaryDTO,
    OpportunityType,
    ScoreEffectsDTO,
)
from kairo.stages.opportunities.rules.channels import channel_effects

SMALLEST_POINTS = 0.01
Named = tuple[EffectDimension, str]


@dataclass(frozen=True)
class Levels:
    """What of an opportunity may be liked or disliked; `platforms` lists the platform of each cited post."""

    pillar: str | None
    persona: str | None
    channel: Channel
    type: OpportunityType | None = None
    platforms: Sequence[str] = ()


def summary_of(
    effects: ScoreEffectsDTO | None, *, names: Mapping[str, str], brand_id: UUID, at: datetime
) -> LearningSummaryDTO:
    """Return effects as a summary, by the names that pillars, personas and patterns have now (`names`: id → name).

    What has lost its name is left out: its pillar or persona is the brand's no more.
    """
    if effects is None:
        return LearningSummaryDTO(brand_id=brand_id, generated_at=at)
    by_dimension: dict[EffectDimension, dict[str, float]] = {dimension: {} for dimension in EffectDimension}
    for learned in effects.effects:
        by_dimension[learned.dimension][learned.key] = learned.effect
    patterns = _best_first(by_dimension[EffectDimension.PATTERN])
    return LearningSummaryDTO(
        brand_id=brand_id,
        generated_at=at,
        top_performing_patterns=[
            {"pattern_id": key, "name": names[key], "effect": effect} for key, effect in patterns if key in names
        ],
        top_performing_channels=[
            {"channel": key, "effect": effect} for key, effect in _best_first(by_dimension[EffectDimension.CHANNEL])
        ],
        pillar_performance=_named(by_dimension[EffectDimension.PILLAR], names),
        persona_engagement=_named(by_dimension[EffectDimension.PERSONA], names),
        type_performance=by_dimension[EffectDimension.TYPE],
        platform_performance=by_dimension[EffectDimension.PLATFORM],
        version=effects.version,
        probability_shift=effects.probability_shift,
    )


def learned_points(learning: LearningSummaryDTO, levels: Levels) -> dict[Named, float]:
    """Return the points of the score that each learned effect is worth to an opportunity, to two decimals."""
    effects = {key: effect for key, effect in _effects_on(learning, levels).items() if effect}
    together = abs(sum(effects.values()))
    scale = MOST_LEARNED_POINTS / max(1.0, together)
    points = {key: round(effect * scale, 2) for key, effect in effects.items()}
    return {key: worth for key, worth in points.items() if abs(worth) >= SMALLEST_POINTS}


def _effects_on(learning: LearningSummaryDTO, levels: Levels) -> dict[Named, float]:
    found: dict[Named, float] = {
        (EffectDimension.PILLAR, levels.pillar or ""): learning.pillar_performance.get(levels.pillar or "", 0.0),
        (EffectDimension.PERSONA, levels.persona or ""): learning.persona_engagement.get(levels.persona or "", 0.0),
        (EffectDimension.TYPE, levels.type or ""): learning.type_performance.get(levels.type or "", 0.0),
        (EffectDimension.CHANNEL, levels.channel.value): channel_effects(learning).get(levels.channel, 0.0),
    }
    for platform, times in sorted(Counter(levels.platforms).items()):
        share = times / len(levels.platforms)
        found[EffectDimension.PLATFORM, platform] = share * learning.platform_performance.get(platform, 0.0)
    return {key: max(-1.0, min(1.0, effect)) for key, effect in found.items()}


def _named(effects: Mapping[str, float], names: Mapping[str, str]) -> dict[str, float]:
    return {names[key]: effect for key, effect in effects.items() if key in names}


def _best_first(effects: Mapping[str, float]) -> Iterable[tuple[str, float]]:
    return sorted(effects.items(), key=lambda entry: (-entry[1], entry[0]))
