"""What a person sees when something is not there or goes wrong, and what a page may load."""

from __future__ import annotations

import re
from pathlib import Path
from uuid import UUID

import pytest
from django.test import Client, RequestFactory
from django.urls import get_resolver

import kairo.interfaces.web
from tests.factories.boards import make_brand, make_ready_board

TEMPLATES = Path(kairo.interfaces.web.__file__).parent / "templates"


def test_an_unknown_path_is_a_page_with_a_run_id(client: Client) -> None:
    response = client.get("/nowhere")

    assert response.status_code == 404
    assert "This page is not here" in response.content.decode()
    assert response["X-Run-ID"] in response.content.decode()


def test_an_unknown_path_of_the_api_is_a_problem(client: Client) -> None:
    response = client.get("/api/nowhere")

    assert (response.status_code, response["Content-Type"]) == (404, "application/problem+json")


@pytest.mark.parametrize("code", [400, 403, 404, 500])
@pytest.mark.parametrize(("path", "kind"), [("/b/x/today", "text/html"), ("/api/x", "application/problem+json")])
def test_each_handler_answers_in_the_language_of_its_interface(code: int, path: str, kind: str) -> None:
    handler = get_resolver().resolve_error_handler(code)
    request = RequestFactory().get(path)

    response = handler(request) if code == 500 else handler(request, Exception("secret"))  # type: ignore[call-arg]

    assert response.status_code == code
    assert response["Content-Type"].startswith(kind)
    assert "secret" not in response.content.decode()


def test_a_page_loads_nothing_from_elsewhere_and_holds_no_code_of_its_own(client: Client, tenant: UUID) -> None:
    make_ready_board(tenant, brand_id=make_brand(tenant).id)

    response = client.get("/b/northwind/today")
    html = response.content.decode()

    assert "script-src 'self'" in response["Content-Security-Policy"]
    assert "unsafe" not in response["Content-Security-Policy"]
    loaded = re.findall(r'(?:src|<link[^>]* href)="([^"]+)"', html)
    assert len(loaded) == 4
    assert all(address.startswith("/static/") for address in loaded)
    for address in loaded:
        assert client.get(address).status_code == 200


@pytest.mark.parametrize("template", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: path.name)
def test_no_template_needs_what_the_policy_forbids(template: Path) -> None:
    source = template.read_text()

    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:|\|safe|autoescape off|hx-on|hx-vals=.js", source)
    assert not re.search(r"<script(?![^>]*\ssrc=)", source)
