"""What knowledge needs from outside: a brain that keeps the graph, and a place that lists departments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from kairo.stages.knowledge.contracts.departments import Department
from kairo.stages.knowledge.contracts.gathers import ItemDraft
from kairo.stages.knowledge.contracts.graph import (
    CoverageReport,
    DepartmentContext,
    DuplicateNode,
    EdgeDraft,
    NodeDraft,
    NodesStored,
)


class Brain(Protocol):
    """The brand's graph, in our own database or behind HTTP; the calls and their answers are the same.

    Every call raises `BrainUnavailable` when the brain cannot be reached.
    """

    def store(self, *, project_id: UUID, nodes: Sequence[NodeDraft], edges: Sequence[EdgeDraft]) -> NodesStored:
        """Store nodes and edges, all or nothing; a repeated client key changes nothing."""

    def duplicates(self, *, project_id: UUID, content: str, threshold: float) -> tuple[DuplicateNode, ...]:
        """Return nodes that say the same as `content`, most similar first."""

    def context(
        self, *, project_id: UUID, department: str, previous: Sequence[str] | None, max_tokens: int
    ) -> DepartmentContext:
        """Return what the `previous` departments established that bears on `department`; None: all earlier ones."""

    def coverage(self, *, project_id: UUID, department: str) -> CoverageReport:
        """Return which aspects of the department are covered, by which nodes."""


@dataclass(frozen=True)
class Assignment:
    """What an iteration is to be written for: a department, what is known, and what earlier departments established."""

    department: Department
    iteration: int
    counts: Mapping[str, int]
    known: Sequence[str]
    used: frozenset[tuple[UUID, str]]
    context: Sequence[str]
    seed: str


@dataclass(frozen=True)
class Generated:
    """The items of an iteration, who wrote them, and what was wrong on the way."""

    items: Sequence[ItemDraft]
    generator: str
    model: str | None = None
    prompt: str | None = None
    model_ms: int = 0
    degraded: tuple[str, ...] = ()


class ItemGenerator(Protocol):
    """Who writes the items of an iteration: composed from the material alone, or asked of a model."""

    def generate(self, assignment: Assignment) -> Generated:
        """Return up to ten items, each of which cites a passage that resolves; none where nothing more is to be said.

        Raises:
            ModelBusy: the model asks for patience; says how much.
        """
