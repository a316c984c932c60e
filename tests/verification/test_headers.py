"""What every answer tells browsers and caches, whoever makes it: a view, a middleware, or nobody."""

from __future__ import annotations

from uuid import UUID

import pytest
from django.test import Client
from django.utils import timezone

from kairo.platform.tenancy.operations import issue_sign_in_link
from tests.factories.brands import stored_brand
from tests.factories.callers import caller

EVERYWHERE = ["/", "/sign-in", "/sign-in?token=kairo_signin_x", "/nowhere", "/api/nowhere", "/api/brands", "/healthz"]


def signed_in(tenant: UUID, **options: bool) -> Client:
    """Return the browser of an owner who has signed in."""
    browser = Client(**options)  # type: ignore[arg-type]
    token = issue_sign_in_link(tenant_id=tenant, email="ada@example.com", at=timezone.now())
    page = browser.get("/sign-in", {"token": token})
    form = {"token": token, "csrfmiddlewaretoken": page.context["csrf_token"]}
    assert browser.post("/sign-in", form).status_code == 302
    return browser


@pytest.mark.parametrize("method", ["GET", "DELETE"])
@pytest.mark.parametrize("path", EVERYWHERE)
@pytest.mark.parametrize("who", ["anonymous", "member", "program"])
def test_no_answer_is_sniffed_framed_or_kept(tenant: UUID, method: str, path: str, who: str) -> None:
    stored_brand(tenant)
    clients = {"anonymous": Client(), "member": signed_in(tenant), "program": caller(tenant)}

    answer = clients[who].generic(method, path)

    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "no-store" in answer["Cache-Control"]
    assert answer["Referrer-Policy"] in {"same-origin", "strict-origin"}
    assert UUID(answer["X-Run-ID"])
    policy = dict(part.strip().split(" ", 1) for part in answer["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["form-action"] == "'self'"


def test_where_the_address_holds_a_token_no_other_page_is_told_of_it(database: str) -> None:
    page = Client().get("/sign-in", {"token": "kairo_signin_x"})
    refused = Client().post("/sign-in", {"token": "kairo_signin_x"})

    # With "no-referrer", browsers would send the form from an origin of "null", which is refused.
    assert page["Referrer-Policy"] == refused["Referrer-Policy"] == "strict-origin"


def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(tenant: UUID) -> None:
    cookies = signed_in(tenant).cookies

    assert cookies["kairo_session"]["httponly"]
    assert cookies["kairo_session"]["samesite"] == "Lax"
    assert cookies["csrftoken"]["httponly"]
    assert cookies["csrftoken"]["samesite"] == "Lax"


def test_a_session_changes_something_through_the_api_with_the_forms_token_only(tenant: UUID) -> None:
    brand_id = stored_brand(tenant).id
    browser = signed_in(tenant, enforce_csrf_checks=True)
    url = f"/api/brands/{brand_id}/today/regenerate"

    without = browser.post(url)
    wrong = browser.post(url, headers={"X-CSRFToken": "x" * 64})
    from_elsewhere = browser.post(
        url, headers={"X-CSRFToken": browser.cookies["csrftoken"].value, "Origin": "https://evil.example"}
    )
    with_it = browser.post(url, headers={"X-CSRFToken": browser.cookies["csrftoken"].value})

    refused = [(answer.status_code, answer.json()["code"]) for answer in (without, wrong, from_elsewhere)]
    assert refused == [(403, "csrf_failed")] * 3
    assert with_it.status_code == 202


def test_a_session_reads_through_the_api_without_more(tenant: UUID) -> None:
    browser = signed_in(tenant, enforce_csrf_checks=True)

    assert browser.get("/api/brands").status_code == 200


def test_a_token_needs_no_form_token_and_is_no_session(tenant: UUID) -> None:
    brand_id = stored_brand(tenant).id
    program = caller(tenant)
    program.handler.enforce_csrf_checks = True

    answer = program.post(f"/api/brands/{brand_id}/today/regenerate")

    assert answer.status_code == 202
    assert not answer.cookies


def test_no_page_of_another_site_may_read_an_answer(tenant: UUID) -> None:
    answer = caller(tenant).get("/api/brands", headers={"Origin": "https://evil.example"})

    assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "a b", ""])
def test_a_host_that_is_not_served_is_refused_in_the_error_form(database: str, host: str) -> None:
    answer = Client(headers={"Host": host}).get("/api/brands", SERVER_NAME="evil.example")

    assert answer.status_code == 400
    assert answer.json()["code"] == "bad_request"
    assert "X-Run-ID" in answer.headers


def test_a_planted_session_cookie_is_no_way_in_and_no_fault(database: str) -> None:
    for planted in ["a" * 32, '"aaaaaaaa\\000aaaa"', "%00" * 12, "é" * 40]:
        browser = Client(headers={"Cookie": f"kairo_session={planted}"})

        assert browser.get("/api/brands").status_code == 401
        assert browser.get("/").status_code == 302
