"""`kairo ingest`: evidence in from files, and its normalisation."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
import yaml
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

from kairo.interfaces.cli.installation import database
from kairo.interfaces.cli.output import print_json
from kairo.platform.database.clock import now
from kairo.stages.brands import queries as brands
from kairo.stages.evidence import operations
from kairo.stages.evidence.contracts import ImportReport, SurfaceRole, UnreadableFile

ingest_app = typer.Typer(help="Evidence in, and on to trends, step by step.", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
REJECTS_SHOWN = 5


@ingest_app.command("import", epilog="Example: kairo ingest import posts.csv --brand glow --format auto")
def import_command(
    file: Annotated[Path, typer.Argument(help="JSON, JSONL, CSV (also .gz), or a recorded YAML cassette.")],
    brand: Annotated[str, typer.Option("--brand", help="The brand's slug.")],
    tenant: Annotated[str | None, typer.Option("--tenant", help="Whose brand, where the slug is not unique.")] = None,
    format_name: Annotated[str, typer.Option("--format", help="The layout of the file; auto recognises it.")] = "auto",
    mapping: Annotated[
        Path | None, typer.Option("--mapping", help="YAML that maps our field names to the file's headings.")
    ] = None,
    role: Annotated[SurfaceRole, typer.Option("--role", help="Whose voice the file carries.")] = SurfaceRole.MARKET,
    as_json: Json = False,
) -> None:
    """Import a file of posts for a brand; the same file again changes nothing."""
    headings = _read_mapping(mapping)
    with database():
        tenant_id, brand_id = brands.locate_brand(brand, tenant_slug=tenant)
        with _progress_bar(file, quiet=as_json) as progress:
            report = operations.import_file(
                tenant_id=tenant_id,
                brand_id=brand_id,
                path=file,
                at=now(),
                format_name=format_name,
                mapping=headings,
                role=role,
                progress=progress,
            )
    if as_json:
        print_json(report)
    else:
        _print_report(report)


def _read_mapping(path: Path | None) -> dict[str, str] | None:
    if path is None:
        return None
    try:
        parsed = yaml.safe_load(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise UnreadableFile(f"The mapping file {path} cannot be read: {error}") from error
    if not isinstance(parsed, dict) or not all(isinstance(value, str) for value in parsed.values()):
        raise UnreadableFile(f"The mapping file {path} is not a list of `our_field: their heading` lines.")
    return {str(name): value for name, value in parsed.items()}


@contextmanager
def _progress_bar(file: Path, *, quiet: bool) -> Iterator[Callable[[int], None] | None]:
    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        yield None
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:,} records"),
        TaskProgressColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(f"Importing {file.name}", total=None)
        yield lambda records: bar.update(task, completed=records)


def _print_report(report: ImportReport) -> None:
    typer.echo(
        f"Read {report.read:,} records as {report.format}: {report.new:,} new, {report.known:,} known,"
        f" {report.rejected:,} rejected."
    )
    if report.undated:
        typer.echo(f"{report.undated:,} of the new items have no date: they are kept, but no board looks at them.")
    for reject in report.rejects[:REJECTS_SHOWN]:
        typer.echo(f"  row {reject['row']}: {reject['code']}: {reject['reason']}")
    if report.rejected_file:
        typer.echo(f"All refused records: {report.rejected_file}")
