"""Whatever people write, the synthesizer answers, and what it emits is valid."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kairo.stages.evidence.contracts import EvidenceItemDTO
from kairo.stages.opportunities.contracts import ExternalSignalBundleDTO, LearningSummaryDTO
from kairo.stages.opportunities.rules import rejection_reasons, synthesize
from tests.unit.opportunities.boards import NOON, SKINCARE, board, brand, post

STRANGE = st.sampled_from(
    [
        "",
        "   \n\n ",
        "👩🏽‍🔬🧴✨" * 20,
        "ما هو أفضل واقي شمس للبشرة الدهنية؟",
        "איך להיפטר מפצעונים?",
        "acne " * 4000,
        "how do i " + "very " * 300 + "get rid of acne?",
        "?" * 500,
        "((((((((is it ok to pop a zit?))))))))",
        "What is **retinol** [link](https://x.y/?a=b&c=d) `code` <b>x</b>?",
        "Почему сохнет кожа после retinol? 为什么皮肤干 acne",
        "我的皮肤为什么这么干？求推荐面霜",
        "sunscreen\u202egnihtemos\u202c {np} {vp} %s \\x00",
        "acne acne acne: acne, acne; acne - acne / acne | acne",
        "A" * 3000,
        "spf 30 vs spf 50 vs spf 70 or spf 100 or none?",
    ]
)
VOCABULARY = """
how what why is do i my the a of for to acne sunscreen pimple oil skin retinol you best or vs first after before using
3 weeks tried anyone help don't stop it's they pop get rid routine cleanser, ? ! . : - ( ) $8
"""
WORDS = st.lists(st.sampled_from(list(VOCABULARY.split())), max_size=25).map(" ".join)
TEXTS = st.lists(st.one_of(STRANGE, WORDS, st.text(max_size=200)), min_size=1, max_size=12)


def _items(texts: list[str]) -> list[EvidenceItemDTO]:
    return [
        post(text, key=f"{place}", published_at=NOON - timedelta(hours=7 * place + 1))
        for place, text in enumerate(texts)
    ]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(texts=TEXTS)
def test_any_texts_give_an_answer_whose_drafts_are_valid(texts: list[str]) -> None:
    items = _items(texts)
    known = {item.id: item for item in items}

    found = board(items, SKINCARE)

    for entry in found.drafts:
        assert rejection_reasons(entry, evidence=known, taboos=SKINCARE.taboos) == []
        assert 0 <= entry.score <= 100
        assert "{" not in entry.proposed_title.replace("{np}", "").replace("{vp}", "")
    for entry in found.dropped:
        assert entry.rejection_reasons


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    pillar=st.text(max_size=40),
    keyword=st.text(max_size=40),
    positioning=st.text(max_size=120),
    taboo=st.text(max_size=20),
)
def test_any_brand_gives_an_answer(pillar: str, keyword: str, positioning: str, taboo: str) -> None:
    strange = brand((pillar, [keyword]), positioning=positioning, taboos=[taboo])
    items = _items(["Is it ever okay to pop a pimple?", "Which moisturizer do you swear by?", f"How to use {keyword}?"])

    found = board(items, strange)

    known = {item.id: item for item in items}
    assert all(rejection_reasons(entry, evidence=known, taboos=[taboo]) == [] for entry in found.drafts)


def test_vectors_that_are_not_numbers_are_read_as_no_text() -> None:
    items = _items(["Is it ever okay to pop a pimple?", "Which sunscreen is best for acne?"])

    found = synthesize(
        evidence=items,
        vectors=np.full((2, 256), np.nan, dtype=np.float32),
        brand=SKINCARE,
        signals=ExternalSignalBundleDTO(brand_id=SKINCARE.brand_id, fetched_at=NOON),
        learning=LearningSummaryDTO(brand_id=SKINCARE.brand_id, generated_at=NOON),
        decided=[],
        embed=lambda texts: np.full((len(texts), 256), np.nan, dtype=np.float32),
        as_of=NOON,
    )

    assert len(found.drafts) == 2
