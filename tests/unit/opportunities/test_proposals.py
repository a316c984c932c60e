"""What of a model's proposals becomes drafts: sound ones with what was measured, and no lie."""

from __future__ import annotations

import pytest

from kairo.stages.opportunities.contracts import (
    Channel,
    ExternalSignalBundleDTO,
    LearningSummaryDTO,
    OpportunityType,
    TrendSignalDTO,
)
from kairo.stages.opportunities.llm_calls import (
    SCORING,
    SYNTHESIS,
    rates_each_once,
    scoring_question,
    synthesis_question,
)
from kairo.stages.opportunities.ports import BoardMaterial, DecidedOpportunity, ProposedDrafts, Rating, Ratings
from kairo.stages.opportunities.rules.proposals import Assignment, Judged, assignment_of, judge, rated, wording_of
from tests.factories.posts import VOICES
from tests.fakes.board_lies import LIES, Draft, Lie
from tests.fakes.board_models import honest_drafts
from tests.unit.opportunities.boards import NOON, SKINCARE, SOFTWARE, brand, embed, post, uid

EVIDENCE = [post(voice) for voice in VOICES]


def material(**changes: object) -> BoardMaterial:
    given: dict[str, object] = {
        "evidence": EVIDENCE,
        "vectors": embed([item.text for item in EVIDENCE]),
        "brand": SKINCARE,
        "signals": ExternalSignalBundleDTO(brand_id=SKINCARE.brand_id, fetched_at=NOON),
        "learning": LearningSummaryDTO(brand_id=SKINCARE.brand_id, generated_at=NOON),
        "decided": (),
        "embed": embed,
        "as_of": NOON,
    }
    return BoardMaterial(**(given | changes))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def assignment() -> Assignment:
    found = assignment_of(material())
    assert found is not None
    return found


def texts(assignment: Assignment) -> dict[str, str]:
    return {name: one.text for name, one in assignment.given.items()}


def judged(assignment: Assignment, *drafts: Draft) -> Judged:
    return judge(assignment, ProposedDrafts.model_validate({"drafts": drafts}).drafts)


def test_an_honest_draft_is_kept_with_what_was_measured_of_its_posts(assignment: Assignment) -> None:
    verdict = judged(assignment, *honest_drafts(texts(assignment), most=1))

    [draft] = verdict.kept
    assert draft.independent_voices == 1
    assert set(draft.score_breakdown) >= {"relevance", "timeliness", "evidence_strength", "feasibility", "learned"}
    assert draft.prediction is not None
    assert draft.would_change_our_mind
    assert draft.pillar_hint in {pillar.name for pillar in SKINCARE.pillars}


@pytest.mark.parametrize("lie", LIES, ids=lambda lie: lie.__name__)
def test_each_lie_costs_its_draft_and_no_other(lie: Lie, assignment: Assignment) -> None:
    drafts = honest_drafts(texts(assignment), most=2)
    lie(drafts[0], texts(assignment))

    verdict = judged(assignment, *drafts)

    assert len(verdict.kept) == 1
    assert verdict.dropped[0].rejection_reasons


def test_a_model_s_rise_counts_only_where_the_posts_rise(assignment: Assignment) -> None:
    [draft] = honest_drafts(texts(assignment), most=1)

    verdict = judged(assignment, draft | {"type": "trend"}, *honest_drafts(texts(assignment))[1:2])

    assert verdict.kept[0].type is not OpportunityType.TREND


def test_what_the_model_may_choose_it_chooses(assignment: Assignment) -> None:
    [draft] = honest_drafts(texts(assignment), most=1)

    [kept] = judged(
        assignment, draft | {"primary_channel": "email", "pillar": "Ingredients", "persona": "Ana", "type": "campaign"}
    ).kept

    assert (kept.primary_channel, kept.pillar_hint, kept.persona_hint) == (Channel.EMAIL, "Ingredients", "Ana")
    assert kept.type is OpportunityType.CAMPAIGN


def test_the_same_suggestion_twice_and_one_decided_on_are_dropped(assignment: Assignment) -> None:
    first, second = honest_drafts(texts(assignment), most=2)
    known = [DecidedOpportunity(second["title"], second["angle"])]

    verdict = judged(Assignment(assignment.desk, assignment.given, known), first, first, second)

    reasons = [draft.rejection_reasons[0].split(":")[0] for draft in verdict.dropped]
    assert len(verdict.kept) == 1
    assert reasons == ["redundant", "already_decided"]


