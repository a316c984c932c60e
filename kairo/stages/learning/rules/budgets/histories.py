"""What the optimiser is told of an account, as columns: totals of ads over time, closed deals, and the question.

Times are days; what day is 0 does not matter, only that all agree. Money is in the account's currency.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
DAILY_UNTIL, HALF_DAILY_UNTIL = 20.0, 60.0
MOST_IN_DETAIL = 300
"""Above so many ads with a history each, totals alone are looked at."""


@dataclass(frozen=True)
class Readings:
    """Running totals; `ad` is a place in a list of ads. Sorted by ad, then by day."""

    ad: Ints
    day: Floats
    clicks: Floats
    spend: Floats
    pipeline: Floats
    cash: Floats


@dataclass(frozen=True)
class States:
    """The ads that share a budget, as they stand on day `as_of`; `age` in days, nan where nobody knows."""

    impressions: Floats
    clicks: Floats
    spend: Floats
    pipeline: Floats
    cash: Floats
    age: Floats
    budget: Floats


@dataclass(frozen=True)
class DealPath:
    """A closed deal. `steps` are the shares of its amount that it counted in each open stage, and since which day."""

    ad_id: str | None
    created: float
    closed: float
    is_won: bool
    amount: float | None
    steps: Sequence[tuple[float, float]] = ()


@dataclass(frozen=True)
class Steps:
    """Changes between successive readings of one ad, from `start` to `end`, both in days before now (start > end)."""

    ad: Ints
    start: Floats
    end: Floats
    clicks: Floats
    spend: Floats
    open_value: Floats
    cash: Floats


def thinned(readings: Readings, *, as_of: float) -> Readings:
    """Keep of each ad the last reading a day, of older weeks one in two days, of older months one in four."""
    age = as_of - readings.day
    length = np.where(age <= DAILY_UNTIL, 1.0, np.where(age <= HALF_DAILY_UNTIL, 2.0, 4.0))
    block = np.floor(readings.day / length + 1e-6)
    is_last = np.r_[
        (block[1:] != block[:-1]) | (readings.ad[1:] != readings.ad[:-1]) | (length[1:] != length[:-1]), True
    ]
    kept = is_last[: len(age)]
    return Readings(*(column[kept] for column in vars(readings).values()))


def steps_of(readings: Readings, states: States, *, as_of: float) -> Steps:
    """Work out what changed between readings, the last of which is now. Totals never run backwards: less is no change.

    An ad whose age is known began with nothing at its birth.
    """
    count = len(states.clicks)
    places = np.arange(count)
    birth = as_of - states.age
    first_seen = np.full(count, np.inf)
    np.minimum.at(first_seen, readings.ad, readings.day)
    born = np.flatnonzero(np.isfinite(birth) & (birth < first_seen - 0.01))
    zero = np.zeros(len(born))
    past = readings.day < as_of - 0.01
    ad = np.r_[born, readings.ad[past], places]
    day = np.r_[birth[born], readings.day[past], np.full(count, as_of)]
    order = np.lexsort((day, ad))
    columns = [
        np.r_[zero, told[past], now][order]
        for told, now in (
            (readings.clicks, states.clicks),
            (readings.spend, states.spend),
            (readings.pipeline - readings.cash, states.pipeline - states.cash),
            (readings.cash, states.cash),
        )
    ]
    ad, day = ad[order], day[order]
    same = np.flatnonzero((ad[1:] == ad[:-1]) & (day[1:] > day[:-1] + 0.01))
    clicks, spend, open_value, cash = (np.diff(column)[same] for column in columns)
    return Steps(
        ad=ad[1:][same],
        start=as_of - day[:-1][same],
        end=as_of - day[1:][same],
        clicks=np.maximum(0.0, clicks),
        spend=np.maximum(0.0, spend),
        open_value=open_value,
        cash=np.maximum(0.0, cash),
    )
