"""What a worker does before it knows a tenant: claim, keep and free jobs. Each is one database function, one commit."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from pydantic import JsonValue

from kairo.platform.database.sql import Row, first_row, rows
from kairo.platform.jobs.fences import Fence, lease_s
from kairo.platform.jobs.rules import TENANT_RUNNING_CAP


@dataclass(frozen=True)
class ClaimedJob:
    """A job as its worker got it; `turn` is the place of its tenant in the round, for the next claim to go on from."""

    fence: Fence
    payload: JsonValue
    checkpoint: JsonValue | None
    kind: str
    queue: str
    attempt: int
    max_attempts: int
    worker_losses: int
    time_limit_s: int
    run_id: UUID
    cancel_requested: bool
    turn: int

    @property
    def id(self) -> UUID:
        return self.fence.job_id


def claim(
    *, worker: str, queues: Sequence[str], kinds: Collection[str], wanted: int, last_turn: int
) -> list[ClaimedJob]:
    """Claim up to `wanted` due jobs for a worker, fairly between tenants, in the order in which they should run."""
    parameters = [list(queues), sorted(kinds), wanted, TENANT_RUNNING_CAP, last_turn, worker]
    found = rows("SELECT * FROM job_claim(%s, %s, %s, %s, %s, %s)", parameters)
    return [_claimed(row, worker) for row in found]


def claim_by_id(job_id: UUID, *, worker: str) -> ClaimedJob | None:
    """Claim one job if it is pending and due; None says that nothing is left to do for this call."""
    found = first_row("SELECT * FROM job_claim_one(%s, %s)", [job_id, worker])
    return _claimed(found, worker) if found else None


def claim_by_message(job_id: UUID, *, worker: str, kinds: Collection[str]) -> ClaimedJob | None:
    """Claim the job that a message asks for, if it is due and its tenant may run one more; else None."""
    parameters = [job_id, sorted(kinds), TENANT_RUNNING_CAP, worker]
    found = first_row("SELECT * FROM job_claim_by_message(%s, %s, %s, %s)", parameters)
    return _claimed(found, worker) if found else None


def due_jobs(*, queues: Sequence[str], kinds: Collection[str], wanted: int, last_turn: int) -> list[UUID]:
    """Return which jobs `claim` would take first, and claim none."""
    parameters = [list(queues), sorted(kinds), wanted, TENANT_RUNNING_CAP, last_turn]
    return [job_id for (job_id,) in rows("SELECT id FROM job_due(%s, %s, %s, %s, %s)", parameters)]


def _claimed(row: Row, worker: str) -> ClaimedJob:
    job_id, tenant_id, token, payload, checkpoint, *facts = row
    return ClaimedJob(
        Fence(job_id, tenant_id, token, worker),
        # Django has psycopg leave jsonb as text.
        json.loads(payload),
        json.loads(checkpoint) if checkpoint is not None else None,
        *facts,
    )


def beat(fences: Sequence[Fence]) -> dict[UUID, float | None]:
    """Keep a worker's claims alive; return those that still stand, with the age in seconds of a wish to cancel."""
    if not fences:
        return {}
    parameters = [[fence.job_id for fence in fences], [fence.lock_token for fence in fences], fences[0].worker]
    return dict(rows("SELECT * FROM job_heartbeat(%s, %s, %s)", parameters))


def release_stale(*, dead_worker: str | None = None) -> list[tuple[UUID, str]]:
    """Put the jobs of silent workers, and of one that is known to be dead, back to pending; return their queues."""
    found = rows("SELECT * FROM job_release_stale(%s, %s)", [timedelta(seconds=lease_s()), dead_worker])
    return [(job_id, queue) for job_id, queue in found]


def tenant_of(job_id: UUID) -> UUID | None:
    """Return whose job this is, for the operator's commands."""
    tenant_id: UUID | None = rows("SELECT job_tenant(%s)", [job_id])[0][0]
    return tenant_id
