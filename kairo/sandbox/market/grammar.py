"""The grammar in which captions are written down: one line of text a way to say it.

{woe}            what the rule `woe` says; {plant.s} its form `s`
(a|b|)           one of these, here with one third for nothing; brackets without a bar are brackets
[maybe ]         half of the people leave this out
{2-9} {=2-9}     a number (= always in digits); {0.5-2/0.5} in steps; {2-9:день|дня|дней} with its noun
{$5-20} {$!5-20} a price, in euros here, in the writer's currency there (! always with its sign: "a $20 lamp")
{устал|устала}   by the gender of whoever writes
"""

from __future__ import annotations

import re
from decimal import Decimal

from kairo.sandbox.market.pieces import (
    Amount,
    Break,
    Either,
    Gendered,
    Line,
    Maybe,
    Piece,
    Price,
    Slot,
    Stop,
    Words,
)

_NUMBER = re.compile(r"(=?)(\d+(?:\.\d+)?)-(\d+(?:\.\d+)?)(?:/(\d+(?:\.\d+)?))?(?::(.+))?")
_PRICE = re.compile(r"\$(!?)(\d+)-(\d+)")
_NAME = re.compile(r"([^\W\d]\w*)(?:\.(\w+))?")
_SENTENCE_END = re.compile(r"(?<![.\d])([.?!])(?: +|(?=\n)|$)")
_CLOSING = {"(": ")", "[": "]", "{": "}"}


class BadLine(ValueError):
    """A line of the grammar that cannot be read; the message shows it."""


def parse_line(text: str) -> Line:
    """Compile one line. Raises BadLine where a bracket is left open or a slot cannot be read."""
    try:
        return _sequence(text)
    except BadLine as error:
        raise BadLine(f"{error} in {text!r}") from error


def _sequence(text: str) -> Line:
    pieces: list[Piece] = []
    place = 0
    while place < len(text):
        opening = text[place]
        if opening not in _CLOSING:
            end = next((at for at in range(place, len(text)) if text[at] in _CLOSING), len(text))
            pieces += _words(text[place:end])
            place = end
            continue
        end = _closing(text, place)
        pieces += _bracketed(opening, text[place + 1 : end])
        place = end + 1
    return Line(tuple(pieces))


def _closing(text: str, start: int) -> int:
    depth: list[str] = []
    for place in range(start, len(text)):
        if text[place] in _CLOSING:
            depth.append(_CLOSING[text[place]])
        elif depth and text[place] == depth[-1]:
            depth.pop()
            if not depth:
                return place
    raise BadLine(f"{text[start]!r} is left open")


def _bracketed(opening: str, inside: str) -> list[Piece]:
    if opening == "{":
        return [_slot(inside)]
    if opening == "[":
        return [Maybe(_sequence(inside))]
    ways = _split(inside)
    if len(ways) > 1:
        return [Either(tuple(map(_sequence, ways)))]
    return [Words("("), *_sequence(inside).pieces, Words(")")]


def _split(text: str) -> list[str]:
    """Cut at the bars that stand in no bracket."""
    ways, depth, start = [], 0, 0
    for place, character in enumerate(text):
        depth += (character in _CLOSING) - (character in _CLOSING.values())
        if character == "|" and depth == 0:
            ways.append(text[start:place])
            start = place + 1
    return [*ways, text[start:]]


def _words(text: str) -> list[Piece]:
    pieces: list[Piece] = []
    for number, row in enumerate(text.split("\n")):
        if number:
            pieces.append(Break())
        pieces += _sentences(row)
    return pieces


def _sentences(row: str) -> list[Piece]:
    pieces: list[Piece] = []
    start = 0
    for end in _SENTENCE_END.finditer(row):
        if end.start() > start:
            pieces.append(Words(row[start : end.start()]))
        pieces.append(Stop(end[1]))
        start = end.end()
    return [*pieces, Words(row[start:])] if start < len(row) else pieces


def _slot(inside: str) -> Piece:
    if price := _PRICE.fullmatch(inside):
        return Price(int(price[2]), int(price[3]), signed=bool(price[1]))
    if number := _NUMBER.fullmatch(inside):
        return _amount(number)
    if "|" in inside:
        male, _, female = inside.partition("|")
        return Gendered(Words(male), Words(female))
    if name := _NAME.fullmatch(inside):
        return Slot(name[1], name[2] or "")
    raise BadLine(f"{{{inside}}} is no slot")


def _amount(number: re.Match[str]) -> Amount:
    least, most, step = Decimal(number[2]), Decimal(number[3]), Decimal(number[4] or 1)
    decimals = max(0, *(-int(part.as_tuple().exponent) for part in (least, most, step)))
    scale = 10**decimals
    if most < least or step <= 0:
        raise BadLine(f"{number[0]} is no range")
    return Amount(
        least=int(least * scale),
        steps=int((most - least) / step) + 1,
        step=int(step * scale),
        decimals=decimals,
        digits_only=bool(number[1]),
        plurals=tuple((number[5] or "").split("|")) if number[5] else (),
    )
