"""The moment in which one text is written: who writes, when, about what, and what was said so far."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from kairo.sandbox.market.dice import Dice
from kairo.sandbox.market.spelling import Spelling


class Writer(Protocol):
    """What the grammar asks of whoever writes."""

    @property
    def key(self) -> int: ...
    @property
    def is_female(self) -> bool: ...
    @property
    def age(self) -> int: ...
    @property
    def spells_numbers(self) -> bool: ...
    @property
    def currency(self) -> str: ...
    def town(self, language: str) -> str: ...


class Manner(Protocol):
    """How the sentences of a voice end."""

    @property
    def stops(self) -> tuple[str, ...]: ...
    @property
    def asks(self) -> tuple[str, ...]: ...
    @property
    def shouts(self) -> tuple[str, ...]: ...


class Rule(Protocol):
    """Something that a slot can name."""

    def write(self, scene: Scene, form: str) -> None: ...


class Scene:
    """The state of one text while it is written.

    `opens` is true where a sentence begins; `at` is the writer's own time; `strangers` are handles to speak to.
    """

    __slots__ = (
        "at",
        "dice",
        "drawn",
        "emojis",
        "manner",
        "mid_emoji",
        "opens",
        "out",
        "picked",
        "rules",
        "spelling",
        "strangers",
        "writer",
    )

    def __init__(
        self,
        *,
        dice: Dice,
        rules: Mapping[str, Rule],
        writer: Writer,
        manner: Manner,
        spelling: Spelling,
        at: datetime,
        strangers: Sequence[str],
        emojis: tuple[str, ...] = (),
        mid_emoji: int = 0,
    ) -> None:
        self.dice = dice
        self.rules = rules
        self.writer = writer
        self.manner = manner
        self.spelling = spelling
        self.at = at
        self.strangers = strangers
        self.emojis = emojis
        self.mid_emoji = mid_emoji
        self.out: list[str] = []
        self.opens = True
        self.drawn: dict[str, int] = {}
        self.picked: dict[str, int] = {}

    def say(self, text: str) -> None:
        """Write words that are not known beforehand: numbers, names, places."""
        if self.spelling.lower:
            text = text.lower()
        elif self.opens:
            text = text[:1].upper() + text[1:]
        self.opens = False
        self.out.append(text)
