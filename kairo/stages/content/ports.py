"""What writes packages and variants: the local writer of this stage, or a model behind the same shape."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from kairo.stages.brands.contracts import BrandSnapshotDTO, PatternTemplateDTO
from kairo.stages.content.contracts import (
    ContentPackageDraftDTO,
    ContentPackageDTO,
    ShapingWinnerDTO,
    VariantDraftDTO,
)
from kairo.stages.knowledge.contracts.profiles import VoiceProfile
from kairo.stages.opportunities.contracts import Channel, OpportunityDTO


@dataclass(frozen=True)
class Source:
    """What a writer writes from: variants also from their package.

    `may_say` tells whether policy and the brand's taboos let words out; `voice` is how approved texts read, if known;
    `winners` are ads that won on the same subject.
    """

    opportunity: OpportunityDTO
    brand: BrandSnapshotDTO
    patterns: Sequence[PatternTemplateDTO]
    may_say: Callable[[str], bool]
    package: ContentPackageDTO | None = None
    voice: VoiceProfile | None = None
    winners: Sequence[ShapingWinnerDTO] = ()


class ContentWriter(Protocol):
    """Proposes; what it proposes is checked like anybody's text before it is stored."""

    @property
    def name(self) -> str:
        """The generator's name, as packages show it."""

    def draft_package(self, source: Source) -> ContentPackageDraftDTO:
        """Propose the package of an opportunity."""

    def draft_variant(self, source: Source, channel: Channel) -> VariantDraftDTO:
        """Propose the text of one channel, each factual sentence among its claims."""
