"""What a model's own words may say, and what costs them their draft."""

from __future__ import annotations

import pytest

from kairo.stages.opportunities.rules.grounding import Ground, figures_in, ungrounded_reasons

POST = (
    "My dermatologist said three steps are enough. I paid $12 for a CeraVe cream and it lasts 40 days!"
    " \u201cLess is more\u201d, she told me. Ask @drsmith."
)
GROUND = Ground(posts=[POST], figures=frozenset({"7", "2026"}), brand=["Glow", "Calm skincare, tested by experts"])


def reasons(**said: str) -> list[str]:
    given = {"title": "Why three steps are enough", "angle": "A post on short routines.", "why_now": "Asked this week."}
    return ungrounded_reasons(**(given | said), ground=GROUND)


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"why_now": "7 posts since Monday, in 2026."},
        {"angle": "What a CeraVe cream for $12 does in 40 days."},
        {"angle": "A dermatologist's rule, tested by experts."},
        {"angle": "Start from \u201cless is more\u201d and @drsmith."},
        {"why_now": "In November Instagram talks of it."},
        {"angle": "A carousel in five frames, for Glow."},
        {"title": "What CeraVe does"},
    ],
)
def test_what_the_posts_the_counts_or_the_brand_say_may_be_said(said: dict[str, str]) -> None:
    assert reasons(**said) == []


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"title": "Why 9 steps are enough"}, "unsupported_figure"),
        ({"why_now": "Ninety posts ask for it today."}, "unsupported_figure"),
        ({"why_now": "40% of posts ask for it today."}, "unsupported_figure"),
        ({"angle": "It costs €12."}, "unsupported_figure"),
        ({"angle": "Millions do it."}, "unsupported_figure"),
        ({"angle": "Миллионы людей так делают."}, "unsupported_figure"),
        ({"angle": "一百万人都在用，百分之九十满意。"}, "unsupported_figure"),
        ({"angle": "She said \u201cbuy two of them\u201d."}, "unsupported_quote"),
        ({"angle": "She said \u00abкупите два\u00bb."}, "unsupported_quote"),
        ({"angle": "Better than what Nivea sells."}, "unsupported_name"),
        ({"angle": "Ask @somebody."}, "unsupported_name"),
        ({"angle": "It is clinically tested."}, "unsupported_authority"),
        ({"angle": "Врачи советуют."}, "unsupported_authority"),
        ({"angle": "专家推荐这样做。"}, "unsupported_authority"),
        ({"angle": "See glow-sale.shop for it."}, "link"),
        ({"angle": "See http://1.2.3.4/x for it."}, "link"),
        ({"title": "Why Short Routines Beat Long Ones"}, "title_case"),
        ({"title": "w" * 130}, "long_title"),
    ],
)
def test_what_nothing_stands_behind_costs_the_draft(said: dict[str, str], code: str) -> None:
    assert code in {reason.split(":")[0] for reason in reasons(**said)}


def test_figures_are_compared_without_leading_zeros() -> None:
    assert figures_in(["2026-03-07", "1.500"]) == {"2026", "3", "7", "1", "500"}
