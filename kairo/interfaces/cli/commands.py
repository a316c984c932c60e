"""Every command of `kairo`, assembled; imported only after Django is set up."""

from __future__ import annotations

from functools import wraps
from typing import Annotated

import typer

from kairo import __version__
from kairo.config.env import SECRETS, Environment, environment
from kairo.interfaces.cli import jobs, supervisor
from kairo.interfaces.cli.brands import brand_app
from kairo.interfaces.cli.doctor import doctor_command
from kairo.interfaces.cli.evidence import ingest_app
from kairo.interfaces.cli.installation import database, prepare_server
from kairo.interfaces.cli.opportunities import today_app
from kairo.interfaces.cli.output import print_json, print_table
from kairo.interfaces.cli.telemetry import runs_app
from kairo.interfaces.cli.tenancy import sign_in_link_command, tenant_app, token_app

app = typer.Typer(
    help="Kairo: market evidence into cited opportunities. --data-dir DIR works with every command.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.add_typer(tenant_app, name="tenant")
app.add_typer(token_app, name="token")
app.add_typer(brand_app, name="brand")
app.add_typer(ingest_app, name="ingest")
app.add_typer(today_app, name="today")
app.add_typer(jobs.jobs_app, name="jobs")
app.add_typer(runs_app, name="runs")
app.command("doctor", epilog="Example: kairo doctor --json")(doctor_command)
app.command("sign-in-link", epilog="Example: kairo sign-in-link --tenant acme --email ana@example.com")(
    sign_in_link_command
)

Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


@jobs.jobs_app.callback()
def _hold_database(context: typer.Context) -> None:
    context.with_resource(database())


@app.command("worker", epilog="Example: kairo worker --queue io --concurrency 4")
@wraps(jobs.worker)
def _worker(*args: object, **options: object) -> None:
    with database():
        jobs.worker(*args, **options)  # type: ignore[arg-type]


@app.command(epilog="Example: kairo run --port 8080 --no-demo")
def run(
    host: Annotated[str, typer.Option(help="Where to listen.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535)] = 8000,
    demo: Annotated[bool, typer.Option("--demo/--no-demo", help="Bring the synthetic demo brand.")] = True,
    workers: Annotated[int, typer.Option(min=1, max=64, help="How many jobs run side by side.")] = 1,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Do not open the sign-in link.")] = False,
) -> None:
    """Serve Kairo on this machine: database, web pages, API and worker in one."""
    supervisor.run(host=host, port=port, demo=demo, workers=workers, browser=not no_browser)


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
