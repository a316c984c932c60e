"""Who may call what: tokens and roles. Strangers have tests of their own in `tests/verification`."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.utils import timezone

from kairo.interfaces.api.app import api
from kairo.platform.tenancy.contracts import Role
from kairo.platform.tenancy.operations import issue_token
from tests.factories.brands import stored_brand
from tests.factories.callers import caller
from tests.factories.everything import everything_of


def test_a_stranger_lists_nothing(tenant: UUID, stranger: UUID, tmp_path: Path) -> None:
    everything_of(tenant, tmp_path)
    other = caller(stranger)

    assert other.get("/api/brands").json()["items"] == []
    assert other.get("/api/jobs").json()["items"] == []


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer wrong", "Basic abc", "Bearer \x00", "Bearer " + "x" * 5000])
def test_bad_credentials_get_401_in_the_error_form(database: str, header: str) -> None:
    client = Client(headers={"Authorization": header} if header else {}, raise_request_exception=False)

    answer = client.get("/api/brands")

    assert answer.status_code == 401
    assert answer["Content-Type"] == "application/problem+json"
    problem = json.loads(answer.content)
    assert problem["code"] == "unauthenticated"
    assert problem["run_id"] == answer["X-Run-ID"]


def test_an_expired_token_is_refused(tenant: UUID) -> None:
    token = issue_token(tenant_id=tenant, name="old", expires_at=timezone.now() - timedelta(seconds=1)).token

    answer = Client(headers={"Authorization": f"Bearer {token}"}).get("/api/brands")

    assert answer.status_code == 401


def test_a_viewer_reads_and_may_not_write(tenant: UUID) -> None:
    brand_id = stored_brand(tenant).id
    viewer = caller(tenant, role=Role.VIEWER)

    assert viewer.get(f"/api/brands/{brand_id}").status_code == 200
    refused = viewer.post(f"/api/brands/{brand_id}/today/regenerate")
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")


def test_what_is_not_there_or_not_understood_is_a_problem_document(tenant: UUID) -> None:
    client = caller(tenant)

    unknown = client.get(f"/api/brands/{uuid4()}")
    misformed = client.get("/api/brands/not-a-uuid")
    nowhere = client.get("/api/nowhere")
    too_many = client.get("/api/jobs?limit=201")
    other_method = client.delete("/api/brands")

    assert (unknown.status_code, unknown.json()["code"]) == (404, "brand_not_found")
    assert (misformed.status_code, misformed.json()["errors"][0]["field"]) == (422, "brand_id")
    assert (nowhere.status_code, nowhere["Content-Type"]) == (404, "application/problem+json")
    assert too_many.status_code == 422
    assert (other_method.status_code, other_method.json()["code"], other_method["Allow"]) == (
        405,
        "method_not_allowed",
        "GET",
    )


def test_the_retired_way_of_regenerating_is_gone(tenant: UUID) -> None:
    brand_id = stored_brand(tenant).id

    answer = caller(tenant).post(f"/api/brands/{brand_id}/today/regenerate?legacy=true")

    assert (answer.status_code, answer.json()["code"]) == (410, "legacy_regenerate_gone")


def test_regenerate_is_accepted_with_where_to_poll(tenant: UUID) -> None:
    brand_id = stored_brand(tenant).id
    client = caller(tenant)

    answer = client.post(f"/api/brands/{brand_id}/today/regenerate")
    job = client.get(answer.json()["poll_url"])

    assert (answer.status_code, answer.json()["status"]) == (202, "accepted")
    assert answer.json()["poll_url"] == f"/api/jobs/{answer.json()['job_id']}"
    assert (job.status_code, job.json()["state"]) == (200, "pending")
    assert job.json()["run_id"] == answer["X-Run-ID"]


def test_a_brand_file_goes_in_and_out(tenant: UUID) -> None:
    client = caller(tenant)
    text = "brand: {slug: glow, name: Glow}\npillars: [{name: Routine, keywords: [cleanser]}]\n"

    made = client.generic("POST", "/api/brands/import", text, content_type="application/yaml")
    again = client.generic("POST", "/api/brands/import", text, content_type="application/yaml")
    wrong = client.generic("POST", "/api/brands/import", "brand: {slug: glow}", content_type="application/yaml")
    exported = client.get(f"/api/brands/{made.json()['brand']['id']}/export")

    assert (made.status_code, made.json()["created"]) == (201, True)
    assert (again.status_code, again.json()["changed"]) == (200, False)
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "brand.name")
    assert "slug: glow" in exported.content.decode()


def test_the_openapi_document_is_the_one_that_is_checked_in(database: str) -> None:
    checked_in = json.loads((Path(__file__).resolve().parents[3] / "docs" / "openapi.json").read_text())

    assert checked_in == json.loads(json.dumps(api.get_openapi_schema(path_prefix="/api/"), default=str)), (
        "The API has changed: run `python scripts/write_openapi.py` and look at the difference."
    )
