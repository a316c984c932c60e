"""What a deal counts in each stage: what people set, what the CRM says, what was learned, and how well that held."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import BeforeValidator, Field, PlainSerializer, StringConstraints, WithJsonSchema

from kairo.errors import Invalid
from kairo.shapes import Frozen, Strict

MAX_MONEY = Decimal("99999999999.9999")
DEFAULT_PIPELINE = "default"
DEFAULT_CURRENCY = "USD"


def _number_text(value: object) -> object:
    """Take 0.1 for one tenth, as it was written, and not for the nearest binary fraction."""
    return str(value) if isinstance(value, float) else value


Money = Annotated[
    Decimal,
    BeforeValidator(_number_text),
    Field(ge=-MAX_MONEY, le=MAX_MONEY, decimal_places=4, allow_inf_nan=False),
    # At most fifteen digits: the shortest text of the double is the decimal itself.
    PlainSerializer(float, return_type=float, when_used="unless-none"),
    WithJsonSchema({"type": "number", "description": "Money: a decimal in its currency's unit"}, mode="serialization"),
]
PositiveMoney = Annotated[Money, Field(ge=0)]
Currency = Annotated[
    str, StringConstraints(strip_whitespace=True, to_upper=True, pattern=r"^[A-Za-z]{3}$"), Field(examples=["USD"])
]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Probability = Annotated[float, Field(ge=0, le=1)]


class StageKind(StrEnum):
    """What being in a stage means. A lost deal that comes to an open or a reopening stage counts again."""

    OPEN = "open"
    WON = "won"
    LOST = "lost"
    REOPENED = "reopened"


class StageOrigin(StrEnum):
    """Who says what a stage is worth."""

    OWN = "own"
    CRM = "crm"
    DEFAULT = "default"


class ProbabilitySource(StrEnum):
    """Where a figure comes from, the strongest first."""

    OWN = "own"
    LEARNED = "learned"
    CRM = "crm"
    DEFAULT = "default"


class StageSetting(Strict):
    """What a deal counts in a stage: `expected_value`, or its amount times `probability`. 0 is a value, not missing."""

    stage: Name
    kind: StageKind = StageKind.OPEN
    expected_value: PositiveMoney | None = None
    probability: Probability | None = None


class PipelineStages(Strict):
    """The stages of one pipeline, in their order; an expected value is in `currency`."""

    pipeline: Name = DEFAULT_PIPELINE
    currency: Currency = DEFAULT_CURRENCY
    stages: list[StageSetting] = Field(default=[], max_length=200)


class StageDTO(Frozen):
    """A stage as it counts now: what is set for it, and the probability that is used where an amount is known."""

    stage: str
    kind: StageKind
    expected_value: Money | None = None
    probability: float | None = None
    origin: StageOrigin
    learned_probability: float | None = None
    learned_from: int | None = None


class PipelineDTO(Frozen):
    pipeline: str
    currency: str
    stages: list[StageDTO]


class StagesDTO(Frozen):
    """Every pipeline that has stages; `template` names the set of defaults that the account started from."""

    pipelines: list[PipelineDTO]
    template: str
    templates: list[str]


class StagesChange(Strict):
    """New stages for pipelines, or a set of defaults to copy. What is not named stays as it is."""

    pipelines: list[PipelineStages] = Field(default=[], max_length=50)
    copy_from: Name | None = None
    idempotency_key: Annotated[str, StringConstraints(max_length=200)] | None = None


class CalibrationBin(Frozen):
    """Held-out deals of like probability, from `low` up to `high`: what was said, and how many were won."""

    low: float
    high: float
    count: int
    mean_probability: float
    share_won: float


class StageCalibrationDTO(Frozen):
    """How right the probabilities were on deals that they had not seen, all later than what they learned from.

    `brier` is the mean squared error, 0 is perfect; `ece` the mean distance between said and seen, by tenths.
    """

    looks: int
    deals: int
    brier: float
    brier_of_base_rate: float
    brier_of_defaults: float
    ece: float
    bins: list[CalibrationBin]
    held_out_since: datetime


class StageCurve(Frozen):
    """The learned probability of one stage by the days that a deal has been in it; `visits` deals came through."""

    stage: str
    visits: int
    ages: list[float]
    probabilities: list[float]
    at_risk: list[float]


class StageModelDTO(Frozen):
    """One version of what was learned for a pipeline. `mean` is what all stages are drawn to."""

    pipeline: str
    version: int
    closed: int
    won: int
    mean: float
    horizon_days: float
    half_life_days: float
    trained_until: datetime
    created_at: datetime
    stages: list[StageCurve]
    calibration: StageCalibrationDTO | None = None


class StageModelsDTO(Frozen):
    """The newest version for each pipeline; `says` tells where there is none."""

    models: list[StageModelDTO]
    says: str


class UnknownTemplate(Invalid):
    """There is no set of defaults of this name."""

    code = "unknown_template"
