"""Tasks over HTTP: gathers and evaluations are asked for, looked at and cancelled here."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Status
from pydantic import Field

from kairo.errors import FieldError, Invalid
from kairo.interfaces.api.actors import actor
from kairo.interfaces.api.errors import PROBLEMS, Problem
from kairo.platform.database.clock import now
from kairo.platform.jobs.contracts import JobAcceptedDTO, JobDTO
from kairo.shapes import Strict
from kairo.stages.knowledge import operations, queries
from kairo.stages.knowledge.contracts.gathers import (
    EvaluationOrder,
    EvaluationWishes,
    GatherOrder,
    GatherWishes,
)

router = Router(tags=["knowledge"])


class GatherData(GatherWishes):
    """The input of a gather; `project_id` may stand here too, and must then be the same."""

    project_id: UUID | None = None


class EvaluationData(EvaluationWishes):
    """The input of an evaluation; `project_id` may stand here too, and must then be the same."""

    project_id: UUID | None = None


class SubmitGather(Strict):
    """Asks for a gather of a project's knowledge."""

    project_id: UUID
    task_type: Literal["automated_gather_creation"]
    task_data: GatherData = GatherData()


class SubmitEvaluation(Strict):
    """Asks for an evaluation of one department's knowledge."""

    project_id: UUID
    task_type: Literal["evaluate_department"]
    task_data: EvaluationData


Submission = Annotated[SubmitGather | SubmitEvaluation, Field(discriminator="task_type")]


@router.post("/v1/tasks/submit", response={202: JobAcceptedDTO, 404: Problem, **PROBLEMS})
def submit_task(request: HttpRequest, submission: Submission) -> Status[JobAcceptedDTO]:
    """Ask for a gather or an evaluation; while the same work is under way, that task is the answer."""
    asked_by = actor(request).removeprefix("user:")
    job = _submitted(submission, user_id=submission.task_data.user_id or asked_by)
    return Status(202, JobAcceptedDTO(job_id=job.id, poll_url=f"/api/v1/tasks/{job.id}"))


@router.get("/v1/tasks/{job_id}", response={200: JobDTO, **PROBLEMS})
def get_task(request: HttpRequest, job_id: UUID) -> JobDTO:
    """Return a task; one that goes on in a follow-up job is shown as that job stands."""
    return queries.task(job_id)


@router.delete("/v1/tasks/{job_id}", response={200: JobDTO, 409: Problem, **PROBLEMS})
def cancel_task(request: HttpRequest, job_id: UUID) -> JobDTO:
    """Cancel a task: it stops within one step, and keeps what it has saved."""
    return operations.cancel_task(job_id)


def _submitted(submission: SubmitGather | SubmitEvaluation, *, user_id: str) -> JobDTO:
    data = submission.task_data
    given = data.model_dump(exclude={"project_id", "user_id"})
    project_id = submission.project_id
    if data.project_id is not None and data.project_id != project_id:
        message = "task_data names another project than project_id does: leave it out there."
        raise Invalid(message, errors=(FieldError("task_data.project_id", message),))
    if isinstance(submission, SubmitGather):
        order = GatherOrder(project_id=project_id, user_id=user_id, **given)
        return operations.submit_gather(order=order, at=now())
    return operations.submit_evaluation(
        order=EvaluationOrder(project_id=project_id, user_id=user_id, **given), at=now()
    )
