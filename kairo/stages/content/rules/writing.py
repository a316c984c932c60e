"""Writing variants without a model: what people said, in their words, joined to what the brand says of itself.

Every sentence that states something is a quote or the brand's own; the sentences between only join them. Which words
join is decided by the opportunity and the channel, so that the same input gives the same text and two packages differ.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from kairo.stages.brands.contracts import PatternStatus, PatternTemplateDTO
from kairo.stages.content.contracts import ClaimDTO, ClaimStatus, ContentPackageDraftDTO, VariantDraftDTO
from kairo.stages.content.rules.channels import LIMITS, fitted
from kairo.stages.content.rules.material import BrandLine, Material, Voice
from kairo.stages.content.rules.voicing import most_tags, nearest
from kairo.stages.content.rules.winner_patterns import as_long, invited, starts_with_title
from kairo.stages.content.rules.wording import WORDINGS
from kairo.stages.content.rules.wording.shapes import Wording
from kairo.stages.opportunities.contracts import Channel, OpportunityDTO

LOCAL = "local"
MANY_VOICES = 3
FEW_TAGS = {Channel.INSTAGRAM: 5, Channel.TIKTOK: 4, Channel.LINKEDIN: 3, Channel.YOUTUBE: 3}


class Beat(StrEnum):
    """What a paragraph does."""

    HOOK = "hook"
    VOICES = "voices"
    COUNT = "count"
    BRAND = "brand"


_ORDERS: dict[Channel, tuple[tuple[Beat, ...], ...]] = {
    Channel.INSTAGRAM: (
        (Beat.HOOK, Beat.VOICES, Beat.COUNT, Beat.BRAND),
        (Beat.HOOK, Beat.VOICES, Beat.BRAND),
        (Beat.HOOK, Beat.COUNT, Beat.VOICES, Beat.BRAND),
    ),
    Channel.TIKTOK: ((Beat.HOOK, Beat.VOICES), (Beat.HOOK, Beat.VOICES, Beat.BRAND), (Beat.HOOK, Beat.BRAND)),
    Channel.LINKEDIN: (
        (Beat.HOOK, Beat.VOICES, Beat.COUNT, Beat.BRAND),
        (Beat.HOOK, Beat.COUNT, Beat.VOICES, Beat.BRAND),
    ),
    Channel.X: ((Beat.HOOK, Beat.VOICES), (Beat.HOOK, Beat.VOICES, Beat.BRAND)),
    Channel.YOUTUBE: ((Beat.HOOK, Beat.VOICES, Beat.BRAND), (Beat.HOOK, Beat.VOICES, Beat.COUNT, Beat.BRAND)),
    Channel.EMAIL: ((Beat.HOOK, Beat.VOICES, Beat.BRAND), (Beat.HOOK, Beat.VOICES, Beat.COUNT, Beat.BRAND)),
    Channel.BLOG: ((Beat.HOOK, Beat.VOICES, Beat.COUNT, Beat.BRAND),),
    Channel.META_ADS: ((Beat.HOOK, Beat.BRAND),),
}
# A brand's beats are notes to people ("read one question aloud"); these words tell which paragraph is meant.
_BEAT_WORDS = (
    (Beat.HOOK, re.compile(r"question|ask|hook|problem|symptom|open|вопрос|проблем|начал|问|开头", re.IGNORECASE)),
    (Beat.COUNT, re.compile(r"how many|number|figure|count|сколько|цифр|数", re.IGNORECASE)),
    (
        Beat.VOICES,
        re.compile(
            r"show|cause|story|before|proof|result|example|say|happen|показ|причин|пример|итог|看|证", re.IGNORECASE
        ),
    ),
    (Beat.BRAND, re.compile(r"to do|today|fix|answer|offer|solution|how|our|реш|ответ|предлож|做|答", re.IGNORECASE)),
)


@dataclass(frozen=True)
class Block:
    """A paragraph, with the claim that it makes, if it makes one."""

    text: str
    item_ids: tuple[UUID, ...] = ()
    knowledge: str | None = None


def draft_package(
    opportunity: OpportunityDTO, material: Material, *, persona: str | None, pillar: str | None
) -> ContentPackageDraftDTO:
    """Draft the package of an opportunity: what it says, for whom, and where."""
    words = WORDINGS[material.language]
    channels = list(dict.fromkeys([opportunity.primary_channel, *opportunity.suggested_channels]))
    people = words.people(max(1, material.voices))
    names = [str(channel).replace("_", " ") for channel in channels]
    listed = words.last_joiner.join(filter(None, [words.joiner.join(names[:-1]), names[-1]]))
    fitting = [pattern.name for channel in channels if (pattern := pattern_for(channel, material))]
    return ContentPackageDraftDTO(
        title=opportunity.title,
        thesis=_thesis(material, words),
        summary=words.summary.format(people=people, people_cap=_capital(people), channels=listed),
        primary_channel=opportunity.primary_channel,
        channels=channels,
        cta=_pick(_invitations(opportunity.primary_channel, material, words), material, "cta"),
        pattern_hints=list(dict.fromkeys(fitting)),
        persona_hint=persona,
        pillar_hint=pillar,
        notes_for_humans=opportunity.angle,
        raw_reasoning=opportunity.score_explanation,
    )


def draft_variant(channel: Channel, material: Material) -> VariantDraftDTO:
    """Write the variant of one channel, within the channel's limits."""
    words = WORDINGS[material.language]
    pattern = pattern_for(channel, material)
    invitation = _pick(_invitations(channel, material, words), material, channel, "cta")
    blocks = _blocks(channel, material, words, pattern)
    own = material.voice.measured_on(channel) if material.voice else None
    tags = material.tags[: most_tags(FEW_TAGS.get(channel, 0), own)]
    body = fitted(channel, [block.text for block in blocks], call_to_action=invitation, tags=tags)
    return VariantDraftDTO(
        channel=channel,
        title=_title(channel, material),
        body=body,
        call_to_action=invitation,
        pattern_hint=pattern.name if pattern else None,
        claims=_claims(blocks, body),
    )


