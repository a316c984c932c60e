"""Any sequence of what may happen to a brand's board leaves it in the state that follows; on the real database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import psycopg
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from kairo.platform.database.clock import move_clock, now, set_clock
from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.jobs import endings
from kairo.platform.jobs.claims import ClaimedJob, claim_by_id, release_stale
from kairo.platform.jobs.operations import request_cancel
from kairo.platform.jobs.rules import MAX_ATTEMPTS, AttemptFailure
from kairo.platform.jobs.runner import run_claimed
from kairo.stages.evidence import queries as evidence
from kairo.stages.opportunities import operations, queries
from kairo.stages.opportunities.contracts import BoardState, TodayBoardDTO
from kairo.stages.opportunities.rules.board_states import FIRST_RUN_ITEMS, TRANSITIONS, BoardEvent
from tests.factories.brands import stored_brand
from tests.factories.posts import VOICES, import_posts, post
from tests.virtual_clock import virtual_clock

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
WORKER = "the only worker"
LIVE = "SELECT id FROM job WHERE kind = 'opportunities.generate' AND state IN ('pending', 'running')"
BOARDS = "SELECT count(*) FROM opportunities_board"
UNCITED = """
SELECT count(*) FROM opportunity WHERE NOT EXISTS (
    SELECT 1 FROM opportunity_citation JOIN evidence_item ON evidence_item.id = opportunity_citation.item_id
    WHERE opportunity_citation.opportunity_id = opportunity.id AND strpos(text_content, quote) > 0)
