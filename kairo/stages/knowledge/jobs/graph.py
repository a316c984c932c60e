"""Jobs of the graph and of what feeds it: each loads its message and calls one operation."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from kairo.platform.database.clock import now
from kairo.platform.jobs.contexts import Completion, JobContext
from kairo.platform.jobs.contracts import Queue
from kairo.platform.jobs.registry import handles
from kairo.stages.evidence.operations import lets_go
from kairo.stages.knowledge import operations
from kairo.stages.knowledge.contracts.departments import RefreshDepartments
from kairo.stages.knowledge.contracts.documents import FetchPage
from kairo.stages.knowledge.operations import documents
from kairo.stages.knowledge.operations.departments import REFRESH, refresh_departments
from kairo.stages.knowledge.operations.documents import FETCH


@handles(REFRESH, payload=RefreshDepartments, queue=Queue.IO)
def read_departments(_: RefreshDepartments, job: JobContext) -> Completion:
    """Ask the CMS for its departments."""
    return refresh_departments(job=job, at=now())


@handles(FETCH, payload=FetchPage, queue=Queue.IO, time_limit_s=120)
def take_in_page(message: FetchPage, job: JobContext) -> Completion:
    """Take a web page in as a document."""
    return documents.take_in_page(message=message, job=job, at=now())


@lets_go("knowledge")
def let_go_of_items(item_ids: Sequence[UUID]) -> None:
    """Let go of evidence before it is erased."""
    operations.let_go_of_gathered(item_ids=item_ids)
    operations.let_go_of_evidence(item_ids=item_ids)
