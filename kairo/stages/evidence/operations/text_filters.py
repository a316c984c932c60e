"""Plain texts read as items are, and nothing stored: for pipelines, and for measuring."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kairo.platform.embeddings import default_embedder
from kairo.stages.evidence.adapters.language import default_identifier
from kairo.stages.evidence.rules.similarity import SURE, repeat_score
from kairo.stages.evidence.rules.text import content_hash, normalise
from kairo.stages.evidence.rules.wording import Wording, wording_of


def identify_language(text: str) -> tuple[str | None, float]:
    """Return the language of a text (ISO 639-1) and how sure it is, 0–1; None where too little is written."""
    return default_identifier().identify(text)


def compare_texts(one: str, other: str, *, language: str | None = None) -> tuple[float, bool]:
    """Return how surely one text repeats the other, 0–1, and whether that is enough to call it a near-duplicate.

    Without a language, vectors count only where both texts are identified as the same one.
    """
    ours, theirs = normalise(one).text, normalise(other).text
    if language is None:
        (language, _), (others, _) = identify_language(ours), identify_language(theirs)
        language = language if language == others else None
    embedder = default_embedder()
    vectors = embedder.embed([ours, theirs])
    score = repeat_score(
        wording_of(ours),
        wording_of(theirs),
        cosine=float(vectors[0] @ vectors[1]) if language else None,
        embedder=embedder.name,
        language=language,
    )
    return score, score >= SURE


@dataclass(frozen=True, slots=True, eq=False)
class ComparedText:
    """A text as repeats are looked for: how it is worded, its language and its vector by `embedder`.

    `content_hash` is of its words, "" where it has none; `vector` is of length 1, or zeros.
    """

    wording: Wording
    content_hash: str
    language: str | None
    embedder: str
    vector: NDArray[np.float32]


def compared_texts(texts: Sequence[str]) -> list[ComparedText]:
    """Read texts as they are compared, a batch at once: this embeds, and belongs outside of transactions."""
    said = [normalise(text) for text in texts]
    embedder = default_embedder()
    vectors = embedder.embed([one.text for one in said])
    languages = default_identifier().identify_all([one.text for one in said], declared=[None] * len(said))
    return [
        ComparedText(wording_of(one.text), content_hash(one), language, embedder.name, vector)
        for one, (language, _), vector in zip(said, languages, vectors, strict=True)
    ]


def compared_again(text: str, *, language: str | None, embedder: str, vector: NDArray[np.float32]) -> ComparedText:
    """Return a text that was read before, from what was kept of it."""
    said = normalise(text)
    return ComparedText(wording_of(said.text), content_hash(said), language, embedder, vector)


def how_surely_repeats(one: ComparedText, other: ComparedText) -> float:
    """Return what `compare_texts` does, of texts that were read before; pure. 0.90 is sure enough."""
    comparable = one.language is not None and one.language == other.language and one.embedder == other.embedder
    return repeat_score(
        one.wording,
        other.wording,
        cosine=float(one.vector @ other.vector) if comparable else None,
        embedder=one.embedder,
        language=one.language if comparable else None,
    )
