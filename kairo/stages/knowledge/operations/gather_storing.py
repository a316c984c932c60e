"""What the steps of a gather leave in the tables: each is one transaction with the job's checkpoint and its events."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from pydantic import JsonValue

from kairo.platform.database.ids import new_id
from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.jobs.operations import enqueue
from kairo.platform.telemetry.contracts import EventType
from kairo.stages.evidence.operations import ComparedText
from kairo.stages.knowledge.contracts.gathers import (
    GATHER,
    DepartmentState,
    EvaluationMessage,
    GatherMessage,
    GatherOrder,
    GatherOutput,
    GatherState,
    ItemDraft,
    QualityParts,
)
from kairo.stages.knowledge.contracts.graph import SourceType
from kairo.stages.knowledge.models import (
    AutomatedGather,
    GatherDepartment,
    GatheredCitation,
    GatheredItem,
    GatherIteration,
)
from kairo.stages.knowledge.operations.announcing import announce_gather
from kairo.stages.knowledge.operations.gather_desk import DepartmentDesk, Desk
from kairo.stages.knowledge.operations.gather_orders import HIGH, enqueue_evaluation
from kairo.stages.knowledge.ports import Generated
from kairo.stages.knowledge.queries.gathers import gather_key, gather_output
from kairo.stages.knowledge.rules.gathering import Progress

Event = tuple[EventType, Mapping[str, JsonValue]]


@dataclass(frozen=True)
class NewItem:
    """An item about to be stored, read for comparing. `repeats`: it says what another item says."""

    id: UUID
    draft: ItemDraft
    compared: ComparedText
    repeats: bool


@dataclass(frozen=True)
class IterationResult:
    """All that one iteration came to, before any of it is stored."""

    number: int
    generated: Generated
    items: Sequence[NewItem]
    superseded: Mapping[UUID, UUID]
    compared_with: int
    local: QualityParts
    judge: QualityParts | None
    score: float
    gain: float
    progress: Progress
    ending: DepartmentState | None
    times_ms: Mapping[str, int]

    @property
    def new_items(self) -> int:
        return sum(not item.repeats for item in self.items)


def start_department(desk: Desk, department: DepartmentDesk) -> None:
    """Note that a department's turn has come."""
    at = desk.clock.now()
    event: Event = (
        EventType.DEPARTMENT_STARTED,
        {
            **_about(department),
            "department_number": department.definition.code_dep_number,
            "threshold": department.progress.threshold,
            "model": desk.writer_of(department),
        },
    )

    def store() -> None:
        GatherDepartment.objects.filter(id=department.id).update(state=DepartmentState.RUNNING, started_at=at)
        tell(desk, [event], at=at)

    desk.job.checkpoint(_checkpoint(desk), store)
    department.state = DepartmentState.RUNNING


def store_iteration(desk: Desk, department: DepartmentDesk, result: IterationResult) -> None:
    """Store an iteration's items, score and events, and the end of its department where it has come."""
    at = desk.clock.now()
    spent_ms = desk.spent_ms()

    def store() -> None:
        _store_items(desk, department, result, at=at)
        GatherIteration.objects.create(**_iteration_row(desk, department, result, at=at))
        _store_progress(desk, department, result, spent_ms=spent_ms, at=at)
        tell(desk, _events(desk, department, result), at=at)
        if result.ending is DepartmentState.THRESHOLD_REACHED and desk.gather.enable_auto_evaluation:
            enqueue_evaluation(
                EvaluationMessage(
                    project_id=desk.gather.project_id,
                    department_number=department.definition.code_dep_number,
                    user_id=desk.gather.user_id,
                    auto_triggered=True,
                    gather_id=desk.gather.id,
                ),
                run_id=desk.gather.run_id,
            )

    desk.job.checkpoint({"gather_id": str(desk.gather.id), "iteration": result.number}, store)


