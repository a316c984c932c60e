"""`kairo models`: the language models of each task and what they may cost; beside them, what was learned."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

import typer

from kairo.interfaces.cli.installation import database
from kairo.interfaces.cli.learned_models import (
    learn_command,
    learned_models,
    print_learned,
    promote_command,
    rollback_command,
)
from kairo.interfaces.cli.output import FAILED, print_json, print_table
from kairo.platform.database.clock import now
from kairo.platform.database.ids import new_id
from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.llm import operations, queries
from kairo.platform.llm.checking import ModelStatus, RouteStatus, check_models, route_statuses
from kairo.platform.llm.configured import configured_models
from kairo.platform.llm.contracts import MICRODOLLARS_PER_CENT, Spender
from kairo.platform.telemetry.runs import tenant_of
from kairo.platform.tenancy.lookups import tenant_by_slug

models_app = typer.Typer(
    help="Language models: their routes, whether they answer, what they may cost. Learned models: their versions.",
    no_args_is_help=True,
)
models_app.command("learn", epilog="Example: kairo models learn --tenant demo")(learn_command)
models_app.command("promote", epilog="Example: kairo models promote 0199f2c8-… --tenant demo")(promote_command)
models_app.command("rollback", epilog="Example: kairo models rollback 0199f2c8-… --tenant demo")(rollback_command)

Tenant = Annotated[str, typer.Option("--tenant", help="The account's slug.")]
AnyTenant = Annotated[str | None, typer.Option("--tenant", help="The account's slug: shows its own routes.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


@models_app.command("list", epilog="Example: kairo models list --tenant demo")
def list_command(
    tenant: AnyTenant = None,
    learned: Annotated[bool, typer.Option("--learned", help="What was learned for the account, only.")] = False,
    as_json: Json = False,
) -> None:
    """List each task with its language models in the order in which they are asked, and what is missing for each.

    With --tenant, the versions of what was learned for the account follow.
    """
    if learned:
        if tenant is None:
            raise typer.BadParameter("Learned models belong to an account: add --tenant.", param_hint="--learned")
        found = learned_models(tenant)
        print_json(found) if as_json else print_learned(found)
        return
    overrides: dict[str, list[str]] = {}
    if tenant is not None:
        with database(), tenant_transaction(tenant_by_slug(tenant).id):
            overrides = queries.account_settings().routes
    routes = route_statuses(configured_models(), overrides)
    if as_json:
        print_json(routes)
        return
    _print_routes(routes)
    if tenant is not None:
        typer.echo("\nLearned:")
        print_learned(learned_models(tenant))


@models_app.command("check", epilog="Example: kairo models check --tenant demo")
def check_command(tenant: Tenant, as_json: Json = False) -> None:
    """Ask each model that has a provider for one word; the account pays, a fraction of a cent each."""
    with database():
        account = tenant_by_slug(tenant)
        with tenant_transaction(account.id):
            overrides = queries.account_settings().routes
        spender = Spender(tenant_id=account.id, run_id=new_id())
        checks = check_models(configured_models(), spender=spender, at=now(), overrides=overrides)
    if as_json:
        print_json(checks)
    elif not checks:
        typer.echo("No model can be asked here: the local implementations serve. `kairo models list` says what to set.")
    else:
        lines = [
            (one.model, "answers" if one.answered else "fails", one.latency_ms, f"{one.cost_cents:.4f}", one.detail)
            for one in checks
        ]
        print_table(["model", "", "ms", "cents", "detail"], lines)
    if not all(one.answered for one in checks):
        raise typer.Exit(FAILED)


@models_app.command("budget", epilog="Example: kairo models budget --tenant demo --set command=25 --set day=2000")
def budget_command(
    tenant: Tenant,
    changes: Annotated[
        list[str] | None, typer.Option("--set", help="CAP=CENTS; caps are command, user, day and tenant (a month).")
    ] = None,
    as_json: Json = False,
) -> None:
    """Show the account's caps and what is used of them, after changing those that are given."""
    values = dict(_cap(change) for change in changes or [])
    with database(), tenant_transaction(tenant_by_slug(tenant).id):
        caps = operations.set_caps(values, at=now()) if values else queries.account_settings().caps
        used = queries.budgets()
    if as_json:
        print_json({"caps_cents": caps.model_dump(), "budgets": [one.model_dump(mode="json") for one in used]})
        return
    print_table(["cap", "cents"], list(caps.model_dump().items()))
    typer.echo()
    lines = [
        (
            one.scope.value,
            one.key,
            _cents(one.spent_microdollars),
            _cents(one.reserved_microdollars),
            f"{one.used_share:.0%}",
        )
        for one in used
    ]
    print_table(["cap", "of", "spent, cents", "reserved", "used"], lines)


