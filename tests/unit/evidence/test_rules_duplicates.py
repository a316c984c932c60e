from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import numpy as np
import pytest

from kairo.platform.embeddings import default_embedder
from kairo.stages.evidence.rules.duplicates import ComparedPost, find_near_duplicates
from kairo.stages.evidence.rules.similarity import SURE, calibrated_cosine, repeat_score
from kairo.stages.evidence.rules.text import content_hash, normalise
from kairo.stages.evidence.rules.wording import is_copy, says_otherwise, wording_of
from tests.factories.evidence import TEXTS

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
ORIGINAL = "We tried cold brew with orange peel for a week and will never go back to plain"


def post(number: int, text: str, *, minutes: int | None = None, language: str | None = "en") -> ComparedPost:
    normalized = normalise(text)
    return ComparedPost(
        id=UUID(int=number),
        published_at=NOON + timedelta(minutes=number if minutes is None else minutes),
        text=normalized.text,
        content_hash=content_hash(normalized),
        language=language,
    )


def repeats(first: str, second: str) -> bool:
    return find_near_duplicates([post(1, first), post(2, second)]) == {UUID(int=2): UUID(int=1)}


@pytest.mark.parametrize(
    "repost",
    [
        f"RT @brewbot: {ORIGINAL}",
        f"{ORIGINAL} 🔥🔥 https://t.co/abc123",
        f"{ORIGINAL.upper()}!!!",
        "We tried cold brew, with orange peel, for a week... and will never go back to plain ☕",
        ORIGINAL[:55],
        f"{ORIGINAL[:40]}…",
        "We tired cold brew with orange peel for a week and will nevr go back to plain",
        "We tried coldbrew with orange peel for a week and will never goback to plain",
        f"RT @a: {ORIGINAL.replace('orange', 'ornage')[:60]}... #coffee #brew https://x.co/1",
        f"{ORIGINAL}. Follow us for more! #coldbrew #coffee #orange",
        "𝗪𝗲 𝘁𝗿𝗶𝗲𝗱 cold brew with orange\u200b peel for a week and will never go back to plain",
    ],
)
def test_a_repost_in_other_dress_repeats_its_original(repost: str) -> None:
    assert repeats(ORIGINAL, repost)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Best coffee in Berlin?", "Best coffee in Munich?"),
        ("Best coffee in #Berlin #travel", "Best coffee in #Munich #travel"),
        ("iPhone 14 review after a month of use", "iPhone 15 review after a month of use"),
        ("How do I gain weight in a month?", "How do I lose weight in a month?"),
        ("Why should I vote for this party?", "Why shouldn't I vote for this party?"),
        ("I can't get my money back from this shop", "I can get my money back from this shop"),
        ("What does she eat?", "What does she eat for breakfast?"),
        ("Is this shop any good?", "Is this stop any good?"),
        ("Лучший кофе в Москве", "Лучший кофе в Минске"),
        ("北京最好的咖啡店在哪里", "南京最好的咖啡店在哪里"),
        ("🔥🔥🔥", "☕☕☕"),
        ("#coffee #love", "#coffee #love"),
    ],
)
def test_two_different_short_posts_are_never_folded(one: str, other: str) -> None:
    assert not repeats(one, other)


@pytest.mark.parametrize(
    ("original", "repost"),
    [
        ("柏林最好的咖啡店在哪里，有人知道吗", "柏林最好的咖啡店在哪里 有人知道吗？🔥"),
        ("Мы неделю пили колд брю с апельсином и довольны", "RT @a: мы неделю пили колд-брю с апелсином и довольны!!!"),
        ("Ещё один способ варить кофе дома без машины", "Еще один способ варить кофе дома без маши…"),
    ],
)
def test_other_languages_are_folded_as_well(original: str, repost: str) -> None:
    assert repeats(original, repost)


def test_the_earliest_published_is_the_original_whatever_the_order_of_the_batch() -> None:
    late, early = post(1, ORIGINAL, minutes=9), post(2, ORIGINAL, minutes=3)

    assert find_near_duplicates([late, early]) == {UUID(int=1): UUID(int=2)}


def test_ties_in_time_go_by_id() -> None:
    posts = [post(number, ORIGINAL, minutes=0) for number in (3, 1, 2)]

    assert find_near_duplicates(posts) == {UUID(int=2): UUID(int=1), UUID(int=3): UUID(int=1)}


def test_an_undated_post_is_never_the_original_of_a_dated_one() -> None:
    undated = replace(post(1, ORIGINAL), published_at=None)

    assert find_near_duplicates([undated, post(2, ORIGINAL)]) == {UUID(int=1): UUID(int=2)}


