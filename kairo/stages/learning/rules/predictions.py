"""How a prediction ended once it was due, how often predictions were right, and what that says of the next ones."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from kairo.stages.learning.contracts import CalibrationDTO, PredictionVerdict, ReliabilityBin, VoidReason

GRACE = timedelta(days=3)
"""So long after its due time a prediction waits for evidence of its last days."""
BINS = 5
ENOUGH = 30
"""With fewer scored predictions a Brier score is mostly chance: its standard error is above 0.04."""
SHIFT_SD = 0.5
"""How far off, in log-odds, the bets are taken to be before any was scored."""
_STEPS = 25


@dataclass(frozen=True)
class Due:
    """A prediction that is due, with what is known of it. `observed` is None where the measure cannot be counted."""

    made_at: datetime
    due_at: datetime
    threshold: float
    observed: int | None
    listened_until: datetime | None
    repeats: bool


@dataclass(frozen=True)
class Ended:
    """How a prediction ended."""

    verdict: PredictionVerdict
    void_reason: VoidReason | None = None


@dataclass(frozen=True)
class Scored:
    """A prediction that was measured: what it said, what it would have said uncorrected, and whether it came true."""

    probability: float
    unadjusted: float
    came_true: bool


def verdict_on(due: Due, *, at: datetime) -> Ended | None:
    """Decide how a prediction ended; None while evidence of its last days may still come.

    Whether it counts is decided before the count is looked at: else true ones would count sooner than failed ones.
    """
    if due.made_at >= due.due_at:
        return Ended(PredictionVerdict.VOID, VoidReason.RECORDED_LATE)
    if due.repeats:
        return Ended(PredictionVerdict.VOID, VoidReason.REPEATED)
    if due.observed is None:
        return Ended(PredictionVerdict.VOID, VoidReason.UNKNOWN_MEASURE)
    if due.listened_until is None or due.listened_until < due.due_at:
        is_late = at >= due.due_at + GRACE
        return Ended(PredictionVerdict.VOID, VoidReason.NOT_LISTENED) if is_late else None
    return Ended(PredictionVerdict.CAME_TRUE if due.observed >= due.threshold else PredictionVerdict.FAILED)


def brier(scored: Sequence[Scored]) -> float:
    """Return the mean squared error of probabilities, from 0 (perfect) to 1."""
    return sum((entry.probability - entry.came_true) ** 2 for entry in scored) / len(scored)


def reliability(scored: Sequence[Scored]) -> list[ReliabilityBin]:
    """Return the reliability curve in bins of equal width; empty bins are left out."""
    found = []
    for number in range(BINS):
        low, high = number / BINS, (number + 1) / BINS
        inside = [s for s in scored if low <= s.probability < high or (high == 1.0 and s.probability == 1.0)]
        if inside:
            found.append(
                ReliabilityBin(
                    low=low,
                    high=high,
                    count=len(inside),
                    mean_probability=round(sum(entry.probability for entry in inside) / len(inside), 4),
                    share_true=round(sum(entry.came_true for entry in inside) / len(inside), 4),
                )
            )
    return found


def calibration(
    *,
    brand_id: UUID,
    at: datetime,
    predictions: int,
    due: int,
    scored: Sequence[Scored],
    void: Sequence[VoidReason],
) -> CalibrationDTO:
    """Put together how often a brand's predictions were right."""
    came_true = sum(entry.came_true for entry in scored)
    share = came_true / len(scored) if scored else None
    error = brier(scored) if scored else None
    return CalibrationDTO(
        brand_id=brand_id,
        generated_at=at,
        predictions=predictions,
        due=due,
        scored=len(scored),
        void=len(void),
        waiting=max(0, due - len(scored) - len(void)),
        void_reasons=dict(sorted(Counter(reason.value for reason in void).items())),
        came_true=came_true,
        mean_probability=round(sum(s.probability for s in scored) / len(scored), 4) if scored else None,
        brier=None if error is None else round(error, 4),
        brier_of_base_rate=None if share is None else round(share * (1 - share), 4),
        bins=reliability(scored),
        is_enough=len(scored) >= ENOUGH,
        says=_said(len(scored), came_true, error, share, predictions=predictions),
    )


def shift_of(scored: Sequence[Scored]) -> float:
    """Return by how much, in log-odds, the bets' own probabilities should be moved to fit what came of them.

    The posterior mode under the prior N(0, SHIFT_SD²): with few scored predictions it stays near 0. The posterior is
    concave, and Newton's steps from 0 find its mode.
    """
    odds = [math.log(entry.unadjusted / (1.0 - entry.unadjusted)) for entry in scored if 0 < entry.unadjusted < 1]
    outcomes = [entry.came_true for entry in scored if 0 < entry.unadjusted < 1]
    shift = 0.0
    for _ in range(_STEPS):
        chances = [1.0 / (1.0 + math.exp(-(logit + shift))) for logit in odds]
        slope = sum(came - chance for came, chance in zip(outcomes, chances, strict=True)) - shift / SHIFT_SD**2
        curve = sum(chance * (1.0 - chance) for chance in chances) + 1.0 / SHIFT_SD**2
        shift += max(-1.0, min(1.0, slope / curve))
    return round(shift, 3)


def _said(scored: int, came_true: int, error: float | None, share: float | None, *, predictions: int) -> str:
    if predictions == 0:
        return "No prediction has been made yet: the first board makes some."
    if error is None or share is None:
        return "No prediction could be scored yet: each is due two weeks after its board."
    told = f"{came_true} of {scored} predictions came true."
    if scored < ENOUGH:
        return f"{told} That is too few to judge by: from {ENOUGH} on the Brier score says something."
    usual = share * (1 - share)
    compared = "better than" if error < usual - 0.005 else "worse than" if error > usual + 0.005 else "no better than"
    return f"{told} Brier score {error:.3f}: {compared} saying the observed share each time ({usual:.3f})."
