"""A Payload CMS as far as its REST API documents it: `where`, `sort`, paging, and API keys of users."""

from __future__ import annotations

import json
import math
import socket
from collections.abc import Mapping, Sequence
from urllib.parse import parse_qsl, urlsplit

from tests.integration.outbound.servers import Answer, Seen, page

JSON = {"content-type": "application/json; charset=utf-8"}
Document = Mapping[str, object]


def department(number: int, slug: str, **fields: object) -> Document:
    """Build a document of the collection `departments`, with the fields that Payload adds by itself."""
    return {
        "id": f"66a{number:021d}",
        "slug": slug,
        "name": slug.capitalize(),
        "codeDepNumber": number,
        "gatherCheck": True,
        "isActive": True,
        "createdAt": "2026-10-01T08:00:00.000Z",
        "updatedAt": "2026-10-02T08:00:00.000Z",
        **fields,
    }


def payload_cms(documents: Sequence[Document], *, key: str, most_a_page: int = 100) -> Answer:
    """Answer as the CMS does; `most_a_page` is the collection's own bound for `limit`."""

    def answer(seen: Seen, connection: socket.socket) -> None:
        connection.sendall(_answered(seen, documents, key=key, most_a_page=most_a_page))

    return answer


def _answered(seen: Seen, documents: Sequence[Document], *, key: str, most_a_page: int) -> bytes:
    asked = urlsplit(seen.path)
    if asked.path != "/api/departments":
        return page(b'{"errors": [{"message": "Not Found"}]}', status=404, headers=JSON)
    if seen.headers.get("authorization") != f"users API-Key {key}":
        body = b'{"errors": [{"message": "You are not allowed to perform this action."}]}'
        return page(body, status=403, headers=JSON)
    query = dict(parse_qsl(asked.query))
    found = [document for document in documents if _matches(document, query)]
    found.sort(key=lambda document: str(document.get(query["sort"], "")).zfill(12))
    limit = min(int(query.get("limit", "10")), most_a_page)
    number = int(query.get("page", "1"))
    pages = max(1, math.ceil(len(found) / limit))
    envelope = {
        "docs": found[(number - 1) * limit : number * limit],
        "totalDocs": len(found),
        "limit": limit,
        "totalPages": pages,
        "page": number,
        "pagingCounter": (number - 1) * limit + 1,
        "hasPrevPage": number > 1,
        "hasNextPage": number < pages,
        "prevPage": number - 1 if number > 1 else None,
        "nextPage": number + 1 if number < pages else None,
    }
    return page(json.dumps(envelope).encode(), headers=JSON)


def _matches(document: Document, query: Mapping[str, str]) -> bool:
    wanted = {
        name.removeprefix("where[").removesuffix("][equals]"): value
        for name, value in query.items()
        if name.startswith("where[")
    }
    return all(str(document.get(name)).lower() == value for name, value in wanted.items())
