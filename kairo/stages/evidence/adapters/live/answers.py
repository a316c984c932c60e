"""What the answers of sources have in common: which ones are of use, and JSON that may be anything."""

from __future__ import annotations

import json
from collections.abc import Iterable
from urllib.parse import urlsplit

from pydantic import JsonValue

from kairo.stages.evidence.contracts import RejectedRecord, UnableToCapture
from kairo.stages.evidence.ports import RawRecord, Record, Reply

_SAID = {
    400: "does not understand what was asked",
    401: "asks for a login",
    403: "does not let Kairo read this",
    404: "has nothing there",
    410: "says that it is gone for good",
}


def require_success(answer: Reply) -> None:
    """Go on with an answer that holds what was asked for. Raises UnableToCapture for every other."""
    if 200 <= answer.status < 300:
        return
    host = urlsplit(answer.final_url).hostname
    said = _SAID.get(answer.status, "gives no page")
    raise UnableToCapture(f"{host} answered {answer.status}: it {said}. Check the surface's key.")


def json_of(answer: Reply) -> JsonValue:
    """Return the JSON of a successful answer. Raises UnableToCapture where there is none."""
    require_success(answer)
    host = urlsplit(answer.final_url).hostname
    try:
        document: JsonValue = json.loads(answer.text())
    except (ValueError, RecursionError) as error:
        kind = answer.headers.get("content-type", "nothing named").partition(";")[0][:60]
        raise UnableToCapture(f"{host} answered with something that is not JSON ({kind}).") from error
    return document


def records_of(listed: Iterable[JsonValue]) -> list[RawRecord]:
    """Number the objects of a list; what is no object is refused in its place."""
    return [
        RawRecord(row=row, fields=record)
        if isinstance(record, dict)
        else RawRecord(row=row, error=RejectedRecord(row, "not_an_object", "the record is not an object"))
        for row, record in enumerate(listed, start=1)
    ]


def object_of(answer: Reply) -> Record:
    """Return the JSON object of an answer. Raises UnableToCapture where there is none."""
    document = json_of(answer)
    if not isinstance(document, dict):
        raise UnableToCapture(f"{urlsplit(answer.final_url).hostname} answered with JSON of an unknown shape.")
    return document


def list_in(document: Record, name: str, answer: Reply) -> list[JsonValue]:
    """Return the list that an answer must hold. Raises UnableToCapture where there is none."""
    value = document.get(name)
    if not isinstance(value, list):
        raise UnableToCapture(f"{urlsplit(answer.final_url).hostname} answered without the list {name!r}.")
    return value
