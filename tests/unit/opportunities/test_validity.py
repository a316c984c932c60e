"""Each reason for which a draft may not be shown, and a draft that has none of them."""

from __future__ import annotations

from typing import Any

import pytest

from kairo.stages.opportunities.contracts import Quote
from kairo.stages.opportunities.rules import check, rejection_reasons
from tests.unit.opportunities.boards import draft, post, uid

ITEM = post("My moisturiser pills under sunscreen. Is there an order to it?")


def reasons(taboos: list[str] | None = None, **given: Any) -> list[str]:
    return rejection_reasons(draft(ITEM, **given), evidence={ITEM.id: ITEM}, taboos=taboos or [])


def codes(found: list[str]) -> list[str]:
    return [reason.split(":")[0] for reason in found]


def test_a_whole_draft_has_no_reason_against_it() -> None:
    assert reasons() == []


@pytest.mark.parametrize(
    "title",
    [
        "",
        "   ",
        "Sunscreen",
        "Cold brew",
        "Spotlight on sunscreen today",
        "The rise of acne care",
        "Great tips for you",
        "推荐",
        "干货分享",
    ],
)
def test_a_title_that_says_nothing_is_refused(title: str) -> None:
    assert codes(reasons(proposed_title=title)) == ["vacuous_title"]


@pytest.mark.parametrize(
    "title",
    [
        "What to do about slugs",
        "Is it ever okay to pop a pimple?",
        "Как убрать чёрные точки",
        "防晒怎么选",
        "TTO or neem oil: how to choose",
    ],
)
def test_a_title_that_names_its_subject_is_kept(title: str) -> None:
    assert reasons(proposed_title=title) == []


@pytest.mark.parametrize("angle", ["", "Post about it.", "A great carousel."])
def test_an_angle_that_says_nothing_is_refused(angle: str) -> None:
    assert codes(reasons(proposed_angle=angle)) == ["vacuous_angle"]


def test_a_taboo_is_named_with_each_place_where_it_stands() -> None:
    found = reasons(["pill"], proposed_title="Why moisturiser is pilling under sunscreen")

    assert found == ["taboo: “pill” in the title", "taboo: “pill” in the quote"]


def test_a_taboo_in_the_angle_is_found_in_another_form() -> None:
    angle = "A carousel on miracles of sunscreen and moisturiser for every beginner."

    assert reasons(["miracle"], proposed_angle=angle) == ["taboo: “miracle” in the angle"]


def test_a_draft_without_evidence_is_refused() -> None:
    assert reasons(evidence_ids=[], quotes=[]) == ["no_evidence: it cites nothing"]


def test_an_unknown_evidence_id_is_refused_by_name() -> None:
    stranger = uid("stranger")

    assert reasons(evidence_ids=[ITEM.id, stranger]) == [f"unknown_evidence: {stranger}"]


def test_a_quote_that_is_not_in_its_item_is_refused() -> None:
    found = reasons(quotes=[Quote(evidence_id=ITEM.id, text="my moisturiser pills")])

    assert found == [f"quote_not_found: “my moisturiser pills” is not in {ITEM.id}"]


def test_an_empty_quote_is_no_quote() -> None:
    assert codes(reasons(quotes=[Quote(evidence_id=ITEM.id, text=" ")])) == ["quote_not_found"]


def test_a_quote_may_stand_in_the_transcript() -> None:
    video = post("short caption", transcript="today I layer sunscreen over moisturiser")
    spoken = [Quote(evidence_id=video.id, text="layer sunscreen over moisturiser")]

    assert rejection_reasons(draft(video, quotes=spoken), evidence={video.id: video}, taboos=[]) == []


def test_a_quote_from_an_item_that_is_not_cited_is_refused() -> None:
    other = post("Another post about sunscreen")
    quotes = [Quote(evidence_id=ITEM.id, text=ITEM.text), Quote(evidence_id=other.id, text=other.text)]

    found = rejection_reasons(draft(ITEM, quotes=quotes), evidence={ITEM.id: ITEM, other.id: other}, taboos=[])

    assert codes(found) == ["uncited_quote"]


def test_evidence_without_a_quote_is_refused() -> None:
    assert codes(reasons(quotes=[])) == ["no_quote"]


def test_a_channel_that_the_product_does_not_publish_to_is_refused() -> None:
    assert reasons(primary_channel="myspace", suggested_channels=["myspace", "blog"]) == ["unknown_channel: “myspace”"]


@pytest.mark.parametrize("why_now", [None, "", "People like it.", "Людям нравится.", "大家都喜欢。"])
def test_a_reason_that_names_no_time_is_refused(why_now: str | None) -> None:
    assert codes(reasons(why_now=why_now)) == ["no_reason_in_time"]


@pytest.mark.parametrize(
    "why_now",
    [
        "3 posts in the last 10 days",
        "The season starts in May",
        "2026-03-14",
        "Пост от 18 марта",
        "За последние 10 дней",
        "最近10天有3条",
        "7月30日",
    ],
)
def test_a_reason_in_time_is_kept(why_now: str) -> None:
    assert reasons(why_now=why_now) == []


def test_a_checked_draft_carries_its_verdict() -> None:
    bad = check(draft(ITEM, primary_channel="myspace"), evidence={ITEM.id: ITEM}, taboos=[])
    good = check(draft(ITEM), evidence={ITEM.id: ITEM}, taboos=["miracle"])

    assert not bad.is_valid
    assert codes(bad.rejection_reasons) == ["unknown_channel", "unknown_channel"][:1]
    assert good.is_valid
    assert good.rejection_reasons == []
