"""What is refused at the door, before an operation sees it: bodies that cannot be read, values that no column holds."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from typing import Any, NoReturn

from django.http import HttpRequest
from ninja.parser import Parser

from kairo.errors import FieldError, Invalid

# PostgreSQL keeps no NUL in a text, and half a surrogate pair is no character.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_LARGEST_INTEGER = 2**63 - 1
MAX_DEPTH = 50


class UnreadableBody(Invalid):
    code = "unreadable_body"


def require_storable(value: object) -> None:
    """Refuse what no column holds, anywhere in a value: half characters, NUL, numbers out of range, parts without end.

    Raises:
        Invalid: names each place.
    """
    problems = tuple(_problems(value))
    if problems:
        raise Invalid("; ".join(f"{problem.field}: {problem.message}" for problem in problems), errors=problems)


def _problems(value: object, *place: object) -> Iterator[FieldError]:
    message = None
    if len(place) > MAX_DEPTH:
        message = f"there are more than {MAX_DEPTH} levels"
    elif isinstance(value, dict):
        for name, part in value.items():
            yield from _problems(name, *place, "(name)")
            yield from _problems(part, *place, name)
    elif isinstance(value, list | tuple):
        for number, part in enumerate(value):
            yield from _problems(part, *place, number)
    elif isinstance(value, str) and _UNSTORABLE.search(value):
        message = "the text holds NUL or half a character"
    elif isinstance(value, float) and not math.isfinite(value):
        message = "this is no finite number"
    elif isinstance(value, int) and abs(value) > _LARGEST_INTEGER:
        message = "the number has more than 64 bits"
    if message:
        yield FieldError(".".join(map(_shown, place)), message)


def _shown(name: object) -> str:
    return _UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", str(name))


class StrictParser(Parser):
    """Reads bodies and query strings into values that can be stored."""

    def parse_body(self, request: HttpRequest) -> Any:
        try:
            body = json.loads(request.body.decode("utf-8-sig"), parse_constant=_refuse_constant)
        except (ValueError, RecursionError) as error:
            raise UnreadableBody(f"The body is not JSON: {error}.") from error
        require_storable(body)
        return body

    def parse_querydict(self, data: Any, list_fields: list[str], request: HttpRequest) -> dict[str, Any]:
        fields = super().parse_querydict(data, list_fields, request)
        require_storable(fields)
        return fields


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number of JSON")
