"""The chance that a deal is won, by the stage it is in and the days that it has been there: learned from past deals.

For every stage and a set of ages the deals that were still in the stage at that age are followed: per day at risk, how
many were won and how many were lost, in bins of days since then. The hazards give the chance to be won within the
horizon (cumulative incidence with losing as the competing risk), so that deals which are still open are neither wins
nor losses but days at risk. Where losses are recorded at all, only closed deals are learned from: a deal that is open
for long is mostly one that nobody has closed. Days count by how long ago they were: half after each half-life. Each
figure is drawn to the pipeline's mean by PRIOR_DEALS deals.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from kairo.stages.revenue.contracts.stages import CalibrationBin, StageCalibrationDTO, StageCurve

HORIZON_DAYS = 365.0
HALF_LIFE_DAYS = 180.0
PRIOR_DEALS = 20.0
LEAST_CLOSED = 50
LEAST_WON = 5
LEAST_VISITS = 5
LEAST_LOOKS = 30
LEAST_SHARE_LOST = 0.05
"""Below this share of losses among closed deals, nobody records them: a deal that is not won is simply open."""
HELD_OUT = 0.25
AGES = (0.0, 1, 2, 3, 5, 7, 10, 14, 21, 30, 45, 60, 75, 90, 120, 150, 180, 270)
_BINS = np.array([0.0, 1, 2, 4, 7, 10, 14, 21, 30, 45, 60, 75, 90, 120, 150, 180, 270, 365])
BINS_OF_ECE = 10
_DAY = 86_400.0

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Visit:
    """A deal's stay in a stage. `left_at` None: it is there still. `closed_at` and `won` tell how the deal ended."""

    stage: str
    entered_at: datetime
    left_at: datetime | None
    closed_at: datetime | None
    won: bool


@dataclass(frozen=True)
class Learned:
    """The curves of a pipeline's stages and the mean that they are drawn to."""

    mean: float
    curves: list[StageCurve]
    closed: int
    won: int


def learn(
    visits: Sequence[Visit],
    *,
    until: datetime,
    horizon_days: float = HORIZON_DAYS,
    half_life_days: float = HALF_LIFE_DAYS,
    prior_deals: float = PRIOR_DEALS,
) -> Learned | None:
    """Estimate the curves from what was known at `until`; None where too few deals have closed."""
    known = [as_known(visit, until) for visit in visits if visit.entered_at < until]
    closed = sum(visit.closed_at is not None for visit in known)
    won = sum(visit.won for visit in known)
    if not known or closed < LEAST_CLOSED or won < LEAST_WON:
        return None
    if records_losses(known):
        known = [visit for visit in known if visit.closed_at is not None]
    of_stage: dict[str, list[Visit]] = defaultdict(list)
    for visit in known:
        of_stage[visit.stage].append(visit)
    mean, _ = _chance(_Times.of(known, until), 0.0, horizon_days, half_life_days)
    curves = [
        _curve(stage, _Times.of(stays, until), mean, horizon_days, half_life_days, prior_deals)
        for stage, stays in sorted(of_stage.items())
        if len(stays) >= LEAST_VISITS
    ]
    return Learned(mean=mean, curves=curves, closed=closed, won=won)


def records_losses(visits: Sequence[Visit]) -> bool:
    """Tell whether lost deals are closed as such, as far as these stays tell."""
    closed = [visit for visit in visits if visit.closed_at is not None]
    return sum(not visit.won for visit in closed) > LEAST_SHARE_LOST * len(closed)


def as_known(visit: Visit, until: datetime) -> Visit:
    """Return a visit as it stood at a moment: what came later had not happened."""
    left_at = visit.left_at if visit.left_at and visit.left_at <= until else None
    if visit.closed_at is None or visit.closed_at > until:
        return replace(visit, left_at=left_at, closed_at=None, won=False)
    return replace(visit, left_at=left_at)


@dataclass(frozen=True)
class _Times:
    """Visits as columns, in days: how long each stayed and was watched, how it ended, and how long ago it began."""

    stayed: Floats
    watched: Floats
    won: Floats
    lost: Floats
    since: Floats

    @classmethod
    def of(cls, visits: Sequence[Visit], until: datetime) -> _Times:
        entered = np.array([visit.entered_at.timestamp() for visit in visits])
        left = np.array([(visit.left_at or until).timestamp() for visit in visits])
        still = np.array([visit.left_at is None and visit.closed_at is None for visit in visits])
        ends = np.array([(visit.closed_at or until).timestamp() for visit in visits])
        ended = np.array([visit.closed_at is not None for visit in visits])
        won = np.array([visit.won for visit in visits])
        watched = np.maximum(0.0, ends - entered) / _DAY
        stayed = np.minimum(np.maximum(0.0, left - entered) / _DAY, watched)
        # Who came and closed at one moment was at risk for a moment.
        watched = np.where(ended, np.maximum(watched, 1e-3), watched)
        stayed = np.where(still, np.inf, np.maximum(stayed, 1e-6))
        return cls(
            stayed=stayed,
            watched=watched,
            won=(ended & won).astype(float),
            lost=(ended & ~won).astype(float),
            since=(until.timestamp() - entered) / _DAY,
        )

    def still_there(self, age: float) -> _Times:
        """Return those that were still in the stage at an age, with their times counted from there."""
        keep = (self.stayed > age) & (self.watched > age)
        return _Times(
            self.stayed[keep] - age, self.watched[keep] - age, self.won[keep], self.lost[keep], self.since[keep] - age
        )


