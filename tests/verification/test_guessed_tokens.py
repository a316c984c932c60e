"""Whoever guesses at tokens is slowed down; nobody else is."""

from __future__ import annotations

import time
from uuid import UUID

import pytest
from django.test import Client, override_settings
from django.utils import timezone

from kairo.errors import Unauthenticated
from kairo.platform.tenancy.failed_attempts import ALLOWED_FAILURES, FAILURES_OF_AN_ATTACK, failed_attempts
from kairo.platform.tenancy.operations import issue_sign_in_link, issue_token

OFFICE, ELSEWHERE = "192.0.2.1", "198.51.100.1"


def ask(token: str, *, address: str, **headers: str) -> tuple[int, str | None]:
    """Call the API with a token from an address, and return the status and after how long to come back."""
    client = Client(headers={"Authorization": f"Bearer {token}", **headers}, REMOTE_ADDR=address)
    answer = client.get("/api/brands")
    return answer.status_code, answer.headers.get("Retry-After")


def guess(count: int, *, address: str, **headers: str) -> set[int]:
    return {ask(f"kairo_api_wrong{number}", address=address, **headers)[0] for number in range(count)}


def token_of(tenant: UUID) -> str:
    return issue_token(tenant_id=tenant, name="program").token


def test_after_ten_wrong_tokens_an_address_waits(tenant: UUID) -> None:
    allowed = guess(ALLOWED_FAILURES, address=OFFICE)
    status, retry_after = ask("kairo_api_another", address=OFFICE)

    assert allowed == {401}
    assert status == 429
    assert retry_after is not None
    assert 1 <= int(retry_after) <= 61


def test_the_refusal_is_a_problem_that_says_when_to_come_back(tenant: UUID) -> None:
    guess(ALLOWED_FAILURES, address=OFFICE)

    answer = Client(headers={"Authorization": "Bearer wrong"}, REMOTE_ADDR=OFFICE).get("/api/brands")

    problem = answer.json()
    assert answer["Content-Type"] == "application/problem+json"
    assert (problem["code"], problem["retryable"]) == ("rate_limited", True)


def test_a_right_token_is_not_even_looked_up_where_guesses_come_from(tenant: UUID) -> None:
    guess(ALLOWED_FAILURES, address=OFFICE)

    assert ask(token_of(tenant), address=OFFICE)[0] == 429


def test_others_wait_for_nobody(tenant: UUID) -> None:
    guess(ALLOWED_FAILURES + 5, address=OFFICE)

    assert ask(token_of(tenant), address=ELSEWHERE) == (200, None)


def test_a_program_at_work_is_not_locked_out_by_its_neighbour_behind_the_same_address(tenant: UUID) -> None:
    token = token_of(tenant)
    ask(token, address=OFFICE)

    guess(ALLOWED_FAILURES + 5, address=OFFICE)

    assert ask(token, address=OFFICE) == (200, None)


def test_failures_at_the_sign_in_page_and_at_the_api_count_together(tenant: UUID) -> None:
    browser = Client(REMOTE_ADDR=OFFICE)
    statuses = {browser.post("/sign-in", {"token": f"wrong{number}"}).status_code for number in range(5)}
    statuses |= guess(5, address=OFFICE)

    link = issue_sign_in_link(tenant_id=tenant, email="ada@example.com", at=timezone.now())
    assert statuses == {401}
    assert browser.post("/sign-in", {"token": link}).status_code == 429
    assert ask("kairo_api_another", address=OFFICE)[0] == 429


def test_an_attack_from_many_addresses_leaves_each_one_guess(tenant: UUID) -> None:
    for number in range(FAILURES_OF_AN_ATTACK):
        address, at = f"203.0.{number // 250}.{number % 250}", time.monotonic()
        with pytest.raises(Unauthenticated), failed_attempts.attempt("x", address=address, at=at):
            raise Unauthenticated("no such token")

    assert ask("kairo_api_first", address=ELSEWHERE)[0] == 401
    assert ask("kairo_api_second", address=ELSEWHERE)[0] == 429
    assert ask(token_of(tenant), address=OFFICE) == (200, None)


@pytest.mark.parametrize(
    ("address", "neighbour"),
    [("2001:db8::1", "2001:db8::ffff:2"), ("::ffff:192.0.2.1", "192.0.2.1")],
    ids=["the /64 of one customer", "one address in two forms"],
)
def test_addresses_of_one_hand_are_one(tenant: UUID, address: str, neighbour: str) -> None:
    guess(ALLOWED_FAILURES, address=address)

    assert ask("kairo_api_another", address=neighbour)[0] == 429


def test_nobody_gets_new_guesses_by_writing_another_address_into_a_header(tenant: UUID) -> None:
    for number in range(ALLOWED_FAILURES):
        guess(1, address=OFFICE, **{"X-Forwarded-For": f"203.0.113.{number}"})

    assert ask("kairo_api_another", address=OFFICE, **{"X-Forwarded-For": "203.0.113.99"})[0] == 429


@override_settings(KAIRO_TRUSTED_PROXIES=2)
def test_behind_known_proxies_the_address_is_the_one_that_the_outermost_has_seen(tenant: UUID) -> None:
    through = "{invented}, {client}, 10.0.0.2"
    for number in range(ALLOWED_FAILURES):
        chain = through.format(invented=f"203.0.113.{number}", client=OFFICE)
        guess(1, address="10.0.0.1", **{"X-Forwarded-For": chain})

    locked = ask("kairo_api_x", address="10.0.0.1", **{"X-Forwarded-For": through.format(invented="", client=OFFICE)})
    free = ask("kairo_api_x", address="10.0.0.1", **{"X-Forwarded-For": through.format(invented="", client=ELSEWHERE)})

    assert (locked[0], free[0]) == (429, 401)


@override_settings(KAIRO_TRUSTED_PROXIES=2)
@pytest.mark.parametrize("chain", ["", "203.0.113.7", "x, y", "unknown, 10.0.0.2"])
def test_a_chain_that_did_not_come_through_all_proxies_counts_for_the_peer(tenant: UUID, chain: str) -> None:
    guess(ALLOWED_FAILURES, address=OFFICE, **{"X-Forwarded-For": chain})

    assert ask("kairo_api_another", address=OFFICE)[0] == 429


def test_a_lookup_that_fails_by_our_own_fault_is_not_counted() -> None:
    for _ in range(ALLOWED_FAILURES + 1):
        with pytest.raises(RuntimeError), failed_attempts.attempt("x", address="192.0.2.77", at=0):
            raise RuntimeError
    with failed_attempts.attempt("x", address="192.0.2.77", at=0):
        pass
