"""How accounts are called, and where people live; names are invented and belong to nobody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

from kairo.sandbox.market.dice import Dice, mixed
from kairo.sandbox.market.personas import Persona, read_yaml
from kairo.sandbox.market.subjects import Subject
from kairo.shapes import Strict

_BUSY = {"pro", "creator", "ru_blogger"}
"""Personas whose account is about the subject; the others' accounts are about themselves."""
THIS_YEAR = 2026
"""From which birth years are counted; markets of other years keep the same people."""


class TownFile(Strict):
    name: str
    hours: int
    currency: str
    weight: float
    handle: str = ""
    english: str = ""


@dataclass(frozen=True, slots=True)
class Town:
    """A place to live. `hours` ahead of UTC all year round; `handle` is its short name inside handles.

    `name` is as people write it who speak the local language, after "in"; `english` as everybody else does.
    """

    name: str
    english: str
    hours: int
    currency: str
    weight: float
    handle: str
    language: str


class GivenNames(Strict):
    female: str
    male: str
    letters: str
    written: dict[str, str] = {}


@dataclass(frozen=True)
class Naming:
    """Makes handles and display names for one subject."""

    names: Mapping[str, GivenNames]
    words: Sequence[str]
    places: Sequence[str]

    def handles(self, seed: int, kinds: Sequence[Persona], homes: Sequence[Town]) -> tuple[str, ...]:
        """Return a handle for each person, none twice."""
        taken: dict[str, None] = {}
        for number, (kind, home) in enumerate(zip(kinds, homes, strict=True)):
            dice = Dice(mixed(seed, number, 2))
            born = THIS_YEAR - age_of(seed, number, kind)
            handle = self._handle(
                dice, kind, home, born, _name(dice, self.names[kind.file.names or kind.language], kind)[0]
            )
            while handle in taken:
                handle = f"{handle}{dice.pick(('_', '.', ''))}{dice.between(2, 99)}"
            taken[handle] = None
        return tuple(taken)

    def shown(self, handle: str, kind: Persona, seed: int, number: int) -> tuple[str, bool]:
        """Return the name that is shown beside the handle, and whether it is a woman's."""
        given = self.names[kind.file.names or kind.language]
        name, is_female = _name(Dice(mixed(seed, number, 2)), given, kind)
        dice = Dice(mixed(seed, number, 3))
        written = given.written.get(name, name.capitalize())
        topic = f"{dice.pick(self.words)} {dice.pick(self.places)}"
        ways = [written, written, f"{written} {dice.pick(given.letters.split()).upper()}.", written.lower(), ""]
        return dice.pick([f"{written} | {topic}", topic.capitalize(), *ways] if kind.name in _BUSY else ways), is_female

    def _handle(self, dice: Dice, kind: Persona, home: Town, born: int, name: str) -> str:
        letters = self.names[kind.file.names or kind.language].letters.split()
        word, place, letter = dice.pick(self.words), dice.pick(self.places), dice.pick(letters)
        about_me = (
            f"{name}{letter}_{born % 100:02d}",
            f"{name}.{letter}{dice.pick(letters)}",
            f"{name}{born}",
            f"its{name}{letter}",
            f"{name}_{letter}{dice.between(2, 99)}",
            f"{name}.in.{home.handle}",
            f"_{name}{name[-1]}{letter}_",
            f"{letter}.{name}{dice.between(1, 9)}",
            f"{name}{dice.between(100, 9999)}",
        )
        about_it = (
            f"{name}.{word}{dice.pick(('s', '', 'club'))}",
            f"{word}and{place}",
            f"{name}s.{place}.{word}",
            f"{word}_{place}_{home.handle}",
            f"the{word}{place}",
            f"{place}.{word}.{letter}",
            f"{word}.with.{name}",
        )
        busy = dice.percent(85 if kind.name in _BUSY else 25)
        return dice.pick(about_it if busy else about_me)


def age_of(seed: int, number: int, kind: Persona) -> int:
    """Return how old an author is."""
    return Dice(mixed(seed, number, 4)).between(*kind.file.age)


def naming(subject: Subject) -> Naming:
    """Return how accounts of this subject are called."""
    file = read_yaml(_voices("names.yaml"))
    names = {language: GivenNames.model_validate(given) for language, given in file.items()}
    return Naming(names, subject.file.handle_words.split(), subject.file.handle_places.split())


@cache
def towns() -> tuple[Town, ...]:
    """Return all places to live."""
    found = []
    for language, rows in read_yaml(_voices("towns.yaml")).items():
        for row in map(TownFile.model_validate, rows):
            handle = row.handle or row.name.lower()
            found.append(Town(row.name, row.english or row.name, row.hours, row.currency, row.weight, handle, language))
    return tuple(found)


def _name(dice: Dice, given: GivenNames, kind: Persona) -> tuple[str, bool]:
    is_female = dice.percent(kind.file.female)
    return dice.pick((given.female if is_female else given.male).split()), is_female


def _voices(name: str) -> str:
    return resources.files(__package__).joinpath("voices", name).read_text(encoding="utf-8")