def test_chains_point_at_their_root() -> None:
    words = ORIGINAL.split()
    chain = [ORIGINAL, " ".join(words[:11]), " ".join(words[:8])]

    found = find_near_duplicates([post(number, text) for number, text in enumerate(chain, start=1)])

    assert found == {UUID(int=2): UUID(int=1), UUID(int=3): UUID(int=1)}


def test_a_new_post_repeats_a_stored_one_at_its_root() -> None:
    stored_copy = replace(post(2, ORIGINAL), near_duplicate_of=UUID(int=1))

    assert find_near_duplicates([post(3, ORIGINAL)], [stored_copy]) == {UUID(int=3): UUID(int=1)}


def test_an_original_that_is_captured_late_takes_its_copies_over() -> None:
    stored = post(5, ORIGINAL, minutes=5)
    stored_copy = replace(post(6, f"{ORIGINAL}!", minutes=6), near_duplicate_of=UUID(int=5))

    found = find_near_duplicates([post(9, ORIGINAL, minutes=1)], [stored, stored_copy])

    assert found == {UUID(int=5): UUID(int=9), UUID(int=6): UUID(int=9)}


def test_stored_posts_are_not_compared_with_each_other_again() -> None:
    stored = [post(1, ORIGINAL), post(2, f"{ORIGINAL[:60]}…")]

    assert find_near_duplicates([post(3, TEXTS[0])], stored) == {}


def test_nothing_repeats_among_good_posts() -> None:
    assert find_near_duplicates([post(number, text) for number, text in enumerate(TEXTS)]) == {}


def test_posts_in_different_languages_are_not_compared() -> None:
    spanish = post(2, f"{ORIGINAL} x", language="es")

    assert find_near_duplicates([post(1, ORIGINAL), spanish]) == {}


def test_vectors_speak_only_where_they_were_calibrated_and_the_wording_agrees() -> None:
    one, other = (
        wording_of("The shop opens its new doors on Monday"),
        wording_of("The shop opens new doors on a Monday"),
    )

    def score(embedder: str, language: str | None) -> float:
        return repeat_score(one, other, cosine=0.99, embedder=embedder, language=language)

    assert score("static", "en") >= SURE
    assert score("static", "zh") == score("unknown", "en") == score("static", None) == 0.0


def test_a_perfect_cosine_does_not_outweigh_a_number_a_negation_or_an_order() -> None:
    base = "The team won 3 games in March against Berlin"
    for other in (
        "The team won 4 games in March against Berlin",
        "The team never won 3 games in March against Berlin",
        "Berlin won 3 games in March against the team",
    ):
        assert says_otherwise(wording_of(base), wording_of(other))
        assert repeat_score(wording_of(base), wording_of(other), cosine=1.0, embedder="static", language="en") == 0.0


def test_the_calibrated_scale_rises_with_the_cosine() -> None:
    scores = [calibrated_cosine(float(cosine), embedder="static", language="ru") for cosine in np.linspace(-1, 1, 50)]

    assert scores == sorted(scores)
    assert (scores[0], scores[-1]) == (0.0, 1.0)


def test_empty_wordings_copy_nothing() -> None:
    assert not is_copy(wording_of(""), wording_of(""))


def test_a_flood_of_one_text_is_folded_in_no_time() -> None:
    flood = [post(number, f"{ORIGINAL} {'!' * (number % 7)} {'x' * (number % 3)}") for number in range(3_000)]

    assert len(find_near_duplicates(flood)) >= 2_997


def test_long_and_hostile_texts_are_compared_in_no_time() -> None:
    lecture = " ".join(f"word{number}" for number in range(15_000))
    shouting = f"{'!' * 90_000} a {'!' * 9_000}"
    started = time.process_time()

    found = find_near_duplicates(
        [post(1, lecture), post(2, f"{lecture} end"), post(3, shouting), post(4, shouting + "b")]
    )

    assert found == {UUID(int=2): UUID(int=1)}
    assert time.process_time() - started < 2.0


def test_vectors_come_into_play_through_the_batch() -> None:
    texts = ["The shop opens its new doors on Monday", "The shop opens new doors on a Monday"]
    vectors = default_embedder().embed(texts)
    posts = [replace(post(number, text), vector=vectors[number]) for number, text in enumerate(texts)]

    assert find_near_duplicates(posts) == {UUID(int=1): UUID(int=0)}
    assert find_near_duplicates([replace(one, vector=None) for one in posts]) == {}
