"""What a line of the grammar is made of once it is compiled: each piece writes itself into a scene."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from kairo.sandbox.market.scene import Scene

_NUMBER_WORDS = (
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
)

_CLOSING_QUOTES = ('"', "»")
_GLUE = " "
"""The end of a sentence that is none: people who write so go on in small letters."""


class Piece(Protocol):
    def write(self, scene: Scene) -> None: ...


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the grammar: its pieces, in order."""

    pieces: tuple[Piece, ...]

    def write(self, scene: Scene) -> None:
        for piece in self.pieces:
            piece.write(scene)


class Words:
    """Fixed words; spelt once for each way to write, with a large letter or without.

    A quotation that they close is closed right after its last sign, and the sentence around it goes on.
    """

    __slots__ = ("_begins", "_may_close", "_spelt", "_text")

    def __init__(self, text: str) -> None:
        self._text = text
        self._may_close = text[:1] in _CLOSING_QUOTES and not text[1:2].isalnum()
        self._begins = any(character.isalnum() for character in text)
        self._spelt: dict[int, str] = {}

    def write(self, scene: Scene) -> None:
        if self._may_close and scene.opens:
            _close_quotation(scene)
        form = scene.spelling.number * 2 + scene.opens
        spelt = self._spelt.get(form)
        if spelt is None:
            spelt = self._spelt[form] = self._spell(scene)
        if self._begins:
            scene.opens = False
        scene.out.append(spelt)

    def _spell(self, scene: Scene) -> str:
        spelt = scene.spelling.spell(self._text)
        if not scene.opens:
            return spelt
        spelt = spelt.lstrip(" ")
        return spelt if scene.spelling.lower else _with_large_start(spelt)


def _close_quotation(scene: Scene) -> None:
    """Take back the gap after the quotation's last sentence, if one is open."""
    said = "".join(scene.out)
    if said.count('"') % 2 or said.count("«") > said.count("»"):
        scene.out[:] = [said.rstrip()]
        scene.opens = False


def _with_large_start(text: str) -> str:
    """Enlarge the first letter, if it comes before any digit: "1. water" starts with the water, "5k" stays small."""
    for place, character in enumerate(text):
        if character.isalpha():
            return text[:place] + character.upper() + text[place + 1 :]
        if character.isdigit() and not text[place + 1 : place + 3].startswith(". "):
            return text
    return text


@dataclass(frozen=True, slots=True)
class Stop:
    """The end of a sentence, as this voice ends them; nothing where a sentence has just ended."""

    mark: str

    def write(self, scene: Scene) -> None:
        if scene.opens:
            return
        manner = scene.manner
        endings = manner.stops if self.mark == "." else manner.asks if self.mark == "?" else manner.shouts
        ending = scene.dice.pick(endings)
        if scene.mid_emoji and scene.dice.percent(scene.mid_emoji):
            gap = "\n" if "\n" in ending else " "
            mark = ending.strip(" .,\n")
            ending = f"{mark} {scene.dice.pick(scene.emojis)}{gap}"
        scene.out.append(ending)
        scene.opens = ending != _GLUE


class Break:
    """A new line."""

    __slots__ = ()

    def write(self, scene: Scene) -> None:
        scene.out.append("\n")
        scene.opens = True


@dataclass(frozen=True, slots=True)
class Slot:
    """A place that another rule fills."""

    name: str
    form: str

    def write(self, scene: Scene) -> None:
        scene.rules[self.name].write(scene, self.form)


@dataclass(frozen=True, slots=True)
class Either:
    """One of several ways to say it."""

    ways: tuple[Line, ...]

    def write(self, scene: Scene) -> None:
        for piece in scene.dice.pick(self.ways).pieces:
            piece.write(scene)


@dataclass(frozen=True, slots=True)
class Maybe:
    """Something that half of the people leave out."""

    line: Line

    def write(self, scene: Scene) -> None:
        if scene.dice.below(2):
            self.line.write(scene)


@dataclass(frozen=True, slots=True)
class Gendered:
    """Words that follow the gender of whoever writes."""

    male: Words
    female: Words

    def write(self, scene: Scene) -> None:
        (self.female if scene.writer.is_female else self.male).write(scene)


@dataclass(frozen=True, slots=True)
class Amount:
    """A number within bounds, in steps; small whole ones as a word where the writer spells them out.

    `plurals` are the noun for 1, 2 and 5 of a thing, as Slavic languages count (English: for 1 and for more).
    """

    least: int
    steps: int
    step: int
    decimals: int = 0
    digits_only: bool = False
    plurals: tuple[str, ...] = ()

    def write(self, scene: Scene) -> None:
        amount = self.least + self.step * scene.dice.below(self.steps)
        if self.decimals:
            scene.say(f"{amount / 10**self.decimals:.{self.decimals}f}".removesuffix(".0"))
            return
        spelt_out = scene.writer.spells_numbers and amount <= 12 and not self.digits_only
        scene.say(_NUMBER_WORDS[amount] if spelt_out else str(amount))
        if self.plurals:
            scene.out.append(f" {scene.spelling.spell(self._noun(amount))}")

    def _noun(self, amount: int) -> str:
        if len(self.plurals) == 2:
            return self.plurals[amount != 1]
        if amount % 10 == 1 and amount % 100 != 11:
            return self.plurals[0]
        return self.plurals[1 if 2 <= amount % 10 <= 4 and not 12 <= amount % 100 <= 14 else 2]


@dataclass(frozen=True, slots=True)
class Price:
    """A sum of money as people write it where the writer lives; bounds are in euros."""

    least: int
    most: int
    signed: bool = False

    def write(self, scene: Scene) -> None:
        dice, currency = scene.dice, scene.writer.currency
        amount = dice.between(self.least, self.most)
        if currency == "RUB":
            scene.say(_roubles(amount * 90 + dice.below(18) * 5, dice.below(4)))
            return
        sign, word = {"GBP": ("£", "quid"), "USD": ("$", "bucks"), "EUR": ("€", "euros")}[currency]
        if self.signed:
            scene.say(f"{sign}{amount}")
            return
        written = f"{amount - 1}.{dice.pick(('99', '50', '95'))}" if amount > 2 and dice.below(6) == 0 else str(amount)
        if dice.below(5) == 0:
            scene.say(f"{amount} {word}")
        elif currency == "EUR" and dice.below(2):
            scene.say(f"{written}€")
        else:
            scene.say(f"{sign}{written}")


def _roubles(amount: int, manner: int) -> str:
    rounded = amount // 10 * 10 if amount < 1000 else amount // 50 * 50
    if manner == 0 and rounded >= 1000:
        return f"{rounded // 1000} {rounded % 1000:03d} ₽"
    return f"{rounded}{(' ₽', ' ₽', 'р', ' руб')[manner]}"
