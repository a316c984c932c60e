"""The stage's jobs: each loads its message and calls one operation."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from kairo.platform.database.clock import now
from kairo.platform.jobs.contexts import Completion, JobContext
from kairo.platform.jobs.contracts import JobFailure, Queue
from kairo.platform.jobs.crons import every
from kairo.platform.jobs.registry import handles
from kairo.stages.evidence.contracts import EvidenceIngested
from kairo.stages.evidence.operations import INGESTED, lets_go
from kairo.stages.insights import operations
from kairo.stages.insights.contracts.answers import Analyze
from kairo.stages.insights.contracts.trends import SweepTrends

SWEEP = "insights.sweep_trends"
SWEEP_MINUTES = 60
LONGEST_FOLLOWING_S = 3600
LONGEST_ANALYSIS_S = 60


@handles(INGESTED, payload=EvidenceIngested, queue=Queue.CPU_INTENSIVE, time_limit_s=LONGEST_FOLLOWING_S)
def follow_new_items(_: EvidenceIngested, job: JobContext) -> Completion:
    """Put new items into clusters, and look at those that got some."""

    def tell(items: int) -> None:
        job.progress("aggregate", done=items, note=f"{items:,} items")

    aggregated, scored = operations.follow_new_items(tenant_id=job.tenant_id, at=now(), progress=tell)
    return Completion(outcome={**aggregated.model_dump(), **scored.model_dump()})


@handles(SWEEP, payload=SweepTrends)
def sweep_trends(_: SweepTrends, job: JobContext) -> Completion:
    """Look at open candidates: time passes for them without new items too."""
    return Completion(outcome=operations.score(tenant_id=job.tenant_id, at=now(), among=()).model_dump())


every(SWEEP, minutes=SWEEP_MINUTES, payload=SweepTrends())


def _no_answer(message: Analyze, failure: JobFailure) -> None:
    operations.analysis_failed(message=message, failure=failure, at=now())


@handles(operations.ANALYZE, payload=Analyze, time_limit_s=LONGEST_ANALYSIS_S, when_failed=_no_answer)
def analyze(message: Analyze, job: JobContext) -> Completion:
    """Answer a question."""
    return operations.analyze(message=message, job=job, at=now())


@lets_go("insights")
def let_go_of_items(item_ids: Sequence[UUID]) -> None:
    """Let go of evidence before it is erased."""
    operations.withdraw_answers(item_ids=item_ids)
    operations.let_go_of_items(item_ids=item_ids)
