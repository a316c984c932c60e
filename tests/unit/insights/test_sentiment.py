"""How texts are judged in English and Russian, and how items are summed up with their aspects and quotes."""

from __future__ import annotations

import gzip
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kairo.platform.embeddings import default_embedder
from kairo.stages.insights.rules.keyphrases import mine
from kairo.stages.insights.rules.sentiment import LABELS, read, scores_of
from kairo.stages.insights.rules.sentiment.model import WEIGHTS, probabilities
from tests.shared_data import shared
from tests.unit.insights.agent_items import items_of

embed = default_embedder().embed


def label_of(text: str, language: str) -> str:
    return scores_of([text], [language], embed)[0][0]


@pytest.mark.parametrize(
    ("text", "language", "label"),
    [
        ("I absolutely love this coffee, best ever!", "en", "positive"),
        ("Worst service ever, I want my money back", "en", "negative"),
        ("The store opens at nine on Monday.", "en", "neutral"),
        ("Отличный крем, кожа сияет, всем советую!", "ru", "positive"),
        ("Ужасный сервис, деньги на ветер", "ru", "negative"),
        ("Магазин открыт с девяти до шести", "ru", "neutral"),
        ("Компания опубликовала отчет за третий квартал", "ru", "neutral"),
        ("Сколько стоит доставка в Казань?", "ru", "neutral"),
    ],
)
def test_plain_cases_are_judged_as_people_would(text: str, language: str, label: str) -> None:
    assert label_of(text, language) == label


@pytest.mark.parametrize(
    ("plain", "denied", "language"),
    [("This phone is good", "This phone is not good", "en"), ("Крем понравился", "Крем не понравился", "ru")],
)
def test_a_denial_turns_a_judgement(plain: str, denied: str, language: str) -> None:
    (_, with_it), (_, against_it) = scores_of([plain, denied], [language, language], embed)

    assert with_it["positive"] > against_it["positive"]
    assert with_it["negative"] < against_it["negative"]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(max_size=200), min_size=1, max_size=4), st.sampled_from(["en", "ru", "zh", None]))
def test_probabilities_of_any_text_add_up_to_one(texts: list[str], language: str | None) -> None:
    found = probabilities(texts, [language] * len(texts), embed)

    assert found.shape == (len(texts), len(LABELS))
    assert np.allclose(found.sum(axis=1), 1.0)


def test_a_text_is_judged_alike_alone_and_among_others() -> None:
    texts = ["Great shoes", "Плохой звук", "Delivery on Tuesday", ""]
    together = probabilities(texts, [None] * len(texts), embed)
    alone = np.vstack([probabilities([text], [None], embed) for text in texts])

    assert np.allclose(together, alone, atol=1e-5)


def test_items_are_summed_up_with_aspects_and_exact_quotes() -> None:
    items = items_of(
        [
            "I love the battery life of this phone. The camera is terrible though.",
            "Great battery life, awesome! But the camera is awful and blurry.",
            "Battery life is amazing. Hate the camera.",
        ]
    )
    found = read(items, embed, aspects=mine(items, [], embed))

    assert found is not None
    shares = {aspect.aspect.lower(): aspect.shares for aspect in found.aspects}
    assert shares["battery life"].positive > shares["battery life"].negative
    assert shares["camera"].negative > shares["camera"].positive
    texts = {item.id: item.text for item in items}
    assert found.liked
    assert found.disliked
    assert all(quote.text in texts[quote.item_id] for quote in (*found.liked, *found.disliked))


def test_shares_add_up_and_few_items_lower_confidence() -> None:
    few, many = (read(items_of(["Lovely shoes, great fit"] * count), embed) for count in (1, 30))

    assert few is not None
    assert many is not None
    assert many.shares.positive + many.shares.neutral + many.shares.negative == pytest.approx(1)
    assert few.confidence < many.confidence


def test_no_items_have_no_sentiment() -> None:
    assert read([], embed) is None


def test_the_weights_are_compact() -> None:
    assert WEIGHTS.stat().st_size < 6_000_000


def test_public_tweets_are_judged_as_well_as_the_card_says() -> None:
    with gzip.open(shared("nlp/tweeteval/sentiment.test.half.jsonl.gz"), "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines][:3_000]
    labels = np.array([row["label"] for row in rows])

    found = probabilities([row["text"] for row in rows], ["en"] * len(rows), embed).argmax(axis=1)

    assert np.mean([np.mean(found[labels == label] == label) for label in range(3)]) >= 0.61
