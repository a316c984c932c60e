"""The board's state is derived by one function; the table of its contract is walked here cell by cell."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kairo.stages.opportunities.contracts import BoardState
from kairo.stages.opportunities.rules.board_states import TRANSITIONS, BoardEvent, derive_state, is_first_run_due

STORED = {
    BoardEvent.JOB_SUCCEEDED: BoardState.READY,
    BoardEvent.GATE_FAILED: BoardState.INSUFFICIENT_EVIDENCE,
    BoardEvent.ATTEMPTS_USED_UP: BoardState.ERROR,
}


class Facts:
    """What is stored of a board: whether a job lives, whether there ever was one, and the newest board."""

    def __init__(self) -> None:
        self.live_job = False
        self.had_a_job = False
        self.newest: BoardState | None = None

    @property
    def state(self) -> BoardState:
        return derive_state(has_live_job=self.live_job, newest_board=self.newest)

    def apply(self, event: BoardEvent) -> None:
        if event is BoardEvent.REGENERATE_ASKED:
            self.live_job = self.had_a_job = True
        elif event in STORED:
            self.live_job, self.newest = False, STORED[event]
        else:
            items = 8 if event is BoardEvent.FIRST_LOOK_WITH_EVIDENCE else 7
            if is_first_run_due(state=self.state, had_a_job=self.had_a_job, items=items):
                self.live_job = self.had_a_job = True


@given(st.lists(st.sampled_from(BoardEvent), max_size=30))
def test_the_derived_state_follows_the_table_whatever_happens(events: list[BoardEvent]) -> None:
    facts = Facts()
    for event in events:
        before = facts.state
        if event in STORED and before is not BoardState.GENERATING:
            continue  # only a live job can end
        facts.apply(event)
        assert facts.state is TRANSITIONS.get((before, event), before)


@pytest.mark.parametrize(
    ("live", "newest", "state"),
    [
        (True, BoardState.READY, BoardState.GENERATING),
        (True, None, BoardState.GENERATING),
        (False, BoardState.ERROR, BoardState.ERROR),
        (False, None, BoardState.NOT_GENERATED_YET),
    ],
)
def test_a_live_job_wins_over_the_newest_board(live: bool, newest: BoardState | None, state: BoardState) -> None:
    assert derive_state(has_live_job=live, newest_board=newest) is state


@pytest.mark.parametrize(
    ("items", "had_a_job", "state", "due"),
    [
        (8, False, BoardState.NOT_GENERATED_YET, True),
        (7, False, BoardState.NOT_GENERATED_YET, False),
        (8, True, BoardState.NOT_GENERATED_YET, False),
        (8, False, BoardState.READY, False),
    ],
)
def test_the_first_run_is_due_once_and_with_enough_evidence(
    items: int, had_a_job: bool, state: BoardState, due: bool
) -> None:
    assert is_first_run_due(state=state, had_a_job=had_a_job, items=items) is due
