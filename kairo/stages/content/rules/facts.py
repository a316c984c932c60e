"""What a model is given to write from, each piece under a short id by which its answer cites it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from kairo.stages.brands.contracts import PatternTemplateDTO
from kairo.stages.content.ports import Source
from kairo.stages.content.rules.material import gather, sentences_in
from kairo.stages.content.rules.writing import pattern_for
from kairo.stages.opportunities.contracts import Channel

MOST_POSTS = 12
MOST_LINES = 12


@dataclass(frozen=True)
class PostFact:
    """Words of one post, letter by letter; where they were said, without whose they are."""

    id: str
    item_id: UUID
    text: str
    place: str


@dataclass(frozen=True)
class BrandFact:
    """A sentence that the brand says of itself; `source` says where."""

    id: str
    text: str
    source: str


@dataclass(frozen=True)
class Facts:
    """All that may be stated. `voices` counts the different people behind the posts."""

    language: str
    title: str
    posts: tuple[PostFact, ...]
    lines: tuple[BrandFact, ...]
    voices: int


def facts_of(source: Source) -> Facts:
    """Number what may be said: quotes and lines that policy or the brand's taboos refuse are left out."""
    opportunity, brand = source.opportunity, source.brand
    said = [cited for cited in opportunity.evidence if cited.quote.strip() and source.may_say(cited.quote)]
    pillar = next((pillar for pillar in brand.pillars if pillar.id == opportunity.pillar_id), None)
    told = [(line, "positioning") for line in sentences_in(brand.positioning or "")]
    if pillar is not None:
        told += [(line, f"pillar: {pillar.name}") for line in sentences_in(pillar.description)]
    usable = [(line, where) for line, where in told if source.may_say(line)]
    return Facts(
        language=gather(opportunity, brand, (), may_say=source.may_say).language,
        title=" ".join(opportunity.title.split()),
        posts=tuple(
            PostFact(f"p{number}", cited.id, cited.quote, cited.platform)
            for number, cited in enumerate(said[:MOST_POSTS], 1)
        ),
        lines=tuple(
            BrandFact(f"b{number}", line, where) for number, (line, where) in enumerate(usable[:MOST_LINES], 1)
        ),
        voices=opportunity.independent_voices,
    )


def pattern_of(source: Source, channel: Channel) -> PatternTemplateDTO | None:
    """Return the brand's pattern for a channel, the same one that the local writer takes."""
    material = gather(source.opportunity, source.brand, source.patterns, may_say=source.may_say)
    return pattern_for(channel, material)
