"""Calls of operations, made up from the OpenAPI document."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import schemathesis
from django.core.wsgi import get_wsgi_application
from hypothesis import HealthCheck, given, settings
from schemathesis import Case, GenerationMode

from kairo.interfaces.api.app import api

schema = schemathesis.openapi.from_dict(json.loads(json.dumps(api.get_openapi_schema(path_prefix="/api/"))))
schema.app = get_wsgi_application()
# A parameter that nobody reads is passed over.
schema.config.generation.update(allow_extra_parameters=False)

profile = settings(
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.function_scoped_fixture],
)


def valid_calls(method: str, path: str, *, count: int) -> list[Case[Any]]:
    """Make up calls of an operation that its schema allows."""
    made: list[Case[Any]] = []

    @settings(profile, max_examples=count)
    @given(schema[path][method.upper()].as_strategy(generation_mode=GenerationMode.POSITIVE))
    def collect(case: Case[Any]) -> None:
        made.append(case)

    collect()
    return made


def is_id(value: object) -> bool:
    """Tell whether a value is an id, as text or not."""
    try:
        return bool(UUID(str(value)))
    except ValueError:
        return False


def with_ids(value: Any, ids: dict[str, str], *, name: str = "") -> Any:
    """Return a body or query with every id in it replaced: by the one of that name, else by any."""
    if isinstance(value, dict):
        return {key: with_ids(part, ids, name=key) for key, part in value.items()}
    if isinstance(value, list):
        return [with_ids(part, ids, name=name) for part in value]
    if name in ids or is_id(value):
        return ids.get(name, ids["item_id"])
    return value
