"""Channels and their limits: whatever there is to say, what is written stays within them."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kairo.stages.brands.contracts import BrandSnapshotDTO, PatternCategory, PatternTemplateDTO, PillarDTO
from kairo.stages.content.contracts import ClaimStatus
from kairo.stages.content.rules.channels import LIMITS, fitted, hashtags_in, length_on, links_in, violations
from kairo.stages.content.rules.material import gather
from kairo.stages.content.rules.writing import Beat, beats_of, draft_variant
from kairo.stages.opportunities.contracts import Channel, CitedEvidenceDTO, OpportunityDTO, OpportunityType

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
words = st.sampled_from(
    [
        "light",
        "in",
        "water",
        "#tag",
        "https://shop.example/a",
        "листья",
        "почему",
        "叶子发黄了",
        "why?",
        "end.",
        "x" * 60,
        "\n",
    ]
)
texts = st.lists(words, min_size=1, max_size=120).map(" ".join).filter(str.strip)


def opportunity(title: str, quotes: list[str], number: int = 1) -> OpportunityDTO:
    cited = [
        CitedEvidenceDTO(
            id=UUID(int=place + 1), quote=quote, author=f"a{place}", platform="instagram", published_at=NOON
        )
        for place, quote in enumerate(quotes)
    ]
    return OpportunityDTO(
        id=UUID(int=number),
        brand_id=UUID(int=7),
        title=title,
        angle="An angle.",
        type=OpportunityType.TREND,
        primary_channel=Channel.INSTAGRAM,
        score=70,
        source="cluster",
        pillar_id=UUID(int=9),
        created_at=NOON,
        updated_at=NOON,
        why_now="Now.",
        evidence_ids=[one.id for one in cited],
        evidence=cited,
        independent_voices=len(cited),
        would_change_our_mind="Silence.",
    )


def brand(positioning: str = "", description: str = "", tones: tuple[str, ...] = ()) -> BrandSnapshotDTO:
    pillar = PillarDTO(id=UUID(int=9), name="Light", description=description, keywords=["winter light", "lamp"])
    return BrandSnapshotDTO(
        id=UUID(int=8),
        snapshot_at=NOON,
        brand_id=UUID(int=7),
        brand_name="Fernway (synthetic)",
        positioning=positioning or None,
        pillars=[pillar],
        voice_tone_tags=list(tones),
    )


@settings(max_examples=60, deadline=None)
@given(title=texts, quotes=st.lists(texts, min_size=1, max_size=4), said=texts, channel=st.sampled_from(list(Channel)))
def test_what_is_written_stays_within_every_limit(title: str, quotes: list[str], said: str, channel: Channel) -> None:
    material = gather(opportunity(title, quotes), brand(said, said), [], may_say=lambda _: True)

    draft = draft_variant(channel, material)

    assert violations(channel, body=draft.body, call_to_action=draft.call_to_action, title=draft.title) == []
    assert draft.body.strip()
    for claim in draft.claims:
        assert claim.text in draft.body
        assert claim.status is ClaimStatus.CITED
        assert claim.evidence_ids or claim.knowledge


@settings(max_examples=60, deadline=None)
@given(paragraphs=st.lists(texts, min_size=1, max_size=8), channel=st.sampled_from(list(Channel)))
def test_paragraphs_are_kept_whole_but_for_the_first(paragraphs: list[str], channel: Channel) -> None:
    body = fitted(channel, paragraphs, call_to_action="Tell us.")

    assert violations(channel, body=body, call_to_action="Tell us.") == []
    assert length_on(channel, body) <= LIMITS[channel].max_length


def test_x_counts_a_link_as_23_and_a_chinese_sign_as_two() -> None:
    assert length_on(Channel.X, "see https://shop.example/a/very/long/path?of=things") == 4 + 23
    assert length_on(Channel.X, "叶子") == 4
    assert length_on(Channel.BLOG, "叶子") == 2


def test_hashtags_and_links_are_told_from_what_looks_like_them() -> None:
    assert hashtags_in("#one and C#, page.html#two, #3, ＃四") == ["#one", "＃四"]
    assert links_in("see https://a.example/x) or www.b.example, not c.example") == [
        "https://a.example/x",
        "www.b.example,",
    ]


@pytest.mark.parametrize(
    ("title", "quotes", "opening"),
    [
        ("What to do about winter light", ["What do you do for winter light?", "A plain bulb helps."], "“"),
        ("Что делать, когда желтеют листья", ["Почему желтеют листья?", "Мне помогла лампа."], "«"),
        ("叶子发黄怎么办", ["叶子为什么发黄？", "我换了一盏灯就好了。"], "“"),
    ],
)
def test_it_is_written_in_the_language_of_the_evidence(title: str, quotes: list[str], opening: str) -> None:
    material = gather(opportunity(title, quotes), brand(), [], may_say=lambda _: True)

    draft = draft_variant(Channel.LINKEDIN, material)

    assert f"{opening}{quotes[1]}" in draft.body
    assert not (set("abcdefghijklmnopqrstuvwxyz") & set(draft.call_to_action or "")) or material.language == "en"


def test_words_that_may_not_be_said_are_not_written() -> None:
    found = opportunity("What to do about winter light", ["Spray a pesticide on it.", "A plain bulb helps."])

    material = gather(found, brand("We at Fernway never sell any pesticide to anybody."), [], may_say=_no_pesticide)
    body = draft_variant(Channel.BLOG, material).body

    assert "pesticide" not in body
    assert "A plain bulb helps." in body


def test_nobodys_words_are_used_in_an_advertisement() -> None:
    found = opportunity("What to do about winter light", ["A plain bulb helps."])
    material = gather(found, brand("Fernway sells plants that fit the light you have."), [], may_say=lambda _: True)

    draft = draft_variant(Channel.META_ADS, material)

    assert "A plain bulb helps." not in draft.body
    assert draft.title == "What to do about winter light"
    assert len(draft.call_to_action or "") <= 30


def test_a_sober_brand_invites_soberly() -> None:
    found = opportunity("What to do about winter light", ["A plain bulb helps."])

    relaxed = draft_variant(Channel.X, gather(found, brand(), [], may_say=lambda _: True))
    sober = draft_variant(Channel.X, gather(found, brand(tones=("Formal",)), [], may_say=lambda _: True))

    assert sober.call_to_action == "What is your experience?"
    assert relaxed.call_to_action != sober.call_to_action


def test_a_patterns_beats_order_the_paragraphs() -> None:
    pattern = PatternTemplateDTO(
        id=UUID(int=3),
        name="Answer first",
        category=PatternCategory.EDUCATION,
        beats=["ask the question", "one thing to do today", "show what happened"],
        supported_channels=["linkedin"],
    )
    found = opportunity("Why winter light matters", ["A plain bulb helps."])
    told = brand("Fernway sells plants that fit the light you have.")

    body = draft_variant(Channel.LINKEDIN, gather(found, told, [pattern], may_say=lambda _: True)).body

    assert beats_of(pattern) == (Beat.HOOK, Beat.BRAND, Beat.VOICES)
    assert body.index("Fernway sells") < body.index("A plain bulb helps.")


def _no_pesticide(text: str) -> bool:
    return "pesticide" not in text
