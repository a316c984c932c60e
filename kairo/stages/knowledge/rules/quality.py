"""How good a department's knowledge is, 0–100: coverage 40 %, depth 30 %, coherence 20 %, actionability 10 %.

The parts are counted, not guessed: what the items say about which aspect, how specific it is and on how many sources it
stands, whether it belongs to the department and goes together, and whether somebody could act on it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kairo.stages.knowledge.contracts.gathers import JudgeAgreement, QualityParts
from kairo.stages.knowledge.rules.conflicts import conflicting
from kairo.stages.knowledge.rules.gather_words import words_of
from kairo.stages.knowledge.rules.relevance import RELEVANT, Aspects, Told, Vectors, relevance, told_by

WEIGHTS = {"coverage": 0.4, "depth": 0.3, "coherence": 0.2, "actionability": 0.1}
ENOUGH_ITEMS = 3.0
"""So many full items on an aspect are depth enough; the first ones count most."""
ENOUGH_SOURCES = 3
_FULL_RELEVANCE = 0.55
_FULL_WORDS = 14
_REPEATED = 0.86
_ACTIONABLE_SHARE = 0.6
_FIGURE = re.compile(r"\d")
_NAME = re.compile(r"(?<=[a-zа-яё,;] )[A-ZА-ЯЁ][\w-]{2,}")
_VAGUE = re.compile(
    r"\b(?:very|really|great|good|nice|various|many things|something|stuff|everyone|best|amazing|innovative|leading|"
    r"world-class|high quality|all kinds|and so on|etc|очень|разные|хорош\w*|лучш\w*|всем|что-то|и так далее)\b",
    re.IGNORECASE,
)
_ADVICE = re.compile(
    r"\b(?:use|avoid|offer|show|say|write|post|publish|launch|target|price|choose|start|recommend\w*|should|must|"
    r"never|always|prefer\w*|focus|lead with|answer|send|test|invite|bundle|ship|deliver|reply|schedule|"
    r"нужно|следует|должн\w+|используй\w*|избега\w+|показыва\w+|пишем|пишите|публику\w+|предлага\w+|запуст\w+|"
    r"рекоменду\w+|всегда|никогда|отвеча\w+|доставля\w+)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Judged:
    """An item as it is scored: its text, what it is compared by, and on how many sources it stands."""

    text: str
    told: Told
    vector: Vectors
    sources: int = 1


def judged(text: str, vector: Vectors, *, sources: int) -> Judged:
    """Make an item ready to be scored."""
    return Judged(text, told_by(text), vector, sources)


def quality_parts(items: Sequence[Judged], aspects: Aspects) -> QualityParts:
    """Measure the four parts; without items all are 0."""
    if not items or not aspects.topics:
        return QualityParts(coverage=0, depth=0, coherence=0, actionability=0)
    vectors = np.stack([item.vector for item in items])
    scores = relevance(aspects, [item.told for item in items], vectors)
    weights = np.array([_substance(item) for item in items])
    # One sentence is coherent with itself: that says little of a department with five aspects.
    breadth = min(1.0, len(items) / len(aspects.topics))
    return QualityParts(
        coverage=_percent(_coverage(scores, weights)),
        depth=_percent(_depth(scores, weights, items)),
        coherence=_percent(breadth * _coherence(scores, vectors, items)),
        actionability=_percent(breadth * _actionability(items)),
    )


def quality_score(parts: QualityParts) -> float:
    """Return the score that the parts come to."""
    return round(sum(weight * float(getattr(parts, name)) for name, weight in WEIGHTS.items()), 2)


def combined(local: QualityParts, judge: QualityParts | None) -> float:
    """Return the score that decides: the local one, or half of it and half of the judge's where one has spoken."""
    if judge is None:
        return quality_score(local)
    return round((quality_score(local) + quality_score(judge)) / 2, 2)