"""


class Board(RuleBasedStateMachine):
    """Knows in which state the board must be, and compares after each step what a reader sees."""

    url = ""
    tenant: UUID
    folder: Path
    reached: set[BoardState]

    @initialize()
    def new_brand(self) -> None:
        set_clock(NOON)
        self.server = psycopg.connect(self.url, autocommit=True)
        self.server.execute("TRUNCATE brand, job, run, evidence_item CASCADE")
        pillars = [{"name": "Routine", "keywords": ["cleanser", "sunscreen", "moisturiser"]}]
        self.brand_id = stored_brand(self.tenant, pillars=pillars).id
        self.state = self.ended_in = BoardState.NOT_GENERATED_YET
        self.had_a_job = False
        self.published: list[datetime] = []
        self.boards = self.failures = 0

    def teardown(self) -> None:
        self.server.close()

    @precondition(lambda self: len(self.published) < len(VOICES))
    @rule(count=st.sampled_from([12, 12, 5, 1]))
    def evidence_arrives(self, count: int) -> None:
        numbers = range(len(VOICES))[len(self.published) :][:count]
        at = now() - timedelta(hours=1)
        lines = [post(number, at=at, published_at=at.isoformat()) for number in numbers]
        import_posts(lines, tenant_id=self.tenant, brand_id=self.brand_id, folder=self.folder, at=now())
        self.published += [at] * len(numbers)

    @rule()
    def look(self) -> None:
        oldest = now() - timedelta(days=evidence.EvidenceWindow(as_of=now()).days)
        enough = sum(at >= oldest for at in self.published) >= FIRST_RUN_ITEMS
        with tenant_transaction(self.tenant):
            seen = operations.open_today(brand_id=self.brand_id, at=now()).to_contract().meta.state
        if self.state is BoardState.NOT_GENERATED_YET and not self.had_a_job:
            self.follow(BoardEvent.FIRST_LOOK_WITH_EVIDENCE if enough else BoardEvent.FIRST_LOOK_WITHOUT_EVIDENCE)
            self.had_a_job = enough
        assert seen is self.state

    @rule()
    def regenerate(self) -> None:
        before = self.live_job()
        with tenant_transaction(self.tenant):
            job_id = operations.regenerate(brand_id=self.brand_id).job_id
        if before is None:
            self.follow(BoardEvent.REGENERATE_ASKED)
        else:
            assert job_id == before
        self.had_a_job = True

    @precondition(lambda self: self.state is BoardState.GENERATING)
    @rule()
    def work_is_done(self) -> None:
        claimed = self.claimed()
        with tenant_transaction(self.tenant):
            window = evidence.evidence_window(self.brand_id, as_of=now())
            enough = evidence.judge_items(
                evidence.brand_evidence(self.brand_id, window).items,
                evidence.gate_thresholds(self.brand_id),
                as_of=window.as_of,
            ).can_proceed

        run_claimed(claimed)

        self.end(BoardEvent.JOB_SUCCEEDED if enough else BoardEvent.GATE_FAILED)

    @precondition(lambda self: self.state is BoardState.GENERATING)
    @rule(retryable=st.sampled_from([True, True, False]))
    def attempt_fails(self, retryable: bool) -> None:
        endings.fail_attempt(self.claimed().fence, AttemptFailure("no", retryable=retryable))
        self.failures += 1
        if not retryable or self.failures == MAX_ATTEMPTS:
            self.end(BoardEvent.ATTEMPTS_USED_UP)

    @precondition(lambda self: self.state is BoardState.GENERATING)
    @rule()
    def worker_dies(self) -> None:
        claimed = self.claimed()
        assert [job_id for job_id, _ in release_stale(dead_worker=WORKER)] == [claimed.id]

    @precondition(lambda self: self.state is BoardState.GENERATING)
    @rule()
    def cancel(self) -> None:
        job_id = self.live_job()
        assert job_id is not None
        with tenant_transaction(self.tenant):
            request_cancel(job_id)
        self.state = self.ended_in
        self.failures = 0

    @rule(hours=st.sampled_from([1, 30, 24 * 40]))
    def time_passes(self, hours: int) -> None:
        move_clock(timedelta(hours=hours))

    @invariant()
    def a_reader_sees_the_state_that_follows(self) -> None:
        before = self.server.execute(BOARDS).fetchone()
        with tenant_transaction(self.tenant):
            board, again = (queries.look_at_today(self.brand_id, at=now()).to_contract() for _ in range(2))
        self.reached.add(board.meta.state)
        assert board == again
        assert board.meta.state is self.state
        assert before == self.server.execute(BOARDS).fetchone() == (self.boards,), "A read has made a board."
        assert self.server.execute(UNCITED).fetchone() == (0,)
        self.check_content(board)

    def check_content(self, board: TodayBoardDTO) -> None:
        assert all(opportunity.evidence for opportunity in board.opportunities)
        if board.meta.state in {BoardState.INSUFFICIENT_EVIDENCE, BoardState.ERROR}:
            assert board.opportunities == []
            assert board.meta.remediation

    def follow(self, event: BoardEvent) -> None:
        """Go on as the table of transitions says; what it does not list must not happen."""
        self.state = TRANSITIONS[self.state, event]

    def end(self, event: BoardEvent) -> None:
        self.follow(event)
        self.ended_in = self.state
        self.boards += 1
        self.failures = 0

    def live_job(self) -> UUID | None:
        live = self.server.execute(LIVE).fetchall()
        assert len(live) <= 1, "Two jobs work on one board."
        return live[0][0] if live else None

    def claimed(self) -> ClaimedJob:
        """Claim the job, once its backoff has passed."""
        move_clock(timedelta(minutes=2))
        job_id = self.live_job()
        assert job_id is not None
        claimed = claim_by_id(job_id, worker=WORKER)
        assert claimed is not None
        return claimed


def test_no_sequence_of_events_shows_a_board_in_a_wrong_state(tenant: UUID, database: str, tmp_path: Path) -> None:
    reached: set[BoardState] = set()
    facts = {"url": database, "tenant": tenant, "folder": tmp_path, "reached": reached}
    machine = type("BoardOfThisTest", (Board,), facts)

    with virtual_clock():
        run_state_machine_as_test(
            machine,
            settings=settings(
                max_examples=15,
                stateful_step_count=20,
                deadline=None,
                # A failing sequence is told as it was found: to make it shorter would take many minutes.
                phases=[Phase.generate],
                derandomize=True,
                database=None,
                suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
            ),
        )

    assert reached == set(BoardState)