def follow_up(desk: Desk, *, available_at: datetime | None, carried: Mapping[str, JsonValue]) -> Callable[[], None]:
    """Return the effects by which the work goes on in another job, not before `available_at`."""
    waits = desk.waits + 1 if available_at is not None else desk.waits
    spent_ms = desk.spent_ms()

    def store() -> None:
        row = AutomatedGather.objects.get(id=desk.gather.id)
        message = GatherMessage(
            **GatherOrder(
                project_id=row.brand_id,
                user_id=row.user_id,
                max_iterations=row.max_iterations,
                enable_auto_evaluation=row.enable_auto_evaluation,
                webhook_url=row.webhook_url,
                seed=row.seed,
                generator=desk.gather_generator,
            ).model_dump(),
            gather_id=row.id,
        )
        job = enqueue(
            GATHER,
            message,
            dedupe_key=gather_key(row.brand_id),
            priority=HIGH,
            available_at=available_at,
            run_id=row.run_id,
        )
        row.job_id, row.waits, row.carried = job.id, waits, dict(carried)
        row.processing_ms += spent_ms
        row.degraded = sorted({*row.degraded, *desk.degraded})
        row.save(update_fields=["job_id", "waits", "carried", "processing_ms", "degraded"])

    return store


def end_gather(desk: Desk, *, state: GatherState, remediation: str | None) -> tuple[GatherOutput, Callable[[], None]]:
    """Return what a gather has come to, and the effects that close it."""
    at = desk.clock.now()
    spent_ms = desk.spent_ms()
    degraded = sorted(desk.degraded)
    with tenant_transaction(desk.job.tenant_id):
        output = gather_output(desk.gather.id)
    output = output.model_copy(
        update={
            "status": state.value,
            "remediation": remediation,
            "degraded": tuple(degraded),
            "processing_time_ms": output.processing_time_ms + spent_ms,
        }
    )
    facts = output.outcome()
    event: Event = (EventType.AUTOMATION_COMPLETE, {**facts, "total_iterations": output.iterations})

    def store() -> None:
        AutomatedGather.objects.filter(id=desk.gather.id).update(
            state=state,
            finished_at=at,
            remediation=remediation,
            processing_ms=output.processing_time_ms,
            degraded=degraded,
        )
        GatherDepartment.objects.filter(gather_id=desk.gather.id, state=DepartmentState.WAITING).update(
            state=DepartmentState.NOT_REACHED
        )
        tell(desk, [event], at=at)

    return output, store


def tell(desk: Desk, events: Sequence[Event], *, at: datetime) -> None:
    """Tell of a step, in the transaction that stores it."""
    announce_gather(
        project_id=desk.gather.project_id,
        run_id=desk.gather.run_id,
        kind=GATHER,
        events=events,
        at=at,
        webhook_url=desk.gather.webhook_url,
        job_id=desk.job.job_id,
    )


def _store_items(desk: Desk, department: DepartmentDesk, result: IterationResult, *, at: datetime) -> None:
    gather, made = desk.gather, result.generated
    GatheredItem.objects.bulk_create(
        GatheredItem(
            id=item.id,
            brand_id=gather.project_id,
            gather_id=gather.id,
            run_id=gather.run_id,
            department=department.slug,
            iteration=result.number,
            place=place,
            content=item.draft.content,
            summary=item.draft.summary,
            context=item.draft.context,
            aspects=list(item.draft.aspects),
            generator=made.generator,
            model=made.model,
            prompt=made.prompt,
            user_id=gather.user_id,
            created_at=at,
        )
        for place, item in enumerate(result.items)
    )
    GatheredCitation.objects.bulk_create(
        GatheredCitation(
            item_id=item.id,
            place=place,
            passage_id=cited.source_id if cited.source_type == SourceType.DOCUMENT else None,
            evidence_id=cited.source_id if cited.source_type == SourceType.EVIDENCE else None,
            quote=cited.quote,
            title=cited.title,
            url=cited.url,
        )
        for item in result.items
        for place, cited in enumerate(item.draft.citations)
    )
    for older, newer in result.superseded.items():
        GatheredItem.objects.filter(id=older, superseded_by__isnull=True).update(superseded_by=newer)