def test_a_rating_moves_the_score_and_leaves_what_was_learned_alone(assignment: Assignment) -> None:
    [draft] = judged(assignment, *honest_drafts(texts(assignment), most=1)).kept
    rating = Rating(draft_id="d1", relevance=100, audience_fit=100, feasibility=100)

    liked = rated(draft, rating, wording_of(assignment, draft))

    weights = [part.weight for part in liked.score_breakdown.values()]
    assert liked.score > draft.score
    assert sum(weights) == pytest.approx(1, abs=1e-3)
    assert liked.score_breakdown["learned"] == draft.score_breakdown["learned"]
    assert liked.score_breakdown["model"].value == 100


def test_posts_with_a_taboo_are_not_given() -> None:
    tainted = post("A miracle cleanser for my routine, who else?", key="tainted")
    evidence = [*EVIDENCE, tainted]

    found = assignment_of(material(evidence=evidence, vectors=embed([item.text for item in evidence])))

    assert found is not None
    assert tainted.id not in {one.post.item.id for one in found.given.values()}


def test_nothing_is_asked_for_a_brand_that_nothing_reaches() -> None:
    assert assignment_of(material(brand=brand())) is None
    assert assignment_of(material(evidence=[], vectors=embed([]))) is None


def test_the_question_holds_strangers_words_as_evidence_only(assignment: Assignment) -> None:
    trends = [TrendSignalDTO(id=uid("t"), topic="miracle", source="x", relevance_score=90, recency_days=1)]
    question = synthesis_question(assignment, rising=[*(trend.topic for trend in trends), "sunscreen sticks"])

    system, user = SYNTHESIS.loaded.rendered(question, nonce="0a1b")
    outside = user.split("<evidence-0a1b", 1)[0]

    assert [item.text for item in question.rising.items] == ["sunscreen sticks"]
    assert all(one.text not in system and one.text not in outside for one in assignment.given.values())
    assert all(one.text in user for one in assignment.given.values())
    assert SYNTHESIS.key(question) == SYNTHESIS.key(
        synthesis_question(assignment, rising=["miracle", "sunscreen sticks"])
    )


def test_ratings_name_every_draft_once(assignment: Assignment) -> None:
    drafts = judged(assignment, *honest_drafts(texts(assignment), most=2)).kept
    question = scoring_question(SKINCARE, drafts)
    same = {"relevance": 1, "audience_fit": 1, "feasibility": 1}
    wrong = Ratings.model_validate(
        {"ratings": [{"draft_id": "d1", **same}, {"draft_id": "d1", **same}, {"draft_id": "d7", **same}]}
    )

    assert [item.id for item in question.drafts.items] == ["d1", "d2"]
    assert rates_each_once(2)(wrong) == ["d7 is no draft", "d1 is rated more than once", "d2 is not rated"]
    assert SCORING.loaded.version == 1


@pytest.mark.parametrize(
    ("text", "title", "angle", "why_now"),
    [
        (
            "有没有好用的会议语音转录工具？本地运行的最好，注重隐私。",
            "本地运行的会议语音转录工具怎么选",
            "做一篇对比，说明本地运行的会议语音转录工具如何保护隐私。",
            "最近有人在问这个问题。",
        ),
        (
            "Какой инструмент для транскрипции встреч работает локально? Нужна приватность и CRM.",
            "Инструмент для транскрипции встреч, который работает локально",
            "Статья о том, какой инструмент для транскрипции встреч работает локально и хранит приватность.",
            "Вопрос задали на этой неделе.",
        ),
    ],
    ids=["zh", "ru"],
)
def test_other_languages_stand_up_to_the_same_checks(text: str, title: str, angle: str, why_now: str) -> None:
    evidence = [post(text, language=None)]
    found = assignment_of(material(evidence=evidence, vectors=embed([text]), brand=SOFTWARE))
    assert found is not None
    [honest] = honest_drafts(texts(found))
    draft = honest | {"title": title, "angle": angle, "why_now": why_now}
    draft["quotes"] = [{"evidence_id": "e1", "text": text[:12] if "有" in text else text[:30]}]

    kept = judged(found, draft)
    lied = judged(found, draft | {"why_now": f"{why_now} 80%"})

    assert [one.rejection_reasons for one in kept.dropped] == []
    assert lied.kept == []
