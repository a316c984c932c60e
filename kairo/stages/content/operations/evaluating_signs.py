"""What the runs of an evaluation tell of models and of trouble."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from uuid import UUID

from kairo.platform.llm import queries as llm
from kairo.platform.llm.contracts import CallDTO, Outcome
from kairo.platform.telemetry.contracts import RunNotFound
from kairo.platform.telemetry.health import run_summary
from kairo.stages.content.rules.evaluating import RunSigns, missing_signals
from kairo.stages.content.rules.evaluating_report import EvalBoard, EvalError, ModelUse, ObsHealth
from kairo.stages.opportunities.contracts import BoardState, TodayBoardDTO


@dataclass(frozen=True)
class RunTrace:
    """What one run left: how it went, and each attempt at a model."""

    run_id: UUID
    health: ObsHealth
    calls: Sequence[CallDTO] = ()


def trace_of(run_id: UUID) -> RunTrace:
    """Read what a run left, in the tenant's transaction; a run that told nothing went well."""
    try:
        health = ObsHealth(run_summary(run_id).obs_health)
    except RunNotFound:
        health = ObsHealth.OK
    return RunTrace(run_id, health, llm.calls_of_run(run_id))


def model_uses(runs: Sequence[RunTrace]) -> list[ModelUse]:
    """Add up the runs' attempts by task, prompt and model."""
    calls = sorted((call for run in runs for call in run.calls), key=_use_of)
    return [_model_use(list(group)) for _, group in groupby(calls, key=_use_of)]


def signs_of(board: TodayBoardDTO, runs: Sequence[RunTrace], errors: Sequence[EvalError]) -> RunSigns:
    """Gather what says how well the runs went."""
    health = {run.health for run in runs}
    calls = [call for run in runs for call in run.calls]
    failures = [f"{error.stage}: {error.message}" for error in errors]
    if board.meta.state is BoardState.ERROR:
        failures.append("board: its state is error")
    failures += ["a run failed"] * (ObsHealth.FAILED in health and not failures)
    cuts = [f"{call.task}: not asked, a cap is used up" for call in calls if call.outcome is Outcome.OVER_BUDGET]
    fallbacks = [f"{call.task}: {call.fallback_reason}" for call in calls if call.fallback_reason]
    if board.meta.degraded:
        fallbacks.insert(0, f"board: {board.meta.reason or 'degraded'}")
    fallbacks += ["a run was degraded"] * (ObsHealth.DEGRADED in health and not fallbacks and not cuts)
    return RunSigns(
        failures=tuple(dict.fromkeys(failures)),
        fallbacks=tuple(dict.fromkeys(fallbacks)),
        budget_cuts=tuple(dict.fromkeys(cuts)),
        missing_signals=missing_signals(EvalBoard(state=board.meta.state, notes=board.meta.notes)),
    )


def _use_of(call: CallDTO) -> tuple[str, str, str]:
    return call.task, call.prompt, call.model


def _model_use(calls: Sequence[CallDTO]) -> ModelUse:
    task, prompt, model = _use_of(calls[0])
    return ModelUse(
        task=task,
        prompt=prompt,
        model=model,
        calls=len(calls),
        answered=sum(call.outcome is Outcome.OK for call in calls),
        from_cache=sum(call.from_cache for call in calls),
        tokens_in=sum(call.tokens_in for call in calls),
        tokens_out=sum(call.tokens_out for call in calls),
        cost_microdollars=sum(call.cost_microdollars for call in calls),
    )
