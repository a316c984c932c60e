"""How texts read, counted: nothing here judges whether that is good."""

from __future__ import annotations

import re
import statistics
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kairo.stages.knowledge.contracts.profiles import (
    ChannelVoice,
    Opening,
    VoiceFeatures,
    VoiceProfile,
    VoiceState,
)
from kairo.stages.knowledge.rules.profiles.words import words_of

ENOUGH_TEXTS = 5
"""With fewer a single unusual text would move every figure by a fifth and more."""
NEWEST_TEXTS = 200
OPENING_WORDS = 2
LEAST_SHARED_OPENING = 2
MOST_OPENINGS = 5
_QUOTED = re.compile(r"“[^”]*”|«[^»]*»|\"[^\"\n]*\"|「[^」]*」|^>.*$", re.MULTILINE)
_SENTENCE = re.compile(r"(?<=[.!?…])[\s\"”»)]+|(?<=[。！？])|\n+")
_LINK = re.compile(r"https?://\S+|www\.\S+")
_HASHTAG = re.compile(r"[#＃]\w+")
_EMOJI = re.compile("[\u2600-\u27bf\U0001f300-\U0001faff]\ufe0f?")
_CONTRACTION = re.compile(r"\b\w+(?:n't|'(?:re|ve|ll|m|d))\b|\b(?:it|that|what|here|there|let|who|how)'s\b")


def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


_FIRST_SINGULAR = _words("i i'm i've i'll i'd me my mine я меня мне мной мой моя мое мои")
_FIRST_PLURAL = _words("we we're we've we'll we'd us our ours мы нас нам нами наш наша наше наши")
_INFORMAL = _words("ты тебя тебе тобой твой твоя твое твои")
_FORMAL = _words("вы вас вам вами ваш ваша ваше ваши")
_YOU = _words("you you're you've you'll you'd your yours yourself")


@dataclass(frozen=True, slots=True)
class VoiceText:
    """An approved text and the channel that it was written for."""

    channel: str
    text: str


@dataclass(frozen=True, slots=True)
class _Read:
    sentences: tuple[str, ...]
    words: frozenset[str]
    characters: int
    emoji: int
    hashtags: int
    has_link: bool
    contracts: bool


def voice_of(texts: Sequence[VoiceText]) -> VoiceProfile:
    """Measure the voice over all texts and on each channel that has any, by name; newest texts come first."""
    newest = texts[:NEWEST_TEXTS]
    by_channel: dict[str, list[str]] = {}
    for one in newest:
        by_channel.setdefault(one.channel, []).append(one.text)
    return VoiceProfile(
        overall=_channel(None, [one.text for one in newest]),
        channels=tuple(_channel(channel, by_channel[channel]) for channel in sorted(by_channel)),
    )


def _channel(channel: str | None, texts: Sequence[str]) -> ChannelVoice:
    read = [one for one in map(_read, texts) if one.sentences]
    if len(read) < ENOUGH_TEXTS:
        return ChannelVoice(channel=channel, n=len(read), needed=ENOUGH_TEXTS, state=VoiceState.NOT_ENOUGH_TEXTS)
    return ChannelVoice(
        channel=channel, n=len(read), needed=ENOUGH_TEXTS, state=VoiceState.MEASURED, features=_features(read)
    )


def _read(text: str) -> _Read:
    """Read one text. What others said stands between quotation marks and is not the brand's voice."""
    own = _QUOTED.sub(" ", text)
    bare = _HASHTAG.sub(" ", _LINK.sub(" ", own))
    sentences = tuple(part.strip() for part in _SENTENCE.split(bare) if part and words_of(part))
    said = " ".join(words_of(bare))
    return _Read(
        sentences=sentences,
        words=frozenset(said.split()),
        characters=len(text.strip()),
        emoji=len(_EMOJI.findall(own)),
        hashtags=len(_HASHTAG.findall(own)),
        has_link=_LINK.search(own) is not None,
        contracts=_CONTRACTION.search(said) is not None,
    )


def _features(read: Sequence[_Read]) -> VoiceFeatures:
    sentences = [sentence for one in read for sentence in one.sentences]
    lengths = sorted(len(words_of(sentence)) for sentence in sentences)
    return VoiceFeatures(
        sentence_words=round(float(statistics.median(lengths)), 1),
        sentence_words_longest_tenth=float(lengths[int(0.9 * (len(lengths) - 1))]),
        text_characters=round(float(statistics.median(one.characters for one in read)), 1),
        questions_rate=_share(sentence.endswith(("?", "？")) for sentence in sentences),
        exclamations_rate=_share(sentence.endswith(("!", "！")) for sentence in sentences),
        emoji_a_text=round(statistics.fmean(one.emoji for one in read), 2),
        hashtags_a_text=round(statistics.fmean(one.hashtags for one in read), 2),
        links_share=_share(one.has_link for one in read),
        first_singular_share=_share(bool(one.words & _FIRST_SINGULAR) for one in read),
        first_plural_share=_share(bool(one.words & _FIRST_PLURAL) for one in read),
        second_person_share=_share(bool(one.words & (_YOU | _FORMAL | _INFORMAL)) for one in read),
        formal_address_share=_share(bool(one.words & _FORMAL) for one in read),
        informal_address_share=_share(bool(one.words & _INFORMAL) for one in read),
        contractions_share=_share(one.contracts for one in read),
        openings=_openings(read),
    )


def _openings(read: Sequence[_Read]) -> tuple[Opening, ...]:
    """Return the first words that several texts share, most frequent first."""
    firsts = Counter(" ".join(words_of(one.sentences[0])[:OPENING_WORDS]) for one in read)
    shared = [(words, texts) for words, texts in firsts.items() if texts >= LEAST_SHARED_OPENING]
    shared.sort(key=lambda entry: (-entry[1], entry[0]))
    return tuple(Opening(words=words, texts=texts) for words, texts in shared[:MOST_OPENINGS])


def _share(facts: Iterable[bool]) -> float:
    listed = list(facts)
    return round(sum(listed) / len(listed), 2)
