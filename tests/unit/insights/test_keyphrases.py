"""Keyphrases of one text and of a window: what counts as a phrase, how forms meet, and how phrases grow."""

from __future__ import annotations

import gzip
import json
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kairo.platform.embeddings import default_embedder
from kairo.stages.insights.rules.keyphrases import mine, of_text
from kairo.stages.insights.rules.stems import stem
from tests.shared_data import shared
from tests.unit.insights.agent_items import items_of

embed = default_embedder().embed


def phrases_of(text: str, language: str) -> list[str]:
    return [phrase for phrase, _ in of_text(text, language, embed)]


def test_a_phrase_ends_at_function_words_verbs_and_punctuation() -> None:
    found = phrases_of("We use retinol serum on sensitive skin, and the mineral sunscreen helps it quickly.", "en")

    assert sorted(found) == ["mineral sunscreen", "retinol serum", "sensitive skin"]


def test_scores_fall_and_stay_between_0_and_1() -> None:
    scores = [
        score for _, score in of_text("Cold brew coffee beats hot espresso. Cold brew wins. Fresh beans.", "en", embed)
    ]

    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 for score in scores)


def test_links_mentions_and_addresses_are_no_phrases() -> None:
    found = phrases_of("Ask @nike_help or bob@example.com about https://example.com/shoes running shoes", "en")

    assert found == ["running shoes"]


def test_russian_forms_of_a_phrase_meet() -> None:
    found = phrases_of("Беговые кроссовки для всех. Отзывы о беговых кроссовках.", "ru")

    assert sum("кроссовк" in phrase for phrase in found) == 1


def test_chinese_is_cut_at_function_words_and_not_inside_words() -> None:
    found = phrases_of("人工智能写作助手可以帮助你生成营销文案。", "zh")

    assert "营销文案" in found
    assert not any(phrase.endswith("人工智") for phrase in found)


def test_japanese_phrases_are_runs_of_kanji_or_katakana() -> None:
    assert set(phrases_of("新しいスマートフォンのカメラで東京駅を撮りました。", "ja")) == {
        "スマートフォン",
        "カメラ",
        "東京駅",
    }


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=300), st.sampled_from(["en", "ru", "zh", "ja", "xx", None]))
def test_any_text_gives_at_most_fifteen_phrases(text: str, language: str | None) -> None:
    assert len(of_text(text, language, embed)) <= 15


def test_a_window_counts_items_in_every_form_and_names_them() -> None:
    texts = [
        "Love this mineral sunscreen",
        "Mineral sunscreens leave a cast",
        "Which mineral sunscreen do you use?",
        "Rain",
    ]

    best = mine(items_of(texts), [], embed)[0]

    assert best.phrase == "mineral sunscreen"
    assert best.frequency == 3
    assert best.item_ids == (UUID(int=1), UUID(int=2), UUID(int=3))


def test_growth_compares_shares_and_is_none_for_a_new_phrase() -> None:
    now = items_of(["cold brew tonight", "cold brew again", "cold brew and oat milk", "oat milk"])
    before = items_of(["cold brew", "espresso", "espresso", "espresso"], first=50)

    grown = {phrase.phrase: phrase.growth for phrase in mine(now, before, embed)}

    assert grown["cold brew"] == 3.0
    assert grown["oat milk"] is None


def test_no_items_give_no_phrases() -> None:
    assert mine([], [], embed) == []


@pytest.mark.parametrize(("corpus", "least"), [("Inspec", 35.0), ("SemEval2017", 31.0)])
def test_public_abstracts_are_found_as_well_as_stated(corpus: str, least: float) -> None:
    """The first 120 texts, whatever part they are of; `make bench-insights-text` measures the test part."""
    with gzip.open(shared(f"nlp/keyphrases/{corpus}.jsonl.gz"), "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line, _ in zip(lines, range(120), strict=False)]

    scores = [f1(of_text(row["text"], "en", embed, k=10), row["keys"], row["text"]) for row in rows]

    assert 100 * sum(scores) / len(scores) >= least


def f1(found: list[tuple[str, float]], wanted: list[str], text: str) -> float:
    def key(phrase: str) -> str:
        return " ".join(stem(word, "en") for word in phrase.lower().replace("-", " ").split())

    whole = key(text)
    right = {key(phrase) for phrase in wanted if key(phrase) in whole}
    ours = {key(phrase) for phrase, _ in found}
    hits = len(right & ours)
    return 2 * hits / (len(right) + len(ours)) if hits else 0.0
