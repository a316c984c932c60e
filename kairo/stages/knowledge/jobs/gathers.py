"""The jobs of gathers: each loads its message and calls one operation."""

from __future__ import annotations

from kairo.platform.database.clock import now
from kairo.platform.jobs.contexts import Completion, JobContext
from kairo.platform.jobs.contracts import JobCancellation, JobFailure, Queue
from kairo.platform.jobs.registry import handles
from kairo.stages.knowledge import operations
from kairo.stages.knowledge.contracts.gathers import EVALUATE, GATHER, EvaluationMessage, GatherMessage

LONGEST_EVALUATION_S = 300


def _failed(message: GatherMessage, failure: JobFailure) -> None:
    operations.gather_failed(message=message, failure=failure, at=now())


def _cancelled(message: GatherMessage, cancellation: JobCancellation) -> None:
    operations.gather_cancelled(message=message, cancellation=cancellation, at=now())


@handles(
    GATHER,
    payload=GatherMessage,
    queue=Queue.CPU_INTENSIVE,
    time_limit_s=operations.GATHER_TIME_LIMIT_S,
    when_failed=_failed,
    when_cancelled=_cancelled,
)
def gather(message: GatherMessage, job: JobContext) -> Completion:
    """Gather a brand's knowledge."""
    return operations.run_gather(message=message, job=job, at=now(), brain=operations.brain_of(job.tenant_id))


@handles(EVALUATE, payload=EvaluationMessage, queue=Queue.CPU_INTENSIVE, time_limit_s=LONGEST_EVALUATION_S)
def evaluate(message: EvaluationMessage, job: JobContext) -> Completion:
    """Evaluate what is known of a department."""
    return operations.evaluate_department(message=message, job=job, at=now())
