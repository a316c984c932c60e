"""The state of a brand's board: derived here from what is stored, and stored nowhere itself."""

from __future__ import annotations

from enum import StrEnum

from kairo.stages.opportunities.contracts import BoardState, ReadyReason

FIRST_RUN_ITEMS = 8
"""With this many items in the window, the first look at the board starts its first run."""


class BoardEvent(StrEnum):
    """What may happen to a brand's board."""

    REGENERATE_ASKED = "regenerate_asked"
    FIRST_LOOK_WITH_EVIDENCE = "first_look_with_evidence"
    FIRST_LOOK_WITHOUT_EVIDENCE = "first_look_without_evidence"
    JOB_SUCCEEDED = "job_succeeded"
    GATE_FAILED = "gate_failed"
    ATTEMPTS_USED_UP = "attempts_used_up"


TRANSITIONS: dict[tuple[BoardState, BoardEvent], BoardState] = {
    (BoardState.NOT_GENERATED_YET, BoardEvent.REGENERATE_ASKED): BoardState.GENERATING,
    (BoardState.NOT_GENERATED_YET, BoardEvent.FIRST_LOOK_WITH_EVIDENCE): BoardState.GENERATING,
    (BoardState.NOT_GENERATED_YET, BoardEvent.FIRST_LOOK_WITHOUT_EVIDENCE): BoardState.NOT_GENERATED_YET,
    (BoardState.GENERATING, BoardEvent.JOB_SUCCEEDED): BoardState.READY,
    (BoardState.GENERATING, BoardEvent.GATE_FAILED): BoardState.INSUFFICIENT_EVIDENCE,
    (BoardState.GENERATING, BoardEvent.ATTEMPTS_USED_UP): BoardState.ERROR,
    (BoardState.READY, BoardEvent.REGENERATE_ASKED): BoardState.GENERATING,
    (BoardState.INSUFFICIENT_EVIDENCE, BoardEvent.REGENERATE_ASKED): BoardState.GENERATING,
    (BoardState.ERROR, BoardEvent.REGENERATE_ASKED): BoardState.GENERATING,
}


def derive_state(*, has_live_job: bool, newest_board: BoardState | None) -> BoardState:
    """Tell a board's state: a live job wins, then the newest stored board, else nothing was generated yet."""
    if has_live_job:
        return BoardState.GENERATING
    return newest_board or BoardState.NOT_GENERATED_YET


def is_first_run_due(*, state: BoardState, had_a_job: bool, items: int) -> bool:
    """Tell whether a look at the board should start its first run."""
    return state is BoardState.NOT_GENERATED_YET and not had_a_job and items >= FIRST_RUN_ITEMS


def ready_reason(*, opportunities: int, brand_says_something: bool) -> ReadyReason:
    """Tell why a ready board holds what it holds."""
    if opportunities:
        return ReadyReason.GENERATED
    return ReadyReason.NO_VALID_CANDIDATES if brand_says_something else ReadyReason.EMPTY_BRAND_CONTEXT
