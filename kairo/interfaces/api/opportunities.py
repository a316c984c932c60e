"""The Today board over HTTP."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Router, Status

from kairo.interfaces.api.errors import PROBLEMS, Problem
from kairo.interfaces.api.paging import Limit, Page
from kairo.moments import Moment
from kairo.platform.database.clock import now
from kairo.stages.brands import queries as brand_queries
from kairo.stages.opportunities import operations, queries
from kairo.stages.opportunities.contracts import (
    BoardListItemDTO,
    BoardReplayDTO,
    Generator,
    LegacyRegenerateGone,
    OpportunityDTO,
    RegenerateResponseDTO,
    TodayBoardDTO,
)

router = Router(tags=["board"])


@router.get("/brands/{brand_id}/today", response={200: TodayBoardDTO, **PROBLEMS})
def get_today(request: HttpRequest, brand_id: UUID) -> HttpResponse:
    """Return the brand's board as it stands. The first look at a brand with enough evidence starts its first run."""
    look = operations.open_today(brand_id=brand_id, at=now())
    return HttpResponse(look.body(), content_type="application/json; charset=utf-8")


@router.post("/brands/{brand_id}/today/regenerate", response={202: RegenerateResponseDTO, 410: Problem, **PROBLEMS})
def regenerate_today(
    request: HttpRequest,
    brand_id: UUID,
    as_of: Moment | None = None,
    generator: Generator = Generator.AUTO,
    legacy: bool = False,
) -> Status[RegenerateResponseDTO]:
    """Ask for a new board; while a job is under way, that job is the answer."""
    if legacy:
        raise LegacyRegenerateGone("Generating within the request was retired: leave `legacy` out and poll the job.")
    return Status(202, operations.regenerate(brand_id=brand_id, as_of=as_of, generator=generator))


@router.get("/brands/{brand_id}/boards", response={200: Page[BoardListItemDTO], **PROBLEMS})
def list_boards(
    request: HttpRequest, brand_id: UUID, cursor: UUID | None = None, limit: Limit = 50
) -> Page[BoardListItemDTO]:
    """List the brand's boards, newest first."""
    brand_queries.brand(brand_id)
    boards = queries.boards(brand_id, before=cursor, limit=limit + 1)
    following = str(boards[limit - 1].id) if len(boards) > limit else None
    return Page(items=boards[:limit], next_cursor=following)


@router.get("/boards/{board_id}", response={200: TodayBoardDTO, **PROBLEMS})
def get_board(request: HttpRequest, board_id: UUID) -> TodayBoardDTO:
    """Return an earlier board."""
    return queries.board(board_id, at=now())


@router.get("/boards/{board_id}/replay", response={200: BoardReplayDTO, **PROBLEMS})
def replay_board(request: HttpRequest, board_id: UUID) -> BoardReplayDTO:
    """Make a board again from what it was made from, and say whether it comes out byte for byte. Asks no model."""
    return operations.replay_board(board_id=board_id, at=now())


@router.get("/opportunities/{opportunity_id}", response={200: OpportunityDTO, **PROBLEMS})
def get_opportunity(request: HttpRequest, opportunity_id: UUID) -> OpportunityDTO:
    """Return one opportunity with its evidence."""
    return queries.opportunity(opportunity_id, at=now())
