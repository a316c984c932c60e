"""The names under which other producers ask for work by a Celery message, and what each becomes."""

from __future__ import annotations

from kairo.platform.database.clock import now
from kairo.platform.jobs.fleet.named_tasks import NamedTask, take_messages
from kairo.platform.jobs.operations import enqueue
from kairo.stages.knowledge import operations as knowledge
from kairo.stages.knowledge.contracts.gathers import EVALUATE, GATHER, EvaluationOrder, GatherOrder
from kairo.stages.revenue.contracts.deals import (
    AGGREGATE_PIPELINE,
    PROCESS_HUBSPOT,
    AggregatePipeline,
    ProcessDealChange,
)

take_messages(
    NamedTask(GATHER, GatherOrder, lambda order: knowledge.submit_gather(order=order, at=now()), argument="task_data")
)
take_messages(
    NamedTask(
        EVALUATE,
        EvaluationOrder,
        lambda order: knowledge.submit_evaluation(order=order, at=now()),
        argument="task_data",
    )
)
take_messages(
    NamedTask(
        PROCESS_HUBSPOT,
        ProcessDealChange,
        lambda message: enqueue(PROCESS_HUBSPOT, message),
        argument="events",
        is_whole=False,
    )
)
take_messages(NamedTask(AGGREGATE_PIPELINE, AggregatePipeline, lambda message: enqueue(AGGREGATE_PIPELINE, message)))
