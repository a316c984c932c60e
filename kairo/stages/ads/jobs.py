"""The stage's jobs: each loads its message and calls one operation."""

from __future__ import annotations

import time
from collections import Counter

from kairo.platform.database.clock import now
from kairo.platform.jobs.contexts import Completion, JobContext
from kairo.platform.jobs.contracts import PermanentFailure, Queue
from kairo.platform.jobs.crons import every
from kairo.platform.jobs.registry import handles
from kairo.stages.ads import operations
from kairo.stages.ads.contracts.accounts import PULL_STATS, MetaMissing, PullStats
from kairo.stages.ads.contracts.changes import RUN_DUE, RunDue

HOURLY = 60
LONGEST_PULL_S = 3_000
LONGEST_RUN_S = 300
CHANGES_AT_ONCE = 20


@handles(PULL_STATS, payload=PullStats, queue=Queue.IO, time_limit_s=LONGEST_PULL_S)
def pull_stats(message: PullStats, job: JobContext) -> Completion:
    """Pull names and figures of the connected accounts; what cannot be asked now is read in the next hour."""
    try:
        report = operations.pull_stats(tenant_id=job.tenant_id, at=now(), days=message.days)
    except MetaMissing as error:
        raise PermanentFailure(error.message) from error
    return Completion(outcome=report.model_dump(mode="json"))


every(PULL_STATS, minutes=HOURLY, payload=PullStats())


@handles(RUN_DUE, payload=RunDue, queue=Queue.IO, time_limit_s=LONGEST_RUN_S)
def run_due_changes(_: RunDue, job: JobContext) -> Completion:
    """Carry out the changes of ads that have come due, a few at a time."""
    counts: Counter[str] = Counter()
    until = time.monotonic() + LONGEST_RUN_S / 2
    while time.monotonic() < until:
        report = operations.run_due(tenant_id=job.tenant_id, worker=f"job:{job.job_id}", most=CHANGES_AT_ONCE)
        counts.update(report.counts)
        if sum(report.counts.values()) < CHANGES_AT_ONCE:
            break
        job.progress("changes", done=counts.total())
    return Completion(outcome={"changes": dict(counts)})


every(RUN_DUE, minutes=1, payload=RunDue())
