"""Open trends on the board: their posts are cited, their numbers told, and without one nothing changes."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations

import pytest

from kairo.stages.evidence.contracts import EvidenceItemDTO, SurfaceRole
from kairo.stages.insights.contracts.trends import ClusterKeyType, TrendCandidateDTO, TrendStatus
from kairo.stages.opportunities.contracts import OpportunityDraftDTO, OpportunityType
from kairo.stages.opportunities.rules import Synthesis
from kairo.stages.opportunities.rules.external_signals import signals_from_evidence
from tests.unit.opportunities.boards import NOON, SKINCARE, board, post, uid

SLUGGING = (
    "How do I layer a barrier cream under sunscreen?",
    "Slugging over my moisturiser fixed the dry patches in a week",
    "Is slugging with a thick moisturiser safe for acne?",
    "Tried slugging after cleanser tonight, my cheeks are calm",
    "Dermatologist friend says slugging suits a winter routine",
)
QUIET = (
    "Which sunscreen does not pill under makeup?",
    "How long do you wait between cleanser and retinol?",
    "My acne went away after I stopped scrubbing",
    "Best budget moisturiser for oily skin?",
    "Does lactic acid help with bumps on the arms?",
    "Sunburn on day one of the holiday, what now?",
)


def of_market(text: str, *, age: float) -> EvidenceItemDTO:
    return post(text, age=age, roles=[SurfaceRole.MARKET])


BURST = [of_market(text, age=0.2 + 0.1 * number) for number, text in enumerate(SLUGGING)]
EVIDENCE = [*BURST, *(of_market(text, age=4 + number) for number, text in enumerate(QUIET))]


def trend(
    *items: EvidenceItemDTO, label: str = "#slugging", status: TrendStatus = TrendStatus.ACTIVE
) -> TrendCandidateDTO:
    return TrendCandidateDTO(
        id=uid(label),
        label=label,
        cluster_key_type=ClusterKeyType.HASHTAG,
        status=status,
        trend_score=80,
        velocity=1,
        acceleration=0,
        surprise=12,
        breadth=0.6,
        novelty=0.9,
        authors=len(items),
        platforms=["reddit"],
        item_ids=[item.id for item in items],
        detected_at=NOON - timedelta(hours=6),
        series=[],
        cluster_id=uid("cluster"),
        engagement=0.5,
    )


def board_with(*trends: TrendCandidateDTO, evidence: list[EvidenceItemDTO] = EVIDENCE) -> Synthesis:
    signals = signals_from_evidence(evidence, brand_id=SKINCARE.brand_id, as_of=NOON, trends=trends)
    return board(evidence, SKINCARE, signals=signals)


def of_burst(made: Synthesis) -> list[OpportunityDraftDTO]:
    return [draft for draft in made.drafts if "“#slugging” is an open trend" in (draft.why_now or "")]


def test_a_trend_becomes_one_opportunity_that_cites_its_posts_and_tells_its_numbers() -> None:
    [made] = of_burst(board_with(trend(*BURST)))

    cited = {item.id for item in BURST} & set(made.evidence_ids)
    assert made.type is OpportunityType.TREND
    assert len(cited) >= 3
    assert f"“#slugging” is an open trend: {len(cited)} posts by {len(cited)} voices within" in (made.why_now or "")


def test_a_trend_lifts_what_speaks_of_it() -> None:
    [made] = of_burst(board_with(trend(*BURST)))
    without = {draft.proposed_title: draft.score for draft in board_with().drafts}

    assert made.score > without.get(made.proposed_title, 0.0)


@pytest.mark.parametrize(
    "told",
    [
        [],
        [trend(*BURST[:2], label="#skintok")],
        [trend(*BURST, status=TrendStatus.FADING)],
        [trend(*BURST, status=TrendStatus.STALE)],
        [trend(*BURST, label="miracle slugging")],
        [trend(*(post(f"Glasshouse news {number}") for number in range(5)))],
    ],
    ids=["none", "too few posts", "fading", "stale", "a taboo", "no evidence of it"],
)
def test_without_an_open_trend_in_the_evidence_the_board_stays_as_it_is(told: list[TrendCandidateDTO]) -> None:
    signals = signals_from_evidence(EVIDENCE, brand_id=SKINCARE.brand_id, as_of=NOON)

    assert board_with(*told) == board(EVIDENCE, SKINCARE, signals=signals.model_copy(update={"trends": []}))


def test_the_order_of_trends_and_posts_does_not_matter() -> None:
    told = [trend(*BURST), trend(*BURST[1:], label="slugging over"), trend(*BURST[:4], label="#skintok")]

    boards = [board_with(*order, evidence=EVIDENCE[::step]).drafts for order in permutations(told) for step in (1, -1)]

    assert all(made == boards[0] for made in boards)
