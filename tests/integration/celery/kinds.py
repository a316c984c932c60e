"""Jobs whose traces show whatever happened twice; imported by the tests and by the workers that they start."""

from __future__ import annotations

import os
import time
from pathlib import Path

from pydantic import BaseModel

from kairo.platform.jobs.contexts import Completion, JobContext
from kairo.platform.jobs.contracts import Queue
from kairo.platform.jobs.registry import handles
from tests.integration.jobs.kinds import note_down


class Errand(BaseModel):
    """`calls` collects what was paid for; a first attempt waits at the gate `calls`.open, if `waits`."""

    calls: str
    waits: bool = False


def _append(file: Path, line: str) -> str:
    with file.open("a") as lines:
        lines.write(f"{line}\n")
    return line


@handles("tests.errand", payload=Errand, queue=Queue.CPU_INTENSIVE, time_limit_s=60)
def run_errand(errand: Errand, job: JobContext) -> Completion:
    """Pay for two steps, wait between them if it is the first to do so, and leave one effect."""
    calls = Path(errand.calls)
    job.step("first", {"job": str(job.job_id)}, lambda: _append(calls, "first"))
    if errand.waits and job.fence.lock_token == 1:
        _append(calls.with_suffix(".pid"), f"{os.getpid()} {os.getppid()}")
        while not calls.with_suffix(".open").exists():
            time.sleep(0.02)
    job.step("second", {"job": str(job.job_id)}, lambda: _append(calls, "second"))
    return Completion(effects=lambda: note_down(str(job.job_id)))
