"""The winner index: ads that won are put in, and found again by what they say."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import numpy as np
from django.db import transaction
from numpy.typing import NDArray

from kairo.errors import FieldError
from kairo.platform.embeddings import Embedder, default_embedder
from kairo.stages.ads import queries as ads
from kairo.stages.content import queries as content
from kairo.stages.learning.contracts.winners import (
    NothingToCompare,
    SimilarWinner,
    SimilarWinners,
    WinnerDraft,
    WinnerDTO,
    WinnerOrigin,
    WinnersAsked,
    WrongDimension,
)
from kairo.stages.learning.models import Winner
from kairo.stages.learning.operations.handing_winners import hand_down
from kairo.stages.learning.queries import winners as queries
from kairo.stages.learning.rules.neighbours import expected_outcome
from kairo.stages.opportunities import operations as opportunities

ADDED = "Added as a winner; nobody said why."
_CHANGING = ["text", "variant_id", "embedder", "is_given", "dimension", "embedding", "origin", "metrics", "metadata"]


def add_winner(*, draft: WinnerDraft, at: datetime) -> tuple[WinnerDTO, bool]:
    """Put an ad into the index, or what is new of it; return it and whether it was new.

    Raises:
        WrongDimension: its embedding has another dimension than the index.
        NothingToCompare: it has neither words nor a direction.
    """
    embedder = default_embedder()
    vector = _vector(draft.text, draft.embedding, embedder)
    known = ads.ads_by_id([draft.ad_id]).get(draft.ad_id)
    row = Winner(
        ad_id=draft.ad_id,
        variant_id=known.variant_id if known else None,
        text=draft.text,
        embedder=embedder.name,
        is_given=draft.embedding is not None,
        dimension=len(vector),
        embedding=vector,
        origin=WinnerOrigin.ADDED,
        metrics=draft.metrics,
        metadata=draft.metadata,
        why=draft.why or ADDED,
        added_at=at,
        updated_at=at,
    )
    with transaction.atomic():
        was_there = Winner.objects.filter(ad_id=draft.ad_id).exists()
        keep_winners([row])
        stored = Winner.objects.get(ad_id=draft.ad_id)
        hand_down([stored])
    return stored.to_contract(), not was_there


def keep_winners(found: Sequence[Winner]) -> None:
    """Store winners; one that is there already keeps the day on which it was added."""
    Winner.objects.bulk_create(
        found,
        update_conflicts=True,
        unique_fields=["tenant", "ad_id"],
        update_fields=[*_CHANGING, "why", "updated_at"],
        batch_size=1_000,
    )


def find_similar(*, asked: WinnersAsked) -> SimilarWinners:
    """Return the winners nearest to a text or a vector, of those that pass the filters.

    Raises:
        WrongDimension: the embedding has another dimension than the index.
        NothingToCompare: the text has no words, or the embedding no direction.
    """
    embedder = default_embedder()
    vector = _vector(asked.text or "", asked.embedding, embedder)
    found = queries.similar_winners(vector=vector, embedder=embedder.name, k=asked.k, filters=asked.filters)
    return SimilarWinners(winners=found, expected=_expected(found), dimension=len(vector), embedder=embedder.name)


def _expected(found: Sequence[SimilarWinner]) -> dict[str, float]:
    told = {name for winner in found for name, value in winner.outcome.items() if queries.is_figure(value)}
    usual = queries.usual_outcomes() if told else {}
    expected = {}
    for name in sorted(told):
        telling = [(one.similarity, one.outcome[name]) for one in found if queries.is_figure(one.outcome.get(name))]
        near, outcomes = [similarity for similarity, _ in telling], [float(value or 0) for _, value in telling]
        expected[name] = round(expected_outcome(near, outcomes, usual=usual.get(name, outcomes[0])), 4)
    return expected


def embed_anew(*, limit: int = 5_000) -> int:
    """Embed winners whose vectors are another embedder's, and return how many; what came with its vector stays out."""
    embedder = default_embedder()
    stale = list(Winner.objects.exclude(embedder=embedder.name).filter(is_given=False).order_by("id")[:limit])
    if not stale:
        return 0
    for row, vector in zip(stale, embedder.embed([row.text for row in stale]), strict=True):
        row.embedder, row.dimension, row.embedding = embedder.name, len(vector), vector
    Winner.objects.bulk_update(stale, ["embedder", "dimension", "embedding"], batch_size=500)
    hand_down(stale)
    return len(stale)


def let_go_of_items(*, item_ids: Sequence[UUID]) -> None:
    """Remove the winners whose texts cite posts that are erased, in the caller's transaction."""
    variant_ids = content.variants_citing(item_ids)
    gone = Winner.objects.filter(variant_id__in=variant_ids)
    opportunities.withdraw_winners(ad_ids=list(gone.values_list("ad_id", flat=True)), erase=True)
    gone.delete()


def _vector(text: str, given: Sequence[float] | None, embedder: Embedder) -> NDArray[np.float32]:
    """Return a vector of length 1."""
    if given is None:
        vector: NDArray[np.float32] = embedder.embed([text])[0]
    else:
        if len(given) != embedder.dimension:
            message = (
                f"The index has dimension {embedder.dimension} ({embedder.name}); this embedding has {len(given)}."
                " Send one of that dimension, or leave it out and the text is embedded here."
            )
            raise WrongDimension(message, errors=(FieldError("embedding", message),))
        vector = _of_length_one(given)
    if not np.any(vector):
        field = "text" if given is None else "embedding"
        message = "The text has no words: nothing is near it." if given is None else "This embedding has no direction."
        raise NothingToCompare(message, errors=(FieldError(field, message),))
    return vector


def _of_length_one(given: Sequence[float]) -> NDArray[np.float32]:
    wide = np.asarray(given, dtype=np.float64)
    largest = float(np.abs(wide).max())
    if largest == 0.0:
        return wide.astype(np.float32)
    wide = wide / largest
    unit: NDArray[np.float32] = (wide / np.linalg.norm(wide)).astype(np.float32)
    return unit
