"""How improbable a cluster's newest count is under its own past: the statistics, for many clusters at once.

Counts come by the hour. What is expected of a window is the cluster's share of the whole stream in its past, times
what the stream brought in the window, so that the hours of the day and days without captures cancel out; where the
same hours of earlier weeks brought more, they are what is expected. The count is then compared with a negative
binomial distribution: it knows how much the past is known, and how unevenly the cluster was spoken of before.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kairo.stages.insights.contracts.baselines import BUILT_IN, TrendBaseline

HISTORY_HOURS = 28 * 24
WINDOWS_HOURS = (3, 12, 24, 72)
DAY_HOURS, WEEK_HOURS = 24, 168
WEEKS_BACK = 4
RATE_PARTS_HOURS = (24, 12, 6)
FEWEST_STREAM_HOURS = 72
"""With less of a past than three days nothing can be called unusual."""
PRIOR_ITEMS = 0.5
"""What a cluster that was never met before is thought to have had in the whole past."""
LEAST_PAST = 5
"""Items in a cluster's past from which on it is like others with a past."""
MOST_DISPERSION = 20.0
OUTSTANDING_DAYS = 3
LEAST_PROBABILITY = 1e-300

_Floats = NDArray[np.float64]
_Counts = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Expectation:
    """What is expected of each cluster in each window: a row a cluster, a column a window.

    `size` is the negative binomial's: the larger, the nearer to a Poisson distribution. `counted` is what came, `past`
    what each cluster got in the whole of its past.
    """

    mean: _Floats
    size: _Floats
    counted: _Floats
    past: _Floats


