"""What a language needs to say. In frames, {q} and {s} are words of a post, letter by letter."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from kairo.stages.opportunities.contracts import Channel

Frames = tuple[str, ...]


@dataclass(frozen=True)
class Wording:
    """Frames by what they do. `asked` opens with a question of somebody, `told` with a statement; `also` goes on.

    `voices` tells how many people are cited, `ours` leads over to a phrase about the brand. `invite` holds calls to
    action for a relaxed voice and for a sober one.
    """

    asked: Frames
    told: Frames
    also: Frames
    voices: Frames
    people: Callable[[int], str]
    ours: Frames
    invite: Mapping[Channel, tuple[Frames, Frames]]
    heard: str
    between: str
    ours_heading: str
    sources: str
    sign_off: str
    thesis_asked: str
    thesis_told: str
    summary: str
    full_stop: str = "."
    joiner: str = ", "
    last_joiner: str = " and "
