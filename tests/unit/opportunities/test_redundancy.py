"""One suggestion is made once: by its words, by its meaning, and never again after a person has decided on it."""

from __future__ import annotations

import pytest

from kairo.stages.opportunities.contracts import OpportunityDraftDTO
from kairo.stages.opportunities.rules import DecidedOpportunity, drop_redundant
from kairo.stages.opportunities.rules.redundancy import word_overlap
from tests.unit.opportunities.boards import draft, embed, post

ITEM = post("Which sunscreen goes under make-up?")
SUN = "Which sunscreen goes under make-up"
SUN_ANGLE = "A short video that compares three sunscreens under the same foundation, morning to evening."


def made(title: str, angle: str) -> OpportunityDraftDTO:
    return draft(ITEM, proposed_title=title, proposed_angle=angle)


def test_the_words_of_two_texts_are_compared_by_their_stems() -> None:
    assert word_overlap("popping pimples", "pop a pimple") == 1.0
    assert word_overlap("sunscreen for kids", "sunscreen for runners") == pytest.approx(1 / 3)
    assert word_overlap("", "sunscreen") == 0.0


def test_the_later_of_two_drafts_in_the_same_words_is_dropped() -> None:
    drafts = [made(SUN, SUN_ANGLE), made("Which sunscreens go under make-up", SUN_ANGLE)]

    kept, dropped = drop_redundant(drafts, decided=[], embed=embed)

    assert kept == drafts[:1]
    assert dropped[0].rejection_reasons == [f"redundant: repeats “{SUN}”"]
    assert not dropped[0].is_valid


def test_a_draft_of_the_same_meaning_is_dropped_though_its_angle_differs() -> None:
    drafts = [
        made("How to choose a sunscreen for oily skin", "Compare textures on camera."),
        made("How to choose sunscreen for very oily skin", "Write to the lab, ask for figures, publish them."),
    ]

    assert len(drop_redundant(drafts, decided=[], embed=embed)[0]) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Building an O2 amp, step by step", "Building a raised bed, step by step"),
        ("Как убрать чёрные точки на носу", "Как выбрать крем на зиму"),
        ("物理防晒还是化学防晒，怎么选", "学生党平价面霜怎么选"),
    ],
)
def test_two_subjects_in_one_construction_are_both_kept(one: str, other: str) -> None:
    drafts = [made(one, SUN_ANGLE), made(other, "An article on something quite different, told from the start.")]

    assert len(drop_redundant(drafts, decided=[], embed=embed)[0]) == 2


def test_what_was_decided_on_is_not_said_again() -> None:
    decided = [DecidedOpportunity(title=SUN, angle="An old angle.")]

    kept, dropped = drop_redundant([made(f"{SUN}?", SUN_ANGLE)], decided=decided, embed=embed)

    assert kept == []
    assert dropped[0].rejection_reasons == [f"already_decided: repeats “{SUN}”"]


def test_no_drafts_give_no_drafts() -> None:
    assert drop_redundant([], decided=[DecidedOpportunity(title="a", angle="b")], embed=embed) == ([], [])
