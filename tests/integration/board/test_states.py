"""The Today board's states, as the table of its contract says, through the real job and the real database."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from django.db import connection
from django.utils import timezone

from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.jobs import operations as jobs
from kairo.platform.jobs.contracts import JobState
from kairo.platform.jobs.queries import jobs as listed_jobs
from kairo.stages.brands.contracts import BrandNotFound
from kairo.stages.opportunities import operations, queries
from kairo.stages.opportunities.contracts import BoardState, TodayBoardDTO
from tests.factories.board_jobs import regenerate_now, run
from tests.factories.brands import stored_brand
from tests.factories.posts import import_posts, posts


@pytest.fixture
def brand_id(tenant: UUID) -> UUID:
    return stored_brand(tenant, pillars=[{"name": "Routine", "keywords": ["cleanser", "moisturiser", "sunscreen"]}]).id


def look(tenant_id: UUID, brand_id: UUID) -> TodayBoardDTO:
    with tenant_transaction(tenant_id):
        return operations.open_today(brand_id=brand_id, at=timezone.now()).to_contract()


def count_jobs(tenant_id: UUID) -> int:
    with tenant_transaction(tenant_id):
        return len(listed_jobs(kind="opportunities.generate")[0])


def test_a_brand_without_evidence_was_not_generated_and_says_what_is_missing(tenant: UUID, brand_id: UUID) -> None:
    board = look(tenant, brand_id)

    assert board.meta.state is BoardState.NOT_GENERATED_YET
    assert board.meta.evidence_shortfall is not None
    assert board.meta.evidence_shortfall.failures == ["insufficient_items: 0 items found, need 8"]
    assert board.meta.remediation
    assert count_jobs(tenant) == 0


def test_seven_items_do_not_start_the_first_run(tenant: UUID, brand_id: UUID, tmp_path: Path) -> None:
    now = timezone.now()
    import_posts(posts(7, at=now), tenant_id=tenant, brand_id=brand_id, folder=tmp_path, at=now)

    assert look(tenant, brand_id).meta.state is BoardState.NOT_GENERATED_YET
    assert count_jobs(tenant) == 0


def test_the_first_look_with_eight_items_starts_the_first_run_once(
    tenant: UUID, brand_id: UUID, tmp_path: Path
) -> None:
    now = timezone.now()
    import_posts(posts(8, at=now), tenant_id=tenant, brand_id=brand_id, folder=tmp_path, at=now)

    first, second = look(tenant, brand_id), look(tenant, brand_id)

    assert (first.meta.state, second.meta.state) == (BoardState.GENERATING, BoardState.GENERATING)
    assert first.meta.job_id == second.meta.job_id
    assert count_jobs(tenant) == 1


def test_a_cancelled_first_run_is_not_started_again_by_a_look(tenant: UUID, brand_id: UUID, tmp_path: Path) -> None:
    now = timezone.now()
    import_posts(posts(8, at=now), tenant_id=tenant, brand_id=brand_id, folder=tmp_path, at=now)
    job_id = look(tenant, brand_id).meta.job_id
    assert job_id is not None
    with tenant_transaction(tenant):
        jobs.request_cancel(job_id)

    assert look(tenant, brand_id).meta.state is BoardState.NOT_GENERATED_YET
    assert count_jobs(tenant) == 1


def test_a_job_whose_gates_pass_makes_the_board_ready(tenant: UUID, brand_id: UUID, tmp_path: Path) -> None:
    now = timezone.now()
    import_posts(posts(12, at=now), tenant_id=tenant, brand_id=brand_id, folder=tmp_path, at=now)

    job = regenerate_now(tenant_id=tenant, brand_id=brand_id)

    board = look(tenant, brand_id)
    assert job.state is JobState.SUCCEEDED
    assert board.meta.state is BoardState.READY
    assert board.meta.ready_reason
    assert board.meta.run_id == job.run_id
    assert board.evidence_summary is not None
    assert board.evidence_summary.items == 12


def test_a_job_whose_gate_fails_says_so_and_is_not_retried(tenant: UUID, brand_id: UUID, tmp_path: Path) -> None:
    now = timezone.now()
    import_posts(posts(3, at=now), tenant_id=tenant, brand_id=brand_id, folder=tmp_path, at=now)

    job = regenerate_now(tenant_id=tenant, brand_id=brand_id)

    board = look(tenant, brand_id)
    assert (job.state, job.attempts) == (JobState.INSUFFICIENT_EVIDENCE, 1)
    assert board.meta.state is BoardState.INSUFFICIENT_EVIDENCE
    assert board.meta.reason == "quality_gate_failed"
    assert board.meta.evidence_shortfall is not None
    assert "insufficient_items: 3 items found, need 8" in board.meta.evidence_shortfall.failures
    assert len(board.meta.evidence_shortfall.gates) == 10
    assert board.opportunities == []


def test_while_a_job_works_the_same_job_is_the_answer_and_the_ready_board_stands_by(
    tenant: UUID, brand_id: UUID, tmp_path: Path
) -> None:
    now = timezone.now()
    import_posts(posts(12, at=now), tenant_id=tenant, brand_id=brand_id, folder=tmp_path, at=now)
    regenerate_now(tenant_id=tenant, brand_id=brand_id)
    ready = look(tenant, brand_id)

    with tenant_transaction(tenant):
        first = operations.regenerate(brand_id=brand_id)
        second = operations.regenerate(brand_id=brand_id)
    board = look(tenant, brand_id)

    assert first.job_id == second.job_id == board.meta.job_id
    assert board.meta.state is BoardState.GENERATING
    assert board.opportunities == []
    assert board.previous is not None
    assert board.previous.opportunities == ready.opportunities


def test_a_cancelled_job_falls_back_to_the_board_that_was_there(tenant: UUID, brand_id: UUID, tmp_path: Path) -> None:
    now = timezone.now()
    import_posts(posts(12, at=now), tenant_id=tenant, brand_id=brand_id, folder=tmp_path, at=now)
    regenerate_now(tenant_id=tenant, brand_id=brand_id)
    ready = look(tenant, brand_id)

    with tenant_transaction(tenant):
        jobs.request_cancel(operations.regenerate(brand_id=brand_id).job_id)

    after = look(tenant, brand_id)
    assert after.meta.state is BoardState.READY
    assert after.opportunities == ready.opportunities


def test_a_job_that_fails_for_good_stores_a_board_in_error(tenant: UUID, brand_id: UUID, tmp_path: Path) -> None:
    now = timezone.now()
    import_posts(posts(12, at=now), tenant_id=tenant, brand_id=brand_id, folder=tmp_path, at=now)
    with tenant_transaction(tenant):
        job_id = operations.regenerate(brand_id=brand_id).job_id
        with connection.cursor() as cursor:
            # A setting that cannot be read makes every attempt fail; this is the last one.
            cursor.execute('UPDATE brand SET settings = \'{"evidence_days": "soon"}\'')
            cursor.execute("UPDATE job SET attempts = 3")

    job = run(tenant_id=tenant, job_id=job_id)

    board = look(tenant, brand_id)
    assert job.state is JobState.FAILED
    assert board.meta.state is BoardState.ERROR
    assert board.meta.remediation is not None
    assert str(job.run_id) in board.meta.remediation
    with tenant_transaction(tenant), connection.cursor() as cursor:
        cursor.execute("UPDATE brand SET settings = '{}'")
    regenerate_now(tenant_id=tenant, brand_id=brand_id)
    assert look(tenant, brand_id).meta.state is BoardState.READY


def test_old_evidence_makes_a_board_as_of_its_own_time(tenant: UUID, brand_id: UUID, tmp_path: Path) -> None:
    then = timezone.now() - timedelta(days=400)
    import_posts(posts(12, at=then), tenant_id=tenant, brand_id=brand_id, folder=tmp_path, at=timezone.now())

    now_job = regenerate_now(tenant_id=tenant, brand_id=brand_id)
    then_job = regenerate_now(tenant_id=tenant, brand_id=brand_id, as_of=then)

    assert now_job.state is JobState.INSUFFICIENT_EVIDENCE
    assert then_job.state is JobState.SUCCEEDED


def test_earlier_boards_are_listed_newest_first(tenant: UUID, brand_id: UUID, tmp_path: Path) -> None:
    now = timezone.now()
    regenerate_now(tenant_id=tenant, brand_id=brand_id)
    import_posts(posts(12, at=now), tenant_id=tenant, brand_id=brand_id, folder=tmp_path, at=now)
    regenerate_now(tenant_id=tenant, brand_id=brand_id)

    with tenant_transaction(tenant):
        boards = queries.boards(brand_id)
        newest = queries.board(boards[0].id, at=now)

    assert [board.state for board in boards] == [BoardState.READY, BoardState.INSUFFICIENT_EVIDENCE]
    assert len(newest.opportunities) == boards[0].opportunity_count


def test_a_stranger_finds_neither_the_brand_nor_its_board(tenant: UUID, stranger: UUID, brand_id: UUID) -> None:
    with pytest.raises(BrandNotFound):
        look(stranger, brand_id)
    with tenant_transaction(stranger), pytest.raises(BrandNotFound):
        operations.regenerate(brand_id=brand_id)
