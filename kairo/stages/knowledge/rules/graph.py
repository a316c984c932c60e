"""What of a graph is told within a budget: the order of statements, and how many tokens each takes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from kairo.errors import FieldError
from kairo.stages.knowledge.contracts.graph import (
    MOST_EDGES_A_BATCH,
    MOST_NODES_A_BATCH,
    ContextItem,
    DepartmentContext,
    EdgeDraft,
    InvalidNodes,
    NodeDraft,
)

_BYTES_A_TOKEN = 4
_UNSURE = 0.5
"""What a statement without a confidence counts for."""
_RELEVANCE_WEIGHT = 0.7
_SAME = 0.97
"""Two statements whose vectors are so near are told once, the newer of them."""


@dataclass(frozen=True, slots=True, eq=False)
class Established:
    """A statement of an earlier department; `relevance` is the cosine of its vector with the department's."""

    node_id: UUID
    department: str | None
    content: str
    confidence: float | None
    relevance: float
    vector: NDArray[np.float32]


def require_batch(nodes: Sequence[NodeDraft], edges: Sequence[EdgeDraft]) -> None:
    """Refuse a batch that is too large.

    Raises:
        InvalidNodes: it has more nodes or edges than a batch may.
    """
    problems = tuple(
        FieldError(name, f"{count:,} of them; a batch has at most {most:,}: send them in several")
        for name, count, most in (
            ("nodes", len(nodes), MOST_NODES_A_BATCH),
            ("edges", len(edges), MOST_EDGES_A_BATCH),
        )
        if count > most
    )
    if problems:
        told = "; ".join(f"{problem.field}: {problem.message}" for problem in problems)
        raise InvalidNodes(f"Nothing was stored. {told}.", errors=problems)


def tokens_of(text: str) -> int:
    """Estimate how many tokens a text takes: a token for four bytes, so that no script is counted for too little."""
    return max(1, math.ceil(len(text.encode()) / _BYTES_A_TOKEN))


def told_within(statements: Sequence[Established], *, max_tokens: int) -> DepartmentContext:
    """Return the statements that matter most for as many tokens as there are, best first.

    What bears on the department comes first, then what is surer, then what is newer. One that does not fit is left out
    for a shorter one behind it.
    """
    ranked = sorted(statements, key=lambda one: (-_worth(one), -one.node_id.int))
    chosen: list[Established] = []
    left = max_tokens
    for statement in ranked:
        cost = tokens_of(statement.content)
        if cost <= left and not any(_is_same(statement, other) for other in chosen):
            chosen.append(statement)
            left -= cost
    items = tuple(
        ContextItem(node_id=one.node_id, department=one.department, content=one.content, confidence=one.confidence)
        for one in chosen
    )
    return DepartmentContext(items=items, tokens=max_tokens - left)


def _worth(statement: Established) -> float:
    confidence = _UNSURE if statement.confidence is None else statement.confidence
    return _RELEVANCE_WEIGHT * statement.relevance + (1 - _RELEVANCE_WEIGHT) * confidence


def _is_same(one: Established, other: Established) -> bool:
    return one.vector.shape == other.vector.shape and float(one.vector @ other.vector) >= _SAME
