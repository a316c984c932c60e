"""What a board takes from a brand's compiled profile: weights of keywords, phrases of personas, neighbours of taboos.

A profile may be older than the brand. Each of its parts counts only where the brand still says what it was compiled of.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from kairo.stages.brands.contracts import BrandSnapshotDTO
from kairo.stages.knowledge.contracts.profiles import CompiledProfile, KeywordSource, SignalKind
from kairo.stages.opportunities.rules.stems import content_stems
from kairo.stages.opportunities.rules.taboos import Taboo

Vectors = NDArray[np.float32]

SAID = 0.9
"""How far a text speaks to a persona that says the phrase itself, before the phrase's weight."""
MEANT = 0.6
"""The same where it only means it: what meaning alone is worth elsewhere on the board."""
MEANS_IT = 0.52
"""Cosine from which a text means a phrase: where meaning adds no more to a fit."""


@dataclass(frozen=True, eq=False)
class Phrase:
    """What a persona wants or what troubles it, with the stems and the vector by which texts are recognised."""

    text: str
    weight: float
    stems: frozenset[str]
    vector: Vectors

    def heard_in(self, stems: frozenset[str], vectors: Vectors) -> float:
        """Return how far a text speaks to it, 0–1: two thirds of its words and two at least, or its meaning."""
        shared = len(self.stems & stems)
        if shared >= min(2, len(self.stems)) and shared * 3 >= 2 * len(self.stems) and len(self.stems) > 1:
            return SAID * self.weight
        is_comparable = vectors.size and vectors.shape[1] == len(self.vector)
        if is_comparable and float(np.max(vectors @ self.vector)) >= MEANS_IT:
            return MEANT * self.weight
        return 0.0


def keyword_weights(compiled: CompiledProfile | None) -> dict[tuple[UUID, str], float]:
    """Return what each pillar's own keyword weighs, by pillar and keyword; a keyword that is left out weighs 1.

    As 1 counts what the brand's posts say on average: a score means the same with and without a profile, a telling word
    lifts it and one that every post says lowers it.
    """
    if compiled is None:
        return {}
    own = {
        (pillar.pillar_id, keyword.term): keyword
        for pillar in compiled.ir.pillars
        for keyword in pillar.keywords
        if keyword.source is KeywordSource.KEYWORD
    }
    said = sum(keyword.posts or 0 for keyword in own.values())
    if not said:
        return {}
    usual = sum(keyword.weight * (keyword.posts or 0) for keyword in own.values()) / said
    return {key: round(keyword.weight / usual, 3) for key, keyword in own.items()}


def phrases_of(brand: BrandSnapshotDTO, compiled: CompiledProfile | None) -> dict[UUID, tuple[Phrase, ...]]:
    """Return the phrases of each persona that it still has; those in languages seen by letters go by words alone."""
    if compiled is None:
        return {}
    said = {(one.id, SignalKind.PRIORITY): one.priorities for one in brand.personas}
    said |= {(one.id, SignalKind.PAIN): one.pains for one in brand.personas}
    found: dict[UUID, tuple[Phrase, ...]] = {}
    for place, signal in enumerate(compiled.ir.persona_signals):
        if signal.phrase not in [phrase.strip() for phrase in said.get((signal.persona_id, signal.kind), [])]:
            continue
        vector = compiled.signal_vector(place)
        phrase = Phrase(
            text=signal.phrase,
            weight=signal.weight,
            stems=frozenset(content_stems(signal.phrase)),
            vector=vector if signal.phrase.isascii() else np.zeros_like(vector),
        )
        found[signal.persona_id] = (*found.get(signal.persona_id, ()), phrase)
    return found


def neighbour_taboos(taboos: Sequence[str], compiled: CompiledProfile | None) -> tuple[Taboo, ...]:
    """Return the words near the brand's present taboos, each told with what it is near to."""
    if compiled is None:
        return ()
    present = {taboo.strip() for taboo in taboos}
    return tuple(
        Taboo(f"{near.word} (near {pattern.term}, {near.similarity:.2f})", (near.word,), is_exact=True)
        for pattern in compiled.ir.taboos
        if pattern.term in present
        for near in pattern.neighbours
    )
