"""Evaluations as Markdown, for people."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from kairo.stages.content.rules.evaluating_compare import Comparison, delta
from kairo.stages.content.rules.evaluating_report import Change, EvalCase, EvalReport

_SIGNS = re.compile(r"[\\`*\[\]<>#]|(?<!\w)_|_(?!\w)")
"""What Markdown reads; an underscore inside a word is none of it."""


def page(report: EvalReport) -> str:
    """Return a report as a Markdown document."""
    parts = [
        f"# Hero loop: {_plain(report.fixture)}, {report.generator}",
        f"**{report.quality}**, runs {report.obs_health}. Board: {report.board.state}"
        + (f" by {report.board.generator}" if report.board.generator else "")
        + f". {_plain(report.inputs.brand)} as of {report.as_of:%Y-%m-%d %H:%M} UTC, {report.inputs.items} posts,"
        f" signals from the {report.inputs.signals}. Made {report.made_at:%Y-%m-%d %H:%M} UTC.",
        _list("Why not better", report.quality_reasons),
        _list("Signs of trouble", report.obs_reasons),
        _list("Not as expected", report.missed),
        _list("What is missing", [*report.board.shortfall, *filter(None, [report.board.remediation])]),
        _list("Errors", [_error(report, place) for place in range(len(report.errors))]),
        "## Figures",
        _table(("figure", "value"), [(name, _figure(value)) for name, value in report.metrics.items()]),
        _table(("spending", "value"), [(name, _figure(value)) for name, value in report.spending.items()]),
        _table(("step", "ms"), [(name, str(value)) for name, value in report.latency_ms.items()]),
        _models(report),
        _profile(report),
        _previous(report),
        _cases(report.cases),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def comparison_page(compared: Comparison) -> str:
    """Return a comparison as a Markdown document."""
    lines = [
        (change.name, _figure(change.before), _figure(change.after), _signed(change)) for change in compared.figures
    ]
    parts = [
        f"# {_plain(compared.before)} against {_plain(compared.after)}",
        _list("Not the same conditions", compared.unlike),
        _list("Another prompt or model", compared.prompts),
        _table(("figure", "before", "after", "change"), lines),
        _list("Only after", compared.new_titles),
        _list("Only before", compared.lost_titles),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _previous(report: EvalReport) -> str:
    previous = report.previous
    if previous is None:
        return "## Since the last run\n\nThis is the first run of this fixture and generator here."
    if not (previous.unlike or previous.changes or previous.new_titles or previous.lost_titles):
        return f"## Since the last run\n\nNothing but durations differs from {previous.file}."
    lines = [
        (change.name, _figure(change.before), _figure(change.after), _signed(change)) for change in previous.changes
    ]
    parts = [
        f"## Since the last run ({previous.file})",
        _list("Not the same conditions", previous.unlike),
        _table(("figure", "before", "after", "change"), lines),
        _list("New", previous.new_titles),
        _list("Gone", previous.lost_titles),
    ]
    return "\n\n".join(part for part in parts if part)


def _models(report: EvalReport) -> str:
    lines = [
        (use.task, use.prompt, use.model, str(use.calls), str(use.answered), str(use.from_cache))
        for use in report.models
    ]
    return _table(("task", "prompt", "model", "calls", "answered", "from cache"), lines)


def _profile(report: EvalReport) -> str:
    if not report.cases:
        return ""
    parts = [_table((name, "opportunities"), [(key, str(count)) for key, count in counts.items()])
             for name, counts in report.profile.items()]  # fmt: skip
    return "\n\n".join(["## The brand's profile in what was proposed", *filter(None, parts)])


def _cases(cases: Sequence[EvalCase]) -> str:
    return "\n\n".join(["## Cases", *map(_case, cases)]) if cases else ""


def _case(case: EvalCase) -> str:
    lines = [
        f"### {case.place}. {_plain(case.title)} ({case.score:.0f})",
        _plain(case.angle),
        f"*{_plain(case.why_now)}*",
        "\n".join(f"> {_plain(quote)}" for quote in case.quotes),
        f"{case.type}, {case.channel}, for {case.persona or 'nobody in particular'}, pillar {case.pillar or 'none'},"
        f" independent voices: {case.voices}.",
        _list("Problems", case.problems),
    ]
    package = case.package
    if package is not None:
        lines += [
            f"Package by {package.generator}: {package.score} of 15, {package.band}.",
            _list("Problems of the package", package.problems),
        ]
        scores = [
            (variant.channel, _figure(variant.score), variant.band or "-", str(variant.claims_cited),
             str(variant.claims_to_check), "; ".join(variant.problems) or "-")
            for variant in case.variants
        ]  # fmt: skip
        lines.append(_table(("variant", "of 12", "band", "cited", "to check", "problems"), scores))
    elif not case.taken_further:
        lines.append("Not taken further.")
    return "\n\n".join(line for line in lines if line)


def _error(report: EvalReport, number: int) -> str:
    error = report.errors[number]
    return f"{error.stage}{f', case {error.place}' if error.place else ''}: {error.message}"


def _signed(change: Change) -> str:
    by = delta(change)
    if by is None:
        return "" if change.before == change.after else "changed"
    return f"{by:+g}" if by else ""


def _figure(value: float | str | None) -> str:
    if value is None:
        return "-"
    return value if isinstance(value, str) else f"{value:g}"


def _list(heading: str, lines: Iterable[str]) -> str:
    told = [f"- {_plain(line)}" for line in lines]
    return "\n".join([f"{heading}:", "", *told]) if told else ""


def _table(headings: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    rows = [f"| {' | '.join(_cell(cell) for cell in line)} |" for line in lines]
    if not rows:
        return ""
    return "\n".join([f"| {' | '.join(headings)} |", f"|{'---|' * len(headings)}", *rows])


def _cell(text: str) -> str:
    return _plain(text).replace("|", "\\|")


def _plain(text: str) -> str:
    """Return words of strangers so that they stay words: on one line, without the signs that Markdown reads."""
    return _SIGNS.sub(r"\\\g<0>", " ".join(text.split()))
