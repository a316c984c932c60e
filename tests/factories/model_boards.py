"""Boards made by one attempt after the other within this process, with the models that a test gives them."""

from __future__ import annotations

from uuid import UUID

from kairo.platform.database.clock import now
from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.jobs import endings
from kairo.platform.jobs.attempts import Attempt
from kairo.platform.jobs.claims import claim_by_id, release_stale
from kairo.platform.jobs.contracts import JobDTO
from kairo.platform.jobs.queries import job
from kairo.platform.jobs.runner import worker_name
from kairo.platform.llm.asking import Models
from kairo.stages.opportunities import operations, queries
from kairo.stages.opportunities.contracts import GenerateBoard, Generator, TodayBoardDTO


class Killed(BaseException):
    """The process is gone at this moment."""


def ask_for_board(tenant_id: UUID, brand_id: UUID, *, generator: Generator = Generator.AUTO) -> UUID:
    """Ask for a board and return its job."""
    with tenant_transaction(tenant_id):
        return operations.regenerate(brand_id=brand_id, generator=generator).job_id


def attempt_board(tenant_id: UUID, job_id: UUID, models: Models, *, dies_before_storing: bool = False) -> JobDTO:
    """Claim a board's job and work on it to its end; where the process is killed, its worker is known to be dead."""
    worker = worker_name()
    claimed = claim_by_id(job_id, worker=worker)
    assert claimed is not None, "Nobody can claim the job at this moment."
    attempt = Attempt(claimed)
    attempt.begin()
    message = GenerateBoard.model_validate(claimed.payload)
    try:
        completion = operations.generate_board(message=message, job=attempt.context(), at=now(), models=models)
        if dies_before_storing:
            raise Killed
        endings.complete(claimed, completion, begun=attempt.close())
    except Killed:
        release_stale(dead_worker=worker)
    with tenant_transaction(tenant_id):
        return job(job_id)


def board_by(
    models: Models, *, tenant_id: UUID, brand_id: UUID, generator: Generator = Generator.AUTO
) -> TodayBoardDTO:
    """Have models write a brand's board, and return it as it is stored."""
    attempt_board(tenant_id, ask_for_board(tenant_id, brand_id, generator=generator), models)
    return newest_board(tenant_id, brand_id)


def newest_board(tenant_id: UUID, brand_id: UUID) -> TodayBoardDTO:
    """Return the newest board of a brand, past the cache."""
    with tenant_transaction(tenant_id):
        return queries.board(queries.boards(brand_id, limit=1)[0].id, at=now())
