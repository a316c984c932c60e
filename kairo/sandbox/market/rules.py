"""What slots can name: lists of lines, nouns that a text keeps to, and facts of the writer and the hour."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from zlib import crc32

from kairo.sandbox.market.dice import mixed
from kairo.sandbox.market.grammar import BadLine, parse_line
from kairo.sandbox.market.pieces import Line
from kairo.sandbox.market.scene import Rule, Scene

RuleText = str | Mapping[str, object]
"""A rule as a file spells it: lines, or a mapping with `lines` and `forms`, `bound`, or `anaphor`."""


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines of which a text uses none twice before it has used them all."""

    name: str
    lines: tuple[Line, ...]

    def write(self, scene: Scene, form: str) -> None:
        count = len(self.lines)
        place = scene.dice.below(count)
        used = scene.drawn.get(self.name, 0)
        if used >> place & 1:
            place = next((at % count for at in range(place, place + count) if not used >> (at % count) & 1), place)
        scene.drawn[self.name] = used | 1 << place
        for piece in self.lines[place].pieces:
            piece.write(scene)


@dataclass(frozen=True, slots=True)
class Noun:
    """A word that a text, or a writer in all texts, keeps to; each line holds its forms."""

    name: str
    forms: Mapping[str, int]
    lines: tuple[tuple[Line, ...], ...]
    of_writer: bool

    def write(self, scene: Scene, form: str) -> None:
        place = scene.picked.get(self.name)
        if place is None:
            place = scene.picked[self.name] = self._pick(scene)
        self.lines[place][self.forms[form] if form else 0].write(scene)

    def _pick(self, scene: Scene) -> int:
        if self.of_writer:
            return mixed(scene.writer.key, crc32(self.name.encode())) % len(self.lines)
        return scene.dice.below(len(self.lines))


@dataclass(frozen=True, slots=True)
class Anaphor:
    """The thing by name when the text speaks of it for the first time, a pronoun after that."""

    noun: str
    first: Line
    again: Line

    def write(self, scene: Scene, form: str) -> None:
        (self.again if self.noun in scene.picked else self.first).write(scene)


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that follows from who writes and when."""

    says: Callable[[Scene], str]

    def write(self, scene: Scene, form: str) -> None:
        scene.say(self.says(scene))


def compile_rules(texts: Mapping[str, RuleText]) -> dict[str, Rule]:
    """Compile the rules of one file section. Raises BadLine with the rule's name."""
    return {name: _compile(name, text) for name, text in texts.items()}


def compile_lines(name: str, text: str) -> Lines:
    """Compile one list of lines. Raises BadLine."""
    return Lines(name, tuple(map(parse_line, _rows(text))))


def _compile(name: str, text: RuleText) -> Rule:
    try:
        if isinstance(text, str):
            return compile_lines(name, text)
        if "anaphor" in text:
            return Anaphor(str(text["anaphor"]), parse_line(str(text["first"])), parse_line(str(text["again"])))
        return _noun(name, text)
    except BadLine as error:
        raise BadLine(f"{name}: {error}") from error


def _noun(name: str, text: Mapping[str, object]) -> Noun:
    forms = str(text.get("forms", "n")).split()
    lines = tuple(tuple(parse_line(part.strip()) for part in row.split("|")) for row in _rows(str(text["lines"])))
    if any(len(line) != len(forms) for line in lines):
        raise BadLine(f"every line needs the forms {' | '.join(forms)}")
    places: dict[str, int] = {form: place for place, form in enumerate(forms)}
    return Noun(name, places, lines, of_writer=text.get("bound") == "writer")


def _rows(text: str) -> Sequence[str]:
    rows = [row.strip().replace("\\n", "\n") for row in text.splitlines()]
    return [row for row in rows if row]
