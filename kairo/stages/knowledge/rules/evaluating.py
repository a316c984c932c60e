"""What a department's knowledge lacks and what in it does not go together, told in words; pure and local."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from kairo.stages.knowledge.contracts.gathers import QualityParts
from kairo.stages.knowledge.rules.conflicts import conflicting
from kairo.stages.knowledge.rules.quality import Judged

THIN_ITEMS = 1
WEAK = 50.0
_WEAK_PARTS = {
    "depth": "Few figures, names or reasons: add sources that say how much, how often, why.",
    "coherence": "Some items do not belong here, repeat or contradict each other.",
    "actionability": "Hardly anything says what to do: add guidelines, prices, dates, channels.",
}


def gaps_in(covered: Mapping[str, Sequence[int]], parts: QualityParts) -> list[str]:
    """List what is missing: aspects that nothing speaks of, aspects that stand on one item, and weak parts."""
    found = [f"Nothing is known about: {name}." for name, places in covered.items() if not places]
    found += [f"Only one item speaks of: {name}." for name, places in covered.items() if len(places) == THIN_ITEMS]
    if any(covered.values()):
        found += [told for name, told in _WEAK_PARTS.items() if getattr(parts, name) < WEAK]
    return found


def contradictions_in(items: Sequence[Judged]) -> list[tuple[int, int, str]]:
    """List pairs of items, by their places, that cannot both hold, with the reason."""
    if len(items) < 2:
        return []
    vectors = np.stack([item.vector for item in items])
    return conflicting([item.text for item in items], vectors @ vectors.T)


def mean_parts(one: QualityParts, other: QualityParts) -> QualityParts:
    """Return the parts half way between two."""
    return QualityParts(
        **{name: round((getattr(one, name) + getattr(other, name)) / 2, 2) for name in QualityParts.model_fields}
    )
