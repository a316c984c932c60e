"""Kairo behind TLS (KAIRO_HTTPS), as a browser and an attacker see it over the wire."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.verification.accounts import Account
from tests.verification.served import Served, signed_in

MEGABYTE = 1_000_000


def test_browsers_are_told_to_come_by_tls_for_a_year(server: Served) -> None:
    for path in ("/sign-in", "/api/brands", "/nowhere", "/static/web/kairo.css"):
        answer = httpx.get(f"{server.address}{path}")
        assert answer.headers["Strict-Transport-Security"] == "max-age=31536000", path


def test_cookies_go_over_tls_to_this_host_only(server: Served, account: Account) -> None:
    browser, _ = signed_in(server, account)

    page = httpx.get(f"{server.address}/sign-in", params={"token": "x"})
    [form_cookie] = page.headers.get_list("set-cookie")
    names = [cookie.split("=")[0] for cookie in browser.headers["Cookie"].split("; ")]
    assert names == ["__Host-csrftoken", "__Host-kairo_session"]
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= set(form_cookie.split("; "))
    assert "Domain" not in form_cookie


def test_a_member_stays_signed_in(server: Served, account: Account) -> None:
    browser, _ = signed_in(server, account)

    assert browser.get("/api/brands").json()["items"][0]["slug"] == "glow"


def test_a_form_that_another_site_sends_is_refused(server: Served, account: Account) -> None:
    browser, _ = signed_in(server, account)
    plain = str(browser.base_url)

    for origin in ("https://evil.example", plain, "null"):
        answer = browser.post("/sign-out", headers={"Origin": origin})
        assert answer.status_code == 403, origin
    assert browser.get("/api/brands").status_code == 200


@pytest.mark.parametrize("path", ["/api/brands/import", "/sign-in", "/nowhere"])
def test_a_request_that_is_too_large_is_refused_before_it_is_read(server: Served, path: str) -> None:
    answer = httpx.post(f"{server.address}{path}", content=b"x" * (MEGABYTE + 1))

    assert (answer.status_code, answer.headers["Content-Type"]) == (413, "application/problem+json")
    assert answer.json()["run_id"] == answer.headers["X-Run-ID"]


def test_so_is_one_that_does_not_tell_its_size(server: Served) -> None:
    def without_end() -> Iterator[bytes]:
        for _ in range(100):
            yield b"x" * MEGABYTE

    answer = httpx.post(f"{server.address}/api/brands/import", content=without_end())

    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


def test_one_that_is_just_within_the_bound_is_read(server: Served) -> None:
    answer = httpx.post(f"{server.address}/api/brands/import", content=b"x" * MEGABYTE)

    assert answer.status_code == 401


@pytest.mark.parametrize("path", ["/api/brands/%ff%00", "/b/%00/today", "/static/../settings.py", "/static/%2e%2e/x"])
def test_no_address_is_a_fault(server: Served, path: str) -> None:
    assert httpx.get(f"{server.address}{path}").status_code in {302, 401, 404, 422}


# The last: nobody signs in from here for the next minute.
def test_guesses_are_counted_for_who_sends_them_whatever_he_writes_into_headers(server: Served) -> None:
    def guess(number: int) -> int:
        headers = {"Authorization": f"Bearer wrong{number}", "X-Forwarded-For": f"203.0.113.{number}"}
        return httpx.get(f"{server.address}/api/brands", headers=headers).status_code

    assert [guess(number) for number in range(11)] == [401] * 10 + [429]
