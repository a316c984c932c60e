"""The questions that this stage asks a model: the plan of a package, and the text of one channel."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from kairo.platform.llm.calls import LLMCall
from kairo.platform.llm.prompts import Evidence, EvidenceText
from kairo.shapes import Frozen
from kairo.stages.content.contracts import ShapingWinnerDTO
from kairo.stages.content.ports import Source
from kairo.stages.content.rules.channels import LIMITS
from kairo.stages.content.rules.facts import Facts, pattern_of
from kairo.stages.content.rules.voicing import told
from kairo.stages.content.rules.winner_patterns import told_of_winners
from kairo.stages.content.rules.written import WrittenPackage, WrittenVariant, language_name
from kairo.stages.knowledge.contracts.profiles import VoiceFeatures
from kairo.stages.opportunities.contracts import Channel

PROMPTS = Path(__file__).parent / "prompts"


class BrandLine(Frozen):
    """A sentence that the brand says of itself, under the id by which it is cited."""

    id: str
    text: str


class BriefAbout(Frozen):
    """Whom a text is for and what it may say; `posts` were written by strangers."""

    language: str
    brand_name: str
    tone: list[str]
    never_say: list[str]
    persona: str
    pillar: str
    opportunity: str
    why_now: str
    voices: int
    brand_lines: list[BrandLine]
    posts: Evidence


class PackageBrief(BriefAbout):
    """What a package is planned from."""

    channels: list[str]


class VariantBrief(BriefAbout):
    """What the text of one channel is written from; `beats` is the order in which the brand likes to tell things."""

    channel: str
    thesis: str
    campaign_call_to_action: str
    beats: list[str]
    limits: dict[str, int]


class VoicedVariantBrief(VariantBrief):
    """The same where the brand's voice is known: how its approved texts read, counted."""

    voice: list[str]


class PackageBriefLikeWinners(PackageBrief):
    """The same where ads on the same subject have won: how those were built."""

    winners: list[str]


class VariantBriefLikeWinners(VoicedVariantBrief):
    """The same where ads on the same subject have won; `voice` is empty where it is not known."""

    winners: list[str]


WRITE_PACKAGE = LLMCall(
    task="packages",
    folder=PROMPTS,
    prompt="write_package.md",
    version=1,
    takes=PackageBrief,
    returns=WrittenPackage,
)
WRITE_VARIANT = LLMCall(
    task="variants",
    folder=PROMPTS,
    prompt="write_variant.md",
    version=1,
    takes=VariantBrief,
    returns=WrittenVariant,
)


WRITE_VARIANT_IN_VOICE = LLMCall(
    task="variants",
    folder=PROMPTS,
    prompt="write_variant_in_voice.md",
    version=2,
    takes=VoicedVariantBrief,
    returns=WrittenVariant,
)


WRITE_PACKAGE_LIKE_WINNERS = LLMCall(
    task="packages",
    folder=PROMPTS,
    prompt="write_package_like_winners.md",
    version=1,
    takes=PackageBriefLikeWinners,
    returns=WrittenPackage,
)
WRITE_VARIANT_LIKE_WINNERS = LLMCall(
    task="variants",
    folder=PROMPTS,
    prompt="write_variant_like_winners.md",
    version=1,
    takes=VariantBriefLikeWinners,
    returns=WrittenVariant,
)


def package_brief(source: Source, facts: Facts) -> PackageBrief:
    """Return what a model plans a package from."""
    channels = [source.opportunity.primary_channel, *source.opportunity.suggested_channels]
    return PackageBrief(**_about(source, facts), channels=list(dict.fromkeys(map(str, channels))))


def variant_brief(source: Source, facts: Facts, channel: Channel) -> VariantBrief:
    """Return what a model writes the text of one channel from."""
    pattern = pattern_of(source, channel)
    limits = LIMITS[channel]
    allowed = {
        "characters, body and call to action together": limits.max_length,
        "hashtags": limits.max_hashtags,
        "links": limits.max_links,
        "line breaks, body and call to action together": limits.max_line_breaks - 2,
        "characters of the call to action": limits.max_cta,
    }
    if limits.title is not None:
        allowed["characters of the title"] = limits.title
    return VariantBrief(
        **_about(source, facts),
        channel=str(channel),
        thesis=(source.package.thesis if source.package else None) or "",
        campaign_call_to_action=(source.package.cta if source.package else None) or "",
        beats=list(pattern.beats) if pattern else [],
        limits=allowed,
    )


def voiced_brief(brief: VariantBrief, voice: VoiceFeatures) -> VoicedVariantBrief:
    """Return a brief with the voice to write in."""
    return VoicedVariantBrief.model_validate({**brief.model_dump(), "voice": told(voice)})


def package_brief_like(brief: PackageBrief, winners: Sequence[ShapingWinnerDTO]) -> PackageBriefLikeWinners:
    """Return a brief with the form of winners."""
    return PackageBriefLikeWinners.model_validate({**brief.model_dump(), "winners": told_of_winners(winners)})


def variant_brief_like(
    brief: VariantBrief, voice: VoiceFeatures | None, winners: Sequence[ShapingWinnerDTO]
) -> VariantBriefLikeWinners:
    """Return a brief with the form of winners, and with the voice to write in where it is known."""
    more = {"voice": told(voice) if voice else [], "winners": told_of_winners(winners)}
    return VariantBriefLikeWinners.model_validate({**brief.model_dump(), **more})


def _about(source: Source, facts: Facts) -> dict[str, object]:
    opportunity, brand = source.opportunity, source.brand
    persona = next((one for one in brand.personas if one.id == opportunity.persona_id), None)
    pillar = next((one for one in brand.pillars if one.id == opportunity.pillar_id), None)
    return {
        "language": language_name(facts),
        "brand_name": brand.brand_name,
        "tone": brand.voice_tone_tags,
        "never_say": brand.taboos,
        "persona": f"{persona.name}. {persona.summary}".strip() if persona else "",
        "pillar": pillar.name if pillar else "",
        "opportunity": f"{facts.title}. {opportunity.angle}",
        "why_now": opportunity.why_now,
        "voices": facts.voices,
        "brand_lines": [BrandLine(id=line.id, text=line.text) for line in facts.lines],
        "posts": Evidence(items=tuple(EvidenceText(id=post.id, text=post.text) for post in facts.posts)),
    }
