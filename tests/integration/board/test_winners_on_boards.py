"""Ads that won and what is like them: a few points, each named, the same bytes again, and none without winners."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from django.utils import timezone

from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.llm.asking import Models
from kairo.stages.learning import operations as learning
from kairo.stages.learning.contracts.winners import WinnerDraft
from kairo.stages.learning.models import Winner
from kairo.stages.opportunities import operations, queries
from kairo.stages.opportunities.contracts import OpportunityDTO, ScorePart, TodayBoardDTO
from kairo.stages.opportunities.models import BoardRecord, KnownWinner
from tests.factories.boards import make_brand
from tests.factories.brands import stored_brand
from tests.factories.model_boards import board_by
from tests.factories.posts import import_posts, posts
from tests.fakes.board_models import honest, over_openai
from tests.fakes.model_calls import models_at
from tests.integration.outbound.servers import Site

NO_MODEL = Models(providers={})
LEAD: dict[str, float] = {"expected_roas": 3.0, "rest_roas": 1.2, "low": 2.4, "high": 3.7, "results": 41}


@pytest.fixture
def brand_id(tenant: UUID, tmp_path: Path) -> UUID:
    brand = stored_brand(tenant, pillars=[{"name": "Routine", "keywords": ["cleanser", "moisturiser", "sunscreen"]}])
    now = timezone.now()
    import_posts(posts(12, at=now), tenant_id=tenant, brand_id=brand.id, folder=tmp_path, at=now)
    return brand.id


def board_of(tenant: UUID, brand_id: UUID, models: Models = NO_MODEL) -> TodayBoardDTO:
    return board_by(models, tenant_id=tenant, brand_id=brand_id)


def saying(one: OpportunityDTO) -> str:
    return f"{one.title}. {one.angle}"


def win(
    tenant: UUID, ad_id: str, text: str, *, brand_id: UUID | None = None, at: datetime | None = None, **more: float
) -> None:
    metadata = {"brand_id": str(brand_id)} if brand_id else {}
    draft = WinnerDraft(ad_id=ad_id, text=text, metrics={**LEAD, **more}, metadata=metadata)
    with tenant_transaction(tenant):
        learning.add_winner(draft=draft, at=at or timezone.now() - timedelta(hours=1))


def parts_by_title(board: TodayBoardDTO) -> dict[str, ScorePart]:
    return {
        one.title: one.score_breakdown["winners"] for one in board.opportunities if "winners" in one.score_breakdown
    }


def test_an_opportunity_like_a_winner_says_so_and_is_lifted_a_little(tenant: UUID, brand_id: UUID) -> None:
    before = board_of(tenant, brand_id)
    chosen = before.opportunities[-1]
    win(tenant, "a-17", saying(chosen))

    after = board_of(tenant, brand_id)

    part = parts_by_title(after)[chosen.title]
    lifted = next(one for one in after.opportunities if one.title == chosen.title)
    assert list(part.effects) == ["a-17"]
    assert "a-17 (return 3.00 beside 1.20 of its campaign, 41 results, similarity 1.00)" in part.reason
    assert lifted.score - chosen.score == pytest.approx(part.value * part.weight, abs=0.06)
    assert 0 < part.effects["a-17"] <= 5
    assert [one.score for one in after.opportunities] == sorted(
        (one.score for one in after.opportunities), reverse=True
    )


def test_a_board_like_no_winner_says_what_it_said(tenant: UUID, brand_id: UUID) -> None:
    before = board_of(tenant, brand_id)
    win(tenant, "a-17", "Pumps for garden ponds, silent and frugal")
    after = board_of(tenant, brand_id)
    assert [(one.title, one.score) for one in after.opportunities] == [
        (one.title, one.score) for one in before.opportunities
    ]
    assert parts_by_title(after) == {}


@pytest.mark.parametrize("winner", ["another brand's", "later", "without its lead", "withdrawn"])
def test_a_winner_that_does_not_speak_for_the_board_is_left_out(tenant: UUID, brand_id: UUID, winner: str) -> None:
    text = saying(board_of(tenant, brand_id).opportunities[0])
    if winner == "another brand's":
        win(tenant, "a-17", text, brand_id=make_brand(tenant).id)
    elif winner == "later":
        win(tenant, "a-17", text, at=timezone.now() + timedelta(days=1))
    elif winner == "without its lead":
        win(tenant, "a-17", text)
        with tenant_transaction(tenant):
            learning.add_winner(draft=WinnerDraft(ad_id="a-17", text=text, metrics={"roas": 9}), at=timezone.now())
    else:
        win(tenant, "a-17", text)
        with tenant_transaction(tenant):
            operations.withdraw_winners(ad_ids=["a-17"])
    assert parts_by_title(board_of(tenant, brand_id)) == {}


def test_many_winners_lift_no_further_than_the_most(tenant: UUID, brand_id: UUID) -> None:
    chosen = board_of(tenant, brand_id).opportunities[0]
    for number in range(6):
        win(tenant, f"a-{number}", saying(chosen), expected_roas=40.0, low=39.0, high=41.0)
    part = parts_by_title(board_of(tenant, brand_id))[chosen.title]
    assert sum(part.effects.values()) == pytest.approx(5.0, abs=0.02)
    assert sorted(part.effects) == ["a-0", "a-1", "a-2"]


def test_a_board_with_winners_comes_out_byte_for_byte_after_they_are_gone(tenant: UUID, brand_id: UUID) -> None:
    first = board_of(tenant, brand_id)
    for number, one in enumerate(first.opportunities):
        win(tenant, f"a-{number}", saying(one), expected_roas=2.0 + 0.1 * number)
    board = board_of(tenant, brand_id)
    assert parts_by_title(board)
    assert board.meta.board_id is not None
    with tenant_transaction(tenant):
        operations.take_winners(winners=[], are_all=True)
        assert not KnownWinner.objects.exists()
        replayed = operations.replay_board(board_id=board.meta.board_id, at=timezone.now())
    assert replayed.identical, replayed.differences


def test_a_model_s_board_is_lifted_too_and_comes_out_byte_for_byte(tenant: UUID, brand_id: UUID) -> None:
    with Site(over_openai(honest)) as site:
        text = saying(board_of(tenant, brand_id, models_at(openai=site)).opportunities[-1])
        win(tenant, "a-17", text)
        board = board_of(tenant, brand_id, models_at(openai=site))
    assert board.meta.generator == "model"
    assert parts_by_title(board)
    assert board.meta.board_id is not None
    with tenant_transaction(tenant):
        replayed = operations.replay_board(board_id=board.meta.board_id, at=timezone.now())
    assert replayed.identical, replayed.differences


def test_a_board_without_winners_keeps_nothing_of_them(tenant: UUID, brand_id: UUID) -> None:
    board = board_of(tenant, brand_id)
    with tenant_transaction(tenant):
        record = BoardRecord.objects.get(board_id=board.meta.board_id)
    assert "winners" not in record.document


def test_when_a_winner_s_text_is_erased_no_board_keeps_its_vector(tenant: UUID, brand_id: UUID) -> None:
    win(tenant, "a-17", saying(board_of(tenant, brand_id).opportunities[0]))
    board = board_of(tenant, brand_id)
    with tenant_transaction(tenant):
        operations.withdraw_winners(ad_ids=["a-17"], erase=True)
        assert not KnownWinner.objects.exists()
        assert not BoardRecord.objects.filter(board_id=board.meta.board_id).exists()


def test_the_daily_search_hands_down_what_is_there_and_takes_back_the_rest(tenant: UUID, brand_id: UUID) -> None:
    at = timezone.now()
    win(tenant, "a-17", "A gentle cleanser for dry skin")
    win(tenant, "b-3", "Sunscreen that does not sting")
    with tenant_transaction(tenant):
        Winner.objects.filter(ad_id="b-3").delete()
        KnownWinner.objects.filter(ad_id="a-17").delete()
        learning.find_winners(at=at)
        found = queries.known_winners(brand_id, embedder="static", at=at)
    assert [winner.ad_id for winner in found] == ["a-17"]
    assert found[0].lead == pytest.approx(0.86, abs=0.05)
