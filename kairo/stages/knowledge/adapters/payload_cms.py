"""Departments out of a Payload CMS by its REST API, every page of the list; unknown fields are ignored."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pydantic import JsonValue, ValidationError

from kairo.platform.outbound.client import Client
from kairo.stages.knowledge.adapters.operator_services import OPERATORS_CLIENT, OperatorService, ServiceAway
from kairo.stages.knowledge.contracts.departments import (
    MOST_DEPARTMENTS,
    CoordinationSettings,
    Department,
    DepartmentsUnavailable,
)

TIMEOUT_S = 10.0
PAGE_LIMIT = 50
MOST_PAGES = 20
_CHOSEN = [("where[gatherCheck][equals]", "true"), ("where[isActive][equals]", "true"), ("sort", "codeDepNumber")]
_REFUSED = {401: "does not take the key", 403: "does not let this key read departments", 404: "has no departments"}
_NAMES_OF_ASPECT = ("name", "aspect", "title", "label", "value")


class PayloadCms:
    """The collection `departments` of a CMS, read as the user whose API key is given."""

    def __init__(
        self, base_url: str, *, key: str | None, client: Client = OPERATORS_CLIENT, timeout_s: float = TIMEOUT_S
    ) -> None:
        headers = {"authorization": f"users API-Key {key}"} if key else {}
        self._service = OperatorService(base_url, headers, timeout_s, client)

    def departments(self) -> tuple[Department, ...]:
        """Return the departments to gather for, in the order of their numbers.

        Raises:
            DepartmentsUnavailable: the CMS cannot be reached, refuses the key, or answers what cannot be read.
        """
        found = [_department(document) for document in self._documents()]
        slugs = [department.slug for department in found]
        twice = sorted({slug for slug in slugs if slugs.count(slug) > 1})
        if twice:
            raise DepartmentsUnavailable(f"The CMS lists {', '.join(twice)} more than once: give each its own slug.")
        chosen = (one for one in found if one.gather_check and one.is_active)
        return tuple(sorted(chosen, key=lambda one: (one.code_dep_number, one.slug)))

    def _documents(self) -> Iterator[Mapping[str, JsonValue]]:
        page = 1
        count = 0
        for _ in range(MOST_PAGES):
            answer = self._page(page)
            for document in _listed(answer):
                count += 1
                if count > MOST_DEPARTMENTS:
                    raise DepartmentsUnavailable(f"The CMS lists more than {MOST_DEPARTMENTS} departments to gather.")
                yield document
            following = answer.get("nextPage")
            if not answer.get("hasNextPage") or not isinstance(following, int) or following <= page:
                return
            page = following
        raise DepartmentsUnavailable(f"The CMS has more than {MOST_PAGES} pages of departments.")

    def _page(self, page: int) -> Mapping[str, JsonValue]:
        query = [*_CHOSEN, ("limit", str(PAGE_LIMIT)), ("page", str(page)), ("depth", "0")]
        try:
            answer = self._service.get("/api/departments", query)
        except ServiceAway as error:
            raise DepartmentsUnavailable(f"The CMS cannot be read: {error}") from error
        if answer.status in _REFUSED:
            told = _REFUSED[answer.status]
            raise DepartmentsUnavailable(
                f"The CMS {told} ({answer.status}): check PAYLOAD_BASE_URL and PAYLOAD_API_KEY."
            )
        if not answer.succeeded:
            raise DepartmentsUnavailable(f"The CMS answered {answer.status}.")
        if not isinstance(answer.document, dict):
            raise DepartmentsUnavailable("The CMS answered no list of documents.")
        return answer.document


def _listed(answer: Mapping[str, JsonValue]) -> list[Mapping[str, JsonValue]]:
    documents = answer.get("docs")
    if not isinstance(documents, list) or not all(isinstance(document, dict) for document in documents):
        raise DepartmentsUnavailable("The CMS answered no list of documents.")
    return [document for document in documents if isinstance(document, dict)]


def _department(document: Mapping[str, JsonValue]) -> Department:
    """Read one document; fields that are missing take their defaults, those of a wrong shape are refused by name."""
    coordination = document.get("coordinationSettings")
    model = document.get("defaultModel")
    given = {
        "slug": document.get("slug"),
        "name": document.get("name"),
        "description": _plain(document.get("description")),
        "code_dep_number": document.get("codeDepNumber"),
        "gather_check": document.get("gatherCheck"),
        "is_active": document.get("isActive"),
        "default_model": model.get("name") if isinstance(model, dict) else model,
    }
    try:
        settings = _coordination(coordination if isinstance(coordination, dict) else {})
        known = {name: value for name, value in given.items() if value is not None}
        return Department.model_validate(known | {"coordination_settings": settings})
    except ValidationError as error:
        first = error.errors()[0]
        which = document.get("slug") or document.get("name") or document.get("id") or "without a name"
        reason = f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
        raise DepartmentsUnavailable(f"The department {which} of the CMS cannot be read: {reason}.") from error


def _coordination(document: Mapping[str, JsonValue]) -> CoordinationSettings:
    aspects = document.get("aspects")
    listed = aspects if isinstance(aspects, list) else []
    given = {
        "quality_threshold": document.get("qualityThreshold"),
        "aspects": tuple(filter(None, (_aspect(one) for one in listed))),
        "max_items": document.get("maxItems"),
    }
    return CoordinationSettings.model_validate({name: value for name, value in given.items() if value is not None})


def _aspect(entry: JsonValue) -> str | None:
    """Read an aspect as text, or out of a row of an array field, which is an object with an id."""
    if isinstance(entry, dict):
        entry = next((entry[name] for name in _NAMES_OF_ASPECT if isinstance(entry.get(name), str)), None)
    return entry if isinstance(entry, str) and entry.strip() else None


def _plain(value: JsonValue) -> str | None:
    """Return a text field as it is, and the words of a rich text field."""
    if value is None or isinstance(value, str):
        return value
    return " ".join(_leaves(value)).strip()


def _leaves(value: JsonValue) -> Iterator[str]:
    open_parts: list[JsonValue] = [value]
    while open_parts:
        part = open_parts.pop()
        if isinstance(part, dict):
            if isinstance(part.get("text"), str):
                yield str(part["text"])
            open_parts.extend(inner for name, inner in reversed(part.items()) if name in {"root", "children"})
        elif isinstance(part, list):
            open_parts.extend(reversed(part))
