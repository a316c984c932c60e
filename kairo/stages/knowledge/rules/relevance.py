"""How far a text bears on an aspect of a department: by its words, its meaning, and the heading that it is under.

`coverage.covers` says yes or no by the same words and vectors; here it has degrees, and `RELEVANT` is where yes begins.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kairo.stages.knowledge.rules.coverage import beginnings
from kairo.stages.knowledge.rules.gather_words import words_of

Vectors = NDArray[np.float32]

RELEVANT = 0.3
_WORDS, _MEANING, _HEADING = 0.6, 0.4, 0.25
_NO_MEANING, _FULL_MEANING = 0.1, 0.5
"""Cosines of the static embedder between which meaning grows from nothing to all."""
_LONGEST_BEGINNING = 16


@dataclass(frozen=True)
class Topic:
    """An aspect as texts are compared with it: how the words begin that tell of it."""

    name: str
    beginnings: tuple[str, ...]


@dataclass(frozen=True)
class Aspects:
    """A department's aspects, as topics and as vectors: row i belongs to topic i."""

    topics: tuple[Topic, ...]
    vectors: Vectors


@dataclass(frozen=True)
class Told:
    """A text as it is compared with aspects: all beginnings of its words, and those of the heading above it."""

    beginnings: frozenset[str]
    is_ascii: bool
    above: frozenset[str] = frozenset()


def topic_of(aspect: str) -> Topic:
    """Read an aspect's name."""
    return Topic(aspect, beginnings(aspect))


def told_by(text: str, *, heading: str = "") -> Told:
    """Read a text, and the heading above it."""
    return Told(_beginnings_in(text), text.isascii(), _beginnings_in(heading) if heading else frozenset())


def relevance(aspects: Aspects, texts: Sequence[Told], vectors: Vectors) -> Vectors:
    """Return how far each text (row) bears on each aspect (column), 0–1; row i of the vectors belongs to text i."""
    if not texts or not aspects.topics:
        return np.zeros((len(texts), len(aspects.topics)), dtype=np.float32)
    cosines = vectors @ aspects.vectors.T
    words = np.array([[_share(topic, one.beginnings) for topic in aspects.topics] for one in texts], dtype=np.float32)
    above = np.array([[_share(topic, one.above) for topic in aspects.topics] for one in texts], dtype=np.float32)
    # Vectors of texts in other languages than the aspect's say little: there the words alone decide.
    foreign = np.array([[not one.is_ascii] for one in texts])
    meaning = np.clip((cosines - _NO_MEANING) / (_FULL_MEANING - _NO_MEANING), 0.0, 1.0)
    scores = np.where(foreign, _WORDS + _MEANING / 2, _WORDS) * words + _MEANING * meaning + _HEADING * above
    bounded: Vectors = np.minimum(scores, 1.0).astype(np.float32)
    return bounded


def _share(topic: Topic, found: frozenset[str]) -> float:
    """Half for the first word that tells of the aspect, and half of the rest for each further one."""
    hits = sum(begin in found for begin in topic.beginnings)
    return 1.0 - 0.5**hits


def _beginnings_in(text: str) -> frozenset[str]:
    words = set(words_of(text))
    return frozenset(word[:size] for word in words for size in range(2, min(len(word), _LONGEST_BEGINNING) + 1))
