"""`kairo eval`: what the hero loop is worth, measured on a fixture or on a brand, and two runs compared."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from kairo.interfaces.cli.installation import data_directory, database
from kairo.interfaces.cli.opportunities import parse_moment
from kairo.interfaces.cli.output import FAILED, errors, print_json, print_table
from kairo.platform.database.clock import now
from kairo.stages.content import operations
from kairo.stages.opportunities.contracts import Generator

eval_app = typer.Typer(help="Evaluations: run the hero loop on a fixture, compare two runs.", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


@eval_app.command("hero", epilog="Example: kairo eval hero --brand-slug coffee-ru --generator extractive")
def hero_command(
    slug: Annotated[
        str | None,
        typer.Option("--brand-slug", help="A fixture of evals/hero in the working directory, else a stored brand."),
    ] = None,
    fixture: Annotated[
        Path | None, typer.Option("--fixture", help="A folder with brand.yaml, items.jsonl and signals.json.")
    ] = None,
    tenant: Annotated[str | None, typer.Option("--tenant", help="Whose stored brand.")] = None,
    most: Annotated[
        int | None, typer.Option("--max-opportunities", min=1, help="Make packages of the first so many only.")
    ] = None,
    generator: Annotated[Generator, typer.Option("--generator", help="Who writes.")] = Generator.AUTO,
    as_of: Annotated[
        str | None, typer.Option("--as-of", help="Of a stored brand: a day (its end, UTC) or an RFC 3339 time.")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", help="A folder for the report.")] = None,
    as_json: Json = False,
) -> None:
    """Make a board, packages and variants, judge them, and write the report as JSON and Markdown.

    A fixture is imported into an account of its own and stays repeatable; on a stored brand everything is really made.
    The report goes to docs/eval/hero_loop in the working directory, or into the data directory where that cannot be
    written. The exit code is 1 where a fixture's expected.json is missed.
    """
    if fixture is None and slug is None:
        raise typer.BadParameter("name a fixture or a brand.", param_hint="--brand-slug")
    is_stored = bool(tenant or as_of)
    if fixture is not None and is_stored:
        raise typer.BadParameter("a fixture has its own account and its own moment.", param_hint="--fixture")
    known = None if is_stored or fixture else operations.known_fixture(slug or "")
    read = operations.read_fixture(fixture, slug=slug) if fixture else known
    reports = operations.report_folder(out, data_directory=data_directory())
    with database():
        at = now()
        if read is not None:
            subject = operations.store_fixture(read, max_opportunities=most)
        else:
            moment = parse_moment(as_of) if as_of else at
            subject = operations.stored_brand(slug=slug or "", tenant_slug=tenant, at=moment, max_opportunities=most)
        report = operations.evaluate(subject=subject, generator=generator, at=at, told=_telling(quiet=as_json))
    report = operations.with_previous(report, reports)
    written = operations.write_report(report, reports)
    if as_json:
        print_json({**report.model_dump(mode="json"), "files": [str(path) for path in written]})
    else:
        _print(report, written)
    if report.missed:
        raise typer.Exit(FAILED)


@eval_app.command("compare", epilog="Example: kairo eval compare before.json after.json")
def compare_command(
    before: Annotated[Path, typer.Argument(help="The JSON file of a report.")],
    after: Annotated[Path, typer.Argument(help="The JSON file of another one.")],
    as_json: Json = False,
) -> None:
    """Show two reports side by side, figure by figure, and where they were asked of other prompts or models."""
    compared = operations.compare_reports(before, after)
    print_json(compared) if as_json else typer.echo(operations.comparison_page(compared), nl=False)


def _telling(*, quiet: bool) -> Callable[[str], None]:
    """Return what tells of each step: on a terminal, and to people only."""
    if quiet or not errors.is_terminal:
        return lambda step: None
    return lambda step: errors.print(step, markup=False, style="dim")


def _print(report: operations.EvalReport, written: tuple[Path, Path]) -> None:
    console = Console(highlight=False, soft_wrap=True)
    console.print(
        f"[bold]{report.quality}[/bold], runs {report.obs_health}: {escape(report.fixture)}, {report.generator}"
    )
    for label, told in (("quality", report.quality_reasons), ("runs", report.obs_reasons), ("missed", report.missed)):
        for line in told:
            console.print(f"  {label}: {escape(line)}")
    for line in report.board.shortfall:
        console.print(f"  {escape(line)}")
    figures = {**report.metrics, **report.spending, "total_ms": report.latency_ms.get("total", 0)}
    print_table(
        ["figure", "value"], [(name, "-" if value is None else f"{value:g}") for name, value in figures.items()]
    )
    changes = report.previous.changes if report.previous else []
    for change in changes:
        console.print(f"  since the last run: {change.name} {change.before} → {change.after}")
    for path in written:
        console.print(f"Written: {escape(str(path))}")
