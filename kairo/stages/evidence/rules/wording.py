"""How the words of two texts differ: only as copies do (typos, a cut-off end), or in what they say.

A copy with small damage is a repeat; the same sentence about another city, number or negation is not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby

from rapidfuzz.distance import OSA, Levenshtein

from kairo.stages.evidence.rules.text import UNSPACED_LETTER, matching_words

_UNIT = re.compile(f"{UNSPACED_LETTER.pattern}|(?:(?!{UNSPACED_LETTER.pattern}).)+")
_MOST_CHARACTERS = 8_000
"""Of a transcript, so much is compared: whoever copies the start of it copied it."""
_END_CHARACTERS = 40
_CUT_MARKS = ("…", "..")
_FINISHING_MARKS = frozenset(".!?。！？")


def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


_NEGATIONS = _words(
    "not no never none nothing without cannot cant dont doesnt didnt isnt arent wasnt werent wont wouldnt shouldnt "
    "couldnt hasnt havent hadnt aint nor neither не ни нет без никогда ничего нельзя"
)
# One letter away from a negation, and words themselves: "can't" and "can" are no typo of each other.
_AFFIRMATIONS = _words(
    "can do does did is are was were want would should could has have had now ever one once on note но на ну нам"
)
_QUESTIONS = _words(
    "who what when where why how which whose кто что когда где почему как какой какая какие зачем сколько"
)

_WORDS_FOR_ONE_TYPO = 3
_WORDS_FOR_TWO_TYPOS = 5
_WORDS_A_TYPO = 5
_WORDS_FOR_ONE_SLIP = 5
_WORDS_A_SLIP = 10
_PLAIN_WORDS = 10
"""In a text of so many words, a strange letter is a typo wherever it stands; in a short one it may be another word."""
_ADDED_SHARE = 0.03
_NAMING_LETTERS = 3

Units = tuple[str, ...]


class Ending(StrEnum):
    """How a text ends: with "…", in the middle of a sentence, or finished."""

    CUT = "cut"
    OPEN = "open"
    FINISHED = "finished"


@dataclass(frozen=True, slots=True)
class Wording:
    """The units by which a text is compared: words, or single letters where a script writes no spaces.

    `characters` is how many these have.
    """

    units: Units
    ending: Ending
    characters: int


@dataclass(frozen=True, slots=True)
class _Start:
    """How much a text must have, and how much of the longer one it must keep, to count as that one cut off."""

    words: int
    characters: int
    share: float


_STARTS = {
    Ending.CUT: _Start(words=3, characters=12, share=0.35),
    Ending.OPEN: _Start(words=6, characters=24, share=0.5),
    # "What does she eat?" is no cut-off "What does she eat for breakfast?"
    Ending.FINISHED: _Start(words=10, characters=50, share=0.8),
}


def wording_of(text: str) -> Wording:
    """Split a normalised text into the units that `is_copy` and `says_otherwise` compare."""
    words = matching_words(text[:_MOST_CHARACTERS])
    if UNSPACED_LETTER.search(text):
        words = [unit for word in words for unit in _UNIT.findall(word)]
    return Wording(units=tuple(words), ending=_ending_of(text), characters=sum(map(len, words)))


def is_copy(one: Wording, other: Wording) -> bool:
    """Say whether one text is the other with at most some typos, a cut-off end or a short word added to many."""
    shorter, longer = sorted((one, other), key=lambda wording: wording.characters)
    return _same_but_for_damage(shorter.units, longer.units) or _is_cut_off(shorter, longer)


def says_otherwise(one: Wording, other: Wording) -> bool:
    """Say whether the texts differ in what embeddings hardly see: numbers, negation, question word, order of words."""
    ours, theirs = set(one.units), set(other.units)
    if _numbers(one) != _numbers(other) or _is_negated(one) != _is_negated(other):
        return True
    if ours & _QUESTIONS != theirs & _QUESTIONS:
        return True
    return _in_order_of(one, ours & theirs) != _in_order_of(other, ours & theirs)


def _ending_of(text: str) -> Ending:
    last = text[-_END_CHARACTERS:]
    end = last[len(last.rstrip("".join(sign for sign in last if not sign.isalnum()))) :]
    if any(mark in end for mark in _CUT_MARKS):
        return Ending.CUT
    return Ending.FINISHED if _FINISHING_MARKS.intersection(end) else Ending.OPEN


def _in_order_of(wording: Wording, shared: set[str]) -> list[str]:
    """List what both texts speak of in the order of its first mention: who does what to whom."""
    return [unit for unit in dict.fromkeys(wording.units) if len(unit) >= _NAMING_LETTERS and unit in shared]


def _numbers(wording: Wording) -> list[str]:
    return sorted(unit for unit in wording.units if _has_digit(unit))


def _is_negated(wording: Wording) -> bool:
    return sum(unit in _NEGATIONS for unit in wording.units) % 2 == 1


def _has_digit(unit: str) -> bool:
    return any(map(str.isdigit, unit))


def _is_cut_off(shorter: Wording, longer: Wording) -> bool:
    """Say whether a text is the start of one that it is not the same as."""
    kept = len(shorter.units)
    if not kept or kept > len(longer.units):
        return False
    last, whole_word = shorter.units[-1], longer.units[kept - 1]
    is_torn = whole_word != last and whole_word.startswith(last)
    if kept == len(longer.units) and not is_torn:
        return False
    # A torn word with more behind it shows the cut, even where somebody put a full stop after it.
    seems_open = is_torn and kept < len(longer.units) and shorter.ending is Ending.FINISHED
    asked = _STARTS[Ending.OPEN if seems_open else shorter.ending]
    if kept < asked.words or shorter.characters < max(asked.characters, asked.share * longer.characters):
        return False
    return _same_but_for_damage(shorter.units, (*longer.units[: kept - 1], last if is_torn else whole_word))


def _same_but_for_damage(one: Units, other: Units) -> bool:
    if one == other:
        return bool(one)
    words = max(len(one), len(other))
    if words < _WORDS_FOR_ONE_TYPO or abs(len(one) - len(other)) > max(2, words * _ADDED_SHARE):
        return False
    typos = slips = 0
    added = 0.0
    for ours, theirs in _differences(one, other):
        if not ours or not theirs:
            added += _characters_added(ours or theirs)
        elif (mistakes := _mistakes(ours, theirs, plain=words >= _PLAIN_WORDS)) is not None:
            typos, slips = typos + mistakes[0], slips + mistakes[1]
        else:
            return False
    most_typos = max(2 if words >= _WORDS_FOR_TWO_TYPOS else 1, words // _WORDS_A_TYPO)
    most_slips = max(1 if words >= _WORDS_FOR_ONE_SLIP else 0, words // _WORDS_A_SLIP)
    return typos <= most_typos and slips <= most_slips and added <= _ADDED_SHARE * sum(map(len, one))


def _differences(one: Units, other: Units) -> Iterator[tuple[Units, Units]]:
    for is_equal, blocks in groupby(Levenshtein.opcodes(one, other), key=lambda block: block.tag == "equal"):
        if is_equal:
            continue
        run = list(blocks)
        yield one[run[0].src_start : run[-1].src_end], other[run[0].dest_start : run[-1].dest_end]


def _characters_added(units: Units) -> float:
    """Count what one text has and the other has not; a number or a negation there changes what is said."""
    if any(unit in _NEGATIONS or _has_digit(unit) for unit in units):
        return float("inf")
    return sum(map(len, units))


def _mistakes(ours: Units, theirs: Units, *, plain: bool) -> tuple[int, int] | None:
    """Count typos, and slips in words of up to three letters; None where the words are simply different ones."""
    if len(ours) != len(theirs):
        return _mistake("".join(ours), "".join(theirs), plain=plain)
    typos = slips = 0
    for word, meant in zip(ours, theirs, strict=True):
        mistake = _mistake(word, meant, plain=plain)
        if mistake is None:
            return None
        typos, slips = typos + mistake[0], slips + mistake[1]
    return typos, slips


def _mistake(word: str, meant: str, *, plain: bool) -> tuple[int, int] | None:
    if word == meant:
        return 0, 0
    length, distance = max(len(word), len(meant)), OSA.distance(word, meant, score_cutoff=2)
    if distance > (2 if length >= 7 else 1) or _has_digit(word + meant):
        return None
    if {word, meant} & _NEGATIONS and {word, meant} & _AFFIRMATIONS:
        return None
    moved_or_lost = len(word) != len(meant) or sorted(word) == sorted(meant)
    if length <= 3:
        return (0, 1) if moved_or_lost or (plain and length > 1) else None
    # "height" and "weight", "shop" and "stop": in a short text another letter is more often another word.
    if not (moved_or_lost or plain) and length < (5 if word[0] == meant[0] else 7):
        return None
    return 1, 0