def pattern_for(channel: Channel, material: Material) -> PatternTemplateDTO | None:
    """Return the brand's pattern for a channel: of those in use that support it, the one that did best so far."""
    fitting = [
        pattern
        for pattern in material.patterns
        if channel in pattern.supported_channels and pattern.beats and pattern.status is not PatternStatus.DEPRECATED
    ]
    ranked = sorted(fitting, key=lambda one: (-(one.avg_engagement_score or 0), one.name))
    best = [one for one in ranked if one.avg_engagement_score == ranked[0].avg_engagement_score]
    return best[_number(material.seed, "pattern") % len(best)] if best else None


def beats_of(pattern: PatternTemplateDTO) -> tuple[Beat, ...]:
    """Read the order of paragraphs from a pattern's beats. The hook is always there and first."""
    found = [next((beat for beat, words in _BEAT_WORDS if words.search(said)), None) for said in pattern.beats]
    named = list(dict.fromkeys(beat for beat in found if beat and beat is not Beat.HOOK))
    # People are heard before the brand speaks, unless the pattern says where they are heard.
    return (Beat.HOOK, *([] if Beat.VOICES in named else [Beat.VOICES]), *named)


def _blocks(channel: Channel, material: Material, words: Wording, pattern: PatternTemplateDTO | None) -> list[Block]:
    orders = as_long(_ORDERS[channel], material.winners)
    order = beats_of(pattern) if pattern else orders[_number(material.seed, channel, "order") % len(orders)]
    if channel is Channel.BLOG:
        return _article(material, words)
    if channel is Channel.META_ADS:
        return _advertisement(material, words)
    made = {
        Beat.HOOK: [_hook(material, words, channel)],
        Beat.VOICES: _statements(material, words, channel),
        Beat.COUNT: _count(material, words, channel),
        Beat.BRAND: _one_of(_brand(material, words, channel), material, channel),
    }
    blocks = [block for beat in order for block in made[beat]]
    if channel is Channel.EMAIL:
        blocks.append(Block(words.sign_off.format(brand=material.brand_name)))
    return blocks


def _hook(material: Material, words: Wording, channel: Channel) -> Block:
    voice = material.question
    # Half of the channels open with the title, so that a package's texts do not all begin with the same quote.
    titled = starts_with_title(material.winners)
    if titled is None:
        titled = _number(material.seed, channel, "hook") % 3 == 0
    if voice is None or titled or channel is Channel.META_ADS:
        return Block(_sentence(material.title, words), item_ids=material.item_ids)
    frame = _pick(words.asked, material, channel, "asked")
    return Block(frame.format(q=voice.quote, place=voice.place), item_ids=(voice.item_id,))


def _statements(material: Material, words: Wording, channel: Channel) -> list[Block]:
    most = 1 if channel in {Channel.X, Channel.TIKTOK} else 2
    voices = _shown(material, channel)[:most]
    blocks: list[Block] = []
    for place, voice in enumerate(voices):
        frames = words.also if place else words.told
        text = _pick(frames, material, channel, "told", str(place)).format(s=voice.quote, place=voice.place)
        blocks.append(Block(text, item_ids=(voice.item_id,)))
    return blocks


