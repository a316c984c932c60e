"""Kinds of people: how they sound, what shapes their posts take, when they are awake; read from voices/*.yaml."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Annotated, Any

import yaml
from pydantic import Field

from kairo.sandbox.market.rules import Lines, compile_lines, compile_rules
from kairo.sandbox.market.scene import Rule
from kairo.sandbox.market.spelling import Spelling
from kairo.shapes import Strict

Percent = Annotated[int, Field(ge=0, le=100)]


class EmojiHabit(Strict):
    """`per_post` and `mid_sentence` in percent; `most` at the end of one text."""

    per_post: Percent
    mid_sentence: Percent = 0
    most: int = 1
    pool: str = ""


class TagHabit(Strict):
    """Hashtags below a text. `without`: percent of authors who use none."""

    without: Percent
    least: int
    most: int
    layouts: list[str] = ["inline"]
    own: list[str] = []


class Following(Strict):
    """How many people follow an author: the median, and the spread of its logarithm."""

    median: float
    spread: float


class PersonaFile(Strict):
    """A persona as its file spells it."""

    name: str
    language: str
    names: str = ""
    age: tuple[int, int]
    role: str
    share: float
    female: Percent
    tiktok: Percent
    video: Percent
    hours: str
    weekend: float = 1.0
    followers: Following
    spellings: list[str]
    stops: list[str]
    asks: list[str] = ["? "]
    shouts: list[str] = ["! "]
    final_stop: Percent
    spells_numbers: Percent = 0
    emoji: EmojiHabit
    tags: TagHabit
    typos: Percent
    brief: Percent
    fancy: Percent = 0
    adverts: Percent = 0
    rules: dict[str, Any]
    shapes: str
    brief_shapes: str


@dataclass(frozen=True, slots=True)
class Persona:
    """One kind of people. `shapes` are the forms that their texts take, `brief_shapes` those of short ones.

    `brief`, `typos`, `emoji_percent`, `mid_emoji` and `adverts` are percent of texts or sentences.
    """

    file: PersonaFile
    name: str
    language: str
    rules: Mapping[str, Rule]
    shapes: Lines
    brief_shapes: Lines
    stops: tuple[str, ...]
    asks: tuple[str, ...]
    shouts: tuple[str, ...]
    emojis: tuple[str, ...]
    own_tags: tuple[str, ...]
    brief: int
    typos: int
    emoji_percent: int
    most_emojis: int
    mid_emoji: int
    adverts: int


@cache
def personas() -> tuple[Persona, ...]:
    """Return all personas, in the order of their names."""
    found = [_persona(PersonaFile.model_validate(file)) for file in _files("persona_")]
    return tuple(sorted(found, key=lambda persona: persona.name))


@cache
def spellings() -> Mapping[str, Spelling]:
    """Return the ways to write that personas name."""
    (file,) = _files("spellings")
    return {name: Spelling(number=number, **one) for number, (name, one) in enumerate(file.items())}


@cache
def small_talk(language: str) -> Mapping[str, Rule]:
    """Return the rules that all people of one language share: transcripts, comments, places at home."""
    (file,) = _files(f"shared_{language}")
    return compile_rules(file)


def read_yaml(text: str) -> Any:
    """Parse YAML with the quick parser where it is built in."""
    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - both are safe


def _persona(file: PersonaFile) -> Persona:
    return Persona(
        file=file,
        name=file.name,
        language=file.language,
        rules=compile_rules(file.rules),
        shapes=compile_lines("shapes", file.shapes),
        brief_shapes=compile_lines("brief_shapes", file.brief_shapes),
        stops=tuple(file.stops),
        asks=tuple(file.asks),
        shouts=tuple(file.shouts),
        emojis=tuple(file.emoji.pool.split()),
        own_tags=tuple(file.tags.own),
        brief=file.brief,
        typos=file.typos,
        emoji_percent=file.emoji.per_post,
        most_emojis=file.emoji.most,
        mid_emoji=file.emoji.mid_sentence,
        adverts=file.adverts,
    )


def _files(prefix: str) -> Iterator[Any]:
    folder = resources.files(__package__).joinpath("voices")
    for path in sorted(folder.iterdir(), key=lambda path: path.name):
        if path.name.startswith(prefix):
            yield read_yaml(path.read_text(encoding="utf-8"))
