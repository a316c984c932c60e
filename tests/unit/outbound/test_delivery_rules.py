"""What follows an attempt, and when somebody may come again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from kairo.platform.jobs import rules as job_rules
from kairo.platform.outbound.contracts import DeliveryState
from kairo.platform.outbound.pacing import MAX_HOSTS, HostPace
from kairo.platform.outbound.rules import (
    ALLOWED,
    BACKOFF_S,
    MAX_ATTEMPTS,
    AttemptOutcome,
    Verdict,
    after_attempt,
    asked_delay_s,
    is_missed,
    jittered_s,
    wants,
)

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


def test_deliveries_keep_the_rhythm_of_jobs() -> None:
    assert (BACKOFF_S, MAX_ATTEMPTS) == (job_rules.BACKOFF_S, job_rules.MAX_ATTEMPTS)


def test_a_delivery_that_has_ended_stays_as_it_is() -> None:
    assert [state for state, following in ALLOWED.items() if following] == [DeliveryState.PENDING]


@pytest.mark.parametrize("status", [200, 201, 204, 299])
def test_any_success_is_a_delivery(status: int) -> None:
    assert after_attempt(AttemptOutcome(NOON, status=status), attempts=4) == Verdict(DeliveryState.DELIVERED)


@pytest.mark.parametrize(("attempts", "delay_s"), [(1, 30), (2, 60), (3, 120)])
@pytest.mark.parametrize("status", [199, 302, 400, 404, 429, 500, None])
def test_anything_else_is_tried_again_later(status: int | None, attempts: int, delay_s: int) -> None:
    verdict = after_attempt(AttemptOutcome(NOON, status=status), attempts=attempts)

    assert verdict == Verdict(DeliveryState.PENDING, next_at=NOON + timedelta(seconds=delay_s))


def test_the_fourth_failure_is_the_last() -> None:
    assert after_attempt(AttemptOutcome(NOON, status=500), attempts=4) == Verdict(DeliveryState.FAILED)


def test_a_receiver_that_is_gone_or_forbidden_is_not_asked_again() -> None:
    assert after_attempt(AttemptOutcome(NOON, status=410), attempts=1) == Verdict(DeliveryState.FAILED)
    assert after_attempt(AttemptOutcome(NOON, retryable=False), attempts=1) == Verdict(DeliveryState.FAILED)


def test_a_receivers_wish_lengthens_the_wait_and_never_shortens_it() -> None:
    longer = after_attempt(AttemptOutcome(NOON, status=503, asked_delay_s=600), attempts=1)
    shorter = after_attempt(AttemptOutcome(NOON, status=503, asked_delay_s=1), attempts=1)

    assert longer.next_at == NOON + timedelta(minutes=10)
    assert shorter.next_at == NOON + timedelta(seconds=30)


@pytest.mark.parametrize(
    ("header", "delay_s"),
    [
        (None, None),
        ("120", 120),
        (" 7 ", 7),
        ("0", 0),
        ("Mon, 01 Jun 2026 12:02:00 GMT", 120),
        ("Mon, 01 Jun 2026 11:00:00 GMT", 0),
        ("Mon, 01 Jun 2099 12:00:00 GMT", 3600),
        ("99999999999999999999", 3600),
        ("-5", None),
        ("soon", None),
        ("", None),
        ("٣", None),
    ],
)
def test_a_retry_after_header_is_read_in_both_forms_and_bounded(header: str | None, delay_s: float | None) -> None:
    assert asked_delay_s(header, at=NOON) == delay_s


def test_a_delivery_is_missed_only_after_a_whole_day() -> None:
    assert not is_missed(NOON, at=NOON + timedelta(hours=24))
    assert is_missed(NOON, at=NOON + timedelta(hours=24, seconds=1))


def test_jitter_lengthens_a_wait_by_a_fifth_at_most() -> None:
    assert [jittered_s(100, luck=luck) for luck in (0.0, 0.5, 1.0)] == [100, 110, 120]
    assert jittered_s(0, luck=0) == 1


def test_an_endpoint_gets_what_it_asked_for() -> None:
    assert wants(["*"], "board.generated")
    assert wants(["board.generated"], "board.generated")
    assert not wants(["board.generated"], "board.generated.late")
    assert not wants([], "board.generated")


class _Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_host_gets_a_burst_and_then_its_pace() -> None:
    clock = _Clock()
    pace = HostPace(per_second=2, burst=3, clock=clock)

    assert [pace.claim("a") for _ in range(3)] == [0, 0, 0]
    assert pace.claim("a") == 0.5
    clock.now = 0.5
    assert pace.claim("a") == 0


def test_those_who_are_sent_away_get_one_turn_after_the_other() -> None:
    pace = HostPace(per_second=2, burst=1, clock=_Clock())
    pace.claim("a")

    assert [pace.claim("a") for _ in range(4)] == [0.5, 1.0, 1.5, 2.0]


def test_a_thousand_deliveries_leave_at_the_pace_with_two_looks_each() -> None:
    clock = _Clock()
    pace = HostPace(per_second=10, burst=20, clock=clock)
    due, looks = [(0.0, number) for number in range(1000)], 0
    while due:
        due.sort()
        at, number = due.pop(0)
        clock.now, looks = at, looks + 1
        wait_s = pace.claim("a")
        if wait_s > 0:
            due.append((at + wait_s + 1e-6, number))

    assert 97 < clock.now < 99
    assert looks <= 2000


def test_hosts_do_not_wait_for_each_other_and_memory_is_bounded() -> None:
    pace = HostPace(per_second=1, burst=1, clock=_Clock())

    assert all(pace.claim(f"host-{number}") == 0 for number in range(MAX_HOSTS + 10))
    assert pace.claim("host-0") == 0
    assert pace.claim(f"host-{MAX_HOSTS + 9}") > 0
