"""What a model wrote is taken only where it can be traced; what cannot be is refused, or marked to be checked."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kairo.stages.content.contracts import ClaimStatus
from kairo.stages.content.ports import Source
from kairo.stages.content.rules.channels import violations
from kairo.stages.content.rules.claims import states_something
from kairo.stages.content.rules.facts import Facts, facts_of
from kairo.stages.content.rules.material import sentences_in
from kairo.stages.content.rules.written import (
    WrittenPackage,
    WrittenVariant,
    problems_of_package,
    problems_of_variant,
    variant_of,
)
from kairo.stages.opportunities.contracts import Channel
from tests.unit.content.test_channels import brand, opportunity

ASKED = "How do I descale my machine?"
ANSWERED = "Citric acid, 20 minutes, two rinses, done."
SECRET = "call me at night"
POSITIONING = "Fernway repairs machines in two days."
CITED = f"Somebody answered: “{ANSWERED}”"
CLAIM = {"text": CITED, "evidence_ids": ["p2"]}


def facts() -> Facts:
    source = Source(
        opportunity=opportunity("Descaling, step by step", [ASKED, ANSWERED, SECRET]),
        brand=brand(POSITIONING, "Care for machines"),
        patterns=(),
        may_say=lambda words: "night" not in words,
    )
    return facts_of(source)


def variant(body: str = CITED, *claims: Mapping[str, object], **fields: str) -> WrittenVariant:
    return WrittenVariant.model_validate({"body": body, "claims": list(claims), **fields})


def test_what_may_not_be_said_is_not_given_and_the_rest_is_numbered() -> None:
    given_ = facts()

    assert [(post.id, post.text) for post in given_.posts] == [("p1", ASKED), ("p2", ANSWERED)]
    assert [(line.id, line.text, line.source) for line in given_.lines] == [
        ("b1", POSITIONING, "positioning"),
        ("b2", "Care for machines", "pillar: Light"),
    ]
    assert (given_.language, given_.voices) == ("en", 3)


def test_a_traced_text_has_no_problems_and_is_cited() -> None:
    body = f"{CITED}\n\n{POSITIONING}\n\nMost people wait a year."
    written = variant(body, CLAIM, {"text": POSITIONING, "brand_ids": ["b1"]})

    assert problems_of_variant(written, facts(), Channel.LINKEDIN) == []
    draft = variant_of(written, facts(), Channel.LINKEDIN, pattern=None)
    assert [(one.text, one.status, one.knowledge) for one in draft.claims] == [
        (CITED, ClaimStatus.CITED, None),
        (POSITIONING, ClaimStatus.CITED, "positioning"),
        ("Most people wait a year.", ClaimStatus.TO_CHECK, None),
    ]
    assert draft.claims[0].evidence_ids == [facts().posts[1].item_id]


@pytest.mark.parametrize(
    ("written", "channel", "problem"),
    [
        (variant("They say “descaling is magic”."), Channel.LINKEDIN, "“descaling is magic” stands in nothing"),
        (variant("They say «descaling is magic»."), Channel.X, "stands in nothing that was given"),
        (variant(CITED, {**CLAIM, "evidence_ids": ["p1"]}), Channel.X, "stands in another post"),
        (variant(CITED, {**CLAIM, "evidence_ids": ["p3"]}), Channel.X, "there is no 'p3'; there are p1, p2"),
        (variant(CITED, {"text": CITED, "brand_ids": ["b9"]}), Channel.X, "there is no 'b9'"),
        (variant(CITED, {**CLAIM, "text": CITED.upper()}), Channel.X, "do not stand in the body letter by letter"),
        (
            variant("Acid takes 47 minutes.", {"text": "Acid takes 47 minutes.", "evidence_ids": ["p2"]}),
            Channel.X,
            "the figure 47 stands in nothing that it cites",
        ),
        (variant(CITED, CLAIM), Channel.META_ADS, "nobody's words are used in an advertisement"),
        (variant(CITED, CLAIM), Channel.EMAIL, "title: this channel needs one"),
        (variant("Кто-то спросил про накипь."), Channel.X, "it is not written in English"),
        (variant(CITED, CLAIM, call_to_action="Read “how it went”"), Channel.X, "call_to_action: “how it went”"),
    ],
)
def test_what_cannot_be_traced_is_told(written: WrittenVariant, channel: Channel, problem: str) -> None:
    assert any(problem in told for told in problems_of_variant(written, facts(), channel))


def test_a_citation_that_has_no_word_in_common_is_to_be_checked() -> None:
    written = variant("Our robots love gardens.", {"text": "Our robots love gardens.", "evidence_ids": ["p2"]})

    [claim] = variant_of(written, facts(), Channel.X, pattern=None).claims

    assert (claim.status, claim.evidence_ids) == (ClaimStatus.TO_CHECK, [])


def test_the_number_of_voices_is_a_figure_that_was_given() -> None:
    written = variant("3 people ask about acid.", {"text": "3 people ask about acid.", "evidence_ids": ["p2"]})

    assert problems_of_variant(written, facts(), Channel.X) == []


def test_a_plan_stands_on_posts_that_were_given() -> None:
    good = WrittenPackage(thesis=f"“{ASKED}” is asked often.", summary="We answer it.", evidence_ids=["p1"])
    bad = good.model_copy(update={"summary": "80 % of people fail, “they told us”.", "evidence_ids": ["p7"]})

    assert problems_of_package(good, facts()) == []
    told = " ".join(problems_of_package(bad, facts()))
    assert all(part in told for part in ("p7", "the figure 80", "“they told us”"))


pieces = st.sampled_from(
    [CITED, ASKED, POSITIONING, "We saw 90 % fewer faults.", "“made up words”", "#tag", "https://a.example/x",
     "Try it.", "long " * 60, "\n", "Water."]
)  # fmt: skip
claims = st.builds(
    lambda text, posts, lines: {"text": text, "evidence_ids": posts, "brand_ids": lines},
    pieces.filter(str.strip),
    st.lists(st.sampled_from(["p1", "p2", "p9"]), max_size=2),
    st.lists(st.sampled_from(["b1", "b9"]), max_size=1),
)


@settings(max_examples=150, deadline=None)
@given(
    body=st.lists(pieces, min_size=1, max_size=12).map(" ".join).filter(str.strip),
    said=st.lists(claims, max_size=4),
    channel=st.sampled_from(list(Channel)),
    call_to_action=st.none() | pieces.filter(lambda text: len(text) < 300),
    title=st.none() | pieces.filter(lambda text: len(text) < 300),
)
def test_whatever_a_model_writes_what_is_taken_obeys_the_channel_and_cites_what_was_given(
    body: str, said: list[dict[str, object]], channel: Channel, call_to_action: str | None, title: str | None
) -> None:
    written = WrittenVariant.model_validate(
        {"body": body, "claims": said, "call_to_action": call_to_action, "title": title}
    )
    problems = problems_of_variant(written, facts(), channel)
    draft = variant_of(written, facts(), channel, pattern=None)
    if problems or violations(channel, body=draft.body, call_to_action=draft.call_to_action, title=draft.title):
        return

    known = {post.item_id for post in facts().posts}
    stated = [one for one in sentences_in(draft.body) if states_something(one)]
    assert "“made up words”" not in f"{draft.title} {draft.body} {draft.call_to_action}"
    assert all({*claim.evidence_ids} <= known and claim.text in draft.body for claim in draft.claims)
    assert all(claim.evidence_ids or claim.knowledge for claim in draft.claims if claim.status is ClaimStatus.CITED)
    invited = sentences_in(draft.call_to_action or "")
    assert all(
        any(one in claim.text or claim.text in one for claim in draft.claims) or one in invited for one in stated
    )
