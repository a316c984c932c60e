"""Signing in with a link, staying in, and getting out."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from django.test import Client
from django.utils import timezone

from kairo.platform.tenancy.contracts import Role
from kairo.platform.tenancy.operations import issue_sign_in_link
from tests.factories.boards import make_brand
from tests.integration.web.conftest import sign_in


def _link_token(tenant: UUID) -> str:
    return issue_sign_in_link(tenant_id=tenant, email="ada@example.com", at=timezone.now())


def test_opening_a_link_does_not_use_it_up_and_the_button_does(tenant: UUID) -> None:
    client, token = Client(), _link_token(tenant)

    opened_twice = [client.get("/sign-in", {"token": token}) for _ in range(2)]
    pressed = client.post("/sign-in", {"token": token})

    assert [response.status_code for response in opened_twice] == [200, 200]
    assert "Sign in to Kairo</button>" in opened_twice[0].content.decode()
    assert (pressed.status_code, pressed["Location"]) == (302, "/")
    assert client.get("/").status_code == 200


@pytest.mark.parametrize("age", [timedelta(0), timedelta(minutes=16)], ids=["used", "expired"])
def test_a_link_that_does_not_work_says_how_to_make_a_new_one(tenant: UUID, age: timedelta) -> None:
    token = issue_sign_in_link(tenant_id=tenant, email="ada@example.com", at=timezone.now() - age)
    if not age:
        Client().post("/sign-in", {"token": token})

    response = Client(REMOTE_ADDR=f"192.0.2.{age.seconds % 200}").post("/sign-in", {"token": token})

    assert response.status_code == 401
    assert "kairo sign-in-link" in response.content.decode()


def test_signing_in_rotates_the_session_key(tenant: UUID) -> None:
    client = sign_in(tenant)
    planted = client.session.session_key

    client.post("/sign-in", {"token": _link_token(tenant)})

    assert client.session.session_key != planted
    assert not client.session.exists(planted or "")


def test_a_used_link_leaves_a_signed_in_person_signed_in(client: Client) -> None:
    response = client.post("/sign-in", {"token": "kairo_signin_used"}, REMOTE_ADDR="192.0.2.201")

    assert "still signed in" in response.content.decode()
    assert client.get("/").status_code == 200


def test_the_eleventh_wrong_link_within_a_minute_is_told_to_wait(tenant: UUID) -> None:
    client = Client(REMOTE_ADDR="198.51.100.7")

    statuses = [client.post("/sign-in", {"token": f"wrong-{attempt}"}).status_code for attempt in range(10)]
    refused = client.post("/sign-in", {"token": _link_token(tenant)})

    assert statuses == [401] * 10
    assert refused.status_code == 429
    assert 1 <= int(refused["Retry-After"]) <= 61
    assert Client(REMOTE_ADDR="198.51.100.8").post("/sign-in", {"token": _link_token(tenant)}).status_code == 302


def test_signing_out_ends_the_session(client: Client) -> None:
    response = client.post("/sign-out", follow=True)

    assert "You are signed out" in response.content.decode()
    assert client.get("/")["Location"] == "/sign-in"


def test_signing_out_needs_the_form(tenant: UUID) -> None:
    client = sign_in(tenant)
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = client.cookies

    response = strict.post("/sign-out")

    assert response.status_code == 403
    assert "This form has expired" in response.content.decode()
    assert client.get("/").status_code == 200


@pytest.mark.parametrize("path", ["/", "/b/northwind/today", "/b/northwind/boards", "/b/northwind/today/progress"])
def test_a_stranger_is_shown_how_to_sign_in(tenant: UUID, path: str) -> None:
    make_brand(tenant)

    response = Client().get(path, follow=True)

    assert response.redirect_chain == [("/sign-in", 302)]
    assert "kairo sign-in-link" in response.content.decode()


def test_htmx_sends_the_whole_page_of_a_stranger_to_sign_in(tenant: UUID) -> None:
    response = Client().get("/b/northwind/today/progress", headers={"HX-Request": "true"})

    assert response["HX-Redirect"] == "/sign-in"


def test_pages_are_kept_by_no_cache(client: Client, tenant: UUID) -> None:
    make_brand(tenant)

    for path in ("/b/northwind/today", "/sign-in?token=x"):
        assert "no-store" in client.get(path)["Cache-Control"]


def test_a_viewer_reads_and_changes_nothing(tenant: UUID) -> None:
    make_brand(tenant)
    viewer = sign_in(tenant, email="eve@example.com", role=Role.VIEWER)

    page = viewer.get("/b/northwind/today")
    refused = viewer.post("/b/northwind/today/regenerate")

    assert page.status_code == 200
    assert "/b/northwind/today/regenerate" not in page.content.decode()
    assert refused.status_code == 403
    assert "viewer" in refused.content.decode()
