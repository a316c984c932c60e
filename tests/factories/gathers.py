"""Gathers as the product makes them: documents that were uploaded, an order, and a worker's own function."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db import connections
from django.utils import timezone

from kairo.platform.database.clock import now
from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.jobs import endings
from kairo.platform.jobs.attempts import Attempt
from kairo.platform.jobs.claims import claim_by_id, release_stale
from kairo.platform.jobs.contracts import JobDTO, JobState
from kairo.platform.jobs.fences import JobCancelled
from kairo.platform.jobs.queries import job
from kairo.platform.jobs.runner import run_job_by_id, worker_name
from kairo.platform.llm.asking import Models
from kairo.platform.llm.ports import ModelProvider
from kairo.platform.llm.routes import RoutesFile
from kairo.platform.telemetry.contracts import EventType, RunEventDTO
from kairo.platform.telemetry.runs import all_events
from kairo.stages.knowledge import operations, queries
from kairo.stages.knowledge.contracts.departments import DepartmentsDraft
from kairo.stages.knowledge.contracts.gathers import EvaluationMessage, GatheredItemDTO, GatherMessage, GatherOrder
from kairo.stages.knowledge.ports import Brain
from tests.factories.brands import stored_brand
from tests.factories.handbook import HANDBOOK, INTERVIEWS

TOLD = frozenset(
    {
        EventType.DEPARTMENT_STARTED,
        EventType.ITERATION_COMPLETE,
        EventType.DEDUPLICATING,
        EventType.DEPARTMENT_COMPLETE,
        EventType.DEPARTMENT_EVALUATED,
        EventType.MAX_ITERATIONS_REACHED,
        EventType.QUALITY_STAGNANT,
        EventType.AUTOMATION_COMPLETE,
        EventType.AUTOMATION_CANCELLED,
        EventType.AUTOMATION_FAILED,
    }
)


def upload(tenant_id: UUID, brand_id: UUID, name: str, text: str) -> UUID:
    """Store a document as the API does."""
    content = text.encode()
    read = operations.read_document(content=content, name=name)
    with tenant_transaction(tenant_id):
        document, _ = operations.add_document(
            brand_id=brand_id, content=content, name=name, read=read, at=timezone.now()
        )
    return document.id


def documented_brand(tenant_id: UUID, *, slug: str = "moss", texts: Sequence[str] = (HANDBOOK, INTERVIEWS)) -> UUID:
    """Store a brand with documents."""
    brand = stored_brand(tenant_id, brand__slug=slug, brand__name="Moss & Amber")
    for number, text in enumerate(texts):
        upload(tenant_id, brand.id, f"document-{number}.md", text)
    return brand.id


def ask_for_gather(tenant_id: UUID, brand_id: UUID, **changes: object) -> JobDTO:
    """Ask for a gather."""
    order = GatherOrder.model_validate({"project_id": brand_id, **changes})
    with tenant_transaction(tenant_id):
        return operations.submit_gather(order=order, at=timezone.now())


def run(tenant_id: UUID, job_id: UUID) -> JobDTO:
    """Run one job here and return how it ended."""
    run_job_by_id(job_id)
    with tenant_transaction(tenant_id):
        return job(job_id)


def told(tenant_id: UUID, run_id: UUID) -> list[RunEventDTO]:
    """List what a gather told of, in order."""
    with tenant_transaction(tenant_id):
        return [event for event in all_events(run_id) if event.type in TOLD]


class Killed(BaseException):
    """The process is gone at this moment."""


ROUTES = RoutesFile.model_validate(
    {
        "defaults": {"timeout_s": 5, "deadline_s": 10, "max_output_tokens": 2000, "cache_hours": 24},
        "models": {},
        "tasks": {"gather": {"models": ["local:writer"]}, "judge": {"models": ["local:judge"]}},
        "prices": {"local:*": {"input": 0, "output": 0}},
    }
)


def scripted(model: ModelProvider) -> Models:
    """Return models that a scripted one answers for, at no price, and that wait for nothing."""
    return Models(providers={"local": model}, routes=ROUTES, wait=lambda _: None)


def attempt_gather(
    tenant_id: UUID,
    job_id: UUID,
    *,
    models: Models | None = None,
    brain: Brain | None = None,
    time_limit_s: float = operations.GATHER_TIME_LIMIT_S,
) -> JobDTO:
    """Claim a gather's job and work on it as a worker does; where the process is killed, its worker is known dead."""
    worker = worker_name()
    claimed = claim_by_id(job_id, worker=worker)
    assert claimed is not None, "Nobody can claim the job at this moment."
    attempt = Attempt(claimed)
    attempt.begin()
    message = GatherMessage.model_validate(claimed.payload)
    try:
        completion = operations.run_gather(
            message=message,
            job=attempt.context(),
            at=now(),
            brain=brain or operations.brain_of(tenant_id),
            models=models,
            time_limit_s=time_limit_s,
        )
        endings.complete(claimed, completion, begun=attempt.close())
    except JobCancelled:
        endings.cancel(claimed.fence)
    except Killed:
        release_stale(dead_worker=worker)
    with tenant_transaction(tenant_id):
        return job(job_id)


def gather_to_its_end(tenant_id: UUID, task_id: UUID, **options: object) -> JobDTO:
    """Work on a task's jobs, one attempt after the other, until the task has ended."""
    for _ in range(60):
        with tenant_transaction(tenant_id):
            task = queries.task(task_id)
            told = queries.gather_of_task(task_id)
        if task.state not in {JobState.PENDING, JobState.RUNNING}:
            return task
        assert told is not None
        make_due(told.job_id)
        attempt_gather(tenant_id, told.job_id, **options)  # type: ignore[arg-type]
    raise AssertionError("The gather did not come to its end.")


def make_due(job_id: UUID) -> None:
    """Let the time pass until a job may run."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("UPDATE job SET available_at = now() - interval '1 second' WHERE id = %s", [job_id])


def found(tenant_id: UUID, brand_id: UUID) -> list[GatheredItemDTO]:
    """List all items of a brand in the order in which they were made."""
    with tenant_transaction(tenant_id):
        return queries.gathered_items(brand_id, superseded=True, limit=2_000)[::-1]


def contents(items: Sequence[GatheredItemDTO]) -> list[tuple[str, int, str]]:
    """Return what two gathers of the same material must have in common."""
    return [(item.department, item.iteration, item.content) for item in items]


def attempt_evaluation(tenant_id: UUID, job_id: UUID, *, models: Models | None = None) -> JobDTO:
    """Claim an evaluation's job and work on it to its end."""
    claimed = claim_by_id(job_id, worker=worker_name())
    assert claimed is not None, "Nobody can claim the job at this moment."
    attempt = Attempt(claimed)
    attempt.begin()
    message = EvaluationMessage.model_validate(claimed.payload)
    completion = operations.evaluate_department(message=message, job=attempt.context(), at=now(), models=models)
    endings.complete(claimed, completion, begun=attempt.close())
    with tenant_transaction(tenant_id):
        return job(job_id)


def iterations(tenant: UUID, project_id: UUID) -> int:
    """Count the iterations that a project's newest gather has stored."""
    with tenant_transaction(tenant):
        gather = queries.newest_gather(project_id)
    return gather.iterations if gather else 0


def demanding_departments(tenant: UUID) -> None:
    """Have every department want more than it can get, so that all iterations are used."""
    with tenant_transaction(tenant):
        listed = [one.model_dump(mode="json") for one in queries.department_list().departments]
        for one in listed:
            one["coordination_settings"]["quality_threshold"] = 100
        operations.set_departments(draft=DepartmentsDraft.model_validate({"departments": listed}))
