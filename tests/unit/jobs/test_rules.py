"""What follows what, when to try again, when to give up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kairo.errors import Invalid, TooMany, Unavailable
from kairo.platform.jobs.contexts import Completion
from kairo.platform.jobs.contracts import FailureReason, JobState, PermanentFailure, RetryLater
from kairo.platform.jobs.rules import (
    ALLOWED,
    FIRST_IDLE_DELAY_S,
    MAX_BATCH,
    AttemptFailure,
    after_failure,
    batch_size,
    failure_of,
    idle_delay_s,
    losses_used_up,
    may_follow,
    retry_delay,
)

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
PASSING = AttemptFailure(error="busy", retryable=True)


def test_every_state_has_its_place_in_the_transitions() -> None:
    assert set(ALLOWED) == set(JobState)


def test_only_failed_and_cancelled_jobs_come_back_from_their_end() -> None:
    assert [state for state in JobState if may_follow(state, JobState.PENDING)] == [
        JobState.RUNNING,
        JobState.FAILED,
        JobState.CANCELLED,
    ]


@pytest.mark.parametrize(("attempts", "delay_s"), [(1, 30), (2, 60), (3, 120)])
def test_a_passing_failure_tries_again_later_each_time(attempts: int, delay_s: int) -> None:
    verdict = after_failure(PASSING, attempts=attempts, max_attempts=4, at=NOON)

    assert (verdict.state, verdict.available_at) == (JobState.PENDING, NOON + timedelta(seconds=delay_s))


def test_the_fourth_failure_is_the_last() -> None:
    verdict = after_failure(PASSING, attempts=4, max_attempts=4, at=NOON)

    assert (verdict.state, verdict.reason) == (JobState.FAILED, FailureReason.ERRORS_USED_UP)


@given(attempts=st.integers(1, 100), max_attempts=st.integers(1, 100))
def test_a_job_never_has_more_attempts_than_it_may(attempts: int, max_attempts: int) -> None:
    verdict = after_failure(PASSING, attempts=attempts, max_attempts=max_attempts, at=NOON)

    assert (verdict.state is JobState.PENDING) == (attempts < max_attempts)


def test_a_permanent_failure_is_the_last_at_once() -> None:
    verdict = after_failure(failure_of(PermanentFailure("gone")), attempts=1, max_attempts=4, at=NOON)

    assert (verdict.state, verdict.reason) == (JobState.FAILED, FailureReason.PERMANENT)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (ValueError("odd"), AttemptFailure("ValueError: odd", retryable=True)),
        (Unavailable("away"), AttemptFailure("away", retryable=True)),
        (RetryLater("resting", after_s=7), AttemptFailure("resting", retryable=True, after_s=7)),
        (RetryLater("resting"), AttemptFailure("resting", retryable=True)),
        (TooMany("slow down", retry_after_s=9), AttemptFailure("slow down", retryable=True, after_s=9)),
        (Invalid("no rows"), AttemptFailure("no rows", retryable=False, reason=FailureReason.PERMANENT)),
    ],
)
def test_an_error_says_itself_whether_it_may_pass(error: Exception, expected: AttemptFailure) -> None:
    assert failure_of(error) == expected


def test_a_delay_that_was_asked_for_replaces_the_usual_one() -> None:
    assert retry_delay(3, after_s=0.5) == timedelta(seconds=0.5)


def test_the_tenth_loss_is_the_last() -> None:
    assert [losses_used_up(losses) for losses in (0, 9, 10)] == [False, False, True]


@given(seconds=st.floats(0, 1000))
def test_a_batch_is_done_before_anybody_misses_it(seconds: float) -> None:
    size = batch_size(seconds)

    assert 1 <= size <= MAX_BATCH
    assert size == 1 or size * seconds <= 0.05


def test_looks_begin_close_together_and_end_at_the_poll_interval() -> None:
    delays = [idle_delay_s(looks, poll_interval_s=5) for looks in range(12)]

    assert delays[0] == FIRST_IDLE_DELAY_S
    assert delays == sorted(delays)
    assert delays[-1] == 5
    assert idle_delay_s(10**6, poll_interval_s=5) == 5


def test_a_handler_can_only_complete_with_an_end_of_its_own() -> None:
    with pytest.raises(ValueError, match="not with failed"):
        Completion(state=JobState.FAILED)
