"""What a profile is compiled to, rule by rule; the threshold of neighbours on pairs that were labelled by hand."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kairo.platform.embeddings import StaticEmbedder
from kairo.platform.embeddings.vocabulary import static_vocabulary
from kairo.stages.brands.contracts import BrandDTO, PersonaDTO, PillarDTO
from kairo.stages.knowledge.contracts.profiles import KeywordSource, NeighbourState, VoiceState
from kairo.stages.knowledge.rules.profiles.compiling import ProfileInputs, Tools, compiled
from kairo.stages.knowledge.rules.profiles.taboos import NEAR, taboo_patterns
from kairo.stages.knowledge.rules.profiles.voice import ENOUGH_TEXTS, VoiceText, voice_of
from kairo.stages.knowledge.rules.profiles.weights import Counted, has_drifted, persona_signals, pillar_profiles

LABELLED = json.loads((Path(__file__).parents[2] / "fixtures" / "taboo_neighbours.json").read_text())
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
EMBEDDER = StaticEmbedder()


def pillar(*keywords: str, **fields: str) -> PillarDTO:
    return PillarDTO(id=UUID(int=1), name=fields.pop("name", "Brewing"), keywords=list(keywords), **fields)


def precision_and_recall(half: str) -> tuple[float, float]:
    taken, right, rights = 0, 0, 0
    for term, words in LABELLED[half].items():
        listed = [(word, verdict == "yes") for verdict in ("yes", "no") for word in words[verdict]]
        rows = EMBEDDER.embed([term, *(word for word, _ in listed)])
        for (_, is_right), cosine in zip(listed, rows[1:] @ rows[0], strict=True):
            taken += cosine >= NEAR
            right += cosine >= NEAR and is_right
            rights += is_right
    return right / taken, right / rights


@pytest.mark.parametrize(("half", "least_recall"), [("calibration", 0.3), ("held_out", 0.3)])
def test_neighbours_at_the_threshold_are_right(half: str, least_recall: float) -> None:
    precision, recall = precision_and_recall(half)

    assert precision >= 0.95
    assert recall >= least_recall


def test_a_taboo_lists_its_stems_and_the_words_near_it() -> None:
    [pattern] = taboo_patterns(["Death"], own_words=[], vocabulary=static_vocabulary())

    assert pattern.stems == ("death",)
    assert [near.word for near in pattern.neighbours][:3] == ["died", "die", "dies"]
    assert all(near.similarity >= NEAR for near in pattern.neighbours)


def test_what_the_brand_says_of_itself_is_no_neighbour() -> None:
    [pattern] = taboo_patterns(["military"], own_words=["armi"], vocabulary=static_vocabulary())

    assert pattern.neighbour_state is NeighbourState.NONE_NEAR


@pytest.mark.parametrize(
    ("term", "state"),
    [
        ("растворимый", NeighbourState.OTHER_LANGUAGE),
        ("weight loss", NeighbourState.PHRASE),
        ("detox", NeighbourState.UNKNOWN_WORD),
        ("ugly", NeighbourState.NONE_NEAR),
    ],
)
def test_where_no_neighbours_are_looked_for_the_pattern_says_why(term: str, state: NeighbourState) -> None:
    [pattern] = taboo_patterns([term], own_words=[], vocabulary=static_vocabulary())

    assert (pattern.neighbour_state, pattern.neighbours) == (state, ())
    assert pattern.stems


def test_a_keyword_that_every_post_says_weighs_less_than_one_that_few_say() -> None:
    posts = ["coffee for me, a burr grinder for you"] + ["good coffee every day"] * 39

    [profile] = pillar_profiles([pillar("coffee", "grinders")], Counted(posts))
    weights = {one.term: (one.weight, one.posts) for one in profile.keywords}

    assert weights["coffee"] == (0.6, 40)
    assert weights["grinders"] == (0.95, 1)
    assert next(one for one in profile.keywords if one.source is KeywordSource.NAME).term == "brewing"


def test_too_few_posts_take_nothing_off() -> None:
    [profile] = pillar_profiles([pillar("coffee")], Counted(["coffee"] * 19))

    assert [(one.weight, one.posts) for one in profile.keywords if one.term == "coffee"] == [(1.0, None)]


def test_chinese_keywords_are_counted_within_runs_of_signs() -> None:
    [profile] = pillar_profiles([pillar("咖啡")], Counted(["我喜欢咖啡豆"] * 20))

    assert [one.posts for one in profile.keywords if one.term == "咖啡"] == [20]


def test_persona_phrases_keep_the_words_that_tell_them() -> None:
    persona = PersonaDTO(
        id=UUID(int=2), name="Ana", priorities=["a routine of two steps"], pains=["the", "short mornings"]
    )

    signals = persona_signals([persona], Counted([]))

    assert [(one.kind, one.stems) for one in signals] == [
        ("priority", ("routin", "two", "step")),
        ("pain", ("short", "morn")),
    ]


def test_others_words_are_no_part_of_the_voice() -> None:
    text = "“Is this real?” asks somebody! We keep it short. #skin"

    voice = voice_of([VoiceText("x", text)] * ENOUGH_TEXTS)

    assert voice.overall.features is not None
    assert voice.overall.features.questions_rate == 0
    assert voice.overall.features.exclamations_rate == 0.5
    assert voice.overall.features.hashtags_a_text == 1
    assert voice.overall.features.first_plural_share == 1
    assert [(one.words, one.texts) for one in voice.overall.features.openings] == [("asks somebody", 5)]


def test_a_channel_with_too_few_texts_is_written_to_as_all_are() -> None:
    voice = voice_of([VoiceText("x", "Вы готовы? Мы да.")] * 4 + [VoiceText("blog", "Мы пишем.")])

    assert [(one.channel, one.n, one.state) for one in voice.channels] == [
        ("blog", 1, VoiceState.NOT_ENOUGH_TEXTS),
        ("x", 4, VoiceState.NOT_ENOUGH_TEXTS),
    ]
    assert voice.on("x") == voice.overall.features
    assert voice.measured_on("x") is None
    assert voice.overall.features is not None
    assert voice.overall.features.formal_address_share == 0.8


@given(texts=st.lists(st.text(max_size=80), max_size=12))
def test_every_share_of_a_voice_is_a_share(texts: list[str]) -> None:
    voice = voice_of([VoiceText("x", text) for text in texts])

    features = voice.overall.features
    assert (features is None) == (voice.overall.n < ENOUGH_TEXTS)
    if features is not None:
        told = features.model_dump()
        assert all(0 <= value <= 1 for name, value in told.items() if name.endswith(("_share", "_rate")))


def inputs(**changes: object) -> ProfileInputs:
    brand = BrandDTO(
        id=UUID(int=3), slug="glow", name="Glow", positioning="Plain coffee", created_at=NOON, updated_at=NOON
    )
    fields: dict[str, object] = {"pillars": [pillar("coffee")], "personas": [], "posts": [], "texts": []} | changes
    return ProfileInputs(brand=brand, **fields)  # type: ignore[arg-type]


def tools() -> Tools:
    return Tools(EMBEDDER.name, EMBEDDER.embed, static_vocabulary(), "static")


@given(version=st.integers(1, 1000), number=st.integers(0, 2**64))
def test_the_same_inputs_give_the_same_content_whenever_they_are_compiled(version: int, number: int) -> None:
    one = compiled(inputs(), tools(), profile_id=UUID(int=0), version=1, at=NOON)

    other = compiled(
        inputs(), tools(), profile_id=UUID(int=number), version=version, at=datetime.max.replace(tzinfo=UTC)
    )

    assert one.ir.content_sha256 == other.ir.content_sha256
    assert (one.vectors == other.vectors).all()


def test_weights_drift_once_the_posts_speak_of_something_else() -> None:
    quiet = compiled(inputs(posts=["tea"] * 40), tools(), profile_id=UUID(int=0), version=1, at=NOON).ir
    same = compiled(inputs(posts=["tea"] * 41), tools(), profile_id=UUID(int=0), version=1, at=NOON).ir
    loud = compiled(inputs(posts=["coffee"] * 40), tools(), profile_id=UUID(int=0), version=1, at=NOON).ir

    assert not has_drifted(quiet, same)
    assert has_drifted(quiet, loud)
