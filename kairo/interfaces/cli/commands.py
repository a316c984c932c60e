"""Every command of `kairo`, assembled; imported only after Django is set up."""

from __future__ import annotations

from functools import wraps
from importlib.metadata import entry_points
from typing import Annotated

import typer

from kairo import __version__
from kairo.config.env import SECRETS, Environment, environment
from kairo.interfaces.cli import jobs, running
from kairo.interfaces.cli.ad_accounts import accounts_app, stats_app
from kairo.interfaces.cli.ads import ads_app
from kairo.interfaces.cli.analyze import analyze_command, trends_command
from kairo.interfaces.cli.attribution import attribution_app
from kairo.interfaces.cli.brand_profiles import compile_command, profile_command
from kairo.interfaces.cli.brands import brand_app
from kairo.interfaces.cli.capture import capture_command
from kairo.interfaces.cli.crm import crm_app
from kairo.interfaces.cli.doctor import doctor_command
from kairo.interfaces.cli.evals import eval_app
from kairo.interfaces.cli.evidence import ingest_app
from kairo.interfaces.cli.evidence_search import evidence_app
from kairo.interfaces.cli.flags import flags_app
from kairo.interfaces.cli.gather import gather_app
from kairo.interfaces.cli.ingest_steps import (
    aggregate_command,
    normalize_command,
    pipeline_command,
    score_command,
)
from kairo.interfaces.cli.installation import database, prepare_server
from kairo.interfaces.cli.knowledge import departments_app, documents_app
from kairo.interfaces.cli.learning import learning_command
from kairo.interfaces.cli.models import models_app
from kairo.interfaces.cli.opportunities import today_app
from kairo.interfaces.cli.output import print_json, print_table
from kairo.interfaces.cli.simulate import simulate_app
from kairo.interfaces.cli.simulate_ads import ads_command, loop_command, serve_command
from kairo.interfaces.cli.telemetry import runs_app
from kairo.interfaces.cli.tenancy import sign_in_link_command, tenant_app, token_app
from kairo.interfaces.cli.text import text_app
from kairo.interfaces.cli.trends_replay import replay_command

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
app.add_typer(evidence_app, name="evidence")
app.add_typer(today_app, name="today")
app.add_typer(text_app, name="text")
app.add_typer(jobs.jobs_app, name="jobs")
app.add_typer(runs_app, name="runs")
app.add_typer(simulate_app, name="simulate")
simulate_app.command("ads", epilog="Example: kairo simulate ads --days 60 --seeds 3")(ads_command)
simulate_app.command("serve", epilog="Example: kairo simulate serve --speed 3600")(serve_command)
simulate_app.command("loop", epilog="Example: kairo simulate loop --days 60 --seed 7")(loop_command)
app.add_typer(eval_app, name="eval")
app.add_typer(departments_app, name="departments")
app.add_typer(documents_app, name="documents")
app.add_typer(gather_app, name="gather")
brand_app.command("compile", epilog="Example: kairo brand compile glow")(compile_command)
brand_app.command("profile", epilog="Example: kairo brand profile glow --version 2 --json")(profile_command)
brand_app.command("learning", epilog="Example: kairo brand learning glow --json")(learning_command)
ingest_app.command("capture", epilog="Example: kairo ingest capture --brand glow")(capture_command)
ingest_app.command("normalize", epilog="Example: kairo ingest normalize --brand glow")(normalize_command)
ingest_app.command("aggregate", epilog="Example: kairo ingest aggregate --brand glow --json")(aggregate_command)
ingest_app.command("score", epilog="Example: kairo ingest score --brand glow --as-of 2026-08-16")(score_command)
ingest_app.command("pipeline", epilog="Example: kairo ingest pipeline --brand glow --json")(pipeline_command)
trends_app = typer.Typer(invoke_without_command=True)
trends_app.callback(epilog="Example: kairo trends --brand glow --window 3d")(trends_command)
trends_app.command("replay", epilog="Example: kairo trends replay --brand glow --from 2026-05-01 --to 2026-05-31")(
    replay_command
)
app.add_typer(trends_app, name="trends")
app.add_typer(flags_app, name="flags")
app.add_typer(crm_app, name="crm")
app.add_typer(attribution_app, name="attribution")
app.add_typer(ads_app, name="ads")
ads_app.add_typer(accounts_app, name="accounts")
ads_app.add_typer(stats_app, name="stats")
app.add_typer(models_app, name="models")
app.command("analyze", epilog="Example: kairo analyze sentiment sunscreen --brand glow --window 1m --json")(
    analyze_command
)
app.command("doctor", epilog="Example: kairo doctor --json")(doctor_command)
app.command("sign-in-link", epilog="Example: kairo sign-in-link --tenant acme --email ana@example.com")(
    sign_in_link_command
)


@jobs.jobs_app.callback()
def _hold_database(context: typer.Context) -> None:
    context.with_resource(database())


for _added in entry_points(group="kairo.commands"):
    # Commands of interfaces that have their own room, and of other packages; each works on the database.
    _group: typer.Typer = _added.load()
    _group.callback()(_hold_database)
    app.add_typer(_group, name=_added.name)

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
