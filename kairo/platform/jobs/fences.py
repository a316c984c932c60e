"""The fence around a claimed job: only who holds the newest claim of a running job may change it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import NoReturn
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import QuerySet

from kairo.platform.database.sessions import scoped_to
from kairo.platform.database.sql import rows
from kairo.platform.jobs.contracts import JobState
from kairo.platform.jobs.models import Job
from kairo.platform.jobs.rules import LONGEST_SILENCE_S

_SET_UP = """
SELECT set_config('kairo.tenant_id', %s, true), set_config('idle_in_transaction_session_timeout', %s, true)
"""


class HandlerStopped(BaseException):
    """Ends a handler from the inside; not an Exception, so that no handler catches it by accident."""


class FenceLost(HandlerStopped):
    """Somebody else has the job now, or may have it: nothing that this handler still does counts."""


class JobCancelled(HandlerStopped):
    """Somebody asked for the job to be cancelled."""


@dataclass(frozen=True)
class Fence:
    """One claim of one job.

    The worker's name is part of it: after a crash of the server a claim that was not yet on disk is forgotten, and its
    number is given out again.
    """

    job_id: UUID
    tenant_id: UUID
    lock_token: int
    worker: str


def lease_s() -> float:
    """Return for how many seconds without a heartbeat a claim is left alone."""
    return min(float(settings.KAIRO_JOB_LEASE_S), LONGEST_SILENCE_S)


def held_job(fence: Fence) -> QuerySet[Job]:
    """Return the job if the fence still stands, else nothing."""
    return Job.objects.filter(
        id=fence.job_id, lock_token=fence.lock_token, locked_by=fence.worker, state=JobState.RUNNING
    )


def wanted_job(fence: Fence) -> QuerySet[Job]:
    """Return the job if the fence still stands and nobody has asked to cancel it, else nothing."""
    return held_job(fence).filter(cancel_requested_at=None)


def refuse(fence: Fence) -> NoReturn:
    """Stop a handler whose job is not among `wanted_job` any more.

    Raises:
        JobCancelled: the fence stands.
        FenceLost: it does not.
    """
    if held_job(fence).exists():
        raise JobCancelled(f"Job {fence.job_id} was cancelled.")
    raise FenceLost(f"The claim {fence.lock_token} of job {fence.job_id} does not hold any more.")


def renew_connection() -> None:
    """Let the next query open a new connection if this one broke while the handler did not use it."""
    connection.close_if_unusable_or_obsolete()


@contextmanager
def impatient_transaction(tenant_id: UUID) -> Iterator[None]:
    """Run the block in the tenant's transaction, which the server ends if this process stops in the middle of it.

    The row of the job is locked here, and a locked row is never taken for stale: without this a stopped process
    would keep its job for ever.
    """
    with transaction.atomic():
        rows(_SET_UP, [str(tenant_id), f"{round(lease_s() * 1000)}ms"])
        with scoped_to(tenant_id):
            yield


@contextmanager
def own_transaction(fence: Fence) -> Iterator[None]:
    """Run the block in a transaction of its own: what a handler reports is seen at once, and locks nothing longer."""
    if connection.in_atomic_block:
        raise RuntimeError("A handler reports outside tenant_transaction(…): each report commits by itself.")
    renew_connection()
    with impatient_transaction(fence.tenant_id):
        yield
