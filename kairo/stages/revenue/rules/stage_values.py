"""What a stage is worth: what people set, what was learned, what the CRM says, what usually holds; in that order."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from kairo.stages.revenue.contracts.stages import (
    DEFAULT_CURRENCY,
    DEFAULT_PIPELINE,
    PipelineStages,
    ProbabilitySource,
    StageCurve,
    StageKind,
    StageModelDTO,
    StageOrigin,
    StageSetting,
)
from kairo.stages.revenue.rules.money import rounded
from kairo.stages.revenue.rules.survival import probability_at

GENERAL = "general"
_NOT_LETTERS = re.compile(r"[^0-9a-zа-яё]+")
CONFIDENCE_OF_CASH = 1.0
CONFIDENCE_OF_SETTING = 0.6
CONFIDENCE_OF_CRM = 0.5
CONFIDENCE_OF_DEFAULT = 0.3
VISITS_FOR_HALF = 20.0
"""A learned probability that this many deals stand behind is trusted as half of cash is."""

_OPEN, _WON, _LOST = StageKind.OPEN, StageKind.WON, StageKind.LOST


def _stages(*named: tuple[str, StageKind, float]) -> list[StageSetting]:
    return [StageSetting(stage=stage, kind=kind, probability=chance) for stage, kind, chance in named]


_GENERAL = PipelineStages(
    stages=_stages(
        ("lead", _OPEN, 0.05),
        ("appointment_scheduled", _OPEN, 0.2),
        # HubSpot's own default pipeline says .2, .4, .6, .8, .9.
        ("qualified_to_buy", _OPEN, 0.4),
        ("qualified", _OPEN, 0.4),
        ("presentation_scheduled", _OPEN, 0.6),
        ("decision_maker_bought_in", _OPEN, 0.8),
        ("proposal", _OPEN, 0.8),
        ("contract_sent", _OPEN, 0.9),
        ("closed_won", _WON, 1.0),
        ("won", _WON, 1.0),
        ("closed_lost", _LOST, 0.0),
        ("lost", _LOST, 0.0),
        ("reopened", StageKind.REOPENED, 0.2),
    )
)
_FITNESS = PipelineStages(
    stages=[
        StageSetting(stage="appointment_scheduled", expected_value=Decimal(2250), probability=0.2),
        *(stage for stage in _GENERAL.stages if stage.stage != "appointment_scheduled"),
    ]
)
TEMPLATES: Mapping[str, PipelineStages] = {GENERAL: _GENERAL, "ptd-fitness": _FITNESS}
"""Sets of defaults to copy; an account of the same name starts from its set."""


def folded(stage: str) -> str:
    """Return what tells a stage's name apart: closedwon, Closed Won and closed_won are one."""
    return _NOT_LETTERS.sub("", stage.casefold()) or stage


@dataclass(frozen=True)
class StageWorth:
    """What a deal counts in a stage, and why. `amount` is None where an amount would be needed and is not known."""

    amount: Decimal | None
    currency: str
    confidence: float
    probability: float | None
    source: ProbabilitySource | None


@dataclass(frozen=True)
class KnownStage:
    """A stage's setting and who made it."""

    setting: StageSetting
    origin: StageOrigin


