"""Asking for gathers and evaluations, and what becomes of a gather whose job is cancelled or fails."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from kairo.platform.jobs import operations as job_operations
from kairo.platform.jobs.contracts import JobCancellation, JobDTO, JobFailure
from kairo.platform.telemetry.contracts import EventType
from kairo.stages.brands import queries as brands
from kairo.stages.knowledge.contracts.departments import Department, DepartmentNotFound
from kairo.stages.knowledge.contracts.gathers import (
    EVALUATE,
    GATHER,
    DepartmentState,
    EvaluationMessage,
    EvaluationOrder,
    GatherDTO,
    GatherMessage,
    GatherOrder,
    GatherState,
)
from kairo.stages.knowledge.models import AutomatedGather, GatherDepartment
from kairo.stages.knowledge.operations.announcing import announce_gather, check_webhook
from kairo.stages.knowledge.queries.departments import department_list
from kairo.stages.knowledge.queries.gathers import gather_key, gather_of_task, live_gather, task

HIGH = 1


def submit_gather(*, order: GatherOrder, at: datetime) -> JobDTO:
    """Ask for a gather of a brand's knowledge; while one is under way, that one is the answer.

    Raises:
        BrandNotFound: no such brand of this tenant.
        UnsafeAddress: events may not be sent to the webhook's address.
    """
    brands.brand(order.project_id)
    if order.webhook_url is not None:
        check_webhook(order.webhook_url, at=at)
    message = GatherMessage(**order.model_dump())
    job = job_operations.enqueue(
        GATHER,
        message,
        dedupe_key=gather_key(order.project_id),
        priority=HIGH,
        result_url=f"/api/brands/{order.project_id}",
    )
    if gather_of_task(job.id) is None:
        new_gather(message, job_id=job.id, run_id=job.run_id, at=at)
    return job


def new_gather(message: GatherMessage, *, job_id: UUID, run_id: UUID, at: datetime) -> AutomatedGather:
    """Store a gather that nobody has worked on yet."""
    return AutomatedGather.objects.create(
        brand_id=message.project_id,
        run_id=run_id,
        task_id=job_id,
        job_id=job_id,
        user_id=message.user_id,
        max_iterations=message.max_iterations,
        enable_auto_evaluation=message.enable_auto_evaluation,
        webhook_url=message.webhook_url,
        seed=message.seed,
        generator=message.generator,
        created_at=at,
    )


def submit_evaluation(*, order: EvaluationOrder, at: datetime) -> JobDTO:
    """Ask for an evaluation of a department's knowledge; while one is under way, that one is the answer.

    Raises:
        BrandNotFound: no such brand of this tenant.
        DepartmentNotFound: no department has this number.
    """
    brands.brand(order.project_id)
    department_numbered(order.department_number)
    return enqueue_evaluation(EvaluationMessage(**order.model_dump()))


def enqueue_evaluation(message: EvaluationMessage, *, run_id: UUID | None = None) -> JobDTO:
    """Enqueue an evaluation, in the caller's transaction."""
    key = f"{EVALUATE}:{message.project_id}:{message.department_number}"
    return job_operations.enqueue(EVALUATE, message, dedupe_key=key, priority=HIGH, run_id=run_id)


def department_numbered(number: int) -> Department:
    """Return the department with a number.

    Raises:
        DepartmentNotFound: none has it.
    """
    listed = department_list().departments
    for department in listed:
        if department.code_dep_number == number:
            return department
    numbers = ", ".join(str(department.code_dep_number) for department in listed) or "none yet"
    raise DepartmentNotFound(f"There is no department number {number}. There are: {numbers}.")


def cancel_gather(*, project_id: UUID) -> JobDTO:
    """Cancel the gather of a project that is under way: it stops within one step, and keeps what it has saved.

    Raises:
        BrandNotFound: no such brand of this tenant.
        NoGather: none is under way.
    """
    brands.brand(project_id)
    return job_operations.request_cancel(live_gather(project_id).job_id)


def cancel_task(task_id: UUID) -> JobDTO:
    """Cancel a task, whichever job goes on with it now.

    Raises:
        TaskNotFound: not there, or somebody else's.
        JobNotCancellable: it has ended.
    """
    task(task_id)
    told = gather_of_task(task_id)
    job_operations.request_cancel(told.job_id if told else task_id)
    return task(task_id)


def gather_cancelled(*, message: GatherMessage, cancellation: JobCancellation, at: datetime) -> None:
    """Close a gather whose job is being cancelled, in that transaction: what was saved stays, and is counted."""
    told = gather_of_task(cancellation.job_id)
    if told is None:
        return
    stopped = GatherDepartment.objects.filter(gather_id=told.id, state=DepartmentState.RUNNING).first()
    _close(told, GatherState.CANCELLED, at=at)
    facts = {"department": stopped.slug, "department_name": stopped.name} if stopped else {}
    _tell(
        told,
        EventType.AUTOMATION_CANCELLED,
        {"items_created_so_far": told.items_created, "iterations": told.iterations, **facts},
        job_id=cancellation.job_id,
        at=at,
    )


def gather_failed(*, message: GatherMessage, failure: JobFailure, at: datetime) -> None:
    """Close a gather whose job has failed for good, in that transaction."""
    told = gather_of_task(failure.job_id)
    if told is None:
        return
    _close(told, GatherState.FAILED, at=at, error=failure.error)
    _tell(
        told,
        EventType.AUTOMATION_FAILED,
        {"error": failure.error, "code": failure.reason.value, "items_created_so_far": told.items_created},
        job_id=failure.job_id,
        at=at,
    )


def _close(told: GatherDTO, state: GatherState, *, at: datetime, error: str | None = None) -> None:
    AutomatedGather.objects.filter(id=told.id).update(state=state, finished_at=at, error=error)
    departments = GatherDepartment.objects.filter(gather_id=told.id)
    departments.filter(state=DepartmentState.RUNNING).update(state=DepartmentState.STOPPED, finished_at=at)
    departments.filter(state=DepartmentState.WAITING).update(state=DepartmentState.NOT_REACHED)


def _tell(told: GatherDTO, event: EventType, facts: dict[str, str | int], *, job_id: UUID, at: datetime) -> None:
    announce_gather(
        project_id=told.project_id,
        run_id=told.run_id,
        kind=GATHER,
        events=[(event, facts)],
        at=at,
        webhook_url=told.webhook_url,
        job_id=job_id,
    )
