"""A board made again from what it was made from: the same bytes without a model, and plain words where it cannot be."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings
from typer.testing import CliRunner

from kairo.interfaces.cli.opportunities import today_app
from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.jobs.models import JobStep
from kairo.platform.llm import operations as llm
from kairo.platform.llm.asking import Models
from kairo.platform.llm.models import LlmAnswer
from kairo.platform.tenancy.contracts import Role
from kairo.platform.tenancy.operations import issue_token
from kairo.stages.opportunities import operations
from kairo.stages.opportunities.contracts import (
    BoardNotFound,
    BoardReplayDTO,
    DecisionRequestDTO,
    DecisionType,
    TodayBoardDTO,
)
from tests.factories.brands import stored_brand
from tests.factories.model_boards import board_by
from tests.factories.posts import import_posts, posts
from tests.fakes.board_models import honest, over_openai
from tests.fakes.model_calls import models_at
from tests.integration.outbound.servers import Site


@pytest.fixture
def brand_id(tenant: UUID, tmp_path: Path) -> UUID:
    brand = stored_brand(tenant, pillars=[{"name": "Routine", "keywords": ["cleanser", "moisturiser", "sunscreen"]}])
    now = timezone.now()
    import_posts(posts(12, at=now), tenant_id=tenant, brand_id=brand.id, folder=tmp_path, at=now)
    return brand.id


@pytest.fixture
def modelled(tenant: UUID, brand_id: UUID) -> TodayBoardDTO:
    """A board that a model wrote; its server is gone by now."""
    with Site(over_openai(honest)) as site:
        board = board_by(models_at(openai=site), tenant_id=tenant, brand_id=brand_id)
    assert board.meta.generator == "model"
    return board


def replay(tenant: UUID, board: TodayBoardDTO, *, at: datetime | None = None) -> BoardReplayDTO:
    assert board.meta.board_id is not None
    with tenant_transaction(tenant):
        return operations.replay_board(board_id=board.meta.board_id, at=at or timezone.now())


def test_an_extracted_board_comes_out_byte_for_byte(tenant: UUID, brand_id: UUID) -> None:
    board = board_by(Models(providers={}), tenant_id=tenant, brand_id=brand_id)

    replayed = replay(tenant, board)

    assert replayed.identical, replayed.differences
    assert replayed.replayed == replayed.stored
    assert len(json.loads(replayed.stored.document)["opportunities"]) == len(board.opportunities) > 0


def test_a_model_s_board_comes_out_byte_for_byte_and_nobody_is_asked(
    tenant: UUID, modelled: TodayBoardDTO, settings: Settings
) -> None:
    settings.LLM_DISABLED = True

    with CaptureQueriesContext(connection) as queries:
        replayed = replay(tenant, modelled)

    assert replayed.identical, replayed.differences
    assert replayed.generator == "model"
    writes = [query["sql"] for query in queries if query["sql"].lstrip().startswith(("INSERT", "UPDATE", "DELETE"))]
    assert writes == []


def test_what_happened_since_changes_neither_bytes(
    tenant: UUID, brand_id: UUID, modelled: TodayBoardDTO, tmp_path: Path
) -> None:
    before = replay(tenant, modelled)
    later = timezone.now()
    louder = posts(12, at=later, likes=9_000, comments=700)
    import_posts(louder, tenant_id=tenant, brand_id=brand_id, folder=tmp_path, at=later, name="again")
    with tenant_transaction(tenant):
        pin = DecisionRequestDTO(decision_type=DecisionType.PIN)
        chosen = modelled.opportunities[0].id
        operations.decide_on_opportunity(opportunity_id=chosen, request=pin, by="ana", at=later)

    after = replay(tenant, modelled)

    assert after.identical, after.differences
    assert after.stored == before.stored


def test_a_board_whose_answers_were_forgotten_says_so(tenant: UUID, modelled: TodayBoardDTO) -> None:
    with tenant_transaction(tenant):
        llm.forget_answers()

    replayed = replay(tenant, modelled)

    assert (replayed.identical, replayed.replayed, replayed.reason) == (None, None, "answers_not_kept")


def test_an_account_that_keeps_no_answers_cannot_replay_them(tenant: UUID, brand_id: UUID) -> None:
    with tenant_transaction(tenant):
        llm.set_keep_days(0, at=timezone.now())
    with Site(over_openai(honest)) as site:
        board = board_by(models_at(openai=site), tenant_id=tenant, brand_id=brand_id)

    assert board.meta.generator == "model"
    assert replay(tenant, board).reason == "answers_not_kept"


def test_a_recording_of_another_question_is_not_taken_for_this_one(tenant: UUID, modelled: TodayBoardDTO) -> None:
    with tenant_transaction(tenant):
        LlmAnswer.objects.filter(task="synthesis").update(key="the prompt was another one then")

    assert replay(tenant, modelled).reason == "prompt_or_input_changed"


def test_a_tampered_board_is_found_and_its_place_named(tenant: UUID, modelled: TodayBoardDTO) -> None:
    with tenant_transaction(tenant), connection.cursor() as cursor:
        cursor.execute("UPDATE opportunity SET title = 'Another title' WHERE id = %s", [modelled.opportunities[0].id])

    replayed = replay(tenant, modelled)

    assert replayed.identical is False
    assert replayed.differences == ["opportunities.0.title"]


def test_erased_evidence_takes_record_answers_and_steps_with_it(tenant: UUID, modelled: TodayBoardDTO) -> None:
    with tenant_transaction(tenant):
        steps_before = JobStep.objects.count()
        operations.let_go_of_items(item_ids=[modelled.opportunities[0].evidence_ids[0]])
        left = (JobStep.objects.count(), LlmAnswer.objects.count())

    assert steps_before > 0
    assert left == (0, 0)
    assert replay(tenant, modelled).reason == "not_recorded"


def test_a_board_without_enough_evidence_has_nothing_to_make_again(tenant: UUID) -> None:
    brand = stored_brand(tenant, brand__slug="bare")
    board = board_by(Models(providers={}), tenant_id=tenant, brand_id=brand.id)

    assert replay(tenant, board).reason == "not_synthesized"


def test_a_stranger_finds_no_board_to_replay(stranger: UUID, modelled: TodayBoardDTO) -> None:
    with pytest.raises(BoardNotFound):
        replay(stranger, modelled)


def test_over_http_and_on_the_command_line(tenant: UUID, modelled: TodayBoardDTO, client: Client) -> None:
    token = issue_token(tenant_id=tenant, name="tests", role=Role.VIEWER).token

    answer = client.get(f"/api/boards/{modelled.meta.board_id}/replay", headers={"authorization": f"Bearer {token}"})
    result = CliRunner().invoke(today_app, ["replay", "--brand", "glow"])

    body = answer.json()
    assert answer.status_code == 200
    assert body["identical"] is True
    assert body["stored"] == body["replayed"]
    assert result.exit_code == 0
    assert "identical" in result.stdout
    assert body["stored"]["sha256"] in result.stdout
