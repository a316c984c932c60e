"""Keys of items, and semantic clusters that do not depend on how items are cut into batches."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from kairo.stages.insights.contracts.trends import ClusterKeyType
from kairo.stages.insights.rules.cluster_keys import keys_of, semantic_label
from kairo.stages.insights.rules.clusters import RECENT, SemanticCluster, SemanticClusters, SemanticItem

NOON = datetime(2026, 5, 20, 12, tzinfo=UTC)


def item(number: int, *direction: float, hours: float = 0) -> SemanticItem:
    vector = np.array(direction, dtype=np.float32)
    return SemanticItem(f"item-{number}", NOON + timedelta(hours=hours), vector / np.linalg.norm(vector))


def some_items(seed: int, count: int) -> list[SemanticItem]:
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(5, 16))
    return [
        item(number, *(centres[rng.integers(5)] + rng.normal(scale=0.6, size=16)), hours=float(rng.uniform(0, 900)))
        for number in range(count)
    ]


def test_what_is_alike_joins_and_what_is_not_opens_its_own() -> None:
    keys = SemanticClusters().join([item(1, 1, 0), item(2, 0.9, 0.1), item(3, 0, 1)])

    assert keys[0] == keys[1] != keys[2]


def test_a_cluster_that_was_long_silent_takes_nothing_in() -> None:
    later = RECENT.total_seconds() / 3600 + 1

    keys = SemanticClusters().join([item(1, 1, 0), item(2, 1, 0, hours=later)])

    assert keys[0] != keys[1]


@settings(deadline=None, max_examples=30)
@given(seed=st.integers(0, 200), cuts=st.lists(st.integers(1, 299), max_size=5))
def test_batches_do_not_matter(seed: int, cuts: list[int]) -> None:
    items = some_items(seed, 300)
    at_once = SemanticClusters().join(items)
    bounds = [0, *sorted(set(cuts)), len(items)]

    known: dict[str, SemanticCluster] = {}
    in_parts: list[str] = []
    for first, end in pairwise(bounds):
        clusters = SemanticClusters(known.values())
        keys = clusters.join(items[first:end])
        in_parts += keys
        known |= {cluster.key: cluster for cluster in clusters.stored(keys)}

    assert in_parts == at_once


def test_hashtags_sounds_and_phrases_are_keys() -> None:
    keys = keys_of(
        hashtags=["Clay", "clay", "2026"], audio_id="pebble pop", text="Semi-hydro clay balls", language="en"
    )

    named = {(key.key_type, key.key) for key in keys}
    assert (ClusterKeyType.HASHTAG, "clay") in named
    assert (ClusterKeyType.AUDIO, "pebble pop") in named
    assert (ClusterKeyType.KEYPHRASE, "clay ball") in named
    assert len(keys) == len(named)
    assert not any(key.key == "2026" for key in keys)


def test_forms_of_a_word_are_one_phrase() -> None:
    english = [keys_of(hashtags=[], audio_id=None, text=text, language="en") for text in ("repotting", "repotted")]
    russian = [keys_of(hashtags=[], audio_id=None, text=text, language="ru") for text in ("горшки", "горшков")]

    assert english[0][0].key == english[1][0].key
    assert russian[0][0].key == russian[1][0].key


@given(st.text(max_size=300))
def test_any_text_has_keys_and_a_label(text: str) -> None:
    keys = keys_of(hashtags=[text], audio_id=None, text=text, language=None)

    assert all(key.key for key in keys)
    assert semantic_label(None, text, None)
