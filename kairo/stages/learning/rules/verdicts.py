"""What decisions and audiences say of a thing, as verdicts from -1 to 1 with the weight that each deserves."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from pydantic import JsonValue

from kairo.stages.learning.rules.effects import Level, Verdict
from kairo.stages.opportunities.contracts import DecisionType, EffectDimension

# (value, weight). A pin is kept in view, not yet taken; to put off is half a no; to edit is to bother with it.
SAYS: Mapping[DecisionType, tuple[float, float]] = {
    DecisionType.PIN: (1.0, 0.7),
    DecisionType.APPROVE: (1.0, 1.0),
    DecisionType.SCHEDULE: (1.0, 1.0),
    DecisionType.PUBLISH: (1.0, 1.0),
    DecisionType.EDIT: (1.0, 0.3),
    DecisionType.SNOOZE: (-1.0, 0.3),
    DecisionType.DISMISS: (-1.0, 1.0),
    DecisionType.REJECT: (-1.0, 1.0),
}
TAKES_BACK: Mapping[DecisionType, frozenset[DecisionType]] = {
    DecisionType.UNPIN: frozenset({DecisionType.PIN}),
    DecisionType.RESTORE: frozenset({DecisionType.SNOOZE, DecisionType.DISMISS, DecisionType.REJECT}),
}
MOST_OF_ONE = 1.5
"""All that is decided on one opportunity, its package and its variants weighs no more than this: it is one taste."""

_INTERACTIONS = frozenset({"like", "comment", "share", "save", "click", "conversion"})
_SEEN = ("impression", "view")
USUAL_VIEWS = 200.0
"""So many views say as much of a variant as the brand's average does; conversions and clicks are rare."""
LEAST_VIEWS = 20


@dataclass(frozen=True)
class Decided:
    """One decision, with what it was on. `thing` is the opportunity (or package) that its object belongs to."""

    thing: str
    object_key: str
    decision: DecisionType
    levels: Mapping[Level, float]
    at: datetime


@dataclass(frozen=True)
class Shown:
    """What a variant's audience did: counts by the kind of event."""

    variant: str
    channel: str
    counts: Mapping[str, int]
    levels: Mapping[Level, float]
    at: datetime


def levels_of(payload: Mapping[str, JsonValue]) -> dict[Level, float]:
    """Return the levels that an event tells, each with its share."""
    levels: dict[Level, float] = {}
    for name, told in payload.items():
        dimension = EffectDimension(name)
        if isinstance(told, str):
            levels[dimension, told] = 1.0
        elif isinstance(told, dict):
            levels |= {(dimension, key): float(share) for key, share in told.items() if isinstance(share, int | float)}
    return levels


def verdicts_of(decided: Iterable[Decided]) -> list[Verdict]:
    """Return what stands of all that was decided: one verdict an object, and what was taken back says nothing."""
    by_object: dict[str, list[Decided]] = defaultdict(list)
    for entry in decided:
        by_object[entry.object_key].append(entry)
    by_thing: dict[str, list[Verdict]] = defaultdict(list)
    for entries in by_object.values():
        standing = _standing(sorted(entries, key=lambda entry: entry.at))
        if standing is not None:
            value, weight = SAYS[standing.decision]
            by_thing[standing.thing].append(Verdict(standing.levels, value, weight, standing.at))
    return [verdict for verdicts in by_thing.values() for verdict in _as_one_taste(verdicts)]


def outcomes_of(shown: Sequence[Shown]) -> list[Verdict]:
    """Return how each variant did beside what is usual for the brand on that channel.

    A rate of interactions that is e times the usual one is worth tanh(1) = 0.76; few views pull to the usual rate and
    weigh little. A variant whose views nobody told, or hardly any, says nothing.
    """
    measured = [entry for entry in shown if seen_of(entry.counts) >= LEAST_VIEWS]
    if not measured:
        return []
    overall = _rate(measured)
    found = []
    for entry in measured:
        usual = _usual_rate([other for other in measured if other.channel == entry.channel], overall)
        views = seen_of(entry.counts)
        rate = (interactions_of(entry.counts) + USUAL_VIEWS * usual) / (views + USUAL_VIEWS)
        value = math.tanh(math.log(rate / usual))
        found.append(Verdict(entry.levels, value, views / (views + USUAL_VIEWS), entry.at))
    return found


def seen_of(counts: Mapping[str, int]) -> int:
    """Return how often something was seen: impressions where they are told, else views."""
    return next((counts[name] for name in _SEEN if counts.get(name)), 0)


def interactions_of(counts: Mapping[str, int]) -> int:
    """Return how often somebody did something with it, at most once each time that it was seen."""
    return min(seen_of(counts), sum(count for name, count in counts.items() if name in _INTERACTIONS))


def engagement_rate(shown: Sequence[Shown]) -> float | None:
    """Return interactions for each time seen, over all of them, or None where hardly anything was seen."""
    measured = [entry for entry in shown if seen_of(entry.counts) >= LEAST_VIEWS]
    return _rate(measured) if measured else None


def _rate(shown: Sequence[Shown]) -> float:
    # Half an interaction more: a brand to whom nobody has reacted yet still has a rate to be compared with.
    views = sum(seen_of(entry.counts) for entry in shown)
    return (sum(interactions_of(entry.counts) for entry in shown) + 0.5) / (views + 1.0)


def _usual_rate(on_channel: Sequence[Shown], overall: float) -> float:
    views = sum(seen_of(entry.counts) for entry in on_channel)
    interactions = sum(interactions_of(entry.counts) for entry in on_channel)
    return (interactions + USUAL_VIEWS * overall) / (views + USUAL_VIEWS)


def _standing(entries: Sequence[Decided]) -> Decided | None:
    """Return the decision that stands: the newest verdict that was not taken back; an edit does not replace one."""
    standing: Decided | None = None
    for entry in entries:
        if entry.decision in TAKES_BACK:
            taken = standing is not None and standing.decision in TAKES_BACK[entry.decision]
            standing = None if taken else standing
        elif entry.decision in SAYS and not (entry.decision is DecisionType.EDIT and standing is not None):
            standing = entry
    return standing


def _as_one_taste(verdicts: Sequence[Verdict]) -> list[Verdict]:
    scale = min(1.0, MOST_OF_ONE / sum(verdict.weight for verdict in verdicts))
    return [replace(verdict, weight=verdict.weight * scale) for verdict in verdicts]
