"""The local writer: quotes, the brand's own words, and sentences that join them; no model, and the same each time."""

from __future__ import annotations

from dataclasses import replace

from kairo.stages.content.contracts import ContentPackageDraftDTO, VariantDraftDTO
from kairo.stages.content.ports import Source
from kairo.stages.content.rules import writing
from kairo.stages.content.rules.material import Material, gather
from kairo.stages.content.rules.winner_patterns import pattern_of_winners
from kairo.stages.opportunities.contracts import Channel


class LocalWriter:
    """Writes without a model."""

    name = writing.LOCAL

    def draft_package(self, source: Source) -> ContentPackageDraftDTO:
        """Propose the package of an opportunity."""
        personas = {persona.id: persona.name for persona in source.brand.personas}
        pillars = {pillar.id: pillar.name for pillar in source.brand.pillars}
        opportunity = source.opportunity
        return writing.draft_package(
            opportunity,
            _material(source),
            persona=personas.get(opportunity.persona_id) if opportunity.persona_id else None,
            pillar=pillars.get(opportunity.pillar_id) if opportunity.pillar_id else None,
        )

    def draft_variant(self, source: Source, channel: Channel) -> VariantDraftDTO:
        """Propose the text of one channel."""
        return writing.draft_variant(channel, _material(source))


def _material(source: Source) -> Material:
    material = gather(source.opportunity, source.brand, source.patterns, may_say=source.may_say)
    return replace(material, voice=source.voice, winners=pattern_of_winners(source.winners))
