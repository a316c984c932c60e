"""Any sequence of what may happen to jobs keeps their table in order; run on the real database."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from uuid import UUID

import psycopg
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.jobs import endings, operations, queries
from kairo.platform.jobs.claims import ClaimedJob, beat, claim, release_stale
from kairo.platform.jobs.contexts import Completion
from kairo.platform.jobs.contracts import JobDTO, JobNotCancellable, JobNotRetryable, JobState
from kairo.platform.jobs.fences import FenceLost, JobCancelled
from kairo.platform.jobs.rules import LIVE, AttemptFailure
from kairo.platform.jobs.slots import ALL_QUEUES
from tests.integration.jobs.kinds import Note

KIND = "tests.nothing"
BACKOFF_S = {1: 30, 2: 60, 3: 120}
RETRYABLE_AGAIN = {JobState.FAILED, JobState.CANCELLED}


class JobTable(RuleBasedStateMachine):
    """Remembers who holds which job, and compares what the database says after each step."""

    url = ""
    tenant: UUID
    reached: set[JobState]

    @initialize()
    def empty(self) -> None:
        self.server = psycopg.connect(self.url, autocommit=True)
        self.server.execute("TRUNCATE job, run CASCADE")
        self.jobs: list[UUID] = []
        self.claims: list[ClaimedJob] = []
        self.tokens: dict[UUID, int] = {}
        self.ended: dict[UUID, JobState] = {}

    def teardown(self) -> None:
        self.server.close()

    @rule(key=st.sampled_from([None, "a", "b"]))
    def enqueue(self, key: str | None) -> None:
        live = {self.keys().get(job_id): job_id for job_id in self.jobs if self.state(job_id) in LIVE}
        with tenant_transaction(self.tenant):
            job_id = operations.enqueue(KIND, Note(), dedupe_key=key).id
        if key is not None and key in live:
            assert job_id == live[key]
        else:
            assert job_id not in self.jobs
            self.jobs.append(job_id)

    @rule(wanted=st.integers(1, 3))
    def claim(self, wanted: int) -> None:
        worker = f"worker {len(self.claims)}"
        for job in claim(worker=worker, queues=ALL_QUEUES, kinds={KIND}, wanted=wanted, last_turn=0):
            assert job.fence.lock_token == self.tokens.get(job.id, 0) + 1
            self.claims.append(job)

    @precondition(lambda self: self.claims)
    @rule(choice=st.randoms(use_true_random=False))
    def heartbeat(self, choice: Random) -> None:
        held = self.pick_claim(choice)
        assert (held.id in beat([held.fence])) is self.stands(held)

    @precondition(lambda self: self.claims)
    @rule(choice=st.randoms(use_true_random=False))
    def complete(self, choice: Random) -> None:
        held = self.pick_claim(choice)
        stands, cancelled = self.stands(held), self.seen(held.id).cancel_requested
        if stands and not cancelled:
            assert endings.complete(held, Completion()).state is JobState.SUCCEEDED
            return
        with pytest.raises(JobCancelled if stands else FenceLost):
            endings.complete(held, Completion())

    @precondition(lambda self: self.claims)
    @rule(choice=st.randoms(use_true_random=False), retryable=st.sampled_from([True, True, True, False]))
    def fail(self, choice: Random, retryable: bool) -> None:
        held = self.pick_claim(choice)
        stands, before = self.stands(held), self.seen(held.id)

        ended = endings.fail_attempt(held.fence, AttemptFailure("no", retryable=retryable))

        after = self.seen(held.id)
        if not stands:
            assert (ended.state, after) == (None, before)
        elif before.cancel_requested:
            assert after.state is JobState.CANCELLED
        elif retryable and before.attempts < before.max_attempts:
            assert after.state is JobState.PENDING
            assert after.available_at is not None
            assert after.available_at - after.error_history[-1].at == timedelta(seconds=BACKOFF_S[before.attempts])
        else:
            assert after.state is JobState.FAILED

    @precondition(lambda self: self.jobs)
    @rule(choice=st.randoms(use_true_random=False))
    def cancel(self, choice: Random) -> None:
        job_id = self.pick_job(choice)
        state = self.state(job_id)
        with tenant_transaction(self.tenant):
            if state in LIVE:
                asked = operations.request_cancel(job_id)
                assert asked.state is (JobState.CANCELLED if state is JobState.PENDING else JobState.RUNNING)
                return
            with pytest.raises(JobNotCancellable):
                operations.request_cancel(job_id)

    @precondition(lambda self: self.jobs)
    @rule(choice=st.randoms(use_true_random=False))
    def retry(self, choice: Random) -> None:
        job_id = self.pick_job(choice)
        key = self.keys()[job_id]
        other = any(self.keys()[o] == key and self.state(o) in LIVE for o in self.jobs if key and o != job_id)
        with tenant_transaction(self.tenant):
            if self.state(job_id) in RETRYABLE_AGAIN and not other:
                assert operations.retry(job_id).state is JobState.PENDING
                self.ended.pop(job_id, None)
                return
            with pytest.raises(JobNotRetryable):
                operations.retry(job_id)

    @precondition(lambda self: self.claims)
    @rule(choice=st.randoms(use_true_random=False))
    def fall_silent(self, choice: Random) -> None:
        held = self.pick_claim(choice)
        stands, before = self.stands(held), self.seen(held.id)
        self.server.execute("UPDATE job SET heartbeat_at = now() - interval '5 min' WHERE id = %s", [held.id])

        released = {job_id for job_id, _ in release_stale()}

        assert (held.id in released) is (before.state is JobState.RUNNING)
        if stands:
            after = self.seen(held.id)
            assert (after.attempts, after.worker_losses) == (before.attempts - 1, before.worker_losses + 1)

    @rule()
    def let_backoffs_pass(self) -> None:
        self.server.execute("UPDATE job SET available_at = now() WHERE state = 'pending'")

    @invariant()
    def order_is_kept(self) -> None:
        rows = self.server.execute(
            "SELECT id, dedupe_key, state, attempts, max_attempts, lock_token, locked_by FROM job"
        ).fetchall()
        live_keys = [key for _, key, state, *_ in rows if key is not None and state in LIVE]
        assert len(live_keys) == len(set(live_keys)), "Two live jobs have the same key."
        for job_id, _, state, attempts, max_attempts, token, holder in rows:
            assert 0 <= attempts <= max_attempts
            assert token >= self.tokens.get(job_id, 0), "The fence went back."
            assert (holder is not None) is (state == JobState.RUNNING)
            assert self.ended.get(job_id, state) == state, "An ended job changed its state."
            self.tokens[job_id] = token
            self.reached.add(JobState(state))
            if state not in LIVE:
                self.ended[job_id] = JobState(state)

    def pick_claim(self, choice: Random) -> ClaimedJob:
        return choice.choice(self.claims)

    def pick_job(self, choice: Random) -> UUID:
        return choice.choice(self.jobs)

    def seen(self, job_id: UUID) -> JobDTO:
        with tenant_transaction(self.tenant):
            return queries.job(job_id)

    def state(self, job_id: UUID) -> JobState:
        return self.seen(job_id).state

    def keys(self) -> dict[UUID, str | None]:
        return dict(self.server.execute("SELECT id, dedupe_key FROM job").fetchall())

    def stands(self, held: ClaimedJob) -> bool:
        """Whether this is the newest claim of a running job, as the steps up to here say."""
        return self.tokens[held.id] == held.fence.lock_token and self.state(held.id) is JobState.RUNNING


def test_no_sequence_of_events_brings_the_table_out_of_order(tenant: UUID, database: str) -> None:
    reached: set[JobState] = set()
    machine = type("JobTableOfThisTest", (JobTable,), {"url": database, "tenant": tenant, "reached": reached})

    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=30,
            stateful_step_count=30,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
        ),
    )

    assert reached == set(JobState) - {JobState.INSUFFICIENT_EVIDENCE}
