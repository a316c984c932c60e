from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kairo.sandbox.market.dice import Dice
from kairo.sandbox.market.grammar import BadLine, parse_line
from kairo.sandbox.market.rules import RuleText, compile_rules
from kairo.sandbox.market.scene import Rule, Scene
from kairo.sandbox.market.spelling import Spelling

PROPER = Spelling(number=990)


@dataclass(frozen=True)
class Somebody:
    key: int = 7
    is_female: bool = True
    age: int = 34
    spells_numbers: bool = False
    currency: str = "EUR"

    def town(self, language: str) -> str:
        return "Leeds"


@dataclass(frozen=True)
class Plain:
    stops: tuple[str, ...] = (". ",)
    asks: tuple[str, ...] = ("? ",)
    shouts: tuple[str, ...] = ("! ",)


@dataclass
class Desk:
    """Writes lines with plain manners; the next line of a desk is thrown with the next key."""

    rules: Mapping[str, RuleText] = field(default_factory=dict)
    writer: Somebody = field(default_factory=Somebody)
    spelling: Spelling = PROPER
    manner: Plain = field(default_factory=Plain)

    def __post_init__(self) -> None:
        self._compiled: dict[str, Rule] = compile_rules(self.rules)

    def write(self, line: str, key: int = 1) -> str:
        scene = Scene(
            dice=Dice(key),
            rules=self._compiled,
            writer=self.writer,
            manner=self.manner,
            spelling=self.spelling,
            at=datetime(2026, 3, 2, 9, tzinfo=UTC),
            strangers=("somebody.else",),
        )
        parse_line(line).write(scene)
        return "".join(scene.out).strip()

    def ways(self, line: str) -> set[str]:
        return {self.write(line, key) for key in range(200)}


def test_a_line_is_written_as_it_stands_with_a_large_start() -> None:
    assert Desk().write("water less. it works (really)") == "Water less. It works (really)"


def test_alternatives_and_options_are_all_taken_sometimes() -> None:
    assert Desk().ways("so (good|bad|) it [is ]here") == {
        *("So good it is here", "So good it here", "So bad it is here", "So bad it here"),
        *("So  it is here", "So  it here"),
    }


def test_numbers_stay_within_their_bounds_and_steps() -> None:
    assert Desk().ways("{2-4} cups") == {"2 cups", "3 cups", "4 cups"}
    assert Desk().ways("{=0.5-1.5/0.5} m") == {"0.5 m", "1 m", "1.5 m"}
    assert Desk(writer=Somebody(spells_numbers=True)).ways("{2-3} cups, {=2-3} g") == {
        *("Two cups, 2 g", "Two cups, 3 g", "Three cups, 2 g", "Three cups, 3 g"),
    }


@pytest.mark.parametrize(
    ("number", "noun"), [(1, "день"), (2, "дня"), (5, "дней"), (11, "дней"), (21, "день"), (22, "дня"), (112, "дней")]
)
def test_nouns_follow_their_number(number: int, noun: str) -> None:
    assert Desk().write(f"{{{number}-{number}:день|дня|дней}}") == f"{number} {noun}"


def test_words_follow_the_gender_of_the_writer() -> None:
    assert Desk().write("я {устал|устала}, но рад{|а}") == "Я устала, но рада"
    assert Desk(writer=Somebody(is_female=False)).write("я {устал|устала}, но рад{|а}") == "Я устал, но рад"


@pytest.mark.parametrize(
    ("currency", "signs"),
    [("EUR", {"€", "euros"}), ("GBP", {"£", "quid"}), ("USD", {"$", "bucks"}), ("RUB", {"₽", "р"})],
)
def test_prices_are_in_the_money_of_the_writer(currency: str, signs: set[str]) -> None:
    prices = Desk(writer=Somebody(currency=currency)).ways("{$5-20}")

    assert all(any(sign in price for sign in signs) for price in prices)
    assert len(prices) > 10


def test_a_noun_stays_the_same_within_a_text_and_is_then_a_pronoun() -> None:
    desk = Desk(
        rules={
            "plant": {"bound": "text", "forms": "n s", "lines": "fern | ferns\nhoya | hoyas"},
            "it": {"anaphor": "plant", "first": "my {plant}", "again": "it"},
        }
    )

    assert desk.ways("{it} died. {it} was old. no {plant.s} again") == {
        "My fern died. It was old. No ferns again",
        "My hoya died. It was old. No hoyas again",
    }


def test_a_text_says_no_line_twice_before_all_are_said() -> None:
    desk = Desk(rules={"tip": "one\ntwo\nthree"})

    assert {frozenset(desk.write("{tip} {tip} {tip}", key).lower().split()) for key in range(100)} == {
        frozenset({"one", "two", "three"})
    }


def test_what_belongs_to_a_writer_is_the_same_in_all_texts() -> None:
    rules: dict[str, RuleText] = {"kid": {"bound": "writer", "lines": "my son\nmy daughter\nthe twins"}}

    ours = {Desk(rules=rules, writer=Somebody(key=5)).write("{kid}", key) for key in range(30)}
    everyone = {Desk(rules=rules, writer=Somebody(key=key)).write("{kid}") for key in range(30)}

    assert len(ours) == 1
    assert len(everyone) == 3


def test_a_sentence_ends_once_and_a_quotation_closes_after_its_mark() -> None:
    desk = Desk(rules={"ask": "is it dead?"})

    assert desk.write("{ask}. next") == "Is it dead? Next"
    assert desk.write('he asked: "{ask}" and left') == 'He asked: "is it dead?" and left'


def test_spelling_makes_small_letters_and_slang() -> None:
    spelling = Spelling(number=991, lower=True, drops_apostrophes=True, swaps={"because": "bc", "I don't know": "idk"})

    assert Desk(spelling=spelling).write("I don't know. it's sad because of Leeds") == "idk. its sad bc of leeds"


@pytest.mark.parametrize("line", ["{9-2}", "{two words}", "(a|b", "[maybe", "{unclosed"])
def test_a_line_that_cannot_be_read_is_refused_with_its_text(line: str) -> None:
    with pytest.raises(BadLine) as refused:
        parse_line(line)

    assert line in str(refused.value)


@given(st.text(alphabet="abcdefg ,'-", min_size=1, max_size=40))
def test_plain_words_come_out_as_they_went_in(words: str) -> None:
    assert Desk(spelling=Spelling(number=992, lower=True)).write(words) == words.strip()


@given(st.integers(min_value=0, max_value=2**64 - 1), st.integers(min_value=1, max_value=2**31))
def test_dice_stay_below_their_bound(key: int, bound: int) -> None:
    assert 0 <= Dice(key).below(bound) < bound


def test_dice_are_fair() -> None:
    throws = [Dice(key).below(6) for key in range(6_000)]

    assert all(850 < throws.count(face) < 1_150 for face in range(6))