@dataclass(frozen=True)
class PipelineRules:
    """What holds for the deals of one pipeline."""

    currency: str
    stages: Mapping[str, KnownStage]
    curves: Mapping[str, StageCurve] = field(default_factory=dict)

    def kind_of(self, stage: str) -> StageKind:
        """Return what being in a stage means; one that nobody has described is open."""
        known = self.stages.get(folded(stage))
        return known.setting.kind if known else StageKind.OPEN

    def worth(
        self, stage: str, *, kind: StageKind, amount: Decimal | None, currency: str | None, age_days: float = 0.0
    ) -> StageWorth:
        """Return what a deal of this amount counts in a stage, after so many days in it."""
        of_deal = currency or self.currency
        known = self.stages.get(folded(stage))
        if kind is StageKind.LOST:
            return StageWorth(Decimal(0), of_deal, CONFIDENCE_OF_CASH, 0.0, None)
        if kind is StageKind.WON and amount is not None:
            return StageWorth(amount, of_deal, CONFIDENCE_OF_CASH, 1.0, None)
        if known and known.setting.expected_value is not None:
            is_own = known.origin is StageOrigin.OWN
            return StageWorth(
                known.setting.expected_value,
                self.currency,
                CONFIDENCE_OF_SETTING if is_own else CONFIDENCE_OF_DEFAULT,
                known.setting.probability,
                ProbabilitySource.OWN if is_own else ProbabilitySource.DEFAULT,
            )
        chance, source, confidence = self.probability(stage, age_days=age_days)
        if amount is None or chance is None:
            return StageWorth(Decimal(0) if chance == 0 else None, of_deal, 0.0, chance, source)
        expected = rounded(amount * Decimal(repr(chance)), of_deal)
        return StageWorth(expected, of_deal, confidence, chance, source)

    def probability(self, stage: str, *, age_days: float = 0.0) -> tuple[float | None, ProbabilitySource | None, float]:
        """Return the chance that a deal in a stage is won, who says so, and how much stands behind it."""
        known = self.stages.get(folded(stage))
        if known and known.origin is StageOrigin.OWN and known.setting.probability is not None:
            return known.setting.probability, ProbabilitySource.OWN, CONFIDENCE_OF_SETTING
        curve = self.curves.get(folded(stage))
        if curve is not None:
            chance, at_risk = probability_at(curve, age_days)
            return round(chance, 6), ProbabilitySource.LEARNED, at_risk / (at_risk + VISITS_FOR_HALF)
        if known is None or known.setting.probability is None:
            return None, None, 0.0
        if known.origin is StageOrigin.CRM:
            return known.setting.probability, ProbabilitySource.CRM, CONFIDENCE_OF_CRM
        return known.setting.probability, ProbabilitySource.DEFAULT, CONFIDENCE_OF_DEFAULT


@dataclass(frozen=True)
class Pipelines:
    """The rules of every pipeline that has some, and of those that have none."""

    named: Mapping[str, PipelineRules]
    other: PipelineRules

    def of(self, pipeline: str) -> PipelineRules:
        """Return the rules of a pipeline."""
        return self.named.get(pipeline, self.other)


@dataclass(frozen=True)
class SetStages:
    """The stages that somebody has set for a pipeline."""

    stages: PipelineStages
    origin: StageOrigin


def pipelines_from(
    settings: Sequence[SetStages], *, models: Sequence[StageModelDTO] = (), template: str = GENERAL
) -> Pipelines:
    """Lay the settings of people over those of the CRM, and both over the defaults of a template."""
    defaults = TEMPLATES.get(template, TEMPLATES[GENERAL])
    curves = {model.pipeline: {folded(curve.stage): curve for curve in model.stages} for model in models}
    named = {part.stages.pipeline for part in settings} | set(curves) | {DEFAULT_PIPELINE}
    own_default = [part for part in settings if part.stages.pipeline == DEFAULT_PIPELINE]
    other = _rules(own_default, defaults, {})
    return Pipelines(
        named={
            pipeline: _rules(
                [part for part in settings if part.stages.pipeline == pipeline] or own_default,
                defaults,
                curves.get(pipeline, {}),
            )
            for pipeline in named
        },
        other=other,
    )


def _rules(settings: Sequence[SetStages], defaults: PipelineStages, curves: Mapping[str, StageCurve]) -> PipelineRules:
    stages = {folded(stage.stage): KnownStage(stage, StageOrigin.DEFAULT) for stage in defaults.stages}
    ordered = sorted(settings, key=lambda part: part.origin is StageOrigin.OWN)
    for part in ordered:
        stages |= {folded(stage.stage): KnownStage(stage, part.origin) for stage in part.stages.stages}
    currency = ordered[-1].stages.currency if ordered else DEFAULT_CURRENCY
    if currency != defaults.currency:
        # A default of another currency is no expected value of this one.
        stages = {
            name: KnownStage(known.setting.model_copy(update={"expected_value": None}), known.origin)
            if known.origin is StageOrigin.DEFAULT
            else known
            for name, known in stages.items()
        }
    return PipelineRules(currency=currency, stages=stages, curves=curves)