def _chance(times: _Times, age: float, horizon_days: float, half_life_days: float) -> tuple[float, float]:
    """Return the chance to be won within the horizon from an age on, and how many deals that rests on."""
    there = times.still_there(age)
    if not len(there.watched):
        return 0.0, 0.0
    edges = np.append(_BINS[horizon_days > _BINS], horizon_days)
    survival, chance, effective = 1.0, 0.0, 0.0
    for low, high in pairwise(edges):
        at_risk = np.clip(there.watched - low, 0.0, high - low)
        ends_here = (there.watched > low) & (there.watched <= high)
        # The weight of a day is that of the moment at which it was lived through.
        weight = 0.5 ** (np.maximum(0.0, there.since - low - at_risk / 2) / half_life_days)
        days = float(weight @ at_risk)
        if low == 0.0:
            effective = float(weight.sum())
        if days <= 0:
            break
        winning = float(weight @ (there.won * ends_here)) / days
        losing = float(weight @ (there.lost * ends_here)) / days
        leaving = winning + losing
        if leaving > 0:
            gone = 1 - np.exp(-leaving * (high - low))
            chance += survival * (winning / leaving) * gone
            survival *= 1 - gone
    return float(chance), effective


def _curve(
    stage: str, times: _Times, mean: float, horizon_days: float, half_life_days: float, prior_deals: float
) -> StageCurve:
    ages, chances, at_risk = [], [], []
    for age in AGES:
        chance, count = _chance(times, age, horizon_days, half_life_days)
        if count < 1 and age:
            break
        ages.append(float(age))
        chances.append((count * chance + prior_deals * mean) / (count + prior_deals))
        at_risk.append(count)
    return StageCurve(stage=stage, visits=len(times.watched), ages=ages, probabilities=chances, at_risk=at_risk)


def probability_at(curve: StageCurve, age_days: float) -> tuple[float, float]:
    """Return the learned chance at an age, and how many deals it rests on; between two ages it is in between."""
    chance = float(np.interp(age_days, curve.ages, curve.probabilities))
    return chance, float(np.interp(age_days, curve.ages, curve.at_risk))


@dataclass(frozen=True)
class Look:
    """A deal looked at while it was in a stage: what was said of it then, and how it ended."""

    stage: str
    age_days: float
    won: bool
    deal: int = 0


def looks_of(
    visits: Sequence[Visit], *, since: datetime, until: datetime, horizon_days: float, closed_only: bool
) -> list[Look]:
    """List looks at deals from `since` on, at the usual ages, of which the end is known at `until`.

    Where losses are recorded (`closed_only`) the end is that the deal closed, else that the horizon is over.
    """
    found: list[Look] = []
    horizon = timedelta(days=horizon_days)
    for deal, visit in enumerate(visits):
        known = as_known(visit, until)
        left_at = known.left_at or known.closed_at or until
        for age in AGES:
            at = visit.entered_at + timedelta(days=float(age))
            if at >= left_at:
                break
            if at < since:
                continue
            if closed_only and known.closed_at is not None:
                found.append(Look(visit.stage, float(age), known.won, deal))
            elif not closed_only and at + horizon <= until:
                won = known.won and known.closed_at is not None and known.closed_at <= at + horizon
                found.append(Look(visit.stage, float(age), won, deal))
    return found


def calibration_of(
    said: Sequence[float], won: Sequence[bool], *, base_rate: float, defaults: Sequence[float], deals: int,
    since: datetime,
) -> StageCalibrationDTO | None:  # fmt: skip
    """Compare what was said with what came of it; None where too little has come."""
    if len(said) < LEAST_LOOKS:
        return None
    chances, ends = np.array(said, dtype=float), np.array(won, dtype=float)
    bins = reliability(chances, ends)
    return StageCalibrationDTO(
        looks=len(said),
        deals=deals,
        brier=brier(chances, ends),
        brier_of_base_rate=brier(np.full(len(ends), base_rate), ends),
        brier_of_defaults=brier(np.array(defaults, dtype=float), ends),
        ece=sum(part.count * abs(part.mean_probability - part.share_won) for part in bins) / len(said),
        bins=bins,
        held_out_since=since,
    )


def brier(chances: Floats, ends: Floats) -> float:
    """Return the mean squared error of chances."""
    return float(np.mean((chances - ends) ** 2))


def reliability(chances: Floats, ends: Floats) -> list[CalibrationBin]:
    """Sort chances into tenths: what was said on average, and how often it was so."""
    place = np.minimum((chances * BINS_OF_ECE).astype(int), BINS_OF_ECE - 1)
    return [
        CalibrationBin(
            low=number / BINS_OF_ECE,
            high=(number + 1) / BINS_OF_ECE,
            count=int((place == number).sum()),
            mean_probability=float(chances[place == number].mean()),
            share_won=float(ends[place == number].mean()),
        )
        for number in range(BINS_OF_ECE)
        if (place == number).any()
    ]
