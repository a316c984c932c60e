"""The stage's jobs: each loads its message and calls one operation."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from pydantic import BaseModel

from kairo.platform.database.clock import now
from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.jobs.contexts import Completion, JobContext
from kairo.platform.jobs.crons import every
from kairo.platform.jobs.registry import handles
from kairo.stages.content import operations
from kairo.stages.content.contracts import MakePackage, MakeVariants
from kairo.stages.evidence.operations import lets_go

MARK_MISSED = "content.mark_missed"
MISSED_MINUTES = 5
URGENT_S = 120
ALL_CHANNELS_S = 900
"""Eight channels, each with the time that its route gives a model's whole answer."""


class MissedOrder(BaseModel):
    """Whatever is overdue when the work is done."""


@handles("content.make_package", payload=MakePackage, time_limit_s=URGENT_S)
def make_package(message: MakePackage, job: JobContext) -> Completion:
    """Make an opportunity's package."""
    return operations.make_package(message=message, job=job, at=now())


@handles("content.make_variants", payload=MakeVariants, time_limit_s=ALL_CHANNELS_S)
def make_variants(message: MakeVariants, job: JobContext) -> Completion:
    """Write a package's variants."""
    return operations.make_variants(message=message, job=job, at=now())


@handles(MARK_MISSED, payload=MissedOrder)
def mark_missed(_: MissedOrder, job: JobContext) -> Completion:
    """Mark the tenant's scheduled variants that nobody sent."""
    with tenant_transaction(job.tenant_id):
        missed = operations.mark_missed(at=now())
    return Completion(outcome={"missed": missed})


every(MARK_MISSED, minutes=MISSED_MINUTES, payload=MissedOrder())


@lets_go("content")
def let_go_of_items(item_ids: Sequence[UUID]) -> None:
    """Let go of evidence before it is erased."""
    operations.let_go_of_items(item_ids=item_ids)
