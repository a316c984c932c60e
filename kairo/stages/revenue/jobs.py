"""The stage's jobs: each loads its message and calls one operation."""

from __future__ import annotations

import time

from kairo.errors import Invalid
from kairo.platform.database.clock import now
from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.jobs.contexts import Completion, JobContext
from kairo.platform.jobs.contracts import PermanentFailure, Queue, RetryLater
from kairo.platform.jobs.crons import every
from kairo.platform.jobs.registry import handles
from kairo.stages.revenue import operations
from kairo.stages.revenue.contracts.deals import (
    AGGREGATE_PIPELINE,
    PROCESS_HUBSPOT,
    AggregatePipeline,
    ConnectionNotFound,
    HubSpotAway,
    HubSpotRefused,
    LearnStages,
    ProcessDealChange,
    RevalueDeals,
    SyncReport,
)
from kairo.stages.revenue.contracts.tracking import ForgetDevices, LearnWeights

LEARN_STAGES = "revenue.learn_stages"
FORGET_DEVICES = "revenue.forget_devices"
HOURLY, DAILY = 60, 1440
LONGEST_PULL_S = 3_000
LONGEST_LEARNING_S = 1_800


@handles(PROCESS_HUBSPOT, payload=ProcessDealChange)
def process_hubspot_deal_change(message: ProcessDealChange, job: JobContext) -> Completion:
    """Bring deals up to date with what HubSpot has sent."""
    try:
        with tenant_transaction(job.tenant_id):
            fresh = operations.process_deal_change(message=message, at=now())
    except Invalid as error:
        raise PermanentFailure(error.message) from error
    return Completion(outcome={"deals": len(message.deal_ids), "events": len(message.events), "new": fresh})


@handles(AGGREGATE_PIPELINE, payload=AggregatePipeline, queue=Queue.IO, time_limit_s=LONGEST_PULL_S)
def aggregate_crm_pipeline_values(message: AggregatePipeline, job: JobContext) -> Completion:
    """Pull what has changed in the CRM, where one is connected."""

    def on_page(report: SyncReport) -> None:
        job.checkpoint(report.model_dump(mode="json"))

    try:
        report = operations.sync_hubspot(
            tenant_id=job.tenant_id, at=now(), wait=time.sleep, on_page=on_page, full=message.full
        )
    except ConnectionNotFound as error:
        return Completion(outcome={"connected": False, "reason": error.message})
    except HubSpotAway as error:
        raise RetryLater(error.message) from error
    except HubSpotRefused as error:
        raise PermanentFailure(error.message) from error
    return Completion(outcome={"connected": True, **report.model_dump(mode="json")})


every(AGGREGATE_PIPELINE, minutes=HOURLY, payload=AggregatePipeline())


@handles(LEARN_STAGES, payload=LearnStages, queue=Queue.CPU_INTENSIVE, time_limit_s=LONGEST_LEARNING_S)
def learn_stages(_: LearnStages, job: JobContext) -> Completion:
    """Learn stage probabilities where deals have closed."""
    with tenant_transaction(job.tenant_id):
        made = operations.learn_stages(at=now())
    return Completion(outcome={"pipelines": {model.pipeline: model.version for model in made}})


every(LEARN_STAGES, minutes=HOURLY, payload=LearnStages())


@handles(operations.REVALUE, payload=RevalueDeals, queue=Queue.CPU_INTENSIVE, time_limit_s=LONGEST_LEARNING_S)
def revalue_deals(_: RevalueDeals, job: JobContext) -> Completion:
    """Count every deal anew: rules have changed, or deals have grown older."""
    with tenant_transaction(job.tenant_id):
        changed = operations.revalue_deals(at=now())
    return Completion(outcome={"changed": changed})


every(operations.REVALUE, minutes=DAILY, payload=RevalueDeals())


@handles(operations.LEARN, payload=LearnWeights, queue=Queue.CPU_INTENSIVE, time_limit_s=LONGEST_LEARNING_S)
def learn_weights(message: LearnWeights, job: JobContext) -> Completion:
    """Learn how clicks and conversions belong together, from those of which it is known."""
    with tenant_transaction(job.tenant_id):
        version = operations.learn_weights(until=message.until, at=now())
    return Completion(outcome={"version": version})


@handles(FORGET_DEVICES, payload=ForgetDevices)
def forget_devices(_: ForgetDevices, job: JobContext) -> Completion:
    """Take addresses and devices off what is older than the account keeps them."""
    with tenant_transaction(job.tenant_id):
        changed = operations.forget_devices(at=now())
    return Completion(outcome={"rows": changed})


every(FORGET_DEVICES, minutes=DAILY, payload=ForgetDevices())
