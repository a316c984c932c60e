"""Jobs of compiled profiles: each loads its message and calls one operation."""

from __future__ import annotations

from kairo.platform.database.clock import now
from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.jobs.contexts import Completion, JobContext
from kairo.platform.jobs.crons import every
from kairo.platform.jobs.registry import handles
from kairo.stages.brands.contracts import BrandChanged
from kairo.stages.brands.operations import CHANGED
from kairo.stages.knowledge import operations
from kairo.stages.knowledge.contracts.profiles import CompileAll, CompileProfile

COMPILE_ALL = "knowledge.compile_all"
DAILY = 1440
LONGEST_COMPILE_S = 300


@handles(CHANGED, payload=BrandChanged)
def follow_brand(message: BrandChanged, job: JobContext) -> Completion:
    """Have the profile of a brand compiled that was made or changed."""
    with tenant_transaction(job.tenant_id):
        compiling = operations.request_compile(brand_id=message.brand_id)
    return Completion(outcome={"job_id": str(compiling.id)})


@handles(operations.COMPILE, payload=CompileProfile, time_limit_s=LONGEST_COMPILE_S)
def compile_profile(message: CompileProfile, job: JobContext) -> Completion:
    """Compile a brand's profile."""
    return operations.compile_profile(message=message, job=job, at=now())


@handles(COMPILE_ALL, payload=CompileAll)
def compile_all(_: CompileAll, job: JobContext) -> Completion:
    """Look at each brand's profile: what its posts speak about moves the weights."""
    return Completion(outcome={"brands": operations.compile_all(tenant_id=job.tenant_id)})


every(COMPILE_ALL, minutes=DAILY, payload=CompileAll())
