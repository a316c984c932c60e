"""What comes round by the clock: money that crashed attempts left reserved is settled, old answers are deleted."""

from __future__ import annotations

from pydantic import BaseModel

from kairo.platform.jobs.contexts import Completion, JobContext
from kairo.platform.jobs.crons import every
from kairo.platform.jobs.registry import handles
from kairo.platform.llm.operations import sweep

SWEEP = "llm.sweep"
SWEEP_MINUTES = 5


class SweepOrder(BaseModel):
    """Whatever has expired when the work is done."""


@handles(SWEEP, payload=SweepOrder)
def sweep_reservations(_: SweepOrder, job: JobContext) -> Completion:
    """Settle and clear up for one tenant."""
    return Completion(outcome={"settled": sweep(job.tenant_id)})


every(SWEEP, minutes=SWEEP_MINUTES, payload=SweepOrder())
