"""`kairo runs`: what happened in a run."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import typer

from kairo.interfaces.cli.installation import database
from kairo.interfaces.cli.output import print_json
from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.telemetry import health, runs

runs_app = typer.Typer(help="Runs and their events.", no_args_is_help=True)

RunArgument = Annotated[UUID, typer.Argument(help="The run's id, as in X-Run-ID or a job.")]


@runs_app.command("export", epilog="Example: kairo runs export 0190… > run.jsonl")
def export_command(run: RunArgument) -> None:
    """Print a run's events as JSONL, in order."""
    with database(), tenant_transaction(runs.tenant_of(run)):
        for event in runs.all_events(run):
            typer.echo(event.model_dump_json())


@runs_app.command("show", epilog="Example: kairo runs show 0190…")
def show_command(run: RunArgument) -> None:
    """Print a run's summary and health."""
    with database(), tenant_transaction(runs.tenant_of(run)):
        print_json(health.run_summary(run))
