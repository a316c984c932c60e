"""What people see of a brand's knowledge and change in it: statements with what they cite, edits and removals."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from kairo.errors import Conflict, NotFound
from kairo.shapes import Frozen
from kairo.stages.knowledge.contracts.gathers import Citation
from kairo.stages.knowledge.contracts.graph import SourceType

LONGEST_STATEMENT = 4_000


class StatementNotFound(NotFound):
    """The brand's knowledge holds no such statement."""

    code = "statement_not_found"


class StatementChanged(Conflict):
    """Somebody edited, removed or put back the statement first."""

    code = "statement_changed"


class Retirement(StrEnum):
    """Why a statement does not count any more."""

    EDITED = "edited"
    REMOVED = "removed"


class StatementDTO(Frozen):
    """One statement that counts, and what it cites; `said_by` where a person said it."""

    id: UUID
    department: str | None
    content: str
    summary: str | None
    kind: str
    source_type: SourceType | None
    citations: tuple[Citation, ...] = ()
    said_by: str | None = None
    confidence: float | None = None
    created_at: datetime


class RetiredDTO(Frozen):
    """A statement that does not count any more; `replaced_by` where an edit put another in its place."""

    id: UUID
    department: str | None
    content: str
    reason: Retirement
    replaced_by: UUID | None
    by: str
    retired_at: datetime


class ContradictionDTO(Frozen):
    """Two statements that cannot both hold, and why where an evaluation said so."""

    first: str
    second: str
    reason: str | None = None
    first_id: UUID
    second_id: UUID
