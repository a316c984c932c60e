"""What is said in a video, as its subtitles hold it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kairo.sandbox.market.spelling import Spelling

if TYPE_CHECKING:
    from kairo.sandbox.market.post import MarketPost
    from kairo.sandbox.market.scene import Scene

SUBTITLED_PERCENT = 60
_WORDS_A_SECOND = 2.3
_CUE_WORDS = 8
_AS_SPOKEN = Spelling(number=900)


@dataclass(frozen=True)
class _Speech:
    """Sentences end as the recogniser of speech ends them."""

    stops: tuple[str, ...] = (". ",)
    asks: tuple[str, ...] = ("? ",)
    shouts: tuple[str, ...] = (". ",)


def transcript_of(post: MarketPost) -> str | None:
    """Return what is said in the video of a post; None where nobody speaks or no subtitles were made."""
    seconds, chance = post.seconds_long, post.chance(5)
    if seconds is None or not chance.percent(SUBTITLED_PERCENT):
        return None
    composer = post.backdrop.composer
    persona = composer.speaker(post.author, post.language)
    scene = composer.scene(dice=chance, author=post.author, persona=persona, topic=post.topic, at=post.published_at)
    scene.manner, scene.spelling, scene.mid_emoji = _Speech(), _AS_SPOKEN, 0
    _speak(scene, most_words=int(seconds * _WORDS_A_SECOND))
    return " ".join("".join(scene.out).split())


def subtitles(transcript: str, seconds: int) -> str:
    """Return a transcript as WebVTT, its words spread evenly over the video."""
    words = transcript.split()
    cues = [" ".join(words[at : at + _CUE_WORDS]) for at in range(0, len(words), _CUE_WORDS)]
    length = seconds / len(cues)
    timed = (f"{_clock(at * length)} --> {_clock((at + 1) * length)}\n{cue}" for at, cue in enumerate(cues))
    return "WEBVTT\n\n" + "\n\n".join(timed)


def _speak(scene: Scene, *, most_words: int) -> None:
    if "woe" not in scene.rules:
        scene.rules["lines"].write(scene, "")
        return
    scene.rules["spoken_start"].write(scene, "")
    # People tell what happened before they say what to do about it.
    for part, until in (("spoken_story", most_words // 2), ("spoken_advice", most_words - 15)):
        while "".join(scene.out).count(" ") < until:
            scene.out.append(" ")
            scene.rules[part].write(scene, "")
    if most_words > 40:
        scene.out.append(" ")
        scene.rules["spoken_end"].write(scene, "")


def _clock(second: float) -> str:
    return f"{int(second // 3600):02d}:{int(second // 60 % 60):02d}:{second % 60:06.3f}"
