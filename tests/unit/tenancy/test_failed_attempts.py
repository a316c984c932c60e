"""How failed attempts are counted."""

from __future__ import annotations

import pytest

from kairo.errors import TooMany, Unauthenticated
from kairo.platform.tenancy.failed_attempts import (
    ALLOWED_FAILURES,
    REMEMBERED_ADDRESSES,
    REMEMBERED_SECRETS,
    WINDOW_S,
    FailedAttempts,
)


def fail(attempts: FailedAttempts, address: str, *, at: float, secret: str = "wrong") -> None:
    with pytest.raises(Unauthenticated), attempts.attempt(secret, address=address, at=at):
        raise Unauthenticated("no")


def succeed(attempts: FailedAttempts, address: str, *, at: float, secret: str = "right") -> bool:
    with attempts.attempt(secret, address=address, at=at):
        return True


def test_after_ten_failures_an_address_waits_until_the_first_is_a_minute_old() -> None:
    attempts = FailedAttempts()
    for second in range(ALLOWED_FAILURES):
        fail(attempts, "a", at=second)

    with pytest.raises(TooMany) as refused, attempts.attempt("right", address="a", at=20):
        raise AssertionError("It was looked up.")

    assert refused.value.retry_after_s == 41
    assert succeed(attempts, "b", at=20)
    assert succeed(attempts, "a", at=WINDOW_S)


def test_a_secret_that_was_valid_is_looked_up_from_anywhere_until_it_is_not_valid_any_more() -> None:
    attempts = FailedAttempts()
    succeed(attempts, "a", at=0)
    for _ in range(ALLOWED_FAILURES):
        fail(attempts, "a", at=1)

    assert succeed(attempts, "a", at=2)
    fail(attempts, "a", at=3, secret="right")
    with pytest.raises(TooMany):
        succeed(attempts, "a", at=4)


def test_failures_of_many_addresses_do_not_fill_the_memory() -> None:
    attempts = FailedAttempts()

    for number in range(REMEMBERED_ADDRESSES + 100):
        fail(attempts, str(number), at=number)

    assert len(attempts._failures) == REMEMBERED_ADDRESSES


def test_many_valid_secrets_do_not_fill_the_memory() -> None:
    attempts = FailedAttempts()

    for number in range(REMEMBERED_SECRETS + 100):
        succeed(attempts, "a", at=0, secret=str(number))

    assert len(attempts._known) == REMEMBERED_SECRETS
