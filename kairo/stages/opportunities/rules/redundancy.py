"""Whether two suggestions are the same one said again: by their words, and by the meaning of their titles."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from kairo.stages.opportunities.contracts import OpportunityDraftDTO
from kairo.stages.opportunities.ports import DecidedOpportunity as DecidedOpportunity
from kairo.stages.opportunities.rules.stems import content_stems, cyrillic_letters, fold, has_han

SAME_WORDS = 0.75
SAME_MEANING = 0.86
"""Cosine of two English titles at which the static embedder's pairs were the same suggestion in other words."""
SHARED_IN_ENGLISH = 0.2
SAME_MEANING_ELSEWHERE = 0.92
"""Asked of English titles that share no words but those of their construction, and of other languages."""
SHARED_ELSEWHERE = 0.34
"""Russian and Chinese titles look alike to that embedder by their letters: they must share words as well."""


def word_overlap(one: str, other: str) -> float:
    """Jaccard similarity of the two texts' words."""
    first, second = set(content_stems(one)), set(content_stems(other))
    if not first or not second:
        return 1.0 if fold(one).strip() == fold(other).strip() else 0.0
    return len(first & second) / len(first | second)


def drop_redundant(
    drafts: Sequence[OpportunityDraftDTO],
    *,
    decided: Sequence[DecidedOpportunity],
    embed: Callable[[Sequence[str]], NDArray[np.float32]],
) -> tuple[list[OpportunityDraftDTO], list[OpportunityDraftDTO]]:
    """Keep each suggestion once, the earlier of two; what was decided on lately is not suggested again.

    The dropped ones say in rejection_reasons what they repeat.
    """
    if not drafts:
        return [], []
    titles = [draft.proposed_title for draft in drafts] + [entry.title for entry in decided]
    vectors = _unit(np.asarray(embed(titles), dtype=np.float32))
    kept: list[int] = []
    dropped: list[OpportunityDraftDTO] = []
    for row, draft in enumerate(drafts):
        reason = _repeats_decided(draft, row, vectors, decided, len(drafts)) or _repeats_kept(
            row, drafts, kept, vectors
        )
        if reason is None:
            kept.append(row)
            continue
        reasons = [*draft.rejection_reasons, reason]
        dropped.append(draft.model_copy(update={"is_valid": False, "rejection_reasons": reasons}))
    return [drafts[row] for row in kept], dropped


def _repeats_decided(
    draft: OpportunityDraftDTO,
    row: int,
    vectors: NDArray[np.float32],
    decided: Sequence[DecidedOpportunity],
    offset: int,
) -> str | None:
    for place, entry in enumerate(decided):
        meaning = float(vectors[row] @ vectors[offset + place])
        if (
            _is_same(draft, entry.title, entry.angle, meaning)
            or word_overlap(draft.proposed_title, entry.title) >= SAME_WORDS
        ):
            return f"already_decided: repeats “{entry.title}”"
    return None


def _repeats_kept(
    row: int, drafts: Sequence[OpportunityDraftDTO], kept: Sequence[int], vectors: NDArray[np.float32]
) -> str | None:
    for earlier in kept:
        other = drafts[earlier]
        if _is_same(drafts[row], other.proposed_title, other.proposed_angle, float(vectors[row] @ vectors[earlier])):
            return f"redundant: repeats “{other.proposed_title}”"
    return None


def _is_same(draft: OpportunityDraftDTO, title: str, angle: str, meaning: float) -> bool:
    """Whether a draft and another suggestion are the same, by their words or by the cosine of their titles."""
    if word_overlap(f"{draft.proposed_title} {draft.proposed_angle}", f"{title} {angle}") >= SAME_WORDS:
        return True
    if has_han(title) or cyrillic_letters(title):
        return meaning >= SAME_MEANING_ELSEWHERE and word_overlap(draft.proposed_title, title) >= SHARED_ELSEWHERE
    shares_words = word_overlap(draft.proposed_title, title) >= SHARED_IN_ENGLISH
    return meaning >= (SAME_MEANING if shares_words else SAME_MEANING_ELSEWHERE)


def _unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    finite = np.nan_to_num(vectors, nan=0.0, posinf=0.0, neginf=0.0)
    lengths = np.linalg.norm(finite, axis=1, keepdims=True)
    return np.asarray(np.divide(finite, lengths, out=np.zeros_like(finite), where=lengths > 0), dtype=np.float32)