def _shown(material: Material, channel: Channel) -> Sequence[Voice]:
    """Return the statements to show, those first that leave room for others where room is short."""
    if channel is not Channel.X:
        return material.statements
    return sorted(material.statements, key=lambda voice: len(voice.quote))


def _count(material: Material, words: Wording, channel: Channel) -> list[Block]:
    if material.voices < MANY_VOICES:
        return []
    people = words.people(material.voices)
    text = _pick(words.voices, material, channel, "count").format(people=people, People=_capital(people))
    return [Block(text, item_ids=material.item_ids)]


def _brand(material: Material, words: Wording, channel: Channel) -> list[Block]:
    return [Block(_said_by_brand(line, material, words, channel), knowledge=line.source) for line in material.lines]


def _one_of(blocks: Sequence[Block], material: Material, channel: Channel) -> list[Block]:
    """Return one of the brand's lines: not the same one under every post."""
    return [blocks[_number(material.seed, channel, "line") % len(blocks)]] if blocks else []


def _said_by_brand(line: BrandLine, material: Material, words: Wording, channel: Channel) -> str:
    if line.is_sentence:
        return line.text
    phrase = line.text[:1].lower() + line.text[1:] if line.text[1:2].islower() else line.text
    return _pick(words.ours, material, channel, "ours").format(line=phrase)


def _article(material: Material, words: Wording) -> list[Block]:
    """Write a short article: the question, what people say with their sources, where the brand stands."""
    blocks = [_hook(material, words, Channel.BLOG)]
    if material.statements:
        blocks.append(Block(f"## {words.heard}"))
        blocks += [
            Block(f"> {voice.quote}\n>\n> {_source(voice)}", item_ids=(voice.item_id,)) for voice in material.statements
        ]
    blocks += _count(material, words, Channel.BLOG)
    ours = _brand(material, words, Channel.BLOG)
    return [*blocks, Block(f"## {words.ours_heading}"), *ours] if ours else blocks


def _source(voice: Voice) -> str:
    return f"[{voice.place}]({voice.url})" if voice.url else voice.place


def _advertisement(material: Material, words: Wording) -> list[Block]:
    """Write an ad. Nobody's words are used in it: who posts has not agreed to advertise."""
    title = Block(_sentence(material.title, words), item_ids=material.item_ids)
    return [title, *_brand(material, words, Channel.META_ADS)[:1]]


def _title(channel: Channel, material: Material) -> str | None:
    limit = LIMITS[channel].title
    if limit is None:
        return None
    if len(material.title) <= limit:
        return material.title
    short = re.split(r"[:?？：,，]", material.title)[0].strip()
    asked = material.title[len(short) : len(short) + 1] in {"?", "？"}
    if short and len(short) + asked <= limit:
        return f"{short}{material.title[len(short)]}" if asked else short
    cut = material.title[: limit - 1]
    return f"{cut[: cut.rfind(' ')] if ' ' in cut else cut}…"


def _thesis(material: Material, words: Wording) -> str:
    if material.question:
        return words.thesis_asked.format(q=material.question.quote, brand=material.brand_name)
    if material.statements:
        return words.thesis_told.format(s=material.statements[0].quote, brand=material.brand_name)
    return _sentence(material.title, words)


def _claims(blocks: Sequence[Block], body: str) -> list[ClaimDTO]:
    return [
        ClaimDTO(
            text=block.text, evidence_ids=list(block.item_ids), status=ClaimStatus.CITED, knowledge=block.knowledge
        )
        for block in blocks
        if (block.item_ids or block.knowledge) and block.text in body
    ]


def _invitations(channel: Channel, material: Material, words: Wording) -> tuple[str, ...]:
    relaxed, sober = words.invite[channel]
    return tuple(invited(sober if material.is_sober else relaxed, material.winners))


def _sentence(text: str, words: Wording) -> str:
    return text if re.search(r"[.!?…。！？]$", text) else f"{text}{words.full_stop}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _pick(frames: Sequence[str], material: Material, *for_what: str) -> str:
    """Choose a frame, of those nearest to the brand's voice where it is known; `for_what` begins with the channel."""
    fitting = nearest(frames, material.voice.on(for_what[0]) if material.voice else None)
    return fitting[_number(material.seed, *for_what) % len(fitting)]


def _number(*words: str) -> int:
    return int.from_bytes(hashlib.sha256("|".join(words).encode()).digest()[:4], "big")
