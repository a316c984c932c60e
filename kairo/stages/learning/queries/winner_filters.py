"""Filters of the winner index as SQL; names and values travel as parameters."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from kairo.stages.learning.contracts.winners import Range

_HAS_ANY = "AND metadata -> %(name_{place})s = ANY (%(values_{place})s::jsonb[])"
_IN_RANGE = """
AND jsonb_path_exists(metrics -> %(name_{place})s, '$ ? (@ >= $gte && @ <= $lte)', %(range_{place})s::jsonb)
"""
_LARGEST = 1.7e308


def condition_of(
    filters: Mapping[str, Range | Sequence[str | float | bool] | str | float | bool | None],
) -> tuple[str, dict[str, object]]:
    """Return the condition that lets a winner pass all filters, and its parameters."""
    parts: list[str] = []
    parameters: dict[str, object] = {}
    for place, (name, wanted) in enumerate(filters.items()):
        parameters[f"name_{place}"] = name
        if isinstance(wanted, Range):
            low = -_LARGEST if wanted.gte is None else wanted.gte
            high = _LARGEST if wanted.lte is None else wanted.lte
            parameters[f"range_{place}"] = json.dumps({"gte": low, "lte": high})
            parts.append(_IN_RANGE.format(place=place))
        else:
            any_of = wanted if isinstance(wanted, list | tuple) else [wanted]
            parameters[f"values_{place}"] = [json.dumps(value) for value in any_of]
            parts.append(_HAS_ANY.format(place=place))
    return " ".join(parts), parameters
