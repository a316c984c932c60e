"""From two posteriors to what scores take, and to what is kept of them."""

from __future__ import annotations

from collections.abc import Mapping

from kairo.stages.learning.contracts import EstimateDTO, KeptEffect, KeptEffects, LearnedEffectDTO
from kairo.stages.learning.rules.effects import Effect, Posterior
from kairo.stages.opportunities.contracts import EffectDimension, ScoreEffectDTO

OUTCOME_SHARE = 0.5
"""What audiences did counts half of what people of the brand decided: an outcome hangs on much besides the idea."""
SMALLEST = 0.005
NAMED_BY_ID = frozenset({EffectDimension.PILLAR, EffectDimension.PERSONA, EffectDimension.PATTERN})


def combined(acceptance: float, outcome: float) -> float:
    """Return the effect on a score, -1 to 1, of an effect on acceptance and one on outcome."""
    return round(max(-1.0, min(1.0, acceptance + OUTCOME_SHARE * outcome)), 4)


def score_effects(acceptance: Posterior, outcome: Posterior) -> list[ScoreEffectDTO]:
    """Return the effects that scores take, in the order of dimension and key; those too small to show are left out."""
    effects = [
        ScoreEffectDTO(
            dimension=dimension,
            key=key,
            effect=combined(acceptance.of((dimension, key)).mean, outcome.of((dimension, key)).mean),
        )
        for dimension, key in sorted({*acceptance.effects, *outcome.effects})
    ]
    return [effect for effect in effects if abs(effect.effect) >= SMALLEST]


def kept_effects(acceptance: Posterior, outcome: Posterior, *, shift: float = 0.0) -> KeptEffects:
    """Return both posteriors to four decimals: what a later reader needs to tell them again."""
    return KeptEffects(
        usual_acceptance=round(acceptance.usual, 4),
        usual_outcome=round(outcome.usual, 4),
        probability_shift=shift,
        effects=[
            KeptEffect(
                dimension=dimension,
                key=key,
                acceptance=_told(acceptance.of((dimension, key))),
                outcome=_told(outcome.of((dimension, key))),
            )
            for dimension, key in sorted({*acceptance.effects, *outcome.effects})
        ],
    )


def effects_to_take(kept: KeptEffects) -> list[ScoreEffectDTO]:
    """Return the effects that scores take from what was kept of a version."""
    effects = [
        ScoreEffectDTO(
            dimension=effect.dimension,
            key=effect.key,
            effect=combined(effect.acceptance.mean, effect.outcome.mean),
        )
        for effect in kept.effects
    ]
    return [effect for effect in effects if abs(effect.effect) >= SMALLEST]


def learned_effects(kept: KeptEffects, *, names: Mapping[str, str]) -> list[LearnedEffectDTO]:
    """Return effects by name, the strongest first; a pillar, persona or pattern without a name is left out."""
    found = [
        LearnedEffectDTO(
            dimension=effect.dimension,
            key=effect.key,
            name=names.get(effect.key, effect.key),
            effect=combined(effect.acceptance.mean, effect.outcome.mean),
            acceptance=effect.acceptance.mean,
            acceptance_sd=effect.acceptance.sd,
            decisions=effect.acceptance.count,
            outcome=effect.outcome.mean,
            outcome_sd=effect.outcome.sd,
            outcomes=effect.outcome.count,
        )
        for effect in kept.effects
        if effect.key in names or effect.dimension not in NAMED_BY_ID
    ]
    return sorted(found, key=lambda effect: (-abs(effect.effect), effect.dimension, effect.name))


def _told(effect: Effect) -> EstimateDTO:
    return EstimateDTO(mean=round(effect.mean, 4), sd=round(effect.sd, 4), count=round(effect.count, 2))