@dataclass(frozen=True, slots=True)
class Past:
    """What the past of each cluster says of a window, a row a cluster.

    `mean` is expected of it, `known` how many items that rests on, `items` how many there were. Of its ordinary days:
    `squares` is the sum of their squared deviations, `ordinary` how many items were expected in them.
    """

    mean: _Floats
    known: _Floats
    items: _Floats
    squares: _Floats
    ordinary: _Floats

    @classmethod
    def joined(cls, parts: Sequence[Past]) -> Past:
        """Return several one after the other."""
        names = ("mean", "known", "items", "squares", "ordinary")
        return cls(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


class Activity:
    """Hourly counts of clusters and of the whole stream, summed up once, so that any window is one subtraction.

    `clusters` has a row a cluster and a column an hour; the last column is the hour of the look.
    """

    def __init__(self, clusters: _Counts, stream: _Counts) -> None:
        self.hours = len(stream)
        self._clusters = _summed(clusters)
        self._stream = _summed(stream[None, :])[0]
        self._rows: NDArray[np.int64] = np.arange(len(clusters))

    def only(self, rows: Sequence[int]) -> Activity:
        """Return the same, of these rows alone."""
        chosen = copy(self)
        chosen._rows = self._rows[np.asarray(rows, dtype=np.int64)]
        return chosen

    def within(self, first: int, end: int) -> _Floats:
        """Return each cluster's items in the hours from `first` up to but not including `end`."""
        first, end = max(first, 0), max(end, 0)
        counted: _Floats = (self._clusters[self._rows, end] - self._clusters[self._rows, first]).astype(np.float64)
        return counted

    def stream_within(self, first: int, end: int) -> float:
        first, end = max(first, 0), max(end, 0)
        return float(self._stream[end] - self._stream[first])

    def past(self, first: int) -> _Floats:
        """Return each cluster's items in the past of a window that begins with an hour."""
        return self.within(first - HISTORY_HOURS, first)

    def rates(self, ends: NDArray[np.int64]) -> _Floats:
        """Return the smoothed rate before each of these hours: items an hour, of a day the last hours counting most."""
        sums = self._clusters[self._rows]
        until = sums[:, np.maximum(ends, 0)]
        smoothed: _Floats = np.zeros(until.shape)
        for part in RATE_PARTS_HOURS:
            smoothed += (until - sums[:, np.maximum(ends - part, 0)]) / (part * len(RATE_PARTS_HOURS))
        return smoothed

    def days(self, ends: NDArray[np.int64]) -> tuple[_Floats, _Floats]:
        """Return what each cluster got in the days before these hours, and what the stream brought in them."""
        starts, ends = np.maximum(ends - DAY_HOURS, 0), np.maximum(ends, 0)
        sums = self._clusters[self._rows]
        return (sums[:, ends] - sums[:, starts]).astype(np.float64), (self._stream[ends] - self._stream[starts]) * 1.0

    def first_hour(self) -> int:
        """Return the first hour in which the stream brought anything."""
        return int(np.searchsorted(self._stream, 1)) - 1 if self._stream[-1] else self.hours


def expectations(
    activity: Activity,
    *,
    hour: int,
    windows: Sequence[int] = WINDOWS_HOURS,
    baseline: TrendBaseline = BUILT_IN,
) -> Expectation:
    """Return what is expected of each window that ends with an hour, from what was before it."""
    spans = [(hour + 1 - window, hour + 1) for window in windows]
    columns = [
        (*expectation(past_of(activity, first, end), baseline), activity.within(first, end)) for first, end in spans
    ]
    mean, size, counted = (np.stack(parts, axis=1) for parts in zip(*columns, strict=True))
    return Expectation(mean, size, counted, past=activity.past(hour + 1 - max(windows)))


def surprise(counts: _Floats, expected: Expectation) -> _Floats:
    """Return minus the logarithm to base 10 of the probability of as many items or more."""
    # Loaded late: it takes a quarter of a second.
    from scipy.special import betainc

    size, mean = expected.size, expected.mean
    at_least = np.where(counts > 0, betainc(np.maximum(counts, 1e-9), size, mean / (mean + size)), 1.0)
    improbable: _Floats = -np.log10(np.maximum(at_least, LEAST_PROBABILITY))
    return improbable


def has_past(activity: Activity, *, hour: int) -> bool:
    """Tell whether the stream was heard for long enough before an hour."""
    return hour - activity.first_hour() >= FEWEST_STREAM_HOURS


def knows_the_week(activity: Activity, *, hour: int) -> bool:
    """Tell whether the same hours of an earlier week were heard too, with the longest window before an hour."""
    return hour - activity.first_hour() >= WEEK_HOURS + max(WINDOWS_HOURS)


def past_of(activity: Activity, first: int, end: int) -> Past:
    """Return what the past of each cluster says of the hours from `first` up to but not including `end`."""
    heard = activity.stream_within(first, end)
    past = activity.past(first)
    past_heard = activity.stream_within(first - HISTORY_HOURS, first)
    share = (past + PRIOR_ITEMS) / (past_heard + 1)
    mean, known = share * heard, past + PRIOR_ITEMS
    weeks, weeks_heard = _same_hours(activity, first, end)
    if weeks_heard > 0:
        weekly = (weeks + PRIOR_ITEMS * weeks_heard / (past_heard + 1)) / weeks_heard * heard
        known = np.where(weekly > mean, weeks + PRIOR_ITEMS, known)
        mean = np.maximum(mean, weekly)
    return Past(mean, known, past, *_unevenness(activity, first, share))


def expectation(past: Past, baseline: TrendBaseline) -> tuple[_Floats, _Floats]:
    """Return the mean and the size of the distribution that is expected of a window."""
    # What was hardly met before is judged by itself: what is usual was learned of topics with a past.
    weight = np.where(past.items >= LEAST_PAST, baseline.weight, 0.0)
    ordinary = past.ordinary + weight
    factor = (past.squares + weight * baseline.dispersion) / np.maximum(ordinary, 1e-9)
    # A handful of items in a month says nothing of how unevenly they come.
    dispersion = np.where(ordinary >= 1, np.clip(factor, 1.0, MOST_DISPERSION), 1.0)
    return past.mean, 1 / (1 / past.known + (dispersion - 1) / np.maximum(past.mean, 1e-9))


def _same_hours(activity: Activity, first: int, end: int) -> tuple[_Floats, float]:
    """Count what the same hours of earlier weeks brought."""
    back = [shift * WEEK_HOURS for shift in range(1, WEEKS_BACK + 1) if end - shift * WEEK_HOURS > 0]
    heard = sum((activity.stream_within(first - hours, end - hours) for hours in back), 0.0)
    counted = np.zeros_like(activity.within(first, end))
    for hours in back:
        counted = counted + activity.within(first - hours, end - hours)
    return counted, heard


def _unevenness(activity: Activity, end: int, share: _Floats) -> tuple[_Floats, _Floats]:
    """Return the squared deviations of the past days' counts, and what a Poisson distribution would have of them.

    The days that stand out most are left out: an earlier burst must not hide the next one.
    """
    ends = np.arange(end, max(0, end - HISTORY_HOURS), -DAY_HOURS)
    counts, heard = activity.days(ends)
    expected = share[:, None] * heard
    squares = (counts - expected) ** 2
    ordinary = np.argsort(squares, axis=1)[:, : max(1, len(ends) - OUTSTANDING_DAYS)]
    return (
        np.take_along_axis(squares, ordinary, axis=1).sum(axis=1),
        np.take_along_axis(expected, ordinary, axis=1).sum(axis=1),
    )


def _summed(counts: _Counts) -> _Counts:
    sums = np.zeros((counts.shape[0], counts.shape[1] + 1), dtype=np.int64)
    np.cumsum(counts, axis=1, out=sums[:, 1:])
    return sums
