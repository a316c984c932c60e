"""A compiled profile on a board: it says why a post fits, and what is near a taboo never becomes a card."""

from __future__ import annotations

from uuid import UUID

from kairo.platform.embeddings import default_embedder
from kairo.platform.embeddings.vocabulary import static_vocabulary
from kairo.stages.brands.contracts import BrandDTO, BrandSnapshotDTO
from kairo.stages.knowledge.contracts.profiles import CompiledProfile
from kairo.stages.knowledge.rules.profiles.compiling import ProfileInputs, Tools, compiled
from kairo.stages.opportunities.contracts import (
    ExternalSignalBundleDTO,
    SocialMomentSignalDTO,
    TrendSignalDTO,
)
from kairo.stages.opportunities.rules.compiled_profile import keyword_weights, neighbour_taboos, phrases_of
from kairo.stages.opportunities.rules.fit import Fit, fit_of, profile_of, settled
from kairo.stages.opportunities.rules.sifting import sifted
from kairo.stages.opportunities.rules.taboos import taboos_in
from tests.unit.opportunities.boards import NOON, brand, embed, uid

GLOW = brand(
    ("Routine", ["cleanser", "moisturiser"]),
    personas=[{"name": "Ana", "pains": ["short mornings before school"]}, {"name": "Ben", "pains": ["shaving rash"]}],
    positioning="Calm, honest skincare for sensitive skin",
    taboos=["death"],
)


def profile_for(snapshot: BrandSnapshotDTO, posts: list[str] | None = None) -> CompiledProfile:
    dto = BrandDTO(
        id=snapshot.brand_id,
        slug="glow",
        name=snapshot.brand_name,
        positioning=snapshot.positioning,
        taboos=snapshot.taboos,
        created_at=NOON,
        updated_at=NOON,
    )
    inputs = ProfileInputs(brand=dto, pillars=snapshot.pillars, personas=snapshot.personas, posts=posts or [], texts=[])
    embedder = default_embedder()
    tools = Tools(embedder.name, embedder.embed, static_vocabulary(), "static")
    return compiled(inputs, tools, profile_id=UUID(int=1), version=1, at=NOON)


def fit(snapshot: BrandSnapshotDTO, text: str, profile: CompiledProfile | None) -> Fit:
    vectors = settled(embed([text]), ["en"], {})
    return fit_of(profile_of(snapshot, embed, {}, profile), headline=text, everything=text, vectors=vectors)


def bundle(*topics: str) -> ExternalSignalBundleDTO:
    trends = [
        TrendSignalDTO(id=uid(topic), topic=topic, source="reddit", relevance_score=80, recency_days=1)
        for topic in topics
    ]
    moment = SocialMomentSignalDTO(
        id=uid("moment"), description="A cleanser that my skin likes", channel="reddit", recency_hours=2
    )
    return ExternalSignalBundleDTO(brand_id=GLOW.brand_id, fetched_at=NOON, trends=trends, social_moments=[moment])


def test_a_fit_tells_positioning_keywords_and_the_persona_s_phrase() -> None:
    text = "A cleanser for short mornings before school"

    plain, explained = fit(GLOW, text, None), fit(GLOW, text, profile_for(GLOW))

    parts = dict(explained.parts)
    assert plain.parts == ()
    assert parts["keyword: cleanser"] == 1.0
    assert parts["persona: short mornings before school"] == 0.9
    assert 0 < parts["positioning"] < 1
    assert (explained.persona, explained.audience_words[0]) == ("Ana", "short mornings before school")
    assert explained.audience >= plain.audience


def test_a_telling_keyword_counts_more_than_one_that_every_post_says() -> None:
    posts = ["cleanser for everybody"] * 30 + ["cleanser and moisturiser"] * 10

    weights = keyword_weights(profile_for(GLOW, posts))

    assert weights[uid("Routine"), "cleanser"] < 1 < weights[uid("Routine"), "moisturiser"]


def test_a_profile_that_no_posts_were_counted_for_weighs_as_without_one() -> None:
    assert keyword_weights(profile_for(GLOW)) == {}
    assert keyword_weights(None) == {}


def test_parts_of_an_older_profile_count_only_where_the_brand_still_says_them() -> None:
    old = profile_for(GLOW)
    now = brand(("Routine", ["cleanser"]), personas=[{"name": "Ana", "pains": ["dull skin"]}], taboos=["ugly"])

    assert phrases_of(now, old) == {}
    assert neighbour_taboos(now.taboos, old) == ()


def test_a_word_near_a_taboo_is_found_exactly_and_told_with_what_it_is_near_to() -> None:
    taboos = neighbour_taboos(GLOW.taboos, profile_for(GLOW))

    assert taboos_in("My plant is dying!", taboos) == ["dying (near death, 0.69)"]
    assert taboos_in("A diet without diesel", taboos) == []


def test_a_signal_with_a_taboo_is_left_out_and_said_so() -> None:
    sift = sifted(bundle("dying skin", "cleanser"), brand=GLOW, compiled=profile_for(GLOW), embed=embed)

    assert [trend.topic for trend in sift.signals.trends] == ["cleanser"]
    assert [(one.title, one.reasons) for one in sift.dropped] == [
        ("dying skin", ("taboo: “dying (near death, 0.69)” in the trend",))
    ]


def test_signals_are_weighed_by_how_they_fit() -> None:
    sift = sifted(bundle("diesel engines", "cleanser"), brand=GLOW, compiled=profile_for(GLOW), embed=embed)

    assert [trend.topic for trend in sift.signals.trends] == ["cleanser", "diesel engines"]
    assert sift.signals.trends[1].relevance_score < sift.signals.trends[0].relevance_score <= 80
    assert "cleanser" in (sift.signals.social_moments[0].relevance_hint or "")


def test_without_a_profile_signals_stay_as_they_are() -> None:
    given = bundle("dying skin")

    assert sifted(given, brand=GLOW, compiled=None, embed=embed).signals == given
