"""From past deals to a pipeline's learned probabilities, with how right they are on the deals that came last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from kairo.stages.revenue.contracts.stages import StageCalibrationDTO, StageKind, StageModelDTO
from kairo.stages.revenue.rules.stage_values import PipelineRules, folded
from kairo.stages.revenue.rules.survival import (
    HALF_LIFE_DAYS,
    HELD_OUT,
    HORIZON_DAYS,
    Learned,
    Visit,
    calibration_of,
    learn,
    looks_of,
    probability_at,
    records_losses,
)

USUAL_CHANCE = 0.5
"""What a stage of which nobody has said anything is usually given, to compare with."""


@dataclass(frozen=True)
class PastDeal:
    """A deal's way through the stages, and its end if it has one."""

    steps: tuple[tuple[str, datetime], ...]
    created_at: datetime | None
    closed_at: datetime | None
    is_won: bool


def visits_of(deals: Sequence[PastDeal], rules: PipelineRules) -> list[list[Visit]]:
    """Return each deal's stays in the stages that are open; to have closed is no stay."""
    return [_visits(deal, rules) for deal in deals]


def _visits(deal: PastDeal, rules: PipelineRules) -> list[Visit]:
    found = []
    for place, (stage, at) in enumerate(deal.steps):
        if rules.kind_of(stage) in {StageKind.WON, StageKind.LOST}:
            continue
        left_at = deal.steps[place + 1][1] if place + 1 < len(deal.steps) else None
        closed_at = max(deal.closed_at, at) if deal.closed_at else None
        found.append(Visit(stage, at, left_at or closed_at, closed_at, deal.is_won and closed_at is not None))
    return found


def learned_stages(
    pipeline: str, deals: Sequence[PastDeal], rules: PipelineRules, *, at: datetime
) -> StageModelDTO | None:
    """Learn a pipeline's stages from its deals; None where too few have closed.

    What is learned is as of the newest moment that the deals tell of, whatever time it is now. How right it is, is
    measured by a model that knew only what was known before the last quarter of the closings.
    """
    of_deals = visits_of(deals, rules)
    visits = [visit for of_deal in of_deals for visit in of_deal]
    moments = [moment for visit in visits for moment in (visit.entered_at, visit.closed_at) if moment is not None]
    if not moments:
        return None
    until = max(moments)
    learned = learn(visits, until=until)
    if learned is None or not learned.curves:
        return None
    return StageModelDTO(
        pipeline=pipeline,
        version=0,
        closed=sum(deal.closed_at is not None for deal in deals),
        won=sum(deal.is_won for deal in deals),
        mean=learned.mean,
        horizon_days=HORIZON_DAYS,
        half_life_days=HALF_LIFE_DAYS,
        trained_until=until,
        created_at=at,
        stages=learned.curves,
        calibration=_held_out(of_deals, rules, until=until),
    )


def _held_out(
    of_deals: Sequence[Sequence[Visit]], rules: PipelineRules, *, until: datetime
) -> StageCalibrationDTO | None:
    """Judge a model of the earlier deals on the later ones.

    Held out are whole deals, by when they began: a deal that the earlier model has seen is in no look.
    """
    begun = sorted(visits[0].entered_at for visits in of_deals if visits)
    since = begun[int(len(begun) * (1 - HELD_OUT))]
    visits = [visit for of_deal in of_deals for visit in of_deal]
    earlier = learn(visits, until=since)
    if earlier is None:
        return None
    closed_only = records_losses(visits)
    looks = [
        (number, look)
        for number, of_deal in enumerate(of_deals)
        if of_deal and of_deal[0].entered_at >= since
        for look in looks_of(of_deal, since=since, until=until, horizon_days=HORIZON_DAYS, closed_only=closed_only)
    ]
    return calibration_of(
        [said_of(earlier, look.stage, look.age_days) for _, look in looks],
        [look.won for _, look in looks],
        base_rate=earlier.mean,
        defaults=[_usual(rules, look.stage) for _, look in looks],
        deals=len({number for number, _ in looks}),
        since=since,
    )


def said_of(learned: Learned, stage: str, age_days: float) -> float:
    """Return what a model says of a deal in a stage; of a stage that it does not know, the mean."""
    for curve in learned.curves:
        if curve.stage == stage:
            return probability_at(curve, age_days)[0]
    return learned.mean


def _usual(rules: PipelineRules, stage: str) -> float:
    known = rules.stages.get(folded(stage))
    if known is None or known.setting.probability is None:
        return USUAL_CHANCE
    return known.setting.probability
