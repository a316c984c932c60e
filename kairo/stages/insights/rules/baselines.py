"""What is usual for an account's topics, learned from what they did, and how well a baseline foretells what they do.

A look compares what came of a topic in some windows with the negative binomial distribution that the baseline gives.
Trends are not to be learned as usual: one window in a hundred is taken to hold a burst of any size.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kairo.stages.insights.contracts.baselines import BUILT_IN, FittedBaseline, TrendBaseline
from kairo.stages.insights.rules.bursts import LEAST_PAST, Activity, Past, expectation, has_past, past_of

WINDOWS_HOURS = (3, 12, 24)
HOURS_BETWEEN_LOOKS = 25
"""One more than the longest window, so that windows do not overlap and the hours of the day take turns."""
BURST_CHANCE = 0.01
DISPERSIONS = (1.0, 1.2, 1.5, 1.75, 2.0)
WEIGHTS = (1.0, 2.0, 5.0, 10.0)
"""Within these a topic with much of a past goes by its own, and one that bursts is still seen in time."""

_Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Looks:
    """What was seen of topics in windows, and what their pasts said: one row a topic, window and look."""

    past: Past
    counted: _Floats
    topic: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.topic)


def looks_of(activity: Activity, *, hours: Iterable[int]) -> Looks:
    """Look at all topics at the ends of some hours; those count that were spoken of before the windows began."""
    pasts, counted, topics = [], [], []
    for hour in hours:
        first = hour + 1 - max(WINDOWS_HOURS)
        if not has_past(activity, hour=first) or activity.stream_within(first, hour + 1) == 0:
            continue
        spoken_of = np.flatnonzero(activity.past(first) >= LEAST_PAST)
        chosen = activity.only(spoken_of.tolist())
        for window in WINDOWS_HOURS:
            pasts.append(past_of(chosen, hour + 1 - window, hour + 1))
            counted.append(chosen.within(hour + 1 - window, hour + 1))
            topics.append(spoken_of)
    if not pasts:
        nothing = np.zeros(0)
        return Looks(Past(nothing, nothing, nothing, nothing, nothing), nothing, np.zeros(0, dtype=np.int64))
    return Looks(Past.joined(pasts), np.concatenate(counted), np.concatenate(topics))


def losses(looks: Looks, baseline: TrendBaseline) -> _Floats:
    """Return the logarithmic loss of each row of looks."""
    # Loaded late: it takes a quarter of a second.
    from scipy.special import gammaln

    mean, size = expectation(looks.past, baseline)
    counts = looks.counted
    mean = np.maximum(mean, 1e-9)
    chance = np.exp(
        gammaln(counts + size) - gammaln(size) - gammaln(counts + 1)
        + size * np.log(size / (size + mean)) + counts * np.log(mean / (size + mean))
    )  # fmt: skip
    of_a_burst = 1 / ((counts + 1) * (counts + 2))
    return np.asarray(-np.log((1 - BURST_CHANCE) * chance + BURST_CHANCE * of_a_burst))


def losses_by_topic(looks: Looks, baselines: Sequence[TrendBaseline]) -> list[list[float]]:
    """Return of each baseline the sum of each topic's losses, the topics in the same order: a topic's days hang
    together, so that it is one example."""
    topics, places = np.unique(looks.topic, return_inverse=True)
    return [np.bincount(places, losses(looks, one), len(topics)).tolist() for one in baselines]


def fitted(looks: Looks) -> FittedBaseline:
    """Return the baseline that explains the looks best, of a grid."""
    uneven = [TrendBaseline(dispersion=one, weight=weight) for one in DISPERSIONS for weight in WEIGHTS]
    best = min([BUILT_IN, *uneven], key=lambda one: float(losses(looks, one).sum()))
    return FittedBaseline(baseline=best, topics=len(np.unique(looks.topic)), looks=len(looks))
