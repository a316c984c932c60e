"""Support counts people, or different texts where nobody is named: never copies."""

from __future__ import annotations

from typing import Any

from kairo.stages.opportunities.rules.reading import read_posts
from kairo.stages.opportunities.rules.voices import independent_voices
from tests.unit.opportunities.boards import post, uid


def voices(*items: Any) -> int:
    return independent_voices(read_posts(items))


def test_different_people_are_different_voices() -> None:
    assert voices(post("I love this serum", author="ana"), post("My toner stings", author="ben")) == 2


def test_one_author_is_one_voice_on_every_platform() -> None:
    assert voices(post("I love this serum", author="Ana"), post("My toner stings", author="@ana", platform="x")) == 1


def test_a_repost_is_no_voice_of_its_own() -> None:
    original = post("How to layer sunscreen over a moisturiser in summer")
    copy = post("How to layer sunscreen over a moisturiser in summer 😍", near_duplicate_of=original.id)

    assert voices(original, copy) == 1


def test_the_same_words_with_other_punctuation_are_one_voice_even_without_a_link() -> None:
    one = post("How to layer sunscreen over a moisturiser in summer", author=None, format_has_author=False)
    other = post("HOW TO layer sunscreen, over a moisturiser (in summer)!!", author=None, format_has_author=False)

    assert voices(one, other) == 1


def test_two_copies_of_a_post_outside_the_evidence_are_one_voice() -> None:
    missing = uid("missing")

    assert voices(post("abc def", near_duplicate_of=missing), post("ghi jkl", near_duplicate_of=missing)) == 1


def test_texts_without_authors_are_told_apart_by_their_words() -> None:
    one = post("Is retinol safe in summer?", author=None, format_has_author=False)
    other = post("Which cleanser is mild?", author=None, format_has_author=False)

    assert voices(one, other) == 2
