"""The synthesizer's promises, on small boards that are read in one glance."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from kairo.stages.brands.contracts import BrandSnapshotDTO
from kairo.stages.evidence.contracts import EvidenceItemDTO, SurfaceRole
from kairo.stages.opportunities.contracts import (
    ExternalSignalBundleDTO,
    LearningSummaryDTO,
    OpportunityType,
    ReadyReason,
    TrendSignalDTO,
)
from kairo.stages.opportunities.rules import DecidedOpportunity, board_outcome
from kairo.stages.opportunities.rules.predictions import counts_towards
from tests.unit.opportunities.boards import NOON, SKINCARE, board, brand, draft, post, uid

POSTS = [
    post("Is it ever okay to pop a pimple?", age=2),
    post("Which moisturizer do you swear by?", age=3),
    post("How do I get rid of acne marks on my chin?", age=1),
    post("What four nights of neem oil did for me!", age=6),
    post("Has anyone tried the MUAC Fade Peel for acne scars?", age=4),
    post("Are mineral sunscreens better than chemical sunscreens?", age=5),
    post("Reminder: if your chin keeps breaking out with acne, try changing your toothpaste", age=8),
    post("Retinol vs retinal oil for a first routine?", age=9),
    post("My cleanser routine made me break out", age=10),
    post("I built a shelf for my records", age=2),
]


def titles(evidence: Sequence[EvidenceItemDTO], for_brand: BrandSnapshotDTO = SKINCARE) -> list[str]:
    return [entry.proposed_title for entry in board(evidence, for_brand).drafts]


def test_a_board_is_worded_from_what_the_posts_ask_and_tell() -> None:
    found = titles(POSTS)

    assert "Popping a pimple: is it ever okay?" in found
    assert any("acne marks on your chin" in title for title in found)
    assert not any("shelf" in title for title in found)


def test_the_same_evidence_in_another_order_gives_the_same_bytes() -> None:
    shuffled = list(POSTS)
    random.Random(7).shuffle(shuffled)

    one, other = board(POSTS, SKINCARE), board(shuffled, SKINCARE)

    assert [entry.model_dump_json() for entry in one.drafts] == [entry.model_dump_json() for entry in other.drafts]
    assert one.notes == other.notes


def test_the_same_evidence_under_another_hash_seed_gives_the_same_bytes() -> None:
    root = Path(__file__).resolve().parents[3]
    program = (
        "from tests.unit.opportunities.test_synthesis import POSTS, SKINCARE, board\n"
        "print('\\n'.join(entry.model_dump_json() for entry in board(POSTS, SKINCARE).drafts))"
    )

    answers = [
        subprocess.run(
            [sys.executable, "-c", program],
            cwd=root,
            env={"PYTHONHASHSEED": seed, "PATH": "", "PYTHONPATH": str(root)},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "4242")
    ]

    assert answers[0] == answers[1]
    assert answers[0].count(b"\n") >= 5


def test_a_brand_that_says_nothing_gets_an_empty_board_and_the_reason() -> None:
    nameless = brand()

    found = board(POSTS, nameless)

    assert found.drafts == []
    assert board_outcome(brand=nameless, drafts=found.drafts) is ReadyReason.EMPTY_BRAND_CONTEXT


def test_evidence_about_something_else_gives_no_candidate() -> None:
    found = board([post("The referee ended the match early"), post("A lovely sunset over the bay")], SKINCARE)

    assert found.drafts == []
    assert board_outcome(brand=SKINCARE, drafts=found.drafts) is ReadyReason.NO_VALID_CANDIDATES
    assert board_outcome(brand=SKINCARE, drafts=[draft(POSTS[0])]) is ReadyReason.GENERATED


def test_a_brand_without_keywords_is_reached_through_its_pillars_names() -> None:
    plain = brand(("Acne scars", []), ("Sunscreen", []))

    assert any("sunscreens" in title for title in titles(POSTS, plain))


def test_a_brand_without_pillars_is_reached_through_its_positioning() -> None:
    plain = brand(positioning="Moisturizer, sunscreen and acne care for beginners")

    found = board(POSTS, plain)

    assert len(found.drafts) >= 3
    assert all(entry.pillar_hint is None for entry in found.drafts)


def test_a_post_reaches_a_brand_through_no_taboo() -> None:
    loud = brand(("Routine", ["cleanser", "miracle"]), taboos=["miracle"])

    assert board([post("A miracle happened at the football match today")], loud).drafts == []


def test_an_idea_with_a_taboo_is_dropped_and_the_reason_names_it() -> None:
    found = board([*POSTS, post("Has anyone tried the miracle acne cream?")], SKINCARE)

    assert all("miracle" not in entry.model_dump_json() for entry in found.drafts)
    reasons = [reason for entry in found.dropped for reason in entry.rejection_reasons]
    assert any(reason.startswith("taboo: “miracle”") for reason in reasons)


def test_what_a_person_has_decided_on_is_not_suggested_again() -> None:
    before = board(POSTS, SKINCARE).drafts[0]
    decided = [DecidedOpportunity(title=before.proposed_title, angle=before.proposed_angle)]

    after = board(POSTS, SKINCARE, decided=decided)

    assert before.proposed_title not in [entry.proposed_title for entry in after.drafts]
    assert any(reason.startswith("already_decided") for entry in after.dropped for reason in entry.rejection_reasons)


def test_one_loud_author_is_one_voice() -> None:
    texts = [
        f"Is it okay to pop a pimple {when}?" for when in ("at night", "before school", "on the nose", "in summer")
    ]
    loud = [post(text, author="loud", age=place + 1) for place, text in enumerate(texts)]

    found = board(loud, SKINCARE)

    assert {entry.independent_voices for entry in found.drafts} == {1}


def test_copies_of_one_text_are_one_voice_where_the_format_has_no_author() -> None:
    same = [
        post(f"Is it ever okay to pop a pimple{end}", key=end, author=None, format_has_author=False, age=place + 1)
        for place, end in enumerate(("?", "??", "? 😅", "?!"))
    ]

    found = board(same, SKINCARE)

    assert found.drafts[0].independent_voices == 1
    assert len(found.drafts) == 1


def test_a_board_may_be_kept_short() -> None:
    assert len(board(POSTS, SKINCARE, limit=3).drafts) == 3


def test_a_topic_that_rises_is_a_trend() -> None:
    asked = (
        "What is a good sunscreen for oily skin?",
        "Can anyone recommend a sunscreen that does not sting my eyes?",
        "Best sunscreen for running in the rain?",
        "Looking for a sunscreen without white cast",
        "Which sunscreen do you use under makeup?",
        "Any sunscreen for toddlers that washes off easily? recommend a sunscreen for the beach",
    )
    rising = [post(text, age=1 + place) for place, text in enumerate(asked)]
    old = post("Is it ever okay to pop a zit?", age=29)

    found = board([*rising, old], SKINCARE)

    lead = next(entry for entry in found.drafts if "sunscreen" in entry.proposed_title)
    assert lead.type is OpportunityType.TREND
    assert "6 posts in the last 10 days against 0" in (lead.why_now or "")


def test_a_competitors_post_makes_it_competitive() -> None:
    rival = [post("How to get rid of blackheads with a clay mask", roles=[SurfaceRole.COMPETITOR])]

    found = board([*rival, *POSTS[:2]], brand(("Blackheads", ["blackheads"])))

    assert found.drafts[0].type is OpportunityType.COMPETITIVE


def test_an_open_trend_on_the_topic_is_named_in_the_reason() -> None:
    trend = TrendSignalDTO(id=uid("trend"), topic="pop pimple", source="kairo", relevance_score=80, recency_days=2)
    signals = ExternalSignalBundleDTO(brand_id=SKINCARE.brand_id, fetched_at=NOON, trends=[trend])

    found = board(POSTS, SKINCARE, signals=signals)

    lead = next(entry for entry in found.drafts if "pimple" in entry.proposed_title)
    assert lead.type is OpportunityType.TREND
    assert "pop pimple" in (lead.why_now or "")


def test_what_was_learned_moves_the_score_and_the_breakdown_says_how_much() -> None:
    learning = LearningSummaryDTO(
        brand_id=SKINCARE.brand_id, generated_at=NOON, pillar_performance={"Breakouts": 0.8, "Routine": -0.8}
    )

    plain = {entry.proposed_title: entry for entry in board(POSTS, SKINCARE).drafts}
    learnt = {entry.proposed_title: entry for entry in board(POSTS, SKINCARE, learning=learning).drafts}

    title = "Popping a pimple: is it ever okay?"
    assert learnt[title].score == pytest.approx(plain[title].score + 8.0, abs=0.11)
    assert "Breakouts +8.0" in learnt[title].score_breakdown["learned"].reason


def test_a_prediction_is_counted_by_the_rule_that_made_it() -> None:
    found = board(POSTS, SKINCARE)

    lead = next(entry for entry in found.drafts if "pimple" in entry.proposed_title)
    assert lead.prediction is not None
    assert lead.prediction.due_at == NOON + timedelta(days=14)
    assert counts_towards(lead.prediction.measure, "I popped two pimples yesterday")
    assert not counts_towards(lead.prediction.measure, "Popcorn for dinner")


def test_undated_and_wordless_items_are_left_out() -> None:
    items = [
        *POSTS,
        post("Is it okay to pop a zit?", published_at=None),
        post("", key="empty"),
        post("🙂🙂", key="smile"),
    ]

    found = board(items, SKINCARE)

    cited = {item_id for entry in found.drafts for item_id in entry.evidence_ids}
    assert not cited & {item.id for item in items[-3:]}
