"""Every command of `kairo`: the short ones here, the others loaded on demand; imported only after Django is set up."""

from __future__ import annotations

from functools import wraps
from typing import Annotated

import typer

from kairo import __version__
from kairo.config.env import SECRETS, Environment, environment
from kairo.interfaces.cli import jobs, running
from kairo.interfaces.cli.installation import database, prepare_server
from kairo.interfaces.cli.on_demand import OnDemandGroup
from kairo.interfaces.cli.output import print_json, print_table

app = typer.Typer(
    cls=OnDemandGroup,
    help="Kairo: market evidence into cited opportunities. --data-dir DIR works with every command.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


@app.command("worker", epilog="Example: kairo worker --queue io --concurrency 4")
@wraps(jobs.worker)
def _worker(*args: object, **options: object) -> None:
    with database():
        jobs.worker(*args, **options)  # type: ignore[arg-type]


app.command("run", epilog=running.EPILOG)(running.run)


@app.command(epilog="Example: DATABASE_URL=postgresql://… kairo migrate")
def migrate(as_json: Json = False) -> None:
    """Prepare the database and apply the migrations that are missing."""
    applied = prepare_server()
    print_json({"applied": applied}) if as_json else typer.echo(f"{applied} migrations applied.")


@app.command(epilog="Example: kairo config --json")
def config(as_json: Json = False) -> None:
    """List what Kairo reads from the environment: names, values, what they are for. Secrets are not shown."""
    values = environment().model_dump(mode="json")
    shown = {name: "[set]" if name in SECRETS and value else value for name, value in values.items()}
    if as_json:
        print_json(shown)
        return
    described = {name: field.description or "" for name, field in Environment.model_fields.items()}
    print_table(["name", "value", "for"], [(name, shown[name] or "-", described[name]) for name in shown])


@app.command()
def version() -> None:
    """Print the version."""
    typer.echo(__version__)


@app.command(
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []},
    epilog="Example: kairo manage showmigrations",
)
def manage(context: typer.Context) -> None:
    """Reach Django's own commands."""
    from django.core.management import execute_from_command_line

    with database():
        execute_from_command_line(["kairo manage", *context.args])
