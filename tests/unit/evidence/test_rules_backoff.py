"""When a surface is read next."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from kairo.stages.evidence.rules.backoff import after_failure, after_success

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def _failed(
    failures: int, *, cadence: int = 60, retryable: bool = True, asked: float = 0, luck: float = 0
) -> timedelta:
    due_at = after_failure(
        NOON, cadence_minutes=cadence, failures=failures, retryable=retryable, asked_delay_s=asked, luck=luck
    )
    return due_at - NOON


@pytest.mark.parametrize(("luck", "minutes"), [(0.0, 60), (0.5, 63), (1.0, 66)])
def test_a_success_is_followed_at_the_cadence_and_a_little_more(luck: float, minutes: float) -> None:
    assert after_success(NOON, cadence_minutes=60, luck=luck) - NOON == timedelta(minutes=minutes)


@pytest.mark.parametrize(("failures", "wait"), [(1, 2 * MINUTE), (2, 4 * MINUTE), (5, 32 * MINUTE), (99, 6 * HOUR)])
def test_what_may_pass_is_tried_again_soon_and_then_later(failures: int, wait: timedelta) -> None:
    assert _failed(failures) == wait


@pytest.mark.parametrize(("failures", "wait"), [(1, 2 * HOUR), (2, 4 * HOUR), (4, 16 * HOUR), (99, 24 * HOUR)])
def test_what_a_person_must_mend_waits_longer_than_the_cadence(failures: int, wait: timedelta) -> None:
    assert _failed(failures, retryable=False) == wait


def test_a_slow_surface_does_not_become_faster_by_failing_for_good() -> None:
    assert _failed(9, cadence=43_200, retryable=False) == timedelta(days=30)


def test_no_host_is_asked_before_it_wants_to_be_and_not_all_at_once() -> None:
    assert _failed(1, asked=1800) == 30 * MINUTE
    assert _failed(1, asked=1800, luck=1.0) == 33 * MINUTE
