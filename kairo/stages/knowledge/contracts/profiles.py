"""The compiled profile of a brand: what it speaks about, to whom, what it never says, and how its approved texts read.

Everything in it can be explained: each weight says where it comes from, each neighbour how near it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from kairo.errors import NotFound
from kairo.shapes import Frozen, Strict

LONGEST_APPROVED_TEXT = 100_000


class ProfileNotFound(NotFound):
    """The brand's profile, or that version of it, was never compiled."""

    code = "profile_not_found"


class KeywordSource(StrEnum):
    """Where a pillar has a keyword from, the surest first."""

    KEYWORD = "keyword"
    NAME = "name"
    CATEGORY = "category"
    DESCRIPTION = "description"


class PillarKeyword(Frozen):
    """A word or phrase of a pillar. `weight` (0–1) is what its source is worth, less where most posts say it anyway.

    `posts` counts the brand's posts that say it; None where there were too few posts to count in.
    """

    term: str
    source: KeywordSource
    weight: float = Field(ge=0, le=1)
    posts: int | None = None


class PillarProfile(Frozen):
    """A pillar with its weighted keywords, heaviest first."""

    pillar_id: UUID
    name: str
    priority_rank: int | None = None
    keywords: tuple[PillarKeyword, ...] = ()


class SignalKind(StrEnum):
    """Which list of a persona a phrase stands in."""

    PRIORITY = "priority"
    PAIN = "pain"


class PersonaSignal(Frozen):
    """A phrase by which a persona is recognised, with the stems that tell it."""

    persona_id: UUID
    persona: str
    kind: SignalKind
    phrase: str
    weight: float = Field(ge=0, le=1)
    stems: tuple[str, ...] = ()


class TabooNeighbour(Frozen):
    """A word so near a taboo in meaning that it counts as one. `similarity` is the cosine of the two."""

    word: str
    similarity: float


class NeighbourState(StrEnum):
    """Whether words near a taboo could be looked for; the stems are matched in every case."""

    FOUND = "found"
    NONE_NEAR = "none_near"
    PHRASE = "phrase"
    UNKNOWN_WORD = "unknown_word"
    OTHER_LANGUAGE = "other_language"


class TabooPattern(Frozen):
    """A taboo as the brand wrote it, the stems by which its inflections are found, and its neighbours."""

    term: str
    language: str
    stems: tuple[str, ...]
    neighbours: tuple[TabooNeighbour, ...] = ()
    neighbour_state: NeighbourState


class VoiceState(StrEnum):
    """Whether there are enough approved texts to say how the brand writes."""

    MEASURED = "measured"
    NOT_ENOUGH_TEXTS = "not_enough_texts"


class Opening(Frozen):
    """The first words of several approved texts."""

    words: str
    texts: int


class VoiceFeatures(Frozen):
    """How texts read, quotes of other people left out. Shares are of the texts, rates of the sentences."""

    sentence_words: float
    sentence_words_longest_tenth: float
    text_characters: float
    questions_rate: float
    exclamations_rate: float
    emoji_a_text: float
    hashtags_a_text: float
    links_share: float
    first_singular_share: float
    first_plural_share: float
    second_person_share: float
    formal_address_share: float
    informal_address_share: float
    contractions_share: float
    openings: tuple[Opening, ...] = ()


class ChannelVoice(Frozen):
    """The voice on one channel, or on all where `channel` is None; `n` texts were looked at, `needed` are enough."""

    channel: str | None
    n: int
    needed: int
    state: VoiceState
    features: VoiceFeatures | None = None


class VoiceProfile(Frozen):
    """How the brand's approved texts read, over all and by channel."""

    overall: ChannelVoice
    channels: tuple[ChannelVoice, ...] = ()

    def on(self, channel: str) -> VoiceFeatures | None:
        """Return the features of a channel, those of all texts where it has too few, None where there are too few."""
        return self.measured_on(channel) or self.overall.features

    def measured_on(self, channel: str) -> VoiceFeatures | None:
        """Return the features of a channel's own texts; None where there are too few."""
        return next((one.features for one in self.channels if one.channel == channel), None)


class BrandIR(Frozen):
    """A brand as it was compiled: one version, never changed afterwards, but for a voice whose texts were erased.

    `inputs_sha256` names the brand's own fields that went in; `evidence_posts` is how many posts the weights were
    counted in. Vectors are kept beside it, `dimension` numbers each, by `embedder`.
    """

    id: UUID
    brand_id: UUID
    version: int = Field(ge=1)
    compiled_at: datetime
    compiler: int
    content_sha256: str
    inputs_sha256: str
    embedder: str
    dimension: int
    evidence_posts: int
    positioning: str | None = None
    pillars: tuple[PillarProfile, ...] = ()
    persona_signals: tuple[PersonaSignal, ...] = ()
    taboos: tuple[TabooPattern, ...] = ()
    neighbours_by: str
    neighbour_threshold: float
    voice: VoiceProfile | None = None
    voice_erased: bool = False


class BrandProfileDTO(Frozen):
    """The newest profile, and whether the brand has changed since: `is_current` False means a new one is due."""

    profile: BrandIR
    is_current: bool
    is_compiling: bool


@dataclass(frozen=True)
class CompiledProfile:
    """A profile with its vectors as rows of length 1: the positioning, then each pillar, then each persona signal."""

    ir: BrandIR
    vectors: NDArray[np.float32]

    def signal_vector(self, place: int) -> NDArray[np.float32]:
        """Return the vector of a persona signal by its place in the profile."""
        row: NDArray[np.float32] = self.vectors[1 + len(self.ir.pillars) + place]
        return row


class CompileProfile(Frozen):
    """The message that asks for a brand's profile. With `drift`, one that exists stays while weights hardly move.

    Weights are counted in the brand's posts as of `as_of`, else as of the moment when the job runs.
    """

    brand_id: UUID
    drift: bool = False
    as_of: datetime | None = None


class CompileAll(Frozen):
    """The message that asks for the profiles of all brands of a tenant whose inputs or weights have moved."""


class ApprovedText(Strict):
    """A text that a person approved, as a later stage hands it down. `source` names it, such as `variant:{id}`."""

    source: str = Field(min_length=1, max_length=200)
    channel: str = Field(min_length=1, max_length=60)
    text: str = Field(min_length=1, max_length=LONGEST_APPROVED_TEXT)
    approved_at: datetime
