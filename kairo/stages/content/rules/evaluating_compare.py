"""What changed between two evaluations; what differs by itself, ids and durations, does not count as a change."""

from __future__ import annotations

from collections import defaultdict

from kairo.shapes import Frozen
from kairo.stages.content.rules.evaluating_report import Change, EvalReport, PreviousRun

_DURATION = "latency_ms."

Figure = int | float | str | None


class Comparison(Frozen):
    """Two reports side by side. `unlike` says in what they cannot be compared fairly: another fixture, other posts."""

    before: str
    after: str
    unlike: list[str] = []
    prompts: list[str] = []
    figures: list[Change] = []
    new_titles: list[str] = []
    lost_titles: list[str] = []


def since(earlier: EvalReport, later: EvalReport, *, file: str) -> PreviousRun:
    """Return how a run differs from the one before it."""
    compared = compare(earlier, later, before=file, after="")
    return PreviousRun(
        file=file,
        unlike=compared.unlike,
        changes=[change for change in compared.figures if change.before != change.after and not _is_duration(change)],
        new_titles=compared.new_titles,
        lost_titles=compared.lost_titles,
    )


def compare(earlier: EvalReport, later: EvalReport, *, before: str, after: str) -> Comparison:
    """Put two reports side by side, figure by figure; `before` and `after` are what to call them."""
    old, new = figures_of(earlier), figures_of(later)
    old_titles, new_titles = ([case.title for case in report.cases] for report in (earlier, later))
    return Comparison(
        before=before,
        after=after,
        unlike=_unlike(earlier, later),
        prompts=_prompts(earlier, later),
        figures=[Change(name=name, before=old.get(name), after=new.get(name)) for name in dict.fromkeys([*old, *new])],
        new_titles=[title for title in new_titles if title not in old_titles],
        lost_titles=[title for title in old_titles if title not in new_titles],
    )


def figures_of(report: EvalReport) -> dict[str, Figure]:
    """Return all that a report measures, by name, in the order in which it is read."""
    figures: dict[str, Figure] = {
        "quality": report.quality,
        "obs_health": report.obs_health,
        "state": report.board.state,
        "board_generator": report.board.generator,
        **report.metrics,
        "errors": len(report.errors),
        **report.spending,
        **{f"{_DURATION}{name}": value for name, value in report.latency_ms.items()},
    }
    return figures


def delta(change: Change) -> float | None:
    """Return by how much a figure has changed; None where it is a word, or is missing on one side."""
    if isinstance(change.before, str) or isinstance(change.after, str):
        return None
    if change.before is None or change.after is None:
        return None
    return round(change.after - change.before, 4)


def _unlike(earlier: EvalReport, later: EvalReport) -> list[str]:
    sides = {
        "fixture": (earlier.fixture, later.fixture),
        "posts and brand": (earlier.inputs.sha256, later.inputs.sha256),
        "as of": (earlier.as_of.isoformat(), later.as_of.isoformat()),
        "signals from": (earlier.inputs.signals, later.inputs.signals),
        "most opportunities": (earlier.inputs.max_opportunities, later.inputs.max_opportunities),
        "generator asked for": (earlier.generator, later.generator),
    }
    return [f"{name}: {one or '-'} → {other or '-'}" for name, (one, other) in sides.items() if one != other]


def _prompts(earlier: EvalReport, later: EvalReport) -> list[str]:
    """Say for each task whose prompt or model differs what was asked before and after."""
    old, new = _asked(earlier), _asked(later)
    return [
        f"{task}: {old.get(task, 'no model')} → {new.get(task, 'no model')}"
        for task in sorted({*old, *new})
        if old.get(task) != new.get(task)
    ]


def _asked(report: EvalReport) -> dict[str, str]:
    asked: dict[str, list[str]] = defaultdict(list)
    for use in report.models:
        asked[use.task].append(f"{use.prompt} on {use.model}")
    return {task: ", ".join(sorted(told)) for task, told in asked.items()}


def _is_duration(change: Change) -> bool:
    return change.name.startswith(_DURATION)
