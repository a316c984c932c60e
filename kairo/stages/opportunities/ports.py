"""What a synthesizer is given and gives back, and the form in which a model proposes and rates drafts.

What a model writes is untrusted: `rules/proposals.py` decides what of it becomes a draft.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence, Sized
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray
from pydantic import AfterValidator, Field

from kairo.shapes import Strict
from kairo.stages.brands.contracts import BrandSnapshotDTO
from kairo.stages.evidence.contracts import EvidenceItemDTO
from kairo.stages.knowledge.contracts.profiles import CompiledProfile
from kairo.stages.opportunities.contracts import (
    Channel,
    ExternalSignalBundleDTO,
    Generator,
    KnownWinnerDTO,
    LearningSummaryDTO,
    OpportunityDraftDTO,
    OpportunityType,
)

MAX_PROPOSED = 12
Bounded = TypeVar("Bounded", bound=Sized)


@dataclass(frozen=True, slots=True)
class DecidedOpportunity:
    """An opportunity on which a person has decided in the last 14 days."""

    title: str
    angle: str


@dataclass(frozen=True)
class BoardMaterial:
    """All that a board's opportunities are made from; row i of `vectors` belongs to item i of `evidence`.

    `profile` is None where the brand's was never compiled; `winners` are its ads that won.
    """

    evidence: Sequence[EvidenceItemDTO]
    vectors: NDArray[np.float32]
    brand: BrandSnapshotDTO
    signals: ExternalSignalBundleDTO
    learning: LearningSummaryDTO
    decided: Sequence[DecidedOpportunity]
    embed: Callable[[Sequence[str]], NDArray[np.float32]]
    as_of: datetime
    profile: CompiledProfile | None = None
    winners: Sequence[KnownWinnerDTO] = ()


@dataclass(frozen=True)
class Synthesis:
    """What came of one synthesis: valid drafts best first, the dropped ones with their reasons, and what to know."""

    drafts: list[OpportunityDraftDTO]
    dropped: list[OpportunityDraftDTO]
    total_candidates: int
    notes: list[str] = field(default_factory=list)


class Synthesizer(Protocol):
    """Finds in the material what a brand could publish, each draft with quotes of the evidence."""

    @property
    def generator(self) -> Generator: ...

    def synthesize(self, material: BoardMaterial) -> Synthesis: ...


def _at_most(limit: int) -> AfterValidator:
    """Bound a text or a list without telling the schema, which small servers turn into a grammar, bounds and all."""

    def bounded(value: Bounded) -> Bounded:
        if len(value) > limit:
            raise ValueError(f"is {len(value)} long, at most {limit}")
        return value

    return AfterValidator(bounded)


Name = Annotated[str, _at_most(40)]
Line = Annotated[str, _at_most(400)]
Text = Annotated[str, _at_most(1_200)]


class ProposedQuote(Strict):
    """A span of a post, named by the short id under which the model was given it."""

    evidence_id: Name
    text: Text


class ProposedDraft(Strict):
    """One opportunity as a model proposes it; nothing in it counts before it was checked."""

    title: Line
    angle: Text
    why_now: Text
    # A wrong word costs the draft, not the whole answer: the schema tells the choice, the rules refuse what is none.
    type: Name = Field(json_schema_extra={"enum": [kind.value for kind in OpportunityType]})
    primary_channel: Name = Field(json_schema_extra={"enum": [channel.value for channel in Channel]})
    suggested_channels: Annotated[list[Name], _at_most(8)] = []
    persona: Line | None = None
    pillar: Line | None = None
    evidence_ids: Annotated[list[Name], _at_most(20)]
    quotes: Annotated[list[ProposedQuote], _at_most(20)]


class ProposedDrafts(Strict):
    """A model's whole answer to the question what to publish."""

    drafts: Annotated[list[ProposedDraft], _at_most(MAX_PROPOSED)]


class Rating(Strict):
    """How a model rates one draft, each from 0 to 100."""

    draft_id: Name
    relevance: float = Field(ge=0, le=100, allow_inf_nan=False)
    audience_fit: float = Field(ge=0, le=100, allow_inf_nan=False)
    feasibility: float = Field(ge=0, le=100, allow_inf_nan=False)


class Ratings(Strict):
    """A model's ratings of all drafts of a board."""

    ratings: Annotated[list[Rating], _at_most(2 * MAX_PROPOSED)]
