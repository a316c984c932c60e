"""The OpenAPI document: what the operations declare, completed by what follows from their method and path.

An operation declares its answers and the refusals that are its own (409, 410, 412); everything else is added here once.
"""

from __future__ import annotations

from copy import deepcopy
from http import HTTPStatus
from typing import Any

from ninja import NinjaAPI
from ninja.openapi.schema import REF_TEMPLATE, OpenAPISchema
from pydantic import BaseModel

from kairo.platform.telemetry.middleware import HEADER

PROBLEM_CONTENT_TYPE = "application/problem+json"
_REFUSALS = {
    HTTPStatus.BAD_REQUEST: "The request cannot be read",
    HTTPStatus.UNAUTHORIZED: "No token, or one that is not valid",
    HTTPStatus.FORBIDDEN: "Yours, but your role may not",
    HTTPStatus.NOT_FOUND: "Not there, or not yours",
    HTTPStatus.CONFLICT: "The thing is in a state that does not allow this",
    HTTPStatus.GONE: "This way was retired",
    HTTPStatus.PRECONDITION_FAILED: "Somebody else changed it first",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "Larger than the stated bound",
    HTTPStatus.UNPROCESSABLE_ENTITY: "Refused, with the reasons",
    HTTPStatus.TOO_MANY_REQUESTS: "Too many calls, or too many tokens that are not valid",
    HTTPStatus.INTERNAL_SERVER_ERROR: "A fault of ours",
    HTTPStatus.SERVICE_UNAVAILABLE: "The database or a model is away",
}
_METHODS = {"get", "put", "post", "delete", "patch"}
_TO_BE_RETRIED = {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}
_HEADERS = {
    "RunId": {
        "description": "The run that the request was: it leads to its log lines and events",
        "required": True,
        "schema": {"type": "string", "format": "uuid"},
    },
    "RetryAfter": {
        "description": "After how many seconds the same request may be answered",
        "required": True,
        "schema": {"type": "integer", "minimum": 0},
    },
}
_RUN_ID = {HEADER: {"$ref": "#/components/headers/RunId"}}
_RETRY_AFTER = {"Retry-After": {"$ref": "#/components/headers/RetryAfter"}}


class DocumentedAPI(NinjaAPI):
    """An API whose document tells of each operation exactly what it can answer."""

    _document: OpenAPISchema | None = None

    def get_openapi_schema(self, **options: Any) -> OpenAPISchema:
        # Anybody may ask for it, and it costs more to make than most answers.
        if self._document is None:
            self._document = self._made(**options)
        return self._document

    def _made(self, **options: Any) -> OpenAPISchema:
        document = super().get_openapi_schema(**options)
        # What operations declare beside their shapes stands in it as it is, and must not be changed in its place.
        document["paths"] = deepcopy(document["paths"])
        refusals: set[HTTPStatus] = set()
        for path, item in document["paths"].items():
            for method in _METHODS & set(item):
                operation = item[method]
                refusals |= _complete(operation, implied_refusals(method, path, operation))
                operation["parameters"] = [_never_null(parameter) for parameter in operation["parameters"]]
        responses = {_name(status): _refusal(status) for status in sorted(refusals)}
        document["components"] |= {"headers": _HEADERS, "responses": responses}
        document["components"]["schemas"] |= _definitions(document["paths"])
        return document


def described(shape: type[BaseModel]) -> dict[str, Any]:
    """Return the schema of a body that is not JSON; what it refers to is moved to the document's components."""
    schema: dict[str, Any] = shape.model_json_schema(ref_template=REF_TEMPLATE)
    return schema


def _definitions(part: Any) -> dict[str, Any]:
    """Take the definitions out of every schema in a part of the document."""
    if isinstance(part, list):
        return {name: schema for item in part for name, schema in _definitions(item).items()}
    if not isinstance(part, dict):
        return {}
    taken: dict[str, Any] = part.pop("$defs", {})
    return taken | _definitions(list(part.values()))


def implied_refusals(method: str, path: str, operation: dict[str, Any]) -> set[HTTPStatus]:
    """Name the refusals that follow from what an operation is: it names a thing, it takes something, it changes."""
    found = {HTTPStatus.NOT_FOUND} if "{" in path else set()
    if operation["parameters"] or "requestBody" in operation:
        found.add(HTTPStatus.UNPROCESSABLE_ENTITY)
    if method != "get":
        found |= {HTTPStatus.FORBIDDEN, HTTPStatus.REQUEST_ENTITY_TOO_LARGE}
    return found


def _complete(operation: dict[str, Any], implied: set[HTTPStatus]) -> set[HTTPStatus]:
    """Write an operation's answers with their headers, and return its refusals, which the components describe."""
    statuses = {HTTPStatus(int(status)) for status in operation["responses"]} | implied
    refusals = {status for status in statuses if status >= HTTPStatus.BAD_REQUEST}
    answers = {
        int(status): {**answer, "headers": dict(_RUN_ID)}
        for status, answer in operation["responses"].items()
        if int(status) < HTTPStatus.BAD_REQUEST
    }
    references = {status.value: {"$ref": f"#/components/responses/{_name(status)}"} for status in sorted(refusals)}
    operation["responses"] = answers | references
    return refusals


def _name(status: HTTPStatus) -> str:
    return f"Problem{status.value}"


def _refusal(status: HTTPStatus) -> dict[str, Any]:
    headers = _RUN_ID | (_RETRY_AFTER if status in _TO_BE_RETRIED else {})
    content = {PROBLEM_CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {"description": _REFUSALS[status], "content": content, "headers": headers}


def _never_null(parameter: dict[str, Any]) -> dict[str, Any]:
    """Say of an optional parameter that it may be left out: there is no null in an address or a header."""
    schema = parameter["schema"]
    options = [option for option in schema.get("anyOf", []) if option != {"type": "null"}]
    if len(options) != 1:
        return parameter
    rest = {name: value for name, value in schema.items() if name not in {"anyOf", "default"}}
    return parameter | {"schema": options[0] | rest}
