"""The frozen shapes of learning: what was taken in, what follows from it, and how well predictions held."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from pydantic import JsonValue

from kairo.shapes import Frozen
from kairo.stages.opportunities.contracts import EffectDimension, LearningSummaryDTO


class LearningSignalType(StrEnum):
    DECISION = "decision"
    ENGAGEMENT = "engagement"
    AD_RESULT = "ad_result"
    REVENUE = "revenue"


class ModelKind(StrEnum):
    """What is learned and kept version by version: score effects for a brand, the others for an account."""

    SCORE_EFFECTS = "score_effects"
    DELAY_CURVE = "delay_curve"
    MATCH_WEIGHTS = "match_weights"
    STAGE_PROBABILITIES = "stage_probabilities"
    TREND_BASELINE = "trend_baseline"


class ModelStatus(StrEnum):
    CHALLENGER = "challenger"
    CHAMPION = "champion"
    RETIRED = "retired"


class LearningEventDTO(Frozen):
    """One thing that was learned from: a decision, or what a variant's audience did on a day. It holds no texts.

    `derived_from` names the decision, or the execution events, that it was made of.
    """

    id: UUID
    brand_id: UUID
    signal_type: LearningSignalType
    pattern_id: UUID | None = None
    opportunity_id: UUID | None = None
    variant_id: UUID | None = None
    payload: dict[str, JsonValue] = {}
    derived_from: list[UUID] = []
    effective_at: datetime
    created_at: datetime


class EstimateDTO(Frozen):
    """A posterior: mean, standard deviation, and how many verdicts it rests on, the old counting less."""

    mean: float
    sd: float
    count: float


class KeptEffect(Frozen):
    """What is kept of one level: how it moves acceptance and how it moves outcome."""

    dimension: EffectDimension
    key: str
    acceptance: EstimateDTO
    outcome: EstimateDTO


class KeptEffects(Frozen):
    """All effects of a version. `usual_…` is what is usual for the brand, `probability_shift` corrects its bets."""

    usual_acceptance: float
    usual_outcome: float
    probability_shift: float = 0.0
    effects: list[KeptEffect] = []


class LearnedEffectDTO(Frozen):
    """The posterior of one level: mean and standard deviation of its effect on acceptance and on outcome, -1 to 1.

    `effect` is what scores take. `decisions` and `outcomes` count what it rests on, the old counting less.
    """

    dimension: EffectDimension
    key: str
    name: str
    effect: float
    acceptance: float
    acceptance_sd: float
    decisions: float
    outcome: float
    outcome_sd: float
    outcomes: float


class ReplayDTO(Frozen):
    """Boards as people decided on them, ranked again by what had been learned before each of them.

    `acceptance_with` and `acceptance_without` are the shares of accepted ones among the first five that a person has
    decided on, with learning and without.
    """

    boards: int
    acceptance_with: float
    acceptance_without: float


class BrandLearningDTO(LearningSummaryDTO):
    """A learning summary with what it rests on: each effect, and what learning would have done on earlier boards."""

    effects: list[LearnedEffectDTO] = []
    replay: ReplayDTO | None = None


class LearnedModelDTO(Frozen):
    """One version of what was learned. `artifact` is the thing itself; the window tells what it was learned from.

    Without `brand_id` it serves the whole account. `subject` tells several of one kind apart, such as pipelines.
    """

    id: UUID
    brand_id: UUID | None
    kind: ModelKind
    subject: str = ""
    version: int
    status: ModelStatus
    artifact: dict[str, JsonValue]
    metrics: dict[str, JsonValue] = {}
    trained_from: datetime | None = None
    trained_until: datetime
    created_at: datetime


class PredictionVerdict(StrEnum):
    """How a prediction ended. A void one could not be measured, and counts for nothing."""

    CAME_TRUE = "came_true"
    FAILED = "failed"
    VOID = "void"


class VoidReason(StrEnum):
    """Why a prediction could not be measured."""

    NOT_LISTENED = "not_listened"
    RECORDED_LATE = "recorded_late"
    REPEATED = "repeated"
    UNKNOWN_MEASURE = "unknown_measure"


class ReliabilityBin(Frozen):
    """Predictions of like probability, from `low` up to `high`: what they said on average, and how often it was so."""

    low: float
    high: float
    count: int
    mean_probability: float
    share_true: float


class CalibrationDTO(Frozen):
    """How often predictions were right. `brier` is their mean squared error: 0 is perfect, 0.25 is a coin's.

    `brier_of_base_rate` is what saying the observed share each time would have got. Those that are `due` are scored,
    void, or waiting for evidence of their last days.
    """

    brand_id: UUID
    generated_at: datetime
    predictions: int
    due: int
    scored: int
    void: int
    waiting: int
    void_reasons: dict[str, int] = {}
    came_true: int
    mean_probability: float | None = None
    brier: float | None = None
    brier_of_base_rate: float | None = None
    bins: list[ReliabilityBin] = []
    is_enough: bool
    says: str


class UpdateEffects(Frozen):
    """The message by the clock: what is old counts less, whoever decides anything."""


class ScorePredictions(Frozen):
    """The message by the clock: whatever is due when the work is done."""


class NoteAdResults(Frozen):
    """The message by the clock: take in what ads did and brought since."""
