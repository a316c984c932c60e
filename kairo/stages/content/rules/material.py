"""What there is to write from: the opportunity's title, quotes of posts, and what the brand says of itself."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from kairo.stages.brands.contracts import BrandSnapshotDTO, PatternTemplateDTO, PillarDTO
from kairo.stages.content.rules.channels import hashtags_in, links_in
from kairo.stages.content.rules.winner_patterns import WinnerPattern
from kairo.stages.knowledge.contracts.profiles import VoiceProfile
from kairo.stages.opportunities.contracts import OpportunityDTO

MAX_QUOTE = 320
MAX_LINES = 3
SOBER = frozenset(
    {
        "formal",
        "professional",
        "serious",
        "sober",
        "expert",
        "b2b",
        "официально",
        "официальный",
        "деловой",
        "строгий",
        "正式",
        "专业",
    }
)
_SENTENCE = re.compile(r"(?<=[.!?…])\s+(?=\S)|(?<=[。！？])")
_ASIDE = re.compile(r"\s*[(（][^)）]*[)）]")
_HAN = re.compile("[\u3400-\u9fff]")
_CYRILLIC = re.compile("[\u0400-\u04ff]")
_LATIN = re.compile("[A-Za-z\u00c0-\u024f]")
_QUESTION = re.compile("[?？]")
_WORD = re.compile(r"[\u3400-\u9fff]|[^\W_]{3,}")
_PLACES = {
    "instagram": "Instagram",
    "tiktok": "TikTok",
    "youtube": "YouTube",
    "linkedin": "LinkedIn",
    "x": "X",
    "twitter": "X",
    "reddit": "Reddit",
    "hackernews": "Hacker News",
    "producthunt": "Product Hunt",
    "mastodon": "Mastodon",
    "bluesky": "Bluesky",
    "facebook": "Facebook",
}


@dataclass(frozen=True)
class Voice:
    """A quote of one post, letter by letter, and where it was said."""

    item_id: UUID
    quote: str
    place: str
    url: str | None
    is_question: bool


@dataclass(frozen=True)
class BrandLine:
    """A sentence that the brand says of itself; `source` says where. A phrase needs words that lead over to it."""

    text: str
    source: str
    is_sentence: bool


@dataclass(frozen=True)
class Material:
    """All that one package is written from. `seed` makes the choices of words, the same for one title and angle."""

    seed: str
    language: str
    title: str
    brand_name: str
    question: Voice | None
    statements: tuple[Voice, ...]
    lines: tuple[BrandLine, ...]
    voices: int
    item_ids: tuple[UUID, ...]
    tags: tuple[str, ...]
    is_sober: bool
    patterns: tuple[PatternTemplateDTO, ...]
    voice: VoiceProfile | None = None
    winners: WinnerPattern | None = None


def gather(
    opportunity: OpportunityDTO,
    brand: BrandSnapshotDTO,
    patterns: Sequence[PatternTemplateDTO],
    *,
    may_say: Callable[[str], bool],
) -> Material:
    """Gather what may be said about an opportunity; quotes and sentences that `may_say` refuses stay out."""
    language = language_of(" ".join([opportunity.title, *(cited.quote for cited in opportunity.evidence)]))
    voices = _voices(opportunity, may_say)
    asked = [voice for voice in voices if voice.is_question]
    question = max(asked, key=lambda voice: _shared(voice.quote, opportunity.title), default=None)
    pillar = next((pillar for pillar in brand.pillars if pillar.id == opportunity.pillar_id), None)
    lines = [line for line in _lines(brand, pillar) if language_of(line.text) == language and may_say(line.text)]
    return Material(
        # Not its id: the same board made again is written in the same words.
        seed=f"{opportunity.title}\n{opportunity.angle}",
        language=language,
        title=" ".join(opportunity.title.split()),
        brand_name=_ASIDE.sub("", brand.brand_name).strip() or brand.brand_name,
        question=question,
        statements=tuple(voice for voice in voices if not voice.is_question),
        lines=tuple(lines[:MAX_LINES]),
        voices=opportunity.independent_voices,
        item_ids=tuple(opportunity.evidence_ids),
        tags=_tags(pillar, opportunity.title, may_say),
        is_sober=not SOBER.isdisjoint(tag.casefold() for tag in brand.voice_tone_tags),
        patterns=tuple(patterns),
    )


def language_of(text: str) -> str:
    """Tell the language to write in by the script that prevails: Chinese, Russian, else English."""
    han, cyrillic, latin = (len(script.findall(text)) for script in (_HAN, _CYRILLIC, _LATIN))
    # A Chinese sign says about as much as three letters.
    if 3 * han >= max(cyrillic, latin) and han:
        return "zh"
    return "ru" if cyrillic > latin else "en"


def sentences_in(text: str) -> list[str]:
    """Cut a text into its sentences, as they stand there."""
    return [part.strip() for line in text.split("\n") for part in _SENTENCE.split(line) if part.strip()]


def _voices(opportunity: OpportunityDTO, may_say: Callable[[str], bool]) -> list[Voice]:
    """List the quotes, each person's first: a second quote of the same one is no second voice."""
    heard: set[str] = set()
    voices: list[Voice] = []
    for cited in opportunity.evidence:
        author = f"{cited.platform}:{cited.author or cited.id}".casefold()
        quote = cited.quote.strip()
        usable = quote and len(quote) <= MAX_QUOTE and "\n" not in quote and not links_in(quote)
        if author in heard or not usable or hashtags_in(quote) or not may_say(quote):
            continue
        heard.add(author)
        place = _PLACES.get(cited.platform, cited.platform.replace("_", " ").capitalize())
        voices.append(Voice(cited.id, quote, place, cited.url, bool(_QUESTION.search(quote))))
    return voices


def _lines(brand: BrandSnapshotDTO, pillar: PillarDTO | None) -> list[BrandLine]:
    """List what the brand says of itself: full sentences first, those that name it before the others."""
    name = _ASIDE.sub("", brand.brand_name).strip().casefold()
    told = [BrandLine(text, "positioning", True) for text in sentences_in(brand.positioning or "") if _is_whole(text)]
    told.sort(key=lambda line: name not in line.text.casefold())
    source = f"pillar: {pillar.name}" if pillar else ""
    described = [BrandLine(text, source, False) for text in sentences_in(pillar.description if pillar else "")]
    return [*described[:1], *told, *described[1:]]


def _shared(one: str, other: str) -> int:
    """Count the words that two texts have in common."""
    return len({*_WORD.findall(one.casefold())} & {*_WORD.findall(other.casefold())})


def _is_whole(text: str) -> bool:
    """A first line such as `A houseplant shop` is no sentence; one that says what somebody does has more words."""
    has_a_say = len(text.split()) >= 6 and not re.match(r"(?:an?|the)\s", text, re.IGNORECASE)
    return has_a_say or bool(_HAN.search(text))


def _tags(pillar: PillarDTO | None, title: str, may_say: Callable[[str], bool]) -> tuple[str, ...]:
    """List hashtags of the pillar, those that the title speaks of first."""
    words = [*pillar.keywords, pillar.name] if pillar else []
    folded = title.casefold()
    ranked = sorted(dict.fromkeys(words), key=lambda word: word.casefold() not in folded)
    joined = ["".join(re.findall(r"\w+", word)) for word in ranked if may_say(word)]
    return tuple(tag for tag in dict.fromkeys(joined) if re.search(r"[^\W\d_]", tag) and len(tag) <= 40)
