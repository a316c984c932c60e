"""Writing in the brand's voice: of several ways to say a thing, those nearest to how its approved texts read."""

from __future__ import annotations

import re
from collections.abc import Sequence

from kairo.stages.knowledge.contracts.profiles import VoiceFeatures

RARE = 0.05
"""Under this share of sentences a mark is none that the brand uses."""
AS_NEAR = 0.25
"""Ways that differ by no more than this are equally near: the choice between them stays as varied as it was."""
FAR_WORDS = 20.0
_SENTENCE = re.compile(r"(?<=[.!?…])\s+|\n+")
_WORD = re.compile(r"[^\W_]+")
_FORMAL = re.compile(r"\b(?:вы|вас|вам|вами|ваш\w*)\b", re.IGNORECASE)
_INFORMAL = re.compile(r"\b(?:ты|тебя|тебе|тобой|тво\w+)\b", re.IGNORECASE)


def nearest(frames: Sequence[str], voice: VoiceFeatures | None) -> Sequence[str]:
    """Return the frames that are nearest to a voice, in their order; all of them where no voice is known."""
    if voice is None or len(frames) < 2:
        return frames
    distances = [_distance(frame, voice) for frame in frames]
    closest = min(distances)
    return [frame for frame, distance in zip(frames, distances, strict=True) if distance <= closest + AS_NEAR]


def most_tags(usual: int, own: VoiceFeatures | None) -> int:
    """Return how many hashtags a text gets: no more than the brand's own texts on that channel have."""
    return usual if own is None else min(usual, round(own.hashtags_a_text))


def told(voice: VoiceFeatures) -> list[str]:
    """Tell a voice in plain sentences, for a model to write like it."""
    lines = [
        f"a sentence has about {voice.sentence_words:g} words; one in ten has {voice.sentence_words_longest_tenth:g}"
        " or more",
        f"a text has about {voice.text_characters:g} characters",
        _how_often("sentences that ask a question", voice.questions_rate),
        _how_often("sentences that end with an exclamation mark", voice.exclamations_rate),
        f"emoji in a text, on average: {voice.emoji_a_text:g}",
        f"hashtags in a text, on average: {voice.hashtags_a_text:g}",
        _how_often("texts that say “we”", voice.first_plural_share),
        _how_often("texts that say “I”", voice.first_singular_share),
        _how_often("texts that address the reader", voice.second_person_share),
    ]
    if voice.formal_address_share or voice.informal_address_share:
        lines.append(
            "the reader is addressed as вы" if voice.formal_address_share >= voice.informal_address_share
            else "the reader is addressed as ты"
        )  # fmt: skip
    return lines


def _how_often(what: str, share: float) -> str:
    return f"{what}: {share:.0%}"


def _distance(frame: str, voice: VoiceFeatures) -> float:
    lengths = [len(_WORD.findall(part)) for part in _SENTENCE.split(frame) if part.strip()] or [0]
    off = min(1.0, abs(max(lengths) - voice.sentence_words) / FAR_WORDS)
    shouts = "!" in frame and voice.exclamations_rate < RARE
    asks = "?" in frame and voice.questions_rate < RARE
    informal = voice.informal_address_share > voice.formal_address_share
    formal = voice.formal_address_share > voice.informal_address_share
    misaddresses = (informal and _FORMAL.search(frame)) or (formal and _INFORMAL.search(frame))
    return 0.5 * off + bool(shouts) + bool(asks) + bool(misaddresses)
