"""A look at many clusters at one moment: which rise, and who makes them rise."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from kairo.stages.insights.contracts.baselines import BUILT_IN, TrendBaseline
from kairo.stages.insights.rules import bursts
from kairo.stages.insights.rules.bursts import DAY_HOURS, WINDOWS_HOURS, Activity, Expectation
from kairo.stages.insights.rules.trends import MIN_ITEMS, MIN_LIFT, MIN_SURPRISE, Crowd, Rise, Voice, crowd_of

PEAK_HOURS = 14 * DAY_HOURS
"""So far back the highest rate is looked for."""

_Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Sighted:
    """What a look saw of one cluster: its row, how it stands against its past, and who speaks."""

    row: int
    rise: Rise
    crowd: Crowd
    peak_hour: int


def look(
    activity: Activity,
    *,
    hour: int,
    ends_at: datetime,
    voices: Callable[[Sequence[int]], Sequence[Sequence[Voice]]],
    always: Collection[int] = (),
    baseline: TrendBaseline = BUILT_IN,
) -> Iterator[Sighted]:
    """Yield the clusters whose counts are improbable, and those of the rows `always` whatever theirs are.

    `hour` is the column of the look and `ends_at` the end of it. `voices` gives the items of the last 72 hours of rows;
    it is asked once, for those rows alone whose raw counts rise.
    """
    expected = bursts.expectations(activity, hour=hour, baseline=baseline)
    rising = np.flatnonzero(_raw_rises(expected)).tolist() if bursts.has_past(activity, hour=hour) else []
    told = sorted({*rising, *always})
    if not told:
        return
    rates = _rates(activity.only(told), hour)
    knows_the_week = bursts.knows_the_week(activity, hour=hour)
    for place, (row, items) in enumerate(zip(told, voices(told), strict=True)):
        yield _sighted(row, place, expected, rates, items, ends_at, knows_the_week)


@dataclass(frozen=True, slots=True)
class _Rates:
    """Of each cluster: the change of its rate over a day, the change of that, and where its peak was."""

    velocity: _Floats
    acceleration: _Floats
    of_peak: _Floats
    peak_hour: NDArray[np.int64]


def _rates(activity: Activity, hour: int) -> _Rates:
    end = hour + 1
    now, before, earlier = activity.rates(np.array([end, end - DAY_HOURS, end - 2 * DAY_HOURS])).T
    hours = np.arange(max(1, end - PEAK_HOURS), end + 1)
    series = activity.rates(hours)
    peak = series.max(axis=1)
    return _Rates(
        velocity=now - before,
        acceleration=(now - before) - (before - earlier),
        of_peak=np.where(peak > 0, now / np.maximum(peak, 1e-9), 0.0),
        peak_hour=hours[series.argmax(axis=1)] - 1,
    )


def _raw_rises(expected: Expectation) -> NDArray[np.bool_]:
    improbable = bursts.surprise(expected.counted, expected) >= MIN_SURPRISE
    large = (expected.counted >= MIN_ITEMS) & (expected.counted >= MIN_LIFT * expected.mean)
    rises: NDArray[np.bool_] = np.any(improbable & large, axis=1)
    return rises


def _sighted(
    row: int,
    place: int,
    expected: Expectation,
    rates: _Rates,
    items: Sequence[Voice],
    ends_at: datetime,
    knows_the_week: bool,
) -> Sighted:
    """Judge one cluster by the window in which it is most surprising, spam discounted."""
    crowds = [
        crowd_of(item for item in items if item.at >= ends_at - timedelta(hours=window)) for window in WINDOWS_HOURS
    ]
    counted = np.array([[crowd.counted if crowd.is_broad else 0 for crowd in crowds]], dtype=np.float64)
    own = Expectation(expected.mean[row : row + 1], expected.size[row : row + 1], counted, expected.past[row : row + 1])
    improbable = bursts.surprise(counted, own)[0]
    lifts = counted[0] / np.maximum(own.mean[0], 1e-9)
    best = int(np.argmax(np.where(lifts >= MIN_LIFT, improbable, improbable / 1e6)))
    rise = Rise(
        surprise=round(float(improbable[best]), 4),
        lift=float(lifts[best]),
        velocity=round(float(rates.velocity[place]), 4),
        acceleration=round(float(rates.acceleration[place]), 4),
        past_items=float(expected.past[row]),
        past_share=float(min(1.0, own.mean[0, best] / max(1.0, counted[0, best]))),
        rate_of_peak=float(rates.of_peak[place]),
        knows_the_week=knows_the_week,
    )
    crowd = crowds[best] if crowds[best].is_broad else crowds[-1]
    return Sighted(row, rise, crowd, int(rates.peak_hour[place]))