@models_app.command("route", epilog="Example: kairo models route scoring fast anthropic:claude-haiku-4-5 --tenant demo")
def route_command(
    task: Annotated[str, typer.Argument(help="The task, as `kairo models list` names it.")],
    tenant: Tenant,
    models: Annotated[list[str] | None, typer.Argument(help="Models in their order; none: the installation's.")] = None,
    as_json: Json = False,
) -> None:
    """Have a task of the account answered by these models."""
    with database(), tenant_transaction(tenant_by_slug(tenant).id):
        chosen = operations.set_route(task, models or [], at=now())
    print_json({"task": task, "models": list(chosen)}) if as_json else typer.echo(f"{task}: {', '.join(chosen)}")


@models_app.command("keep", epilog="Example: kairo models keep 0 --tenant demo")
def keep_command(
    days: Annotated[int, typer.Argument(help="For how many days answers are kept; 0 keeps none.")], tenant: Tenant
) -> None:
    """Say for how long answers are kept word for word: they fill the cache and make replays possible."""
    with database(), tenant_transaction(tenant_by_slug(tenant).id):
        kept = operations.set_keep_days(days, at=now())
        deleted = operations.forget_answers() if kept == 0 else 0
    typer.echo(f"Answers are kept for {kept} days." if kept else f"No answer is kept; {deleted} were deleted.")


@models_app.command("calls", epilog="Example: kairo models calls 0199f2c8-…")
def calls_command(run: Annotated[UUID, typer.Argument(help="The run.")], as_json: Json = False) -> None:
    """List every attempt of a run."""
    with database(), tenant_transaction(tenant_of(run)):
        calls = queries.calls_of_run(run)
    if as_json:
        print_json(calls)
        return
    lines = [
        (
            one.attempt,
            one.task,
            one.model,
            one.outcome.value,
            one.tokens_in,
            one.tokens_out,
            _cents(one.cost_microdollars),
        )
        for one in calls
    ]
    print_table(["attempt", "task", "model", "outcome", "in", "out", "cents"], lines)


@models_app.command("recording", epilog="Example: kairo models recording 0199f2c8-… > run.jsonl")
def recording_command(run: Annotated[UUID, typer.Argument(help="The run.")]) -> None:
    """Print the answers that are kept of a run as JSON lines, to be replayed."""
    with database(), tenant_transaction(tenant_of(run)):
        recording = queries.recording_of(run)
    for call in recording:
        typer.echo(call.model_dump_json())


def _cap(change: str) -> tuple[str, int]:
    name, _, cents = change.partition("=")
    if not cents.isdecimal():
        raise typer.BadParameter(f"{change!r} is not of the form CAP=CENTS, such as command=25.", param_hint="--set")
    return name, int(cents)


def _cents(microdollars: int) -> str:
    return f"{microdollars / MICRODOLLARS_PER_CENT:.4f}"


def _print_routes(routes: Sequence[RouteStatus]) -> None:
    lines = [
        (route.task if place == 0 else "", model.model, _readiness(model), _price(model))
        for route in routes
        for place, model in enumerate(route.models)
    ]
    print_table(["task", "model", "", "$ a million tokens, in / out"], lines)


def _readiness(model: ModelStatus) -> str:
    if not model.has_provider:
        return "no key"
    return "ready" if model.is_ready else "no price"


def _price(model: ModelStatus) -> str:
    return "-" if model.dollars_in is None else f"{model.dollars_in:g} / {model.dollars_out:g}"
