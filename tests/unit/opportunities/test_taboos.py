"""A forbidden word is found in every form and in three languages, and never inside another word."""

from __future__ import annotations

import pytest

from kairo.stages.opportunities.rules.taboos import compile_taboos, taboos_in


@pytest.mark.parametrize(
    ("taboo", "text"),
    [
        ("miracle", "Miracles happen"),
        ("cheap", "the cheapest one"),
        ("guarantee", "results are GUARANTEED"),
        ("anti-aging", "an antiaging cream"),
        ("anti aging", "the anti-ageing aisle, or anti aging"),
        ("detox", "detoxing tea"),
        ("cure", "it cures everything"),
        ("détox", "a detox tea"),
        ("чудо", "Это просто чудо!"),
        ("гарантия", "мы даём гарантию"),
        ("дешёвый", "дешевые кремы"),
        ("лечить", "он лечит кожу"),
        ("颠覆", "一款颠覆性的产品"),
        ("第一品牌", "全国 第一品牌 之选"),
        ("miracle", "a mira\u200bcle cream"),
        ("miracle", "ｍｉｒａｃｌｅ"),
    ],
)
def test_a_taboo_is_found_in_another_form(taboo: str, text: str) -> None:
    assert taboos_in(text, compile_taboos([taboo])) == [taboo]


@pytest.mark.parametrize(
    ("taboo", "text"),
    [
        ("ass", "assess the class"),
        ("cure", "a secure routine"),
        ("miracle", "a mirror and an oracle"),
        ("чудо", "чужой крем"),
        ("anti aging", "anti-acne and aging"),
        ("颠覆", "颠簸"),
        ("", "anything"),
        ("free", "freedom of choice"),
    ],
)
def test_a_taboo_is_not_found_inside_other_words(taboo: str, text: str) -> None:
    assert taboos_in(text, compile_taboos([taboo])) == []


def test_taboos_are_told_as_the_brand_wrote_them() -> None:
    assert taboos_in("cheap miracles", compile_taboos(["Miracle", " cheap ", "scam"])) == ["Miracle", "cheap"]
