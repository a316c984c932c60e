"""From decisions to the next board's scores, through the real jobs and the real database."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import pytest
from django.utils import timezone

from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.jobs.queries import jobs as listed_jobs
from kairo.stages.learning import queries
from kairo.stages.opportunities import operations as opportunities
from kairo.stages.opportunities.contracts import DecisionRequestDTO, DecisionType, OpportunityDTO, TodayBoardDTO
from tests.factories.board_jobs import regenerate_now, run
from tests.factories.brands import stored_brand
from tests.factories.posts import import_posts, post

SKIN = (
    "Does anyone else get red cheeks after a new cleanser? Mine stung for two days.",
    "Sunscreen that does not pill under makeup, please, I have tried five this summer.",
    "How long do you wait between moisturiser and sunscreen in the morning?",
    "Which moisturiser is gentle enough for a first try with retinol?",
    "Why does every tinted sunscreen look orange on me by lunchtime?",
    "Is a foaming cleanser bad for dry skin in winter?",
)
COFFEE = (
    "Why does my espresso taste sour with fresh beans?",
    "How often should I clean a burr grinder at home?",
    "Which beans work best for a moka pot on a small stove?",
    "Is a hand grinder fast enough for two espresso shots?",
    "Does freezing coffee beans really keep them fresh for months?",
    "How fine should I set the grinder for a first espresso machine?",
)


@pytest.fixture
def brand_id(tenant: UUID, tmp_path: Path) -> UUID:
    pillars = [
        {"name": "Skin", "keywords": ["cleanser", "moisturiser", "sunscreen"]},
        {"name": "Coffee", "keywords": ["espresso", "grinder", "beans"]},
    ]
    brand = stored_brand(tenant, pillars=pillars)
    at = timezone.now()
    lines = [post(number, at=at, text=text) for number, text in enumerate([*SKIN, *COFFEE])]
    import_posts(lines, tenant_id=tenant, brand_id=brand.id, folder=tmp_path, at=at)
    return brand.id


def new_board(tenant: UUID, brand_id: UUID) -> TodayBoardDTO:
    regenerate_now(tenant_id=tenant, brand_id=brand_id)
    with tenant_transaction(tenant):
        return opportunities.open_today(brand_id=brand_id, at=timezone.now()).to_contract()


def decide(tenant: UUID, opportunity_id: UUID, decision: DecisionType) -> None:
    """Decide, and let the job that was announced with it run."""
    request = DecisionRequestDTO(decision_type=decision)
    with tenant_transaction(tenant):
        opportunities.decide_on_opportunity(opportunity_id=opportunity_id, request=request, by="ana", at=timezone.now())
        newest = listed_jobs(kind=opportunities.DECIDED)[0][0]
    run(tenant_id=tenant, job_id=newest.id)


def by_pillar(board: TodayBoardDTO, name: str) -> list[OpportunityDTO]:
    assert board.snapshot is not None
    [pillar] = [pillar for pillar in board.snapshot.pillars if pillar.name == name]
    return [found for found in board.opportunities if found.pillar_id == pillar.id]


def test_decisions_move_the_scores_of_the_next_board_and_the_breakdown_says_why(tenant: UUID, brand_id: UUID) -> None:
    first = new_board(tenant, brand_id)
    skin, coffee = by_pillar(first, "Skin"), by_pillar(first, "Coffee")
    for liked, disliked in zip(coffee[1:3], skin[1:3], strict=True):
        decide(tenant, liked.id, DecisionType.APPROVE)
        decide(tenant, disliked.id, DecisionType.DISMISS)

    second = {found.title: found for found in new_board(tenant, brand_id).opportunities}

    lifted, lowered = second[coffee[0].title], second[skin[0].title]
    assert lifted.score > coffee[0].score
    assert lowered.score < skin[0].score
    for before, after in ((coffee[0], lifted), (skin[0], lowered)):
        effects = after.score_breakdown["learned"].effects
        assert after.score - before.score == pytest.approx(sum(effects.values()), abs=0.11)
    assert set(lifted.score_breakdown["learned"].effects) == {"pillar: Coffee"}
    assert "Coffee +" in lifted.score_breakdown["learned"].reason
    with tenant_transaction(tenant):
        summary = queries.learning_summary(brand_id, at=timezone.now())
    assert summary.pillar_performance["Coffee"] > 0 > summary.pillar_performance["Skin"]
    assert summary.notes[0].startswith("Learned from 4 decisions")
