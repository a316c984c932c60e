"""Which statements a newer one supersedes."""

from __future__ import annotations

import pytest

from kairo.stages.evidence.operations import compare_texts, how_surely_repeats
from kairo.stages.knowledge.operations import compared, superseded


def test_the_newest_of_those_that_say_the_same_stays() -> None:
    texts = [
        "Our cleanser keeps the skin barrier calm without any perfume.",
        "We post twice a week.",
        "Our cleanser keeps the skin barrier calm, without any perfume!",
        "our cleanser keeps the skin barier calm without any perfume",
    ]

    found = superseded(compared(texts), fresh=2)

    assert {place: one.by for place, one in found.items()} == {0: 3, 2: 3}
    assert all(one.similarity >= 0.90 for one in found.values())


def test_statements_that_differ_in_a_number_or_a_negation_both_stay() -> None:
    texts = [
        "The cream costs 14 euros.",
        "The cream costs 19 euros.",
        "It suits dry skin.",
        "It does not suit dry skin.",
    ]

    assert superseded(compared(texts), fresh=4) == {}


def test_stored_statements_are_not_compared_with_each_other_again() -> None:
    texts = [
        "We never use perfume in any product.",
        "We never use perfume in any product.",
        "Parents of babies buy it.",
    ]

    assert superseded(compared(texts), fresh=1) == {}


def test_texts_without_words_repeat_nothing() -> None:
    assert superseded(compared(["…", "!!!", "🙂"]), fresh=3) == {}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Our cleanser calms the skin.", "our cleanser calms the skin!!"),
        (
            "Our cleanser calms the skin of most people who try it.",
            "Our cleanser calms the skin of most poeple who tr",
        ),
        ("Parents buy it for their babies.", "Babies' parents are those who buy it."),
        ("It costs 14 euros.", "Мы делаем кремы."),
    ],
)
def test_the_scale_is_the_one_by_which_evidence_compares_posts(one: str, other: str) -> None:
    ours, theirs = compared([one, other])

    assert how_surely_repeats(ours, theirs) == pytest.approx(compare_texts(one, other)[0])


def test_russian_statements_are_compared_too() -> None:
    texts = [
        "Мы делаем кремы без запаха для чувствительной кожи.",
        "Мы делаем кремы без запаха для чувствительной кожи!!!",
    ]

    assert list(superseded(compared(texts), fresh=1)) == [0]
