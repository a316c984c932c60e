"""What the OpenAPI document says of each operation, and whether it could be so."""

from __future__ import annotations

from typing import Any

import pytest

from kairo.interfaces.api.app import api
from tests.factories.everything import operations

document = api.get_openapi_schema(path_prefix="/api/")
OPERATIONS = operations()


def resolved(part: dict[str, Any]) -> dict[str, Any]:
    """Follow a reference within the document."""
    found: Any = document
    for name in part["$ref"].removeprefix("#/").split("/") if "$ref" in part else []:
        found = found[name]
    return found if "$ref" in part else part


def statuses(method: str, path: str) -> set[int]:
    return {int(status) for status in document["paths"][path][method]["responses"]}


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_every_refusal_is_in_the_error_form_and_every_answer_leads_to_its_run(method: str, path: str) -> None:
    for status, reference in document["paths"][path][method]["responses"].items():
        answer = resolved(reference)
        assert "X-Run-ID" in answer["headers"]
        if int(status) >= 400:
            assert list(answer["content"]) == ["application/problem+json"]
        assert ("Retry-After" in answer["headers"]) == (int(status) in {429, 503})


# Another service calls these, and signs what it says.
SIGNED = {"post /api/webhook/hubspot"}


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_an_operation_tells_of_the_refusals_that_it_can_give(method: str, path: str) -> None:
    operation = document["paths"][path][method]
    told = statuses(method, path)

    takes_something = bool(operation["parameters"]) or "requestBody" in operation
    assert told >= {400, 401, 429, 500, 503}
    assert (422 in told) == takes_something
    assert ({403, 413} <= told) == (method != "get")
    assert 404 in told or "{" not in path
    assert ("security" not in operation) == (f"{method} {path}" in SIGNED)
    assert operation.get("security", [{"BearerToken": []}]) == [{"BearerToken": []}]


def test_what_only_some_operations_can_answer_is_told_of_those() -> None:
    telling = {status: {f"{m} {p}" for m, p in OPERATIONS if status in statuses(m, p)} for status in (404, 409, 410)}

    assert "get /api/brands" not in telling[404]
    assert {"post /api/jobs/{job_id}/cancel", "post /api/jobs/{job_id}/retry"} <= telling[409]
    assert telling[410] == {"post /api/brands/{brand_id}/today/regenerate"}


def test_nothing_in_the_document_leads_nowhere() -> None:
    def references(part: Any) -> list[dict[str, Any]]:
        if isinstance(part, list):
            return [found for item in part for found in references(item)]
        if not isinstance(part, dict):
            return []
        own = [part] if isinstance(part.get("$ref"), str) else []
        return own + references(list(part.values()))

    assert "$defs" not in str(document)
    assert all(isinstance(resolved(reference), dict) for reference in references(dict(document)))
