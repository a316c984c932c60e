"""Which aspects of a department are covered by which texts, with the embedder of this installation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kairo.platform.embeddings import default_embedder
from kairo.stages.knowledge.contracts.departments import Department
from kairo.stages.knowledge.rules.coverage import AspectRead, covers, read_aspects


@dataclass(frozen=True)
class AspectHit:
    """One aspect, and the places of the texts that cover it."""

    name: str
    places: tuple[int, ...]

    @property
    def covered(self) -> bool:
        return bool(self.places)


def aspects_covered(department: Department, texts: Sequence[str]) -> tuple[AspectHit, ...]:
    """Say of each aspect of a department which of the texts cover it: this embeds, and belongs outside transactions."""
    embedder = default_embedder()
    names = department.coordination_settings.aspects
    vectors = embedder.embed([*(aspect_text(department, name) for name in names), *texts])
    return hits(read_aspects(names, vectors[: len(names)]), texts, vectors[len(names) :])


def aspect_text(department: Department, aspect: str) -> str:
    """Return what is embedded for an aspect: alone it is two words that may mean anything."""
    return f"{department.name}: {aspect}"


def hits(
    aspects: Sequence[AspectRead], texts: Sequence[str], vectors: Sequence[NDArray[np.float32]] | NDArray[np.float32]
) -> tuple[AspectHit, ...]:
    """Say of each aspect which texts cover it; vector i belongs to text i."""
    return tuple(
        AspectHit(
            aspect.name,
            tuple(
                place
                for place, (text, vector) in enumerate(zip(texts, vectors, strict=True))
                if covers(text, vector, aspect)
            ),
        )
        for aspect in aspects
    )
