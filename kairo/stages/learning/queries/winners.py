"""Reads of the winner index: every vector of an account is compared, so what is found is exact."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from kairo.platform.database.sessions import current_tenant
from kairo.platform.database.sql import rows
from kairo.stages.learning.contracts.winners import Range, SimilarWinner, WinnerDTO, WinnerOrigin
from kairo.stages.learning.models import Winner
from kairo.stages.learning.queries.winner_filters import condition_of

USUAL_OF = 1_000
MOST_LEADING = 2_000
Filters = Mapping[str, Range | Sequence[str | float | bool] | str | float | bool | None]

# The nearest are chosen by id and distance alone; their texts are read afterwards.
_NEAREST = """
WITH near AS MATERIALIZED (
  SELECT id, embedding <#> %(query)s::vector AS distance FROM ad_winner
  WHERE tenant_id = %(tenant)s AND embedder = %(embedder)s AND dimension = %(dimension)s {condition}
  ORDER BY distance, id LIMIT %(most)s
)
SELECT winner.id, ad_id, text, origin, metrics::text, metadata::text, why, added_at, updated_at, -near.distance
FROM near JOIN ad_winner winner ON winner.tenant_id = %(tenant)s AND winner.id = near.id
ORDER BY near.distance, winner.id
"""

# Vectors travel in their binary form: as text, reading them would cost more than comparing them.
_LEADING = """
SELECT ad_id, (metrics->>'expected_roas')::float8, (metrics->>'rest_roas')::float8, (metrics->>'low')::float8,
       (metrics->>'high')::float8, vector_send(embedding)
FROM ad_winner
WHERE tenant_id = %(tenant)s AND embedder = %(embedder)s
  AND jsonb_path_exists(metrics, '$ ? (@.expected_roas > 0 && @.rest_roas > 0 && @.low > 0 && @.high >= @.low)')
ORDER BY added_at DESC, id LIMIT %(most)s
"""


@dataclass(frozen=True)
class LeadingWinner:
    """By how much an ad was ahead of the rest of its campaign, with a 90 % interval, and the vector of its text."""

    ad_id: str
    expected: float
    rest: float
    low: float
    high: float
    vector: NDArray[np.float64]


def has_winners() -> bool:
    """Tell whether the account has any winner at all."""
    return Winner.objects.exists()


def leading_winners(*, embedder: str) -> list[LeadingWinner]:
    """Return the newest winners of which it is known by how much they were ahead."""
    found = rows(_LEADING, {"tenant": current_tenant(), "embedder": embedder, "most": MOST_LEADING})
    return [
        # Two 16-bit numbers stand before a vector's own.
        LeadingWinner(ad_id, expected, rest, low, high, np.frombuffer(sent, dtype=">f4", offset=4).astype(float))
        for ad_id, expected, rest, low, high, sent in found
    ]


def similar_winners(
    *, vector: NDArray[np.float32], embedder: str, k: int = 10, filters: Filters | None = None
) -> list[SimilarWinner]:
    """Return the winners nearest to a vector of length 1, nearest first."""
    condition, parameters = condition_of(filters or {})
    found = rows(
        _NEAREST.format(condition=condition),
        {
            **parameters,
            "query": as_literal(vector),
            "tenant": current_tenant(),
            "embedder": embedder,
            "dimension": len(vector),
            "most": k,
        },
    )
    return [_similar(row) for row in found]


def usual_outcomes() -> dict[str, float]:
    """Return the mean of each metric over the account's newest winners."""
    sums: dict[str, list[float]] = defaultdict(list)
    for metrics in Winner.objects.order_by("-id").values_list("metrics", flat=True)[:USUAL_OF]:
        for name, value in metrics.items():
            if is_figure(value):
                sums[name].append(float(value))
    return {name: sum(values) / len(values) for name, values in sums.items()}


def is_figure(value: object) -> bool:
    """Tell whether a metric is a number that can be averaged."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def newest_winners(*, limit: int = 50, variant_ids: Sequence[UUID] | None = None) -> list[WinnerDTO]:
    """List the account's winners, the newest first, or those made of these variants."""
    found = Winner.objects.defer("embedding").order_by("-added_at", "-id")
    if variant_ids is not None:
        found = found.filter(variant_id__in=list(variant_ids))
    return [row.to_contract() for row in found[:limit]]


def as_literal(vector: NDArray[np.float32]) -> str:
    """Write a vector as PostgreSQL reads it, without losing a digit."""
    return f"[{','.join(map(repr, vector.tolist()))}]"


def _similar(row: tuple[object, ...]) -> SimilarWinner:
    return SimilarWinner.model_validate(
        {
            "id": row[0],
            "ad_id": row[1],
            "text": row[2],
            "origin": WinnerOrigin(str(row[3])),
            "outcome": json.loads(str(row[4])),
            "metadata": json.loads(str(row[5])),
            "why": row[6],
            "added_at": row[7],
            "updated_at": row[8],
            "similarity": row[9],
        }
    )