def covered_aspects(items: Sequence[Judged], aspects: Aspects) -> dict[str, list[int]]:
    """Return which items bear on each aspect, by their places."""
    if not items:
        return {topic.name: [] for topic in aspects.topics}
    vectors = np.stack([item.vector for item in items])
    scores = relevance(aspects, [item.told for item in items], vectors)
    return {
        topic.name: [int(place) for place in np.flatnonzero(scores[:, at] >= RELEVANT)]
        for at, topic in enumerate(aspects.topics)
    }


def agreement(pairs: Sequence[tuple[float, float]]) -> JudgeAgreement | None:
    """Say how near two series of scores are; None without a pair, no rank correlation below three pairs."""
    if not pairs:
        return None
    local, judge = np.array(pairs, dtype=np.float64).T
    return JudgeAgreement(
        iterations=len(pairs),
        mean_absolute_difference=round(float(np.abs(local - judge).mean()), 2),
        spearman=spearman(local.tolist(), judge.tolist()),
    )


def spearman(ours: Sequence[float], theirs: Sequence[float]) -> float | None:
    """Return the rank correlation, ties sharing their mean rank; None where it is not defined."""
    if len(ours) < 3 or len(set(ours)) < 2 or len(set(theirs)) < 2:
        return None
    return round(float(np.corrcoef(_ranks(ours), _ranks(theirs))[0, 1]), 3)


def _ranks(values: Sequence[float]) -> list[float]:
    ordered = sorted(values)
    return [ordered.index(value) + (ordered.count(value) - 1) / 2 for value in values]


def _substance(item: Judged) -> float:
    """How much one item says, 0–1: its length, a figure or name in it, a second source; less where it is vague."""
    words = len(words_of(item.text))
    told = 0.55 * min(1.0, words / _FULL_WORDS)
    specific = 0.25 if _FIGURE.search(item.text) or _NAME.search(item.text) else 0.0
    sourced = 0.2 * min(1.0, (item.sources - 1) / (ENOUGH_SOURCES - 1)) + 0.1
    vague = min(0.45, 0.15 * len(_VAGUE.findall(item.text)))
    return max(0.05, min(1.0, told + specific + sourced - vague))


def _coverage(scores: Vectors, weights: np.ndarray[tuple[int], np.dtype[np.float64]]) -> float:
    """Each aspect counts by the item that bears on it most and says enough."""
    strength = np.where(scores >= RELEVANT, np.minimum(1.0, scores / _FULL_RELEVANCE), 0.0)
    met = strength * np.minimum(1.0, 0.3 + weights)[:, None]
    return float(met.max(axis=0).mean())


def _depth(scores: Vectors, weights: np.ndarray[tuple[int], np.dtype[np.float64]], items: Sequence[Judged]) -> float:
    told = np.where(scores >= RELEVANT, weights[:, None], 0.0).sum(axis=0)
    filled = np.minimum(1.0, told / ENOUGH_ITEMS) ** 0.7
    return float(filled.mean())


def _coherence(scores: Vectors, vectors: Vectors, items: Sequence[Judged]) -> float:
    """What belongs to the department, less what is said twice and what contradicts."""
    on_topic = float((scores.max(axis=1) >= RELEVANT).mean())
    similar = vectors @ vectors.T
    np.fill_diagonal(similar, 0.0)
    repeated = float((similar.max(axis=1) >= _REPEATED).mean()) if len(items) > 1 else 0.0
    at_odds = {place for pair in conflicting([item.text for item in items], similar) for place in pair[:2]}
    return max(0.0, on_topic * (1.0 - 0.5 * repeated) * (1.0 - min(1.0, 1.5 * len(at_odds) / len(items))))


def _actionability(items: Sequence[Judged]) -> float:
    told = [0.6 * bool(_ADVICE.search(one.text)) + 0.4 * bool(_FIGURE.search(one.text)) for one in items]
    return min(1.0, sum(told) / len(items) / _ACTIONABLE_SHARE)


def _percent(share: float) -> float:
    return round(100.0 * max(0.0, min(1.0, share)), 2)
