"""Putting a profile together: what goes in, what comes out, and the fingerprints that tell when nothing has changed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from kairo.stages.brands.contracts import BrandDTO, PersonaDTO, PillarDTO
from kairo.stages.knowledge.contracts.profiles import BrandIR, CompiledProfile
from kairo.stages.knowledge.rules.profiles.taboos import NEAR, Vocabulary, taboo_patterns
from kairo.stages.knowledge.rules.profiles.voice import VoiceText, voice_of
from kairo.stages.knowledge.rules.profiles.weights import Counted, persona_signals, pillar_profiles
from kairo.stages.knowledge.rules.profiles.words import stems_of

COMPILER = 1
"""Raised when the same inputs give another profile: every brand is then compiled anew."""
_NOT_CONTENT = {"id", "version", "compiled_at", "content_sha256", "voice_erased"}


@dataclass(frozen=True)
class ProfileInputs:
    """All that a profile is made from. `posts` are the brand's posts of its window, `texts` its approved ones."""

    brand: BrandDTO
    pillars: Sequence[PillarDTO]
    personas: Sequence[PersonaDTO]
    posts: Sequence[str]
    texts: Sequence[VoiceText]

    def sha256(self) -> str:
        """Name the inputs that people change: the brand's fields and its approved texts, not the evidence."""
        return _sha256(
            {
                "compiler": COMPILER,
                "positioning": self.brand.positioning,
                "taboos": self.brand.taboos,
                "pillars": [pillar.model_dump(mode="json") for pillar in self.pillars],
                "personas": [persona.model_dump(mode="json") for persona in self.personas],
                "texts": [[one.channel, one.text] for one in self.texts],
            }
        )


@dataclass(frozen=True)
class Tools:
    """The embedder of the installation, and the vocabulary in which neighbours are looked up."""

    embedder: str
    embed: Callable[[Sequence[str]], NDArray[np.float32]]
    vocabulary: Vocabulary
    vocabulary_of: str


def compiled(inputs: ProfileInputs, tools: Tools, *, profile_id: UUID, version: int, at: datetime) -> CompiledProfile:
    """Compile a profile. The same inputs give the same content, whatever its id, version and time."""
    counted = Counted(inputs.posts)
    pillars = pillar_profiles(inputs.pillars, counted)
    signals = persona_signals(inputs.personas, counted)
    positioning = (inputs.brand.positioning or "").strip() or None
    described = {pillar.id: " ".join([pillar.name, *pillar.keywords, pillar.description]) for pillar in inputs.pillars}
    texts = [positioning or "", *(described[one.pillar_id] for one in pillars), *(one.phrase for one in signals)]
    vectors = np.nan_to_num(np.asarray(tools.embed(texts), dtype=np.float32))
    ir = BrandIR(
        id=profile_id,
        brand_id=inputs.brand.id,
        version=version,
        compiled_at=at,
        compiler=COMPILER,
        content_sha256="",
        inputs_sha256=inputs.sha256(),
        embedder=tools.embedder,
        dimension=vectors.shape[1],
        evidence_posts=len(counted),
        positioning=positioning,
        pillars=pillars,
        persona_signals=signals,
        taboos=taboo_patterns(inputs.brand.taboos, own_words=_own_words(inputs), vocabulary=tools.vocabulary),
        neighbours_by=tools.vocabulary_of,
        neighbour_threshold=NEAR,
        voice=voice_of(inputs.texts),
    )
    return CompiledProfile(ir.model_copy(update={"content_sha256": content_sha256(ir)}), vectors)


def content_sha256(ir: BrandIR) -> str:
    """Name what a profile says, whenever and as which version it was compiled."""
    return _sha256(ir.model_dump(mode="json", exclude=_NOT_CONTENT))


def _own_words(inputs: ProfileInputs) -> frozenset[str]:
    said = [inputs.brand.name, inputs.brand.positioning or ""]
    said += [text for pillar in inputs.pillars for text in (pillar.name, pillar.description, *pillar.keywords)]
    said += [text for one in inputs.personas for text in (one.summary, *one.priorities, *one.pains)]
    return frozenset(stem for text in said for stem in stems_of(text))


def _sha256(document: object) -> str:
    return hashlib.sha256(json.dumps(document, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
