"""Plain texts read as items are, and nothing stored: for pipelines, and for measuring."""

from __future__ import annotations

from kairo.platform.embeddings import default_embedder
from kairo.stages.evidence.adapters.language import default_identifier
from kairo.stages.evidence.rules.similarity import SURE, repeat_score
from kairo.stages.evidence.rules.text import normalise
from kairo.stages.evidence.rules.wording import wording_of


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
