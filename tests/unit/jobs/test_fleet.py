"""How much is sent to a broker, and when it is left alone."""

from __future__ import annotations

from kairo.platform.jobs.fleet.bell import BURST, Allowance
from kairo.platform.jobs.fleet.breaker import FIRST_PAUSE_S, LONGEST_PAUSE_S, Breaker


def test_a_burst_of_messages_is_let_through_and_then_only_a_few() -> None:
    allowance = Allowance()

    taken = [allowance.take() for _ in range(10 * BURST)]

    assert all(taken[:BURST])
    assert sum(taken) < 2 * BURST


def test_a_broker_that_fails_is_left_alone_for_longer_each_time() -> None:
    breaker = Breaker()

    pauses = [breaker.fail() for _ in range(6)]

    assert breaker.is_open
    assert pauses[0] == FIRST_PAUSE_S
    assert pauses == sorted(pauses)
    assert pauses[-1] == LONGEST_PAUSE_S


def test_one_answer_makes_up_for_all_failures() -> None:
    breaker = Breaker()
    breaker.fail()
    breaker.fail()

    assert breaker.succeed()
    assert not breaker.is_open
    assert not breaker.succeed()
    assert breaker.fail() == FIRST_PAUSE_S
