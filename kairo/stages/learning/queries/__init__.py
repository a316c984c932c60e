"""Reads of learning. Nothing here writes, calls a model or reaches the network."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from kairo.stages.brands import queries as brands
from kairo.stages.learning.contracts import (
    BrandLearningDTO,
    CalibrationDTO,
    KeptEffects,
    LearnedModelDTO,
    LearningEventDTO,
    ModelKind,
    ModelStatus,
    PredictionVerdict,
    VoidReason,
)
from kairo.stages.learning.models import LearnedModel, LearningEvent, PredictionScore
from kairo.stages.learning.queries.budget_log import newest_selection as newest_selection
from kairo.stages.learning.queries.budget_log import selection as selection
from kairo.stages.learning.queries.budgets import budget_settings as budget_settings
from kairo.stages.learning.queries.budgets import recommendation_scores as recommendation_scores
from kairo.stages.learning.queries.measures import market_measures as market_measures
from kairo.stages.learning.queries.registry import champion as champion
from kairo.stages.learning.queries.registry import promotions as promotions
from kairo.stages.learning.queries.registry import registered_model as registered_model
from kairo.stages.learning.queries.registry import registered_models as registered_models
from kairo.stages.learning.queries.winners import newest_winners as newest_winners
from kairo.stages.learning.queries.winners import similar_winners as similar_winners
from kairo.stages.learning.rules.effects import HALF_LIFE_DAYS
from kairo.stages.learning.rules.handing_down import learned_effects
from kairo.stages.learning.rules.predictions import Scored
from kairo.stages.learning.rules.predictions import calibration as calibrated
from kairo.stages.opportunities import queries as opportunities

NOTHING_YET = (
    "Nothing learned yet: decide on what the board proposes, and send in what audiences of published variants do."
)


def learning_events(brand_id: UUID, *, limit: int = 200) -> list[LearningEventDTO]:
    """List what a brand's learning rests on, newest first."""
    found = LearningEvent.objects.filter(brand_id=brand_id).order_by("-effective_at", "-id")
    return [row.to_contract() for row in found[:limit]]


def learned_models(brand_id: UUID, *, limit: int = 50) -> list[LearnedModelDTO]:
    """List the versions of what was learned for a brand, newest first."""
    found = LearnedModel.objects.filter(brand_id=brand_id).order_by("-version")
    return [row.to_contract() for row in found[:limit]]


def scored_predictions(brand_id: UUID) -> list[Scored]:
    """List the predictions of a brand that could be measured."""
    found = PredictionScore.objects.filter(brand_id=brand_id).exclude(verdict=PredictionVerdict.VOID)
    return [
        Scored(row.probability, row.unadjusted, row.verdict == PredictionVerdict.CAME_TRUE)
        for row in found.order_by("due_at", "id")
    ]


def calibration(brand_id: UUID, *, at: datetime) -> CalibrationDTO:
    """Return how often a brand's predictions were right.

    Raises:
        BrandNotFound: no such brand of this tenant.
    """
    brands.brand(brand_id)
    made, due = opportunities.prediction_counts(brand_id, at=at)
    void = PredictionScore.objects.filter(brand_id=brand_id).values_list("void_reason", flat=True)
    return calibrated(
        brand_id=brand_id,
        at=at,
        predictions=made,
        due=due,
        scored=scored_predictions(brand_id),
        void=[VoidReason(reason) for reason in void if reason is not None],
    )


def learning_summary(brand_id: UUID, *, at: datetime) -> BrandLearningDTO:
    """Return what was learned for a brand, by the names that things have now.

    Raises:
        BrandNotFound: no such brand of this tenant.
    """
    brands.brand(brand_id)
    names = {str(pillar.id): pillar.name for pillar in brands.pillars(brand_id)}
    names |= {str(persona.id): persona.name for persona in brands.personas(brand_id)}
    names |= {str(pattern.id): pattern.name for pattern in brands.patterns(brand_id)}
    summary = opportunities.learned(brand_id, names=names, at=at)
    champion = LearnedModel.objects.filter(
        brand_id=brand_id, kind=ModelKind.SCORE_EFFECTS, status=ModelStatus.CHAMPION
    ).first()
    if champion is None:
        return BrandLearningDTO(**{**summary.model_dump(), "notes": [NOTHING_YET]})
    return BrandLearningDTO(
        **{
            **summary.model_dump(),
            "effects": learned_effects(KeptEffects.model_validate(champion.artifact), names=names),
            "recent_engagement_score": champion.metrics.get("engagement_rate"),
            "replay": champion.metrics.get("replay"),
            "notes": _notes(champion),
        }
    )


def _notes(champion: LearnedModel) -> list[str]:
    decisions, variants = champion.metrics["decisions"], champion.metrics["variants"]
    ads = champion.metrics.get("ads", 0)
    advertised = f" and the results of {ads} ads" if ads else ""
    return [
        f"Learned from {decisions} decisions and the audiences of {variants} variants{advertised}; after"
        f" {HALF_LIFE_DAYS:.0f} days each of them counts half."
    ]
