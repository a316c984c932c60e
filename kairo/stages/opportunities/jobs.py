"""The stage's jobs: each loads its message and calls one operation."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from kairo.platform.database.clock import now
from kairo.platform.jobs.contexts import Completion, JobContext
from kairo.platform.jobs.contracts import JobFailure
from kairo.platform.jobs.registry import handles
from kairo.stages.evidence.operations import lets_go
from kairo.stages.opportunities import operations
from kairo.stages.opportunities.contracts import GenerateBoard


def _failed(message: GenerateBoard, failure: JobFailure) -> None:
    operations.board_failed(message=message, failure=failure, at=now())


@handles("opportunities.generate", payload=GenerateBoard, time_limit_s=300, when_failed=_failed)
def generate(message: GenerateBoard, job: JobContext) -> Completion:
    """Generate a brand's board."""
    return operations.generate_board(message=message, job=job, at=now())


@lets_go("opportunities")
def let_go_of_items(item_ids: Sequence[UUID]) -> None:
    """Let go of evidence before it is erased."""
    operations.let_go_of_items(item_ids=item_ids)
