"""Making a stored board again from what it was made from: a read that asks no model and no network."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from kairo.platform.database.sessions import current_tenant
from kairo.platform.llm import queries as llm_queries
from kairo.platform.llm.contracts import NotRecorded, Spender
from kairo.stages.opportunities import queries
from kairo.stages.opportunities.contracts import (
    BoardReplayDTO,
    BoardState,
    CanonicalBoardDTO,
    Generator,
    TodayBoardDTO,
)
from kairo.stages.opportunities.models import OpportunitiesBoard
from kairo.stages.opportunities.operations.asking import RecordedAsker, UnableToAsk
from kairo.stages.opportunities.operations.board_records import BoardDocument, UnableToRestore, record_of, restored
from kairo.stages.opportunities.operations.model_synthesis import ModelSynthesizer, NothingToAsk
from kairo.stages.opportunities.ports import BoardMaterial, Synthesis
from kairo.stages.opportunities.rules.canonical import canonical, canonical_of_stored, differences, of_draft
from kairo.stages.opportunities.rules.outcome import board_outcome, counted
from kairo.stages.opportunities.rules.synthesis import ExtractiveSynthesizer
from kairo.stages.opportunities.rules.winners import with_winners

NO_OPPORTUNITIES = "not_synthesized"
NOT_RECORDED = "not_recorded"
NOT_KEPT = "answers_not_kept"
OTHER_QUESTION = "prompt_or_input_changed"


def replay_board(*, board_id: UUID, at: datetime) -> BoardReplayDTO:
    """Return a stored board beside itself made again, both as canonical documents.

    Raises:
        BoardNotFound: not there, or somebody else's.
    """
    board = queries.board(board_id, at=at)
    as_of = OpportunitiesBoard.objects.values_list("as_of", flat=True).get(id=board_id)
    stored = canonical_of_stored(board)
    told = {
        "board_id": board_id,
        "run_id": board.meta.run_id,
        "generator": board.meta.generator,
        "as_of": as_of,
        "stored": stored,
    }
    try:
        again = _made_again(board, board_id, as_of)
    except UnableToRestore as error:
        return BoardReplayDTO(**told, reason=str(error))
    return BoardReplayDTO(**told, identical=again == stored, differences=differences(stored, again), replayed=again)


def _made_again(board: TodayBoardDTO, board_id: UUID, as_of: datetime) -> CanonicalBoardDTO:
    if board.meta.state is not BoardState.READY or board.snapshot is None:
        raise UnableToRestore(NO_OPPORTUNITIES)
    document = record_of(board_id)
    if document is None:
        raise UnableToRestore(NOT_RECORDED)
    material = restored(document, brand=board.snapshot, as_of=as_of)
    found = with_winners(_synthesized_again(document, material, board.meta.run_id or board_id), material)
    told = counted(found, board_outcome(brand=material.brand, drafts=found.drafts))
    drafts = [of_draft(draft, material.brand) for draft in found.drafts]
    return canonical(drafts, generator=document.generator.value, told=told)


def _synthesized_again(document: BoardDocument, material: BoardMaterial, run_id: UUID) -> Synthesis:
    if document.generator is not Generator.MODEL:
        return ExtractiveSynthesizer().synthesize(material)
    recording = llm_queries.recorded_answers(document.answer_ids)
    if document.answers_lost or len(recording) < len(document.answer_ids):
        raise UnableToRestore(NOT_KEPT)
    spender = Spender(tenant_id=current_tenant(), run_id=run_id)
    try:
        return ModelSynthesizer(RecordedAsker(recording, spender, material.as_of)).synthesize(material)
    except (NotRecorded, UnableToAsk, NothingToAsk) as error:
        raise UnableToRestore(OTHER_QUESTION) from error