def _iteration_row(
    desk: Desk, department: DepartmentDesk, result: IterationResult, *, at: datetime
) -> dict[str, object]:
    return {
        "id": new_id(),
        "gather_id": desk.gather.id,
        "number": result.number,
        "department": department.slug,
        "generator": result.generated.generator,
        "model": result.generated.model,
        "prompt": result.generated.prompt,
        "generated": len(result.items),
        "items_created": result.new_items,
        "duplicates": len(result.items) - result.new_items,
        "quality_score": result.score,
        "gain": result.gain,
        "local_parts": result.local.model_dump(),
        "judge_parts": result.judge.model_dump() if result.judge else None,
        "times_ms": dict(result.times_ms),
        "created_at": at,
    }


def _store_progress(
    desk: Desk, department: DepartmentDesk, result: IterationResult, *, spent_ms: int, at: datetime
) -> None:
    row = AutomatedGather.objects.get(id=desk.gather.id)
    row.iterations = result.number
    row.items_created += result.new_items
    row.duplicates += len(result.items) - result.new_items
    row.processing_ms += spent_ms
    row.waits, row.carried = 0, {}
    row.degraded = sorted({*row.degraded, *desk.degraded})
    row.save(
        update_fields=["iterations", "items_created", "duplicates", "processing_ms", "waits", "carried", "degraded"]
    )
    GatherDepartment.objects.filter(id=department.id).update(
        state=result.ending or DepartmentState.RUNNING,
        quality_score=result.score,
        local_parts=result.local.model_dump(),
        judge_parts=result.judge.model_dump() if result.judge else None,
        iterations=result.progress.iterations,
        fruitless=result.progress.fruitless,
        items_created=department.items_created + result.new_items,
        finished_at=at if result.ending else None,
    )


def _events(desk: Desk, department: DepartmentDesk, result: IterationResult) -> list[Event]:
    about, progress = _about(department), result.progress
    parts: dict[str, JsonValue] = dict(result.local.model_dump())
    found: list[Event] = []
    if result.items:
        facts = {"iteration": progress.iterations, "candidates": len(result.items)}
        found.append((EventType.DEDUPLICATING, {**about, **facts, "compared_with": result.compared_with}))
    found.append(
        (
            EventType.ITERATION_COMPLETE,
            {
                **about,
                "iteration": progress.iterations,
                "gather_iteration": result.number,
                "total_iterations": desk.gather.max_iterations,
                "quality_score": result.score,
                "items_created": result.new_items,
                "duplicates": len(result.items) - result.new_items,
                "threshold": progress.threshold,
                "parts": parts,
                "generator": result.generated.generator,
                "model": result.generated.model,
            },
        )
    )
    return found + _ending_events(desk, department, result)


def _ending_events(desk: Desk, department: DepartmentDesk, result: IterationResult) -> list[Event]:
    if result.ending is None:
        return []
    about, progress = _about(department), result.progress
    found: list[Event] = []
    if result.ending is DepartmentState.STAGNANT:
        facts = {"iterations": progress.iterations, "quality_score": result.score, "threshold": progress.threshold}
        found.append((EventType.QUALITY_STAGNANT, {**about, **facts}))
    if result.ending is DepartmentState.ITERATIONS_USED_UP:
        facts = {"final_quality_score": result.score, "threshold": progress.threshold}
        told = {**about, **facts, "max_iterations": desk.gather.max_iterations}
        found.append((EventType.MAX_ITERATIONS_REACHED, told))
    ended = {
        **about,
        "quality_score": result.score,
        "iterations_used": progress.iterations,
        "threshold": progress.threshold,
        "reached": result.ending is DepartmentState.THRESHOLD_REACHED,
        "items_created": department.items_created + result.new_items,
    }
    return [*found, (EventType.DEPARTMENT_COMPLETE, ended)]


def _about(department: DepartmentDesk) -> dict[str, JsonValue]:
    return {"department": department.slug, "department_name": department.definition.name}


def _checkpoint(desk: Desk) -> JsonValue:
    return {"gather_id": str(desk.gather.id), "iteration": desk.gather.iterations}
