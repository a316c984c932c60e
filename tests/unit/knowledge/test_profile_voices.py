"""Texts written in the brand's voice: of several ways to say a thing, those that read like its approved texts."""

from __future__ import annotations

from kairo.stages.content.rules.voicing import most_tags, nearest, told
from kairo.stages.knowledge.contracts.profiles import VoiceFeatures
from kairo.stages.knowledge.rules.profiles.voice import VoiceText, voice_of

CALM, LOUD = "Tell us how you do it.", "Tell us how you do it!"


def voice(text: str) -> VoiceFeatures:
    features = voice_of([VoiceText("x", text)] * 5).overall.features
    assert features is not None
    return features


def test_a_brand_that_never_shouts_is_not_made_to() -> None:
    assert nearest([CALM, LOUD], voice("We keep it short. It works.")) == [CALM]


def test_ways_that_are_equally_near_all_stay() -> None:
    assert nearest([CALM, LOUD], voice("It works! We keep it short.")) == [CALM, LOUD]


def test_the_reader_is_addressed_as_in_approved_texts() -> None:
    frames = ["Как вы это делаете", "Как ты это делаешь"]

    assert nearest(frames, voice("Ты пробуешь. Твоя кухня.")) == [frames[1]]
    assert nearest(frames, voice("Вы пробуете. Ваша кухня.")) == [frames[0]]


def test_without_a_voice_every_way_stays() -> None:
    assert nearest([CALM, LOUD], None) == [CALM, LOUD]
    assert most_tags(5, None) == 5


def test_a_brand_without_hashtags_gets_none() -> None:
    assert most_tags(5, voice("We keep it short.")) == 0
    assert most_tags(5, voice("Short. #one #two")) == 2


def test_a_model_is_told_the_voice_in_figures() -> None:
    lines = told(voice("Вы готовы? Мы да!"))

    assert "sentences that ask a question: 50%" in lines
    assert "the reader is addressed as вы" in lines
