"""The shapes of runs and their events."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from pydantic import JsonValue

from kairo.errors import NotFound
from kairo.shapes import Frozen


class RunNotFound(NotFound):
    code = "run_not_found"


class EventType(StrEnum):
    RUN_START = "run_start"
    RUN_COMPLETE = "run_complete"
    RUN_FAIL = "run_fail"
    STEP = "step"
    LLM_CALL = "llm_call"
    CLASSIFICATION = "classification"
    OPPORTUNITY = "opportunity"
    PACKAGE = "package"
    VARIANT = "variant"
    GATE = "gate"
    RETRIEVAL = "retrieval"
    POLICY = "policy"
    ACTION = "action"
    DEPARTMENT_STARTED = "department_started"
    ITERATION_COMPLETE = "iteration_complete"
    DEDUPLICATING = "deduplicating"
    DEPARTMENT_COMPLETE = "department_complete"
    DEPARTMENT_EVALUATED = "department_evaluated"
    MAX_ITERATIONS_REACHED = "max_iterations_reached"
    QUALITY_STAGNANT = "quality_stagnant"
    AUTOMATION_COMPLETE = "automation_complete"
    AUTOMATION_CANCELLED = "automation_cancelled"
    AUTOMATION_FAILED = "automation_failed"


class RunEventDTO(Frozen):
    run_id: UUID
    seq: int
    type: EventType
    data: dict[str, JsonValue] = {}
    at: datetime


class ObsHealth(StrEnum):
    """How a run went, by its events."""

    OK = "ok"
    DEGRADED = "degraded"
    """It has its result, by a detour: a fallback, a cut budget, a missing signal, a late agent, a failed attempt."""
    FAILED = "failed"
    """Its last end is a failure, or what it made says that it is in error."""


class RunDTO(Frozen):
    id: UUID
    kind: str
    started_at: datetime
    events: int
    obs_health: ObsHealth
