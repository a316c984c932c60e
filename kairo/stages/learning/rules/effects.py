"""How far each pillar, persona, type, channel, pattern and platform moves acceptance or outcome: a posterior.

The model is Bayesian linear regression on verdicts of -1 to 1: what a person or a market said of one thing is the
brand's usual verdict, plus one effect for each thing that it is (its pillar, its channel, …), plus noise. Every effect
has the prior N(0, PRIOR_SD²), and a verdict counts half as much after each half-life.

Why linear, and not logistic: mean and spread have a closed form, so the same verdicts give the same bytes; more data
can only narrow a spread; turning all verdicts round turns all effects round; and as a verdict is never further than 1
from 0, what one of them can move is bounded. All effects are estimated together: a channel that only ever carried the
pillar that people like is not praised twice.

Why this prior: an effect needs about NOISE_SD² / PRIOR_SD² = 16 verdicts of one kind to come half of its way, and the
brand's usual verdict takes its part of them first. Few verdicts move little.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from kairo.stages.opportunities.contracts import EffectDimension

PRIOR_SD = 0.25
USUAL_SD = 0.5
NOISE_SD = 1.0
HALF_LIFE_DAYS = 60.0
MOST_VERDICTS = 5_000
"""Newest first; the ones behind them are too old to tell."""
DAY = timedelta(days=1)

Level = tuple[EffectDimension, str]


@dataclass(frozen=True)
class Verdict:
    """What was said of one thing: `value` from -1 to 1, how much it counts, and its levels, each by its share."""

    levels: Mapping[Level, float]
    value: float
    weight: float
    at: datetime


@dataclass(frozen=True)
class Effect:
    """The posterior of one level: mean, standard deviation, and how many verdicts it rests on, old ones for less."""

    mean: float
    sd: float
    count: float


@dataclass(frozen=True)
class Posterior:
    """The posterior of all levels that were met; any other is as its prior says. `usual` is the brand's own verdict."""

    usual: float
    effects: Mapping[Level, Effect]

    def of(self, level: Level) -> Effect:
        """Return the effect of a level."""
        return self.effects.get(level, Effect(mean=0.0, sd=PRIOR_SD, count=0.0))


def freshness(at: datetime, *, now: datetime, half_life_days: float = HALF_LIFE_DAYS) -> float:
    """Return how much of its weight something of a moment still has, from 0 to 1; what lies ahead has it all."""
    return float(0.5 ** (max(0.0, (now - at) / DAY) / half_life_days))


def posterior(verdicts: Sequence[Verdict], *, at: datetime, half_life_days: float = HALF_LIFE_DAYS) -> Posterior:
    """Estimate the effects of all levels from verdicts, as of a moment; their order does not matter."""
    newest = sorted(verdicts, key=lambda verdict: verdict.at, reverse=True)[:MOST_VERDICTS]
    levels = sorted({level for verdict in newest for level in verdict.levels})
    if not levels:
        return Posterior(usual=0.0, effects={})
    column = {level: place + 1 for place, level in enumerate(levels)}
    shares = np.zeros((len(newest), len(levels) + 1))
    shares[:, 0] = 1.0
    for row, verdict in enumerate(newest):
        for level, share in verdict.levels.items():
            shares[row, column[level]] = share
    weights = np.array([v.weight * freshness(v.at, now=at, half_life_days=half_life_days) for v in newest])
    values = np.array([verdict.value for verdict in newest])
    weighted = shares * weights[:, None]
    precision = np.diag([USUAL_SD**-2] + [PRIOR_SD**-2] * len(levels)) + weighted.T @ shares / NOISE_SD**2
    covariance = np.linalg.inv(precision)
    means = covariance @ (weighted.T @ values) / NOISE_SD**2
    sds = np.sqrt(np.diag(covariance))
    counts = weighted.sum(axis=0)
    return Posterior(
        usual=float(means[0]),
        effects={
            level: Effect(float(means[place]), float(sds[place]), float(counts[place]))
            for level, place in column.items()
        },
    )
