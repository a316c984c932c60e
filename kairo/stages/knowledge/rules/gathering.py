"""Decisions of a gather: when a department is done, whose turn comes next, and when to stop in time."""

from __future__ import annotations

from dataclasses import dataclass

from kairo.stages.knowledge.contracts.gathers import DepartmentState

FRUITLESS_ITERATIONS = 3
LEAST_GAIN = 0.05
"""A smaller rise of the score is noise of rounding, not a gain."""
USUAL_WAIT_S = 30.0
MOST_WAITS = 10
"""So often in a row an iteration waits for a busy model before it is written without it."""
RESERVE_S = 120.0
"""Kept of the time limit, so that an iteration whose model is slow ends before it."""


@dataclass(frozen=True)
class Progress:
    """A department as the stop rules see it; `fruitless` counts iterations in a row without a new item or a gain."""

    score: float
    threshold: float
    iterations: int = 0
    fruitless: int = 0


def after_iteration(before: Progress, *, score: float, new_items: int) -> Progress:
    """Return where a department stands after one more iteration."""
    fruitful = new_items > 0 and score - before.score >= LEAST_GAIN
    return Progress(
        score=score,
        threshold=before.threshold,
        iterations=before.iterations + 1,
        fruitless=0 if fruitful else before.fruitless + 1,
    )


def ending_of(progress: Progress, *, iterations_left: int) -> DepartmentState | None:
    """Return how a department ends, or None where it goes on; the threshold goes before all other reasons."""
    if progress.iterations and progress.score >= progress.threshold:
        return DepartmentState.THRESHOLD_REACHED
    if progress.fruitless >= FRUITLESS_ITERATIONS:
        return DepartmentState.STAGNANT
    if iterations_left <= 0:
        return DepartmentState.ITERATIONS_USED_UP if progress.iterations else DepartmentState.NOT_REACHED
    return None


def must_stop(elapsed_s: float, *, time_limit_s: float) -> bool:
    """Whether so much of the time limit is over that the work goes on in another job."""
    return elapsed_s >= time_limit_s - min(RESERVE_S, time_limit_s / 2)


def wait_for_model(asked_s: float | None, *, time_limit_s: float, waits: int) -> float | None:
    """Return for how long to wait for a busy model, or None where the iteration is written without it."""
    wait_s = USUAL_WAIT_S if asked_s is None else max(0.0, asked_s)
    return wait_s if wait_s <= time_limit_s and waits < MOST_WAITS else None
