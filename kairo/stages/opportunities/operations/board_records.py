"""What a board was made from, kept beside it: enough to make it again, and none of the evidence's own texts."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from kairo.platform.embeddings import default_embedder
from kairo.shapes import Frozen
from kairo.stages.brands.contracts import BrandSnapshotDTO
from kairo.stages.evidence import queries as evidence_queries
from kairo.stages.evidence.contracts import EvidenceItemDTO, SurfaceRole
from kairo.stages.knowledge import queries as knowledge
from kairo.stages.opportunities.contracts import (
    ExternalSignalBundleDTO,
    Generator,
    KnownWinnerDTO,
    LearningSummaryDTO,
)
from kairo.stages.opportunities.models import BoardRecord
from kairo.stages.opportunities.operations.synthesizing import Made
from kairo.stages.opportunities.ports import BoardMaterial, DecidedOpportunity
from kairo.stages.opportunities.rules.winners import took_part

NETWORKED = "openai:"
ERASED = "evidence_erased"
NEEDS_NETWORK = "embedder_needs_network"
OTHER_EMBEDDER = "embedder_changed"
OTHER_VECTORS = "vectors_changed"
NO_PROFILE = "profile_not_kept"


class UnableToRestore(Exception):
    """The material is not there any more as it was; the reason is a code."""


class ItemFacets(Frozen):
    """What may be another tomorrow of an item whose texts never change: counts, and what normalisation found."""

    id: UUID
    language: str | None = None
    views: int | None = None
    likes: int | None = None
    comments: int | None = None
    shares: int | None = None
    roles: list[SurfaceRole] = []
    content_hash: str = ""
    engagement_score: float = 0.0
    near_duplicate_of: UUID | None = None
    holds_real_content: bool = True


class BoardDocument(Frozen):
    """A board's record. `answers_lost`: a model was asked, and its answer was not kept."""

    generator: Generator
    items: list[ItemFacets]
    embedder: str
    vectors_sha256: str
    signals: ExternalSignalBundleDTO
    learning: LearningSummaryDTO
    decided: list[tuple[str, str]] = []
    answer_ids: list[UUID] = []
    answers_lost: bool = False
    profile_version: int | None = None
    winners: list[KnownWinnerDTO] = []


def keep_record(board_id: UUID, material: BoardMaterial, made: Made) -> None:
    """Keep what a board was made from, in the transaction that stores it."""
    document = BoardDocument(
        generator=made.generator,
        items=[ItemFacets.model_validate(item, from_attributes=True) for item in material.evidence],
        embedder=default_embedder().name,
        vectors_sha256=_digest(material.vectors),
        signals=material.signals,
        learning=material.learning,
        decided=[(entry.title, entry.angle) for entry in material.decided],
        answer_ids=[answer_id for answer_id in made.answer_ids if answer_id is not None],
        answers_lost=None in made.answer_ids,
        profile_version=material.profile.ir.version if material.profile else None,
        winners=took_part(material.winners, made.synthesis.drafts),
    )
    BoardRecord.objects.create(
        board_id=board_id,
        item_ids=[item.id for item in material.evidence],
        document=document.model_dump(mode="json", exclude_defaults=True),
    )


def record_of(board_id: UUID) -> BoardDocument | None:
    """Return what a board was made from; None where nothing was kept or it was let go."""
    row = BoardRecord.objects.filter(board_id=board_id).first()
    return BoardDocument.model_validate(row.document) if row else None


def let_go_of_records(item_ids: Collection[UUID]) -> None:
    """Delete the records of boards that any of these items took part in: their signals quote them."""
    BoardRecord.objects.filter(item_ids__overlap=list(item_ids)).delete()


def restored(document: BoardDocument, *, brand: BrandSnapshotDTO, as_of: datetime) -> BoardMaterial:
    """Return a board's material as it was; reads the evidence, and asks no network.

    Raises:
        UnableToRestore: items were erased, or texts are put into vectors in another way now.
    """
    embedder = default_embedder()
    if embedder.name != document.embedder:
        raise UnableToRestore(OTHER_EMBEDDER)
    if embedder.name.startswith(NETWORKED):
        raise UnableToRestore(NEEDS_NETWORK)
    found = evidence_queries.evidence_of([facets.id for facets in document.items])
    row_of = {item.id: row for row, item in enumerate(found.items)}
    if any(facets.id not in row_of for facets in document.items):
        raise UnableToRestore(ERASED)
    rows = [row_of[facets.id] for facets in document.items]
    vectors = found.vectors[rows]
    if _digest(vectors) != document.vectors_sha256:
        raise UnableToRestore(OTHER_VECTORS)
    version = document.profile_version
    profile = knowledge.compiled_profile(brand.brand_id, version=version) if version is not None else None
    if version is not None and profile is None:
        raise UnableToRestore(NO_PROFILE)
    return BoardMaterial(
        evidence=[_as_it_was(found.items[row], facets) for row, facets in zip(rows, document.items, strict=True)],
        vectors=vectors,
        brand=brand,
        signals=document.signals,
        learning=document.learning,
        decided=[DecidedOpportunity(title, angle) for title, angle in document.decided],
        embed=embedder.embed,
        as_of=as_of,
        profile=profile,
        winners=document.winners,
    )


def _as_it_was(item: EvidenceItemDTO, facets: ItemFacets) -> EvidenceItemDTO:
    return item.model_copy(update={name: getattr(facets, name) for name in ItemFacets.model_fields})


def _digest(vectors: NDArray[np.float32] | Sequence[Sequence[float]]) -> str:
    return hashlib.sha256(np.ascontiguousarray(vectors, dtype=np.float32).tobytes()).hexdigest()
