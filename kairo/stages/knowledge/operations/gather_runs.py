"""Running a gather: department by department, iteration by iteration, until each is good or nothing is gained."""

from __future__ import annotations

import time
from collections import Counter
from datetime import datetime, timedelta

from pydantic import JsonValue

from kairo.platform.jobs.contexts import Completion, JobContext
from kairo.platform.jobs.contracts import JobState
from kairo.platform.llm.asking import Models
from kairo.stages.knowledge.contracts.gathers import DepartmentState, GatherMessage, GatherState, ModelBusy
from kairo.stages.knowledge.operations.gather_brain import established, index_items
from kairo.stages.knowledge.operations.gather_crew import Crew, crew_of
from kairo.stages.knowledge.operations.gather_desk import Clock, DepartmentDesk, Desk, open_desk
from kairo.stages.knowledge.operations.gather_material import NOTHING_BEARS, WHAT_TO_UPLOAD
from kairo.stages.knowledge.operations.gather_storing import end_gather, follow_up, start_department, store_iteration
from kairo.stages.knowledge.operations.gather_weighing import take_over, weigh
from kairo.stages.knowledge.ports import Assignment, Brain, Generated
from kairo.stages.knowledge.rules.gathering import must_stop, wait_for_model

TIME_LIMIT_S = 600
MODEL_BUSY = "model_busy"
CONTINUED = "continued"


def run_gather(
    *,
    message: GatherMessage,
    job: JobContext,
    at: datetime,
    brain: Brain,
    models: Models | None = None,
    time_limit_s: float = TIME_LIMIT_S,
) -> Completion:
    """Work on a gather from where it stands; near the time limit a follow-up job goes on.

    Raises:
        PermanentFailure: no department is active, or a model was asked for and none can be.
        DepartmentsUnavailable: the CMS that lists them has never answered.
    """
    clock = Clock(at)
    desk = open_desk(message, job, clock)
    if not desk.material.passages:
        return _completion(desk, GatherState.INSUFFICIENT_EVIDENCE, WHAT_TO_UPLOAD)
    crew = crew_of(desk, brain, models)
    desk.has_model = crew.model is not None
    index_items(desk, crew)
    with_model, begun_with = True, desk.gather.iterations
    while (department := desk.current()) is not None:
        # One iteration at least, so that a follow-up job never only makes room for the next one.
        if desk.gather.iterations > begun_with and must_stop(clock.elapsed_s(), time_limit_s=time_limit_s):
            return _continued(desk, crew, available_at=None)
        try:
            iterate(desk, department, crew, with_model=with_model)
            with_model = True
        except ModelBusy as busy:
            wait_s = wait_for_model(busy.after_s, time_limit_s=time_limit_s, waits=desk.waits)
            if wait_s is not None:
                return _continued(desk, crew, available_at=clock.now() + timedelta(seconds=wait_s))
            desk.degraded.add(MODEL_BUSY)
            with_model = False
    all_tried = all(one.state is not DepartmentState.WAITING for one in desk.departments)
    if all_tried and not any(item.is_current for item in desk.items):
        return _completion(desk, GatherState.INSUFFICIENT_EVIDENCE, NOTHING_BEARS)
    return _completion(desk, GatherState.COMPLETED, None)


def iterate(desk: Desk, department: DepartmentDesk, crew: Crew, *, with_model: bool) -> None:
    """Do one iteration of a department, and store it in one transaction.

    Raises:
        ModelBusy: a model asks for patience; nothing of the iteration is stored, what was paid is carried on.
    """
    number = desk.gather.iterations + 1
    # What came after the last commit, its own time and the brain's, is told with this iteration.
    brain_ms = crew.times["brain"]
    crew.times.clear()
    crew.times.update(database=desk.commit_ms, brain=brain_ms)
    if department.state is DepartmentState.WAITING:
        start_department(desk, department)
    note = f"iteration {department.progress.iterations + 1}, score {department.progress.score:.0f}"
    desk.job.progress(department.slug, done=desk.gather.iterations, total=desk.gather.max_iterations, note=note)
    generated = _generated(desk, department, crew, number, with_model=with_model)
    result = weigh(desk, department, crew, number, generated, with_judge=with_model)
    started = time.perf_counter()
    store_iteration(desk, department, result)
    desk.commit_ms = round((time.perf_counter() - started) * 1000)
    take_over(desk, department, result)
    crew.asker.done.clear()
    crew.times.clear()
    index_items(desk, crew)


def _generated(desk: Desk, department: DepartmentDesk, crew: Crew, number: int, *, with_model: bool) -> Generated:
    items = desk.items_of(department.slug)
    counts = Counter({topic.name: 0 for topic in department.aspects.topics})
    counts.update(name for item in items for name in item.aspects if name in counts)
    assignment = Assignment(
        department=department.definition,
        iteration=number,
        counts=dict(counts),
        known=[item.summary for item in items],
        used=frozenset(desk.used),
        context=established(desk, department, crew),
        seed=str(desk.seed),
    )
    if crew.model is not None and with_model:
        written = crew.model.generate(assignment)
        crew.times["model"] += written.model_ms
        if not written.degraded:
            return written
        desk.degraded.update(written.degraded)
    started = time.perf_counter()
    composed = crew.local.generate(assignment)
    crew.timed("generate", started)
    return composed


def _continued(desk: Desk, crew: Crew, *, available_at: datetime | None) -> Completion:
    """End this job; another one goes on, with the answers that were paid for in the iteration under way."""
    effects = follow_up(desk, available_at=available_at, carried={**crew.asker.done})
    outcome: dict[str, JsonValue] = {
        "status": CONTINUED,
        "gather_id": str(desk.gather.id),
        "iterations": desk.gather.iterations,
    }
    return Completion(outcome=outcome, effects=effects)


def _completion(desk: Desk, state: GatherState, remediation: str | None) -> Completion:
    output, effects = end_gather(desk, state=state, remediation=remediation)
    found = state is GatherState.COMPLETED
    return Completion(
        state=JobState.SUCCEEDED if found else JobState.INSUFFICIENT_EVIDENCE,
        outcome={"gather_id": str(desk.gather.id), **output.outcome()},
        effects=effects,
    )
