"""The jobs of the storm; each leaves traces that show whatever happened twice."""

from __future__ import annotations

import os
import signal
import time
from uuid import UUID

from django.db import connection
from pydantic import BaseModel

from kairo.platform.jobs.contexts import Completion, JobContext
from kairo.platform.jobs.registry import handles
from tests.verification.jobs.provider import ask_provider

STEPS = ("half", "whole")


class Work(BaseModel):
    provider_port: int
    work_s: float = 0.05


def leave_row(job_id: UUID, step: str, token: int) -> None:
    """Leave a row that nothing in the database keeps from being there twice."""
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO storm_row (job_id, step, token) VALUES (%s, %s, %s)", [job_id, step, token])


@handles("storm.work", payload=Work, time_limit_s=120)
def work(given: Work, job: JobContext) -> Completion:
    token = job.fence.lock_token
    job.step("price", {"job": str(job.job_id)}, lambda: ask_provider(given.provider_port, f"/price/{job.job_id}"))
    job.effect("send", lambda key: ask_provider(given.provider_port, f"/send/{job.job_id}", key))
    if job.checkpointed is None:
        job.checkpoint({"page": 1}, effects=lambda: leave_row(job.job_id, "half", token))
    time.sleep(given.work_s)
    return Completion(effects=lambda: leave_row(job.job_id, "whole", token))


@handles("storm.crash", payload=Work, time_limit_s=120)
def crash_after_paying(given: Work, job: JobContext) -> Completion:
    job.step("price", {"job": str(job.job_id)}, lambda: ask_provider(given.provider_port, f"/price/{job.job_id}"))
    if job.fence.lock_token == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    return Completion(effects=lambda: leave_row(job.job_id, "whole", job.fence.lock_token))
