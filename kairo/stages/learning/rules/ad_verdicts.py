"""What ads say of the things that they were made of: a verdict on what came in for what was spent."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from kairo.stages.learning.rules.effects import Level, Verdict

RESULTS_OF_USUAL = 5.0
"""What is usual weighs as much as the spend that brings so many results: few sales say little."""
LEAST_RESULTS_OF_ALL = 5
"""With fewer among all ads of a brand, nobody knows what is usual."""


@dataclass(frozen=True)
class Earned:
    """What an ad cost and brought, in one currency and one kind of revenue (`unit` names both)."""

    ad_id: str
    unit: str
    spend: float
    results: int
    revenue: float
    levels: Mapping[Level, float]
    at: datetime


def revenue_verdicts(earned: Sequence[Earned]) -> list[Verdict]:
    """Return how each ad's return compares with what is usual for the brand's ads of the same unit.

    A return of e times the usual one is worth tanh(1) = 0.76; an ad that cost little pulls to the usual and weighs
    little. Ads of a unit in which hardly anything was sold say nothing.
    """
    by_unit: dict[str, list[Earned]] = defaultdict(list)
    for one in earned:
        if one.spend > 0:
            by_unit[one.unit].append(one)
    return [verdict for group in by_unit.values() for verdict in _of_unit(group)]


def _of_unit(earned: Sequence[Earned]) -> list[Verdict]:
    spend, results = sum(one.spend for one in earned), sum(one.results for one in earned)
    revenue = sum(one.revenue for one in earned)
    if results < LEAST_RESULTS_OF_ALL or revenue <= 0:
        return []
    usual, pull = revenue / spend, RESULTS_OF_USUAL * spend / results
    found = []
    for one in earned:
        returned = (max(0.0, one.revenue) + pull * usual) / (one.spend + pull)
        weight = one.spend / (one.spend + pull)
        found.append(Verdict(one.levels, math.tanh(math.log(returned / usual)), weight, one.at))
    return found
